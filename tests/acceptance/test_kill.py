"""Kill -9 at any moment: nothing that was committed is lost, nothing is doubled.

A crawl of 300 addresses is killed again and again, then let run to its end. What the database
holds then must be what an undisturbed crawl of the same newspaper wrote. Moments are drawn by a
seed: after so many further requests, or at an exact commit, fsync or rename.
"""

import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from support.databases import Database
from support.killing import Crawl, Kill, Tail, lingering, until
from support.morgues import Left, Morgue, Picture, check_ledger, check_warcs
from support.servers import fresh_hosts

from crawler.demo.launch import ArchiveServer, NewspaperServer, start_archive, start_newspaper
from crawler.demo.pages import plain_article
from crawler.demo.prose import story

HOSTS = 6
ARTICLES = 39  # on each host, listed by their own address; with the others 50 addresses a host
GONE, SOFT, GONE_FOR_GOOD, LOST, REFUSED_FIRST = 5, 10, 15, 20, 25  # numbers of lost articles
DEAD = (GONE, SOFT, GONE_FOR_GOOD, LOST, REFUSED_FIRST)
CDX, REPLAY = "/cdx/search/cdx", "/web/"


_PROBE = re.compile(r"/[a-z]{25}$")


@dataclass(slots=True, kw_only=True)
class Stage:
    """The newspaper, the archive, the list, and what an undisturbed crawl made of them."""

    paper: NewspaperServer
    archive: ArchiveServer
    urls: tuple[str, ...]
    picture: Picture = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)  # by whole address, robots.txt left out
    questions: Counter[str] = field(default_factory=Counter)  # the same of the archive
    hops: dict[str, str] = field(default_factory=dict)  # address listed -> where it redirects

    def requests(self, since: int = 0) -> Counter[str]:
        """Return how often each address of the newspaper was asked for, from the n-th request.

        A probe's address is another in each run: all of one host count as one.
        """
        return Counter(
            self.paper.hosts[asked.host] + _PROBE.sub("/(probe)", asked.path)
            for asked in self.paper.requests()[since:]
            if asked.path != "/robots.txt"
        )

    def archive_requests(self, since: int = 0) -> Counter[str]:
        """Return how often the archive's index and its copies were asked for."""
        return Counter(
            "lookup" if asked.path.startswith(CDX) else "replay"
            for asked in self.archive.requests()[since:]
        )


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A newspaper on six hosts with lost and moved pages, crawled once without disturbance."""
    with ExitStack() as stack:
        paper = stack.enter_context(start_newspaper(fresh_hosts(HOSTS), articles=ARTICLES))
        archive = stack.enter_context(start_archive(fresh_hosts()))
        _bury(paper, archive)
        stage = Stage(paper=paper, archive=archive, urls=tuple(_listed(paper)))
        home = tmp_path_factory.mktemp("undisturbed")
        morgue = _morgue(stage, home, Database("sqlite", "", str(home / "newsmorgue.db")))
        with Crawl(home, *_crawl(morgue)) as crawl:
            assert crawl.code() == 0, crawl.err
        check_ledger(morgue.database)
        check_warcs(morgue)
        stage.picture, stage.asked = morgue.picture(), stage.requests()
        stage.questions = stage.archive_requests()
        stage.hops = dict(
            morgue.database.rows("SELECT url, final_url FROM visit WHERE chain IS NOT NULL")
        )
        yield stage


def _listed(paper: NewspaperServer) -> Iterator[str]:
    """Yield fifty addresses a host: articles, the founding case, moved pages, packed ones."""
    hosts = list(paper.hosts)
    for at, host in enumerate(hosts):
        yield from paper.urls(ARTICLES, "article", host)
        yield from paper.urls(36, "founding", host)[at * 4 : at * 4 + 4]
        for number in (1, 2, ARTICLES + 10, ARTICLES + 11):  # two to listed articles, two not
            yield paper.url(f"/moved/{number}/{story(number).slug}", host)
        elsewhere = paper.url(story(ARTICLES + 20 + at).path, hosts[at - 1])
        yield paper.url(f"/redirect-to?url={quote(elsewhere, safe='')}", host)
        yield from (paper.url(f"/encoding/gzip/{at}", host), paper.url("/redirect-loop", host))


def _bury(paper: NewspaperServer, archive: ArchiveServer) -> None:
    """Let articles die on every host; the archive holds all but one, one of them twice."""
    disguises = paper.urls(kind="soft404")
    soft = [url.removeprefix(paper.base_url()) for url in disguises]
    for number in DEAD:
        path, taken = story(number).path, story(number).published + timedelta(days=2)
        gone = "gone410" if number == GONE_FOR_GOOD else "gone404"
        paper.behave(path, soft[number] if number == SOFT else f"/{gone}/{number}/gone")
        for url in (paper.url(path, host) for host in paper.hosts):
            if number != LOST:
                page = plain_article(story(number), url, ARTICLES)
                archive.hold(url, taken.strftime("%Y%m%d%H%M%S"), page)
            if number == REFUSED_FIRST:  # a soft 404, nearer to when the page was good
                near = story(number).published + timedelta(hours=1)
                archive.hold(url, near.strftime("%Y%m%d%H%M%S"), paper.page(soft[number]))


def _morgue(stage: Stage, home: Path, database: Database) -> Morgue:
    morgue = Morgue(home, database)
    morgue.configure(stage.archive)
    morgue.write_list("urls.txt", stage.urls)
    return morgue


def _crawl(morgue: Morgue) -> tuple[object, ...]:
    return ("crawl", "--json", "--from", morgue.home / "urls.txt")


def _moments(draw: random.Random) -> list[Kill]:
    """Return ten moments: in startup, in the crawl, in the recovery of WARCs, in the closing."""
    starting = [
        Kill(doom="commit:before:1"),
        Kill(doom=f"commit:{draw.choice(('before', 'after'))}:{draw.randint(2, 5)}"),
    ]
    crawling = [
        *([Kill(requests=draw.randint(1, 25))] for _ in range(2)),
        [Kill(requests=draw.randint(1, 25), whole_group=True)],
        [Kill(doom=f"fsync:{draw.choice(('before', 'after'))}:{draw.randint(3, 4)}")],
        # The first of these leaves an open file for the other two to recover.
        [
            Kill(doom=f"group:{draw.choice(('before', 'after'))}:3"),
            Kill(doom="recover:before:1"),
            Kill(doom="recover:after:1"),
        ],
    ]
    draw.shuffle(crawling)
    closing = Kill(doom=f"close:{draw.choice(('before', 'after'))}:1")
    return [*starting, *(kill for group in crawling for kill in group), closing]


@dataclass(slots=True)
class Struck:
    """What was seen of a crawl that was killed many times."""

    morgue: Morgue
    kills: int = 0
    left: list[Left] = field(default_factory=list)
    open_warcs: list[int] = field(default_factory=list)  # how many there were after each kill
    sessions: list[int] = field(default_factory=list)
    refetched: int = 0  # requests to the newspaper that an undisturbed crawl would not have made

    @property
    def in_flight(self) -> int:
        """How many entries were in hand, over all kills."""
        return sum(len(left.in_hand) for left in self.left)

    def tell(self, request: pytest.FixtureRequest) -> None:
        """Leave the figures in the test report (--junitxml)."""
        for name in ("kills", "refetched", "in_flight"):
            request.node.user_properties.append((name, getattr(self, name)))

    def strike(self, moments: Sequence[Kill], tail: Tail) -> None:
        """Start and kill a crawl at each moment in turn."""
        for kill in moments:
            crawl = kill.strike(self.morgue.home, _crawl(self.morgue), tail)
            self.sessions.append(crawl.pid)
            assert crawl.code() in {-9, 0}, crawl.err
            self.kills += crawl.code() == -9
            self.left.append(self.morgue.left())
            self.open_warcs.append(len(self.morgue.open_warcs()))


def _disturbed(stage: Stage, database: Database, tmp_path: Path, moments: list[Kill]) -> Struck:
    """Crawl through all these kills to the end and hold the result beside the undisturbed one."""
    struck = Struck(_morgue(stage, tmp_path, database))
    before, asked_before = len(stage.paper.requests()), len(stage.archive.requests())
    struck.strike(moments, Tail(stage.paper))
    with Crawl(tmp_path, *_crawl(struck.morgue)) as last:
        assert last.code() == 0, last.err
    _check_message(last, database)
    _check_same(stage.picture, struck.morgue.picture())
    check_ledger(database)
    check_warcs(struck.morgue)
    _check_runs(database, struck)
    _check_refetched(stage, struck, before)
    _check_asked_again(stage, struck, asked_before)
    until(lambda: not lingering(struck.sessions), "the reading workers of killed crawls to end", 30)
    return struck


def _check_same(expected: Picture, found: Picture) -> None:
    """Assert that two databases say the same, and tell what one has more."""
    differ = [
        f"{name} {sign} {row}"
        for name, rows in expected.items()
        for sign, more in (("-", rows - found[name]), ("+", found[name] - rows))
        for row in sorted(more.elements(), key=repr)
    ]
    assert not differ, "\n".join(differ[:20])


def _check_message(last: Crawl, database: Database) -> None:
    """Assert that what the last crawl printed is what the database says of it."""
    told = last.report()
    run = told["harvest_id"]
    tally = database.rows(
        "SELECT outcome, count(*) FROM visit WHERE harvest_id = ? GROUP BY outcome", [run]
    )
    assert told["tally"] == dict(tally)
    assert (told["finish_reason"], told["exit_code"], told["still_due"]) == ("finished", 0, 0)
    [row] = database.rows("SELECT finish_reason, exit_code FROM harvest WHERE id = ?", [run])
    assert row == ("finished", 0)


def _check_runs(database: Database, struck: Struck) -> None:
    """Assert that each run found open after a kill is closed as killed, and no other one is."""
    killed = {run for left in struck.left for run in left.open_runs}
    rows = dict(database.rows("SELECT id, finish_reason FROM harvest"))
    assert {run for run, reason in rows.items() if reason == "killed"} == killed
    assert set(rows.values()) <= {"killed", "finished"}


def _check_refetched(stage: Stage, struck: Struck, before: int) -> None:
    """Assert that no page was fetched more often than it was in flight, once apart."""
    in_flight: Counter[str] = Counter()
    for url in (url for left in struck.left for url, purpose in left.in_hand if purpose == "visit"):
        in_flight += _requests_of(stage, url)
    again = stage.requests(before) - stage.asked
    assert again - in_flight == Counter()
    struck.refetched = again.total()


def _requests_of(stage: Stage, url: str) -> Counter[str]:
    """Return the requests that one visit of an address makes."""
    if urlsplit(url).path.startswith("/redirect-loop"):
        return Counter({u: n for u, n in stage.asked.items() if u.startswith(url)})
    return Counter([url, *([stage.hops[url]] if url in stage.hops else [])])


def _check_asked_again(stage: Stage, struck: Struck, before: int) -> None:
    """Assert the same of the archive: no question twice, unless it was in flight."""
    purposes = Counter(purpose for left in struck.left for _, purpose in left.in_hand)
    spellings = 2  # a lookup asks for the address and, in vain, for its other spellings
    copies = 2  # a replay asks for at most so many here
    assert stage.archive.requests()  # the archive was asked at all
    again = stage.archive_requests(before) - stage.questions
    assert again["lookup"] <= purposes["lookup"] * spellings
    assert again["replay"] <= purposes["replay"] * copies


def test_an_undisturbed_crawl_fetches_each_address_once(stage: Stage) -> None:
    """Without kills each listed address is asked for once and has one visit; lost pages are found.

    This is what the kill tests compare with, so it must not be hollow.
    """
    own = {url: stage.asked[url] for url in stage.urls}
    hops = Counter(stage.hops.values())
    assert len(stage.urls) == 300
    assert {url: 1 + hops[url] for url in stage.urls if "/redirect-loop" not in url} == {
        url: times for url, times in own.items() if "/redirect-loop" not in url
    }
    visits = Counter({(row[0], row[1]): n for row, n in stage.picture["visits"].items()})
    assert visits.total() == len(visits)
    sources = Counter(row[5] for row in stage.picture["versions"].elements())
    assert sources["mock"] == HOSTS * (len(DEAD) - 1)


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(1, 10))]
)
def test_ten_kills_lose_and_double_nothing(
    stage: Stage,
    empty_database: Database,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    seed: int,
) -> None:
    """Killed ten times, in startup, crawl, recovery and closing: the database ends up the same.

    The long form is a hundred kills on each engine, ten in each of ten morgues.
    """
    moments = _moments(random.Random(f"{seed} {empty_database.kind}"))  # noqa: S311 - to repeat it
    struck = _disturbed(stage, empty_database, tmp_path, moments)
    struck.tell(request)
    assert struck.kills == len(moments) == 10
    assert struck.left[0] == Left()  # killed before the schema was committed
    at = moments.index(Kill(doom="recover:before:1"))
    assert struck.open_warcs[at - 1 : at + 2] == [1, 1, 0]  # left, not yet renamed, just renamed
    assert struck.in_flight > 0


def test_one_sigterm_ends_cleanly_and_the_next_run_goes_on(
    stage: Stage, empty_database: Database, tmp_path: Path
) -> None:
    """One SIGTERM: exit 130, nothing in hand, WARC closed, and nothing is fetched again later."""
    morgue, tail = _morgue(stage, tmp_path, empty_database), Tail(stage.paper)
    before = len(stage.paper.requests())
    with Crawl(tmp_path, *_crawl(morgue)) as crawl:
        until(lambda: tail.seen() >= 60, "sixty requests")
        crawl.terminate()
        assert crawl.code() == 130, crawl.err
    assert "stopped before the end" in crawl.err.splitlines()[-1]
    [run] = empty_database.rows("SELECT finish_reason, exit_code FROM harvest")
    assert run == ("interrupted", 130)
    check_ledger(empty_database)
    check_warcs(morgue)
    assert 0 < empty_database.one("SELECT count(*) FROM visit") < len(stage.urls)
    with Crawl(tmp_path, *_crawl(morgue)) as last:
        assert last.code() == 0, last.err
    _check_message(last, empty_database)
    _check_same(stage.picture, morgue.picture())
    assert stage.requests(before) == stage.asked
    check_ledger(empty_database)
    check_warcs(morgue)
