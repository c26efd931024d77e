"""Trials: one fault at one exact moment of a small crawl, and what must be true afterwards.

The same for the tests, which take a seeded sample, and for `benchmarks/trust.py`, which takes all.
"""

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import psycopg
from fastwarc.warc import ArchiveIterator, WarcRecordType

from crawler.demo.launch import ArchiveServer, NewspaperServer, start_archive, start_newspaper
from crawler.demo.pages import plain_article
from crawler.demo.prose import story
from support.databases import Database
from support.drill import Drill
from support.killing import LIMIT, ROOT, until
from support.morgues import Morgue, Picture, check_ledger

KILLS = {
    "commit": ("kill", "killed"),
    "connect": ("kill", "killed"),
    "fsync": ("kill", "killed"),
    "rename": ("kill", "killed"),
    "write": ("kill", "torn", "killed"),
}
FAULTS = {
    "sqlite": {"commit": ("fail", "full", "busy"), "connect": ("fail",), "pages": ("full",)},
    "postgres": {
        "commit": ("fail", "full", "lost", "terminate", "restart"),
        "connect": ("fail",),
        "statement": ("terminate", "restart"),
    },
}
OF_FILES = {"fsync": ("fail", "full"), "rename": ("fail",), "write": ("fail", "full")}
CODES = {"commit": {6}, "connect": {6}, "statement": {6}, "pages": {8}}  # others: of files
OF_A_FILE = {1}
FULL = {8}
SIZES = (2, 40, 80, 90, 95, 100, 105, 110, 120, 130)  # pages of 4 KiB; the schema alone takes most
ARTICLES, GONE = 12, 5
ACCOUNT = "the account of run"
NO_FAULT = "none:none:0"
LIE = "the crawl with the fault"
FAULTY = Path(__file__).with_name("faulty.py")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Moment:
    """One fault: what is done at the n-th of which operation."""

    operation: str
    deed: str
    nth: int

    @property
    def spec(self) -> str:
        """As `support.faulty` takes it."""
        return f"{self.operation}:{self.deed}:{self.nth}"

    @property
    def kills(self) -> bool:
        """Whether the process does not survive it."""
        return self.deed in {"kill", "killed", "torn"}

    @property
    def codes(self) -> set[int]:
        """The exit codes that tell the truth, when the crawl could not go on."""
        return FULL if self.deed == "full" else CODES.get(self.operation, OF_A_FILE)


@dataclass(slots=True, kw_only=True)
class Stage:
    """The newspaper, the archive, what is asked for, and what an undisturbed crawl makes of it."""

    paper: NewspaperServer
    archive: ArchiveServer
    urls: tuple[str, ...]
    picture: Picture = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)  # how often each operation is done

    def morgue(self, home: Path, database: Database) -> Morgue:
        """Return a new morgue that is to hold these addresses."""
        morgue = Morgue(home, database)
        morgue.configure(self.archive, reading={"workers": 1}, run={"busy_timeout": 20})
        morgue.write_list("urls.txt", self.urls)
        return morgue

    def crawl(self, morgue: Morgue, spec: str = NO_FAULT, name: str = "last") -> "Ran":
        """Run the crawl of a morgue's list to its end, with a fault of `support.faulty`."""
        home = morgue.home
        tally = home / f"{name}.tally"
        command = ["crawl", "--json", "--from", home / "urls.txt", "--home", home]
        code = run_program(
            [FAULTY, spec, tally, *command], home / f"{name}.out", home / f"{name}.err"
        )
        return ended(tally, code, (home / f"{name}.err").read_text("utf-8"))


@dataclass(slots=True, kw_only=True)
class Rehearsal:
    """The ledger's side alone, with made-up records: see `support.drill`."""

    drill: Drill
    picture: Picture = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def morgue(self, home: Path, database: Database) -> Morgue:
        """Return a new morgue."""
        return Morgue(home, database)

    def crawl(self, morgue: Morgue, spec: str = NO_FAULT, name: str = "last") -> "Ran":
        """Record all that is left to be recorded, with a fault of `support.faulty`."""
        tally = morgue.home / f"{name}.tally"
        (morgue.home / "said").unlink(missing_ok=True)
        code, said = self.drill.run(morgue.database.url, morgue.home, spec, tally)
        return ended(tally, code, said)


