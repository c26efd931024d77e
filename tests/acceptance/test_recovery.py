"""Recovery: lost pages come back from an archive, proved, or it is said why not."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from support.cli import Ran
from support.crawls import Home, asks
from support.servers import fresh_hosts
from support.warcs import records

from crawler.demo.absence import STYLES
from crawler.demo.launch import ArchiveServer, NewspaperServer, start_archive, start_newspaper
from crawler.demo.routes_pages import founding_story

GOOD, NEWER, NEWEST = "20200103040506", "20240101000000", "20260101000000"
OLDEST, OLDER = "20170101000000", "20180101000000"
TIMEOUT = 4  # seconds an archive may take
COULD_NOT = {  # faults of an archive, switched by a mark in the address that is asked about
    "outage-page": "lookup",
    "hang": "lookup",
    "drop": "lookup",
    "truncated": "lookup",
    "504": "lookup",
    "replay:outage-page": "replay",
    "replay:hang": "replay",
    "replay:drop": "replay",
    "replay:504": "replay",
}
LIVE = 40  # living pages crawled beside the lost ones


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """A finished crawl of lost pages, by the names they have in `urls`."""

    home: Home
    ran: Ran
    paper: NewspaperServer
    archive: ArchiveServer
    urls: dict[str, str]

    def lookup(self, name: str) -> dict[str, object]:
        """Return the one answer for a page."""
        (row,) = self.home.lookups(self.urls[name])
        return row


class Stage:
    """Lost pages on the newspaper and what the archive holds of them."""

    def __init__(self, paper: NewspaperServer, archive: ArchiveServer) -> None:
        self.paper, self.archive = paper, archive
        self.urls: dict[str, str] = {}

    def lose(self, name: str, path: str) -> None:
        """Name a page that is lost on the newspaper."""
        hosts = list(self.paper.hosts)
        self.urls[name] = self.paper.url(path, hosts[len(self.urls) % len(hosts)])

    def hold(self, name: str, timestamp: str, like: str, **more: object) -> None:
        """Let the archive hold for a page the bytes that another path has."""
        body = self.paper.page(like)
        self.archive.hold(self.urls[name], timestamp, body, **more)


def slug(name: str) -> str:
    """Return a path segment in which a story could be named."""
    return f"{name.replace(':', '-')}-story-of-the-harbour-wall"


def set_up(stage: Stage) -> None:
    """Lose pages in every way, and file good, bad and worse copies of them."""
    article = f"/article/5/{slug('any')}"
    for style in STYLES:
        stage.lose(style, f"/soft404/{style}/en/{slug(style)}")
        stage.hold(style, GOOD, article)
    for name in ("newest-soft", "oldest-soft", "oldest-wall", "only-soft", "excluded", "bad-rows"):
        stage.lose(name, f"/gone404/1/{slug(name)}")
    stage.hold("newest-soft", GOOD, article)
    stage.hold("newest-soft", NEWER, f"/soft404/paragraph/en/{slug('soft')}")
    stage.hold("newest-soft", NEWEST, f"/soft404/founding/en/{slug('soft')}")
    stage.hold("oldest-soft", OLDEST, f"/soft404/paragraph/en/{slug('soft')}")
    stage.hold("oldest-soft", OLDER, f"/soft404/founding/en/{slug('soft')}")
    stage.hold("oldest-soft", GOOD, article)
    stage.hold("oldest-wall", OLDEST, f"/consent/{slug('wall')}")
    stage.hold("oldest-wall", GOOD, article)
    stage.hold("only-soft", GOOD, f"/soft404/heading/en/{slug('soft')}")
    stage.urls["bad-rows"] += "?archive-fault=bad-rows"
    stage.urls["excluded"] += "?archive-fault=blocked-site"
    for name in ("bad-rows", "excluded"):
        stage.hold(name, GOOD, article)
    for fault in COULD_NOT:
        stage.lose(fault, f"/gone404/2/{slug(fault)}?archive-fault={fault}")
        stage.hold(fault, GOOD, article)
    stage.lose("noticed", f"/gone410/3/{founding_story('end-of-page', 'en').slug}")
    stage.hold("noticed", GOOD, "/founding/end-of-page/en")
    stage.lose("walled", f"/challenge/{slug('walled')}")
    stage.hold("walled", GOOD, article)


@pytest.fixture(scope="module")
def recovered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recovered]:
    """Lost and living pages, crawled once beside an archive with good and bad days."""
    home = Home(tmp_path_factory.mktemp("recovery"))
    with ExitStack() as running:
        paper = running.enter_context(start_newspaper(fresh_hosts(4), articles=60))
        archive = running.enter_context(start_archive(fresh_hosts()))
        stage = Stage(paper, archive)
        set_up(stage)
        home.configure(archives=[asks(archive, timeout=TIMEOUT)])
        living = paper.urls(LIVE, host=list(paper.hosts)[3])
        ran = home.crawl_list([*stage.urls.values(), *living], "--json")
        yield Recovered(home=home, ran=ran, paper=paper, archive=archive, urls=stage.urls)


@pytest.mark.parametrize("name", [*STYLES, "walled"])
def test_a_lost_page_comes_back_with_its_provenance(recovered: Recovered, name: str) -> None:
    """Soft-gone in any style, or walled: the archive's good copy is the article, and says so."""
    home, url = recovered.home, recovered.urls[name]
    (article,) = home.articles(url)
    assert article["source"] == "wayback"
    assert article["memento_url"] == recovered.archive.memento_url(GOOD, url)
    assert article["memento_datetime"] == article["captured_at"] == "2020-01-03T04:05:06.000000Z"
    assert len(article["text"]) > 500
    assert home.one("SELECT recovered FROM link_health WHERE url = ?", url) == 1
    assert home.rows("SELECT kind, version FROM changes WHERE url = ? AND version > 0", url) == [
        {"kind": "recovered", "version": 1}
    ]


