"""One URL of a site never seen before: its lists and articles are found, and come again in time."""

import json
import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from support.cli import Ran
from support.crawls import Home
from support.databases import Database
from support.killing import Crawl, Tail, until
from support.morgues import Morgue, check_ledger, check_warcs
from support.papers import make_lists_due
from support.servers import fresh_hosts

from crawler.demo.dialects import SITEMAPS
from crawler.demo.launch import NewspaperServer, start_newspaper
from crawler.demo.prose import LANGUAGES, story
from crawler.demo.routes_lists import FRONT

FreshNewspaper = Callable[..., NewspaperServer]
STORIES = FRONT + 10  # the front page and the feed show the first thirty
FEW = 8
ROBOTS = "/robots.txt"
LISTS = {
    "/": ("front", "seed"),
    "/feed.xml": ("feed", "link"),
    "/sitemap.xml": ("sitemap", "robots"),
    "/news-sitemap.xml": ("sitemap", "robots"),
    "/sitemap/1.xml": ("sitemap", "sitemap"),
    **{f"/section/{name}": ("section", "link") for name in LANGUAGES},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Diary:
    """Crawls of one home: what each printed, and the paths it asked for."""

    home: Home
    paper: NewspaperServer

    def crawl(self, *arguments: object) -> tuple[Ran, Counter[str]]:
        """Crawl once more; robots.txt is not counted."""
        before = len(self.paper.requests())
        ran = self.home.crawl(*arguments, "--json")
        asked = [one.path for one in self.paper.requests()[before:]]
        return ran, Counter(path for path in asked if path != ROBOTS)

    def paths(self, query: str, *values: object) -> list[str]:
        """Return the paths that a query of addresses gives."""
        base = self.paper.base_url()
        return [row["url"].removeprefix(base) for row in self.home.rows(query, *values)]


def report(ran: Ran) -> dict[str, Any]:
    assert ran.code == 0, ran.err
    told: dict[str, Any] = json.loads(ran.out)
    return told


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Diary]:
    """A newspaper whose front page was named once, and crawled to the end."""
    with start_newspaper(fresh_hosts(), articles=STORIES) as paper:
        diary = Diary(home=Home(tmp_path_factory.mktemp("found")), paper=paper)
        diary.home.configure()
        ran, asked = diary.crawl(paper.url("/"))
        told = report(ran)
        assert (told["finish_reason"], told["still_due"]) == ("finished", 0)
        assert told["tally"] == {"fetched": STORIES + len(LISTS)}
        assert max(asked.values()) == 1
        yield diary


def test_one_url_finds_the_lists(found: Diary) -> None:
    """Front page, feed, the sitemaps of robots.txt, the index's sitemap, every section; no more."""
    rows = found.home.rows("SELECT url, kind, found_how FROM resource WHERE kind <> 'page'")
    base = found.paper.base_url()
    assert {row["url"].removeprefix(base): (row["kind"], row["found_how"]) for row in rows} == LISTS


def test_one_url_finds_all_articles(found: Diary) -> None:
    """Every story of the paper is held, and no page of links was taken for one."""
    expected = sorted(url.removeprefix(found.paper.base_url()) for url in found.paper.urls())
    assert sorted(found.paths("SELECT url FROM articles")) == expected
    assert found.home.one("SELECT count(*) FROM article_version") == STORIES


def test_headlines_and_dates_are_kept_as_hints(found: Diary) -> None:
    """What feed and news sitemap tell of a story stands on its resource."""
    for number in range(1, FRONT + 1):
        told = story(number)
        (row,) = found.home.rows(
            "SELECT headline, published_hint FROM resource WHERE url = ?",
            found.paper.url(told.path),
        )
        assert row["headline"] == told.headline
        assert row["published_hint"].startswith(told.published.strftime("%Y-%m-%dT%H:%M:%S"))


def test_lists_are_judged_as_lists(found: Diary) -> None:
    """Visits to lists are `discover`, alive, and say what was read."""
    rows = found.home.rows("SELECT url, reason, liveness FROM visit WHERE purpose = 'discover'")
    reasons = {row["url"].removeprefix(found.paper.base_url()): row["reason"] for row in rows}
    assert {row["liveness"] for row in rows} == {"alive"}
    assert reasons.keys() == LISTS.keys()
    assert reasons["/feed.xml"] == "read_feed"
    assert reasons["/sitemap.xml"] == "read_sitemap_index"
    assert reasons["/sitemap/1.xml"] == reasons["/news-sitemap.xml"] == "read_sitemap"