@contextmanager
def staged(hosts: Sequence[str]) -> Iterator[Stage]:
    """Give a newspaper on all hosts but the last, an archive on that: living, lost, moved pages."""
    with ExitStack() as stack:
        paper = stack.enter_context(start_newspaper(hosts[:-1], articles=ARTICLES))
        archive = stack.enter_context(start_archive(hosts[-1:]))
        _bury(paper, archive)
        yield Stage(paper=paper, archive=archive, urls=tuple(_listed(paper)))


def _listed(paper: NewspaperServer) -> Iterator[str]:
    for host in paper.hosts:
        yield from paper.urls(4, "article", host)
        yield paper.url(f"/moved/9/{story(9).slug}", host)
        yield paper.url(f"/gone410/{GONE}/gone", host)


def _bury(paper: NewspaperServer, archive: ArchiveServer) -> None:
    """Let two of the listed articles die on every host; the archive holds one of the two."""
    for number, like in ((1, f"/gone404/{GONE}/gone"), (2, _soft(paper))):
        told = story(number)
        paper.behave(told.path, like)
        for host in paper.hosts if number == 1 else ():
            url = paper.url(told.path, host)
            taken = told.published.strftime("%Y%m%d%H%M%S")
            archive.hold(url, taken, plain_article(told, url, ARTICLES))