def test_a_recovered_copy_stood_before_the_judge(recovered: Recovered) -> None:
    """The replay's visit has the verdict, the archived status, and the archive's very bytes."""
    url = recovered.urls["heading"]
    visit = recovered.home.visit(url, "replay")
    assert (visit["source"], visit["outcome"]) == ("wayback", "archive_has")
    assert (visit["liveness"], visit["http_status"]) == ("alive", 200)
    assert visit["memento_url"] == recovered.archive.memento_url(GOOD, url)
    assert recovered.home.payload(visit) == recovered.paper.page(f"/article/5/{slug('any')}")


def test_the_warc_tells_an_archives_copy_from_a_live_page(recovered: Recovered) -> None:
    """Records of replays name the archive; those of the live web do not."""
    marked = unmarked = 0
    for path in (recovered.home.path / "warc").iterdir():
        for record in records(path):
            if record.kind in {"response", "revisit"}:
                from_archive = recovered.archive.replay_url in json.dumps(record.fields)
                marked, unmarked = marked + from_archive, unmarked + (not from_archive)
                if not from_archive:
                    assert "20200103040506" not in json.dumps(record.fields)
    assert marked >= len(STYLES)
    assert unmarked >= LIVE


@pytest.mark.parametrize(
    ("name", "bad", "taken"),
    [
        ("newest-soft", 0, GOOD),  # of a page without a date the oldest copy is tried first
        ("oldest-soft", 2, GOOD),
        ("oldest-wall", 1, GOOD),
        ("only-soft", 1, None),
    ],
)
def test_a_bad_copy_is_refused_and_the_next_one_tried(
    recovered: Recovered, name: str, bad: int, taken: str | None
) -> None:
    """An archived soft-404 or wall is no article: its reason is on the lookup's row."""
    url, lookup = recovered.urls[name], recovered.home.lookups(recovered.urls[name])[0]
    assert lookup["answer"] == "has"
    refused = [item for item in lookup["refused"] if GOOD not in item["memento"] or not taken]
    assert len(refused) == len(lookup["refused"]) == bad
    assert all(item["reason"] for item in refused)
    expected = recovered.archive.memento_url(taken, url) if taken else None
    assert lookup["memento_url"] == expected
    assert len(recovered.home.articles(url)) == (1 if taken else 0)