def test_the_site_is_known_by_its_host(found: Diary) -> None:
    """A site that no configuration names gets its host's name; all that was found is its own."""
    (host,) = found.paper.hosts
    assert found.home.rows("SELECT DISTINCT site FROM articles") == [{"site": host}]
    assert found.home.rows("SELECT DISTINCT site FROM link_health") == [{"site": host}]


def test_again_at_once_does_nothing(found: Diary) -> None:
    """The same call again asks nothing: no page, no version, no change, exit 0."""
    changes = found.home.rows("SELECT * FROM changes")
    ran, asked = found.crawl(found.paper.url("/"))
    assert (report(ran)["tally"], report(ran)["discovered"]) == ({}, 0)
    assert asked == Counter()
    assert "nothing is due before" in ran.err
    assert found.home.rows("SELECT * FROM changes") == changes


def test_lists_come_again_alone(found: Diary) -> None:
    """After the lists' time each of them is read once more, and no article is fetched."""
    make_lists_due(found.home)
    ran, asked = found.crawl()
    assert asked == Counter([*LISTS])
    assert report(ran)["tally"] == {"fetched": len(LISTS)}
    assert report(ran)["discovered"] == len(LISTS)  # what was due, and nothing new
    assert found.home.one("SELECT count(*) FROM article_version") == STORIES
    assert {kind for (kind,) in map(dict.values, found.home.rows("SELECT kind FROM changes"))} == {
        "new"
    }


@pytest.fixture
def diary(fresh_newspaper: FreshNewspaper, tmp_path: Path) -> Diary:
    """A newspaper of eight stories and a home, not crawled yet."""
    return Diary(home=Home(tmp_path), paper=fresh_newspaper(articles=FEW))


@pytest.fixture
def longer(fresh_newspaper: FreshNewspaper, tmp_path: Path) -> Diary:
    """A newspaper with more stories than its front page shows, and a home without sections read."""
    return Diary(home=Home(tmp_path), paper=fresh_newspaper(articles=STORIES))


def test_a_new_story_is_found_by_what_lists_it(diary: Diary) -> None:
    """What a feed lists since the last time is fetched, and nothing that was known."""
    diary.home.configure()
    diary.paper.behave("/feed.xml", "/feeds/empty")
    first = diary.paper.url(story(1).path)
    report(diary.crawl(first)[0])
    diary.paper.behave("/feed.xml", None)
    ran, asked = diary.crawl(diary.paper.url("/feed.xml"))
    assert asked == Counter(["/feed.xml", *(story(n).path for n in range(2, FEW + 1))])
    assert report(ran)["discovered"] == FEW  # the feed itself and all stories but one


def test_a_first_contact_is_bounded(diary: Diary) -> None:
    """Five pages of a stranger and no more; the call says so, and the next one goes on."""
    diary.home.configure(discovery={"first_contact": 5})
    ran, asked = diary.crawl(diary.paper.url("/"))
    told = report(ran)
    (host,) = diary.paper.hosts
    assert (told["finish_reason"], told["tally"]) == ("first_contact", {"fetched": 5})
    assert told["bounded"] == [host]
    assert told["still_due"] > 0
    assert asked.total() == 5
    assert host in ran.err
    ran, more = diary.crawl()
    assert (report(ran)["finish_reason"], report(ran)["still_due"]) == ("finished", 0)
    assert asked.keys().isdisjoint(more)
    assert asked + more == Counter([*LISTS, *(story(n).path for n in range(1, FEW + 1))])


def test_a_stranger_named_again_is_bounded_again(diary: Diary) -> None:
    """Each call that names the URL takes five more."""
    diary.home.configure(discovery={"first_contact": 5})
    calls = [diary.crawl(diary.paper.url("/"))[1] for _ in range(2)]
    assert [asked.total() for asked in calls] == [5, 5]
    assert max(sum(calls, Counter()).values()) == 1


@pytest.mark.parametrize(("limit", "reason"), [(4, "limit"), (1000, "finished")])
def test_a_limit_stands_instead_of_the_bound(diary: Diary, limit: int, reason: str) -> None:
    """--limit says how many pages a call takes, fewer or more than a first contact would."""
    diary.home.configure(discovery={"first_contact": 5})
    ran, asked = diary.crawl(diary.paper.url("/"), "--limit", limit)
    assert report(ran)["finish_reason"] == reason
    assert asked.total() == min(limit, FEW + len(LISTS))


def test_no_bound_is_no_bound(diary: Diary) -> None:
    """first_contact = 0 takes a stranger as far as it goes."""
    diary.home.configure(discovery={"first_contact": 0})
    ran, asked = diary.crawl(diary.paper.url("/"))
    assert report(ran)["finish_reason"] == "finished"
    assert asked.total() == FEW + len(LISTS)