def _soft(paper: NewspaperServer) -> str:
    return paper.urls(kind="soft404")[0].removeprefix(paper.base_url())


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A crawl that has ended: its exit code (negative for a signal) and what it said."""

    code: int
    err: str
    was_hit: bool = False
    counts: dict[str, int] = field(default_factory=dict)


def ended(tally: Path, code: int, err: str) -> Ran:
    """Return how a crawl with a tally ended."""
    lines = tally.read_text("utf-8").splitlines() if tally.exists() else []
    counts = json.loads(lines[-1]) if lines and lines[-1].startswith("{") else {}
    return Ran(code=code, err=err, was_hit="hit" in lines, counts=counts)


def run_program(command: Sequence[object], out: Path, err: Path, *, limit: float = LIMIT) -> int:
    """Run a Python program to its end, in a session of its own; return its exit code."""
    with out.open("wb") as stdout, err.open("wb") as stderr:
        process = subprocess.Popen(
            [sys.executable, *map(str, command)],
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            env=_environment(),
            cwd=out.parent,
            start_new_session=True,
        )
        try:
            return process.wait(limit)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise


def _environment() -> dict[str, str]:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("NEWSMORGUE_")}
    paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
    return {**inherited, "PYTHONPATH": os.pathsep.join(filter(None, paths))}


def rehearse(stage: Stage | Rehearsal, home: Path, database: Database) -> None:
    """Crawl without a fault: what every trial is compared with, and how many moments there are."""
    morgue = stage.morgue(home, database)
    ran = stage.crawl(morgue)
    assert ran.code == 0, ran.err
    check_ledger(database)
    whole_warcs(morgue)
    stage.picture, stage.counts = morgue.picture(), ran.counts


def moments(kind: str, counts: Mapping[str, int]) -> list[Moment]:
    """Return every moment of a crawl in which an operation can fail, in a fixed order."""
    deeds: dict[str, tuple[str, ...]] = {}
    for table in (KILLS, OF_FILES, FAULTS[kind]):
        for operation, more in table.items():
            deeds[operation] = deeds.get(operation, ()) + more
    pages = {"pages": len(SIZES)}
    return [
        Moment(operation=operation, deed=deed, nth=SIZES[n] if operation == "pages" else n + 1)
        for operation, several in deeds.items()
        for deed in several
        for n in range({**counts, **pages}[operation])
    ]


def undergo(stage: Stage | Rehearsal, morgue: Morgue, moment: Moment) -> tuple[Ran, list[str]]:
    """Crawl with a fault and then without; return the first crawl and all that is wrong.

    An empty list means: nothing lost, nothing doubled, and every exit code and sentence was true.
    """
    struck = stage.crawl(morgue, moment.spec, "struck")
    wrong = [f"{LIE}: {one}" for one in _lies(stage, morgue, moment, struck)]
    until(lambda: _answers(morgue.database), "the database to answer again")
    last = stage.crawl(morgue)
    if last.code != 0:
        wrong.append(f"the run after it ended with {last.code}: {last.err[-500:]}")
    try:
        check_ledger(morgue.database)
        whole_warcs(morgue)
    except AssertionError as error:
        wrong.append(f"not whole: {error}")
    wrong += differences(stage.picture, morgue.picture())
    return struck, [*wrong, *unaccounted(morgue.database)]


def _answers(database: Database) -> bool:
    """Whether a database takes connections: a server that was restarted may still recover."""
    try:
        return bool(database.one("SELECT 1"))
    except psycopg.OperationalError:
        return False


def unaccounted(database: Database) -> list[str]:
    """Return the runs whose account does not come out: discovered = outcomes + still due."""
    rows = database.rows(
        "SELECT id, finish_reason, discovered, tally, still_due FROM harvest ORDER BY id"
    )
    found = []
    for number, reason, discovered, told, still_due in rows:
        tally = json.loads(told) if isinstance(told, str) else told or {}
        if discovered != sum(tally.values()) + (still_due or 0):
            found.append(
                f"{ACCOUNT} {number} ({reason}): {discovered} found, {tally}, {still_due} due"
            )
    return found


def whole_warcs(morgue: Morgue) -> None:
    """Assert that the WARC files are closed and hold what the visits say, by another reader.

    `warcio check` costs a process; see `support.warcs`.
    """
    assert morgue.open_warcs() == []
    bodies = {path.name: _bodies(path) for path in morgue.warcs.glob("*.warc.gz")}
    for url, digest, file, offset in morgue.database.rows(
        "SELECT final_url, content_sha256, payload_file, payload_offset FROM visit"
        " WHERE payload_file IS NOT NULL"
    ):
        assert bodies[file][offset] == digest, url


def _bodies(path: Path) -> dict[int, str]:
    with path.open("rb") as stream:
        return {
            record.stream_pos: sha256(record.reader.read()).hexdigest()
            for record in ArchiveIterator(
                stream, record_types=WarcRecordType.response, parse_http=True, verify_digests=True
            )
        }


def _lies(stage: Stage | Rehearsal, morgue: Morgue, moment: Moment, ran: Ran) -> Iterator[str]:
    """Yield what a crawl that met a fault said or did that is not the truth."""
    if moment.kills:
        if ran.code != (-signal.SIGKILL if ran.was_hit else 0):
            yield f"not killed but {ran.code}: {ran.err[-500:]}"
        return
    for word in ("Traceback", "fault of Newsmorgue itself"):
        if word in ran.err:
            yield f"{word}: {ran.err[-1500:]}"
    if ran.code == 0:
        yield from (f"said 0, but {one}" for one in differences(stage.picture, morgue.picture()))
    elif ran.code not in moment.codes:
        yield f"ended with {ran.code}, not {sorted(moment.codes)}: {ran.err[-500:]}"
    elif not ran.err.rstrip().endswith((".", "again")):
        yield f"no sentence: {ran.err[-500:]}"


def differences(expected: Picture, found: Picture) -> list[str]:
    """Return what one of two databases says and the other does not, at most ten lines."""
    differ = [
        f"{name} {sign} {row}"
        for name, rows in expected.items()
        for sign, more in (("-", rows - found[name]), ("+", found[name] - rows))
        for row in sorted(more.elements(), key=repr)
    ]
    return differ[:10]


def sample(several: Sequence[Moment], count: int, seed: object) -> list[Moment]:
    """Return so many of these moments, each kind of fault about as often as any other."""
    draw = random.Random(str(seed))  # noqa: S311 - to repeat it
    by_kind: dict[tuple[str, str], list[Moment]] = {}
    for moment in several:
        by_kind.setdefault((moment.operation, moment.deed), []).append(moment)
    for kind in by_kind.values():
        draw.shuffle(kind)
    kinds = list(by_kind.values())
    draw.shuffle(kinds)
    rounds = [[kind[n] for kind in kinds if n < len(kind)] for n in range(max(map(len, kinds)))]
    return [moment for one in rounds for moment in one][:count]