def test_the_founding_case_is_recovered_clean(recovered: Recovered) -> None:
    """What an archive kept is cleaned like a live page: no notice, no skip link in the text."""
    (article,) = recovered.home.articles(recovered.urls["noticed"])
    assert article["has_removed_notice"] == 1
    assert "not available" not in article["text"]
    assert "Skip to" not in article["text"]


@pytest.mark.parametrize("fault", COULD_NOT)
def test_an_archive_that_fails_was_not_asked(recovered: Recovered, fault: str) -> None:
    """An outage, silence, a cut answer: the third answer, asked again, never an absence."""
    home, url = recovered.home, recovered.urls[fault]
    visit = home.visit(url, COULD_NOT[fault])
    assert visit["outcome"] == "archive_could_not_ask"
    assert visit["problem"]
    assert home.articles(url) == []
    entry = home.due(url)[COULD_NOT[fault]]
    assert entry["due_at"] > visit["ended_at"]
    assert entry["payload"]["attempts"] == 1
    answers = {row["answer"] for row in home.lookups(url)}
    assert answers == ({"could_not_ask"} if COULD_NOT[fault] == "lookup" else {"has"})


def test_one_bad_row_does_not_cost_the_good_one(recovered: Recovered) -> None:
    """Of an index full of junk the usable capture is taken."""
    (article,) = recovered.home.articles(recovered.urls["bad-rows"])
    assert article["memento_url"] == recovered.archive.memento_url(GOOD, recovered.urls["bad-rows"])


def test_a_page_held_back_is_no_absence(recovered: Recovered) -> None:
    """What its owner had excluded is told as that, and asked for again in a year."""
    lookup = recovered.lookup("excluded")
    assert lookup["answer"] == "excluded"
    wait = datetime.fromisoformat(str(lookup["ask_again_at"])) - datetime.fromisoformat(
        str(lookup["asked_at"])
    )
    assert wait > timedelta(days=300)


def test_the_pages_do_not_wait_for_the_archive(recovered: Recovered) -> None:
    """While an archive keeps silent to its time-out, living pages are fetched and stored."""
    hanging = recovered.home.visit(recovered.urls["hang"], "lookup")
    meanwhile = recovered.home.one(
        "SELECT count(*) FROM visit WHERE source = 'live' AND started_at > ? AND ended_at < ?",
        hanging["started_at"],
        hanging["ended_at"],
    )
    assert meanwhile > LIVE / 4
    began, ended = (datetime.fromisoformat(hanging[at]) for at in ("started_at", "ended_at"))
    assert ended - began >= timedelta(seconds=TIMEOUT)


def test_each_question_is_put_once(recovered: Recovered) -> None:
    """The archive's own log: one index question a lost page, none for a living one."""
    asked = [one.path for one in recovered.archive.requests() if one.path.startswith("/cdx")]
    assert len(set(asked)) == len(recovered.urls)
    assert {path for path in asked if asked.count(path) > 1} <= {
        path
        for path in asked
        if path.endswith("drop")  # a reused connection is tried anew
    }
    assert recovered.home.one("SELECT count(*) FROM archive_lookups") == len(recovered.urls)


def test_the_run_counts_what_it_recovered(recovered: Recovered) -> None:
    """The report's tally has the archives' answers too, and the code is 0."""
    tally = json.loads(recovered.ran.out)["tally"]
    assert recovered.ran.code == 0
    assert tally["archive_could_not_ask"] == len(COULD_NOT)
    assert tally["fetched"] == len(recovered.urls) + LIVE
    assert "Traceback" not in recovered.ran.err
