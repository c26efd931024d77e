"""Several archives: what one has not, or cannot say, the next one is asked; none is forgotten."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from support.crawls import Home, asks
from support.servers import fresh_hosts

from crawler.demo.launch import ArchiveServer, NewspaperServer, start_archive

GOOD, SOONER = "20200103040506", "20190103040506"
SITE = "http://paper.example"
BOTH = ("first", "second")


def url(name: str) -> str:
    """The address of a lost page."""
    return f"{SITE}/the-{name}-harbour-story"


def by_timemap(archive: ArchiveServer) -> dict[str, object]:
    """Return the configuration of a mock archive that is asked by TimeMap."""
    cdx_url = archive.url("/web/timemap/link/")
    return asks(archive, name="second", dialect="timemap", cdx_url=cdx_url)


def by_pywb(archive: ArchiveServer) -> dict[str, object]:
    """Return the configuration of a mock archive that is asked as pywb is."""
    return asks(archive, name="second", dialect="pywb", cdx_url=archive.url("/pywb/cdx"))


Speak = Callable[[ArchiveServer], dict[str, object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A morgue with two archives, asked in this order."""

    home: Home
    first: ArchiveServer
    second: ArchiveServer

    def configure(self, speak: Speak) -> None:
        """Write which language the second archive speaks."""
        self.home.configure(
            archives=[asks(self.first, name="first"), speak(self.second)], run={"longest_wait": 0}
        )

    def recover(self, *names: str) -> None:
        """Run `newsmorgue recover` for pages."""
        ran = self.home.run("recover", *map(url, names))
        assert "Traceback" not in ran.err, ran.err

    def answers(self, name: str) -> list[tuple[str, str]]:
        """Return who was asked of a page, and what it said, in order."""
        rows = self.home.lookups(url(name))
        return [(row["archive"], row["answer"]) for row in rows]


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    """Two archives of the test's own."""
    with ExitStack() as running:
        first, second = (running.enter_context(start_archive(fresh_hosts())) for _ in BOTH)
        both = Pair(home=Home(tmp_path), first=first, second=second)
        both.configure(by_timemap)
        yield both


def test_the_next_archive_is_asked_for_what_the_first_has_not(
    pair: Pair, newspaper: NewspaperServer
) -> None:
    """Absent, excluded or held only as garbage: the second is asked in the same run, in order."""
    article = newspaper.page("/article/5/the-harbour-story")
    dead = newspaper.page("/soft404/paragraph/en/the-harbour-story")
    pair.first.exclude("shy.example")
    for name in ("absent", "garbage", "both"):
        pair.second.hold(url(name), GOOD, article)
    pair.first.hold(url("garbage"), SOONER, dead)
    pair.first.hold(url("both"), GOOD, article)
    shy = "http://shy.example/the-excluded-harbour-story"
    pair.second.hold(shy, GOOD, article)
    source = pair.home.path / "list.txt"
    names = ("absent", "garbage", "both", "nowhere")
    source.write_text("\n".join([*map(url, names), shy]), encoding="utf-8")
    pair.home.run("recover", "--from", source)
    said = {name: pair.answers(name) for name in names}
    assert said == {
        "absent": [("first", "has_not"), ("second", "has")],
        "garbage": [("first", "has"), ("second", "has")],
        "both": [("first", "has")],
        "nowhere": [("first", "has_not"), ("second", "has_not")],
    }
    rows = pair.home.lookups(shy)
    assert [(row["archive"], row["answer"]) for row in rows] == [
        ("first", "excluded"),
        ("second", "has"),
    ]
    sources = {row["url"]: row["source"] for row in pair.home.rows("SELECT * FROM articles")}
    assert sources == {
        url("absent"): "second",
        url("garbage"): "second",
        url("both"): "first",
        shy: "second",
    }
    # Where all have answered, the first in line is asked again when captures may have surfaced.
    due = pair.home.due(url("nowhere"))["lookup"]
    assert due["lane"] == "archive:first:lookup"
    asked = datetime.fromisoformat(rows[0]["asked_at"])
    assert datetime.fromisoformat(due["due_at"]) - asked > timedelta(days=80)


