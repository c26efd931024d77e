"""Nothing lost, nobody let in: `python benchmarks/trust.py [--short] [--engine E] [--json FILE]`.

Three parts, each against real servers on loopback and the command line as a process:

- faults: a crawl is killed, or an operation fails, at exact moments (`trust_faults`)
- addresses: twelve ways to name an address inside the network, in 24 spellings (`trust_addresses`)
- replies: hostile answers among good pages (`trust_replies`)

Exit code 1 when a floor is missed; what went wrong is printed as it is found. `--short` takes a
few minutes, the long form an hour. Needs the packages of the `test` extra.
"""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

# The trials are those of the tests. Their package has the name of a module here, so it comes first.
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import trust_addresses
import trust_faults
import trust_replies

PARTS = ("faults", "addresses", "replies")
MOMENTS, FEW = 220, 24  # trials on each engine; at least a hundred of the long form's are kills
MEGA = 1024 * 1024
HOSTS = tuple(f"127.90.0.{number}" for number in range(2, 40))


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the report. `floor` is the worst value that will do; None: told only."""

    name: str
    value: float
    of: float | None = None
    unit: str = ""
    at_most: float | None = None

    @property
    def is_met(self) -> bool:
        """Whether the figure is as good as it must be: n of n, or no more than allowed."""
        if self.of is not None:
            return self.value == self.of > 0
        return self.at_most is None or self.value <= self.at_most

    def __str__(self) -> str:
        of = f"/{self.of:g}" if self.of is not None else ""
        limit = f" (at most {self.at_most:g})" if self.at_most is not None else ""
        mark = "" if self.is_met else "   FLOOR MISSED"
        return f"{self.name:<56} {self.value:.4g}{of} {self.unit}{limit}{mark}"


def main() -> int:
    """Measure, print, and return the exit code."""
    options = _options()
    began = time.monotonic()
    figures: list[Figure] = []
    for part in options.part or PARTS:
        figures += {"faults": _faults, "addresses": _addresses, "replies": _replies}[part](options)
    print(*figures, sep="\n")
    about = {"cores": os.cpu_count(), "python": platform.python_version(), "load": os.getloadavg()}
    print(f"{json.dumps(about)} {time.monotonic() - began:.0f} s in all")
    if options.json:
        told = {"about": about, "figures": [asdict(figure) for figure in figures]}
        options.json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    return 0 if all(figure.is_met for figure in figures) else 1


def _options() -> argparse.Namespace:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    options.add_argument("--engine", choices=(*trust_faults.ENGINES, "both"), default="both")
    options.add_argument("--short", action="store_true", help="a sample of everything")
    options.add_argument("--part", choices=PARTS, action="append", help="repeatable; left out: all")
    options.add_argument("--moments", type=int, help=f"on each engine; left out: {MOMENTS}; 0: all")
    options.add_argument("--seed", type=int, default=0, help="which moments are drawn")
    options.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    return options.parse_args()


def _faults(options: argparse.Namespace) -> Iterator[Figure]:
    engines = trust_faults.ENGINES if options.engine == "both" else (options.engine,)
    wanted = options.moments if options.moments is not None else FEW if options.short else MOMENTS
    for engine in engines:
        tally = trust_faults.trial(engine, HOSTS[:3], wanted or None, options.seed)
        for name, survived in (("kills", tally.kills), ("faults", tally.faults)):
            yield Figure(name=f"{engine}: {name} survived", value=sum(survived), of=len(survived))
        yield Figure(name=f"{engine}: unexplained URLs", value=tally.unexplained, at_most=0)
        yield Figure(name=f"{engine}: wrong exit codes and words", value=tally.lies, at_most=0)
        name = f"{engine}: runs with discovered != outcomes + still due"
        yield Figure(name=name, value=tally.accounts, at_most=0)
        yield Figure(name=f"{engine}: moments there are", value=tally.possible)
        yield Figure(name=f"{engine}: moments not reached", value=tally.missed)


def _addresses(_options: argparse.Namespace) -> Iterator[Figure]:
    seen = trust_addresses.refused(HOSTS[:2])
    yield Figure(name="addresses refused", value=seen.all - seen.reached, of=seen.all)
    yield Figure(name="connections to the canary", value=seen.connections, at_most=0)
    for entry in trust_addresses.ENTRIES:
        through = seen.open_entries[entry]
        yield Figure(name=f"with all networks opened, spellings through by {entry}", value=through)


def _replies(options: argparse.Namespace) -> Iterator[Figure]:
    seen = trust_replies.answered(HOSTS[3:], few=options.short)
    for odd in seen.odd:
        print(odd, flush=True)
    print(seen.beside.err[-2000:], flush=True)
    yield Figure(name="good pages stored", value=seen.stored, of=seen.good)
    yield Figure(
        name="hostile replies survived", value=seen.hostile - len(seen.odd), of=seen.hostile
    )
    yield Figure(name="local files read", value=seen.leaked, at_most=0)
    for name, of in (("alone", seen.alone), ("beside hostile ones", seen.beside)):
        yield Figure(name=f"exit code, {name}", value=of.code)
        yield Figure(name=f"good pages' time, {name}", value=of.seconds, unit="s")
    for name, value, unit, limit in (
        ("peak memory of the crawl", seen.beside.probe["rss"] / MEGA, "MB", 400),
        ("longest stall of the event loop", seen.beside.probe["wall"], "s", trust_replies.STALL),
        ("longest stall, CPU time", seen.beside.probe["cpu"], "s", trust_replies.STALL),
    ):
        yield Figure(name=name, value=value, unit=unit, at_most=limit)
    slower = 1 - min(1.0, seen.speed)
    yield Figure(name="speed other hosts lost", value=slower, at_most=1 - trust_replies.SPEED)


if __name__ == "__main__":
    sys.exit(main())
