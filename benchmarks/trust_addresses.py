"""Addresses part of `trust.py`: who can make the crawl reach a canary inside the network."""

import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from support.crawls import Home
from support.entries import ENTRIES, FORMS, Trap, trapped


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """How it went: of all ways and spellings, and with the network opened, which prove the trap."""

    all: int
    reached: int  # of them, the canary was asked at
    connections: int  # whatever was asked for, robots.txt included
    open_entries: Counter[str]  # spellings that get through by each entry once all is allowed
    code: int


OPEN = (
    "127.0.0.0/8",
    "::1/128",
    "::/96",
    "0.0.0.0/8",
    "::ffff:0:0/96",
    "64:ff9b::/96",
    "2002::/16",
)


def refused(hosts: Sequence[str]) -> Refused:
    """Crawl once with only the paper and the archive allowed, and once with everything."""
    with trapped(*hosts) as trap:
        code = _crawl(trap, [f"{host}/32" for host in hosts])
        reached, connections = set(trap.reached), trap.connections
    with trapped(*hosts) as trap:
        _crawl(trap, OPEN)
        through = Counter(path.split("/")[1] for path in set(trap.reached) if path.count("/") == 2)
    return Refused(
        all=len(ENTRIES) * len(FORMS),
        reached=len(reached),
        connections=connections,
        open_entries=through,
        code=code,
    )


def _crawl(trap: Trap, allow: Sequence[str]) -> int:
    with tempfile.TemporaryDirectory(prefix="nmtrust") as folder:
        return trap.crawl(Home(Path(folder)), allow=allow)
