"""The n-th commit, sync, rename, write, connect or statement fails, or is the last thing done.

After each fault one crawl without: the database is what an undisturbed crawl makes, the WARC files
are whole, and the exit code and the sentence of the crawl that met the fault were true. The moments
are drawn by a seed; `benchmarks/trust.py` takes hundreds, `--long` here takes all of the ledger's.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import trials
from support.databases import Database
from support.drill import Drill
from support.servers import fresh_hosts
from support.trials import Moment, Rehearsal, Stage
from support.warcs import warcio_check

WHOLE = {
    "sqlite": ("write:full:3", "fsync:fail:2"),
    "postgres": ("statement:terminate:300", "commit:lost:12"),
}
MOMENTS = 5


@pytest.fixture(scope="module")
def drill() -> Iterator[Drill]:
    """The ledger's side of a crawl, ready to be forked."""
    with Drill() as process:
        yield process


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """A little newspaper with lost and moved pages, and an archive."""
    with trials.staged(fresh_hosts(3)) as stage:
        yield stage


def _moment(spec: str) -> Moment:
    operation, deed, nth = spec.split(":")
    return Moment(operation=operation, deed=deed, nth=int(nth))


class Copies:
    """Databases as they were before the first crawl: one for each trial."""

    def __init__(self, request: pytest.FixtureRequest, folder: Path, kind: str) -> None:
        self._request, self._folder, self.kind = request, folder, kind
        self._made = 0

    def new(self) -> tuple[Path, Database]:
        """Return a home directory and a database that holds nothing but its tables."""
        self._made += 1
        home = self._folder / f"{self._made}"
        home.mkdir()
        if self.kind == "sqlite":
            place = home / "newsmorgue.db"
            shutil.copyfile(self._request.getfixturevalue("_sqlite_template"), place)
            return home, Database("sqlite", f"sqlite:///{place}", str(place))
        server = self._request.getfixturevalue("postgres")
        name = server.create(self._request.getfixturevalue("_postgres_template"))
        self._request.addfinalizer(lambda: server.drop(name))
        return home, Database("postgres", server.url(name), server.conninfo(name))


@pytest.fixture(params=["sqlite", "postgres"])
def copies(request: pytest.FixtureRequest, tmp_path: Path) -> Copies:
    """New databases of each engine."""
    return Copies(request, tmp_path, request.param)


def _asks_too_much(moment: Moment) -> bool:
    """Whether a moment wants the command line, or a server that keeps its commits on the disk.

    The tests' own Postgres has `synchronous_commit` off: restarted at once, it rightly forgets.
    """
    return moment.operation == "pages" or moment.deed == "restart"


def _all_survived(
    stage: Stage | Rehearsal, copies: Copies, several: list[Moment], *, hit: int
) -> None:
    """Assert that nothing went wrong at any of these moments, and that so many of them came."""
    wrong, hits = [], 0
    for moment in several:
        home, database = copies.new()
        ran, found = trials.undergo(stage, stage.morgue(home, database), moment)
        hits += ran.was_hit
        wrong += [f"{moment.spec}: {one}" for one in found if not one.startswith(trials.ACCOUNT)]
        paths = sorted((home / "warc").glob("*.warc.gz"))
        assert warcio_check(*paths).returncode == 0
    assert not wrong, "\n".join(wrong)
    assert hits >= hit


def test_the_ledger_survives_a_fault_at_any_moment(
    drill: Drill, copies: Copies, request: pytest.FixtureRequest
) -> None:
    """Kills and errors around every kind of operation that makes things durable lose nothing."""
    stage = Rehearsal(drill=drill)
    trials.rehearse(stage, *copies.new())
    kind = copies.kind
    several = [one for one in trials.moments(kind, stage.counts) if not _asks_too_much(one)]
    if not request.config.getoption("--long"):
        several = trials.sample(several, MOMENTS, kind)
    _all_survived(stage, copies, several, hit=len(several) - 2)  # the last ones move a little


@pytest.mark.long
@pytest.mark.timeout(600)
def test_a_whole_crawl_survives_a_fault(stage: Stage, copies: Copies) -> None:
    """The command line too ends with a true sentence, and its next call makes all good."""
    home, database = copies.new()
    trials.rehearse(stage, home, database)
    several = [_moment(spec) for spec in WHOLE[database.kind]]
    _all_survived(stage, copies, several, hit=len(several))