def test_an_archive_that_is_down_is_passed_over_and_still_owes_an_answer(
    pair: Pair, newspaper: NewspaperServer
) -> None:
    """After two failures the next is asked; its absence concludes nothing, the first is owed."""
    article = newspaper.page("/article/5/the-harbour-story")
    pair.second.hold(url("there"), GOOD, article)
    pair.first.hold(url("here"), GOOD, article)
    pair.first.fault("504", on="cdx", count=None)
    pair.recover("there", "here")
    assert pair.answers("there") == [("first", "could_not_ask")]
    pair.home.pass_time()
    pair.recover("there", "here")
    assert pair.answers("there")[1:] == [("first", "could_not_ask"), ("second", "has")]
    assert len(pair.home.articles(url("there"))) == 1
    assert pair.answers("here")[1:] == [("first", "could_not_ask"), ("second", "has_not")]
    due = pair.home.due(url("here"))["lookup"]
    assert due["lane"] == "archive:first:lookup"
    assert due["payload"] == {"attempts": 2, "answered": ["second"], "owed": ["first"]}
    pair.first.fault(None)
    pair.home.pass_time()
    pair.recover("here")
    assert pair.answers("here")[-1] == ("first", "has")
    assert [row["source"] for row in pair.home.articles(url("here"))] == ["first"]


@pytest.mark.parametrize("speak", [by_timemap, by_pywb])
@pytest.mark.parametrize("kind", ["outage-page", "truncated", "429"])
def test_an_archive_of_another_kind_that_fails_was_not_asked(
    pair: Pair, newspaper: NewspaperServer, kind: str, speak: Speak
) -> None:
    """An outage, a cut or a refusal is never an absence, whatever language it comes in."""
    pair.configure(speak)
    pair.second.hold(url("there"), GOOD, newspaper.page("/article/5/the-harbour-story"))
    pair.second.fault(kind, on="cdx")
    pair.recover("there")
    assert pair.answers("there") == [("first", "has_not"), ("second", "could_not_ask")]
    due = pair.home.due(url("there"))["lookup"]
    assert due["payload"] == {"attempts": 1, "answered": ["first"], "owed": ["second"]}
    assert due["lane"] == "archive:second:lookup"


def test_a_copy_that_breaks_off_is_asked_for_again(pair: Pair, newspaper: NewspaperServer) -> None:
    """Half a copy is neither refused nor taken: the same copy is fetched again, and is the page."""
    pair.first.hold(url("there"), GOOD, newspaper.page("/article/5/the-harbour-story"))
    pair.first.fault("truncated", on="replay")
    pair.recover("there")
    assert pair.home.articles(url("there")) == []
    assert pair.answers("there") == [("first", "has")]
    entry = pair.home.due(url("there"))["replay"]
    (candidate,) = entry["payload"]["candidates"]
    assert candidate["memento_url"] == pair.first.memento_url(GOOD, url("there"))
    pair.home.pass_time()
    pair.recover("there")
    assert len(pair.home.articles(url("there"))) == 1


def test_more_rows_are_asked_for_once_when_the_nearest_are_no_article(
    pair: Pair, newspaper: NewspaperServer
) -> None:
    """Thirty dead copies hide the living one: a second question finds it, past what was tried."""
    dead = newspaper.page("/soft404/paragraph/en/the-harbour-story")
    for day in range(10, 40):
        body = dead + f"<!-- {day} -->".encode()
        pair.first.hold(url("hidden"), f"2015{day // 28 + 1:02}{day % 28 + 1:02}000000", body)
    pair.first.hold(url("hidden"), GOOD, newspaper.page("/article/5/the-harbour-story"))
    pair.first.hold(url("hidden"), SOONER, newspaper.page("/article/6/the-harbour-story"))
    pair.recover("hidden")
    index = [one.path for one in pair.first.requests() if one.path.startswith("/cdx")]
    assert len(index) == 2
    replays = [one.path for one in pair.first.requests() if one.path.startswith("/web/")]
    assert len(replays) == len(set(replays)) <= 10
    assert json.dumps(pair.home.lookups(url("hidden"))[-1]["refused"])


def test_other_spellings_cost_one_question(pair: Pair, newspaper: NewspaperServer) -> None:
    """A page held only with `/index.html` behind it is found by the second question."""
    pair.first.hold(
        f"{url('spelled')}/index.html", GOOD, newspaper.page("/article/5/the-harbour-story")
    )
    pair.recover("spelled")
    (article,) = pair.home.articles(url("spelled"))
    assert article["memento_url"].endswith("/index.html")
    assert len([one for one in pair.first.requests() if one.path.startswith("/cdx")]) == 2


def test_bad_rows_of_pywb_do_not_cost_the_good_one(pair: Pair, newspaper: NewspaperServer) -> None:
    """Of an index full of junk the usable capture is taken."""
    pair.configure(by_pywb)
    pair.second.hold(url("there"), GOOD, newspaper.page("/article/5/the-harbour-story"))
    pair.second.hold(url("there"), "20210103040506", revisit=True)
    pair.second.fault("bad-rows", on="cdx")
    pair.recover("there")
    (article,) = pair.home.articles(url("there"))
    assert article["memento_url"] == pair.second.memento_url(GOOD, url("there"))