def test_a_configured_site_is_not_bounded(diary: Diary) -> None:
    """The bound is for strangers: a site of newsmorgue.toml is crawled whole, by name or URL."""
    site = {"name": "paper", "seeds": [diary.paper.url("/")]}
    diary.home.configure(sites=[site], discovery={"first_contact": 3})
    ran, asked = diary.crawl(diary.paper.url("/"))
    assert report(ran)["finish_reason"] == "finished"
    assert asked.total() == FEW + len(LISTS)
    assert diary.home.rows("SELECT DISTINCT site FROM articles") == [{"site": "paper"}]


def test_what_is_old_waits_for_a_backfill(longer: Diary) -> None:
    """Stories that only a sitemap lists, as old, are kept and not fetched; --backfill does it."""
    longer.home.configure(discovery={"sections": 0})
    ran, _ = longer.crawl(longer.paper.url("/"))
    assert report(ran)["still_due"] == 0
    late = sorted(story(n).path for n in range(FRONT + 1, STORIES + 1))
    skipped = "SELECT url FROM link_health WHERE skipped = 'backfill'"
    assert sorted(longer.paths(skipped)) == late
    assert longer.home.one("SELECT count(*) FROM articles") == FRONT
    assert longer.crawl()[1] == Counter()
    ran, asked = longer.crawl("--backfill")
    assert asked == Counter(late)
    assert report(ran)["tally"] == {"fetched": len(late)}
    assert longer.paths(skipped) == []
    assert longer.home.one("SELECT count(*) FROM articles") == STORIES
    assert longer.crawl("--backfill")[1] == Counter()


def test_a_sites_own_horizon_goes_before(longer: Diary) -> None:
    """A site may be followed further back than others are."""
    site = {"name": "paper", "seeds": [longer.paper.url("/")], "horizon": "36500d"}
    longer.home.configure(sites=[site], discovery={"sections": 0})
    report(longer.crawl()[0])
    assert longer.home.one("SELECT count(*) FROM articles") == STORIES


def test_sitemaps_in_every_dialect(fresh_newspaper: FreshNewspaper, tmp_path: Path) -> None:
    """Packed, plain text, a feed as sitemap, broken or cut short: what it has is fetched."""
    paper = fresh_newspaper(hosts=len(SITEMAPS), articles=FEW)
    home = Home(tmp_path)
    home.configure(discovery={"horizon": "36500d"})
    named = dict(zip(SITEMAPS, paper.hosts, strict=True))
    for dialect in named:
        paper.behave(f"/{dialect}-sitemap.xml", f"/sitemaps/{dialect}")
    seeds = [paper.url(f"/{dialect}-sitemap.xml", host) for dialect, host in named.items()]
    report(home.crawl(*seeds, "--json"))
    rows = home.rows("SELECT site, count(*) AS n FROM articles GROUP BY site")
    held = {row["site"]: row["n"] for row in rows}
    whole = paper.page("/sitemaps/cut").count(b"</loc>")  # addresses before it breaks off
    assert {dialect: held[host] for dialect, host in named.items()} == {
        dialect: whole if dialect == "cut" else FEW for dialect in SITEMAPS
    }


def test_an_interrupt_loses_nothing_and_doubles_nothing(
    fresh_newspaper: FreshNewspaper, empty_database: Database, tmp_path: Path
) -> None:
    """Ctrl-C in the middle of a discovery ends with 130; the same call goes on to the same end."""
    paper, morgue = fresh_newspaper(articles=STORIES), Morgue(tmp_path, empty_database)
    morgue.configure()
    tail = Tail(paper)
    with Crawl(tmp_path, "crawl", paper.url("/")) as crawl:
        until(lambda: crawl.has_ended or tail.seen() >= 12, "twelve requests")
        os.kill(crawl.pid, signal.SIGINT)
        assert crawl.code() == 130, crawl.err
    assert "Run the same command again: it goes on where it stopped." in crawl.err
    check_ledger(empty_database)
    with Crawl(tmp_path, "crawl", paper.url("/")) as crawl:
        assert crawl.code() == 0, crawl.err
    visited = Counter(url for (url,) in empty_database.rows("SELECT url FROM visit"))
    assert visited == Counter([*map(paper.url, LISTS), *paper.urls()])
    assert empty_database.one("SELECT count(*) FROM article_version") == STORIES
    check_ledger(empty_database)
    check_warcs(morgue)
