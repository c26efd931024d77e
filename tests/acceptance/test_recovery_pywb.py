"""Recovery from a real pywb, in its own language, by TimeMap, and by TimeGate alone.

Runs where NEWSMORGUE_PYWB names pywb's `wayback` executable; see tests/support/pywb.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from support.crawls import Home
from support.pywb import EXECUTABLE, Held, Pywb, packed, redirect, start_pywb

from crawler.demo.launch import NewspaperServer

pytestmark = pytest.mark.skipif(not EXECUTABLE, reason="NEWSMORGUE_PYWB names no pywb")

GOOD, LATER, SOONER = "20200103040506", "20210103040506", "20190103040506"
SITE = "http://paper.example"
WAYS = ("pywb", "timemap", "timegate")
# Name of a page, and the ways by which it comes back.
COMES_BACK = {
    "clean": WAYS,
    "changed-later": WAYS,
    "dead-before": WAYS,
    "seen-again": WAYS,
    "moved-away": ("timemap", "timegate"),  # pywb's index says that it is a redirect
    "packed": WAYS,
    "packed-unsaid": WAYS,
    "old-charset": WAYS,
    "other-spelling": ("pywb",),
    "with-query": WAYS,
}
LOST = ("to-the-front", "only-dead", "not-found", "never-there", "runs-in-a-loop")


def url(name: str) -> str:
    """The address of a lost page."""
    return f"{SITE}/2020/01/the-{name}-harbour-story"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """One finished `newsmorgue recover`."""

    home: Home
    pywb: Pywb
    way: str

    def article(self, name: str) -> dict[str, Any]:
        """The one article of a page."""
        (row,) = self.home.articles(asked(name))
        return row


def asked(name: str) -> str:
    """The address as it is asked for."""
    return f"{url(name)}?from=feed" if name == "with-query" else url(name)


def holdings(paper: NewspaperServer) -> Iterator[Held]:
    """What the collection holds of every page."""
    article = paper.page("/article/5/the-harbour-story")
    other = paper.page("/article/6/the-harbour-story")
    dead = paper.page("/soft404/paragraph/en/the-harbour-story")

    def held(name: str, timestamp: str = GOOD, body: bytes = article, **more: Any) -> Held:
        return Held(url=url(name), timestamp=timestamp, body=body, **more)

    yield held("clean")
    yield held("changed-later")
    yield held("changed-later", LATER, other)
    yield held("dead-before", SOONER, dead)
    yield held("dead-before")
    yield held("seen-again")
    yield held("seen-again", LATER, again=True)
    yield redirect(url("moved-away"), GOOD, "/archive/the-moved-away-harbour-story")
    moved = f"{SITE}/archive/the-moved-away-harbour-story"
    yield Held(url=moved, timestamp="20200103060000", body=article)
    yield packed(held("packed"), declared=True)
    yield packed(held("packed-unsaid"), declared=False)
    latin = article.decode().replace("utf-8", "windows-1252").encode("cp1252", "xmlcharrefreplace")
    yield held("old-charset", body=latin, headers=(("Content-Type", "text/html"),))
    yield Held(url=f"{url('other-spelling')}/index.html", timestamp=GOOD, body=article)
    yield held("with-query")
    yield redirect(url("to-the-front"), GOOD, "/")
    yield Held(url=f"{SITE}/", timestamp=GOOD, body=paper.page("/"))
    yield held("only-dead", body=dead)
    yield held("not-found", body=b"<h1>Not Found</h1>", status=404)
    yield redirect(url("runs-in-a-loop"), GOOD, f"{url('runs-in-a-loop')}/index.html")
    yield redirect(f"{url('runs-in-a-loop')}/index.html", GOOD, url("runs-in-a-loop"))


@pytest.fixture(scope="module")
def pywb(tmp_path_factory: pytest.TempPathFactory, newspaper: NewspaperServer) -> Iterator[Pywb]:
    """A collection with every page, served by pywb."""
    with start_pywb(tmp_path_factory.mktemp("pywb"), list(holdings(newspaper))) as running:
        yield running


@pytest.fixture(scope="module", params=WAYS)
def recovered(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, pywb: Pywb
) -> Recovered:
    """All pages asked for in one way."""
    way = request.param
    home = Home(tmp_path_factory.mktemp(way))
    home.configure(archives=[pywb.section(way)])
    recover(home, [asked(name) for name in (*COMES_BACK, *LOST)])
    return Recovered(home=home, pywb=pywb, way=way)


def recover(home: Home, urls: list[str]) -> None:
    """Run `newsmorgue recover` for these addresses."""
    source = home.path / "list.txt"
    source.write_text("\n".join(urls), encoding="utf-8")
    ran = home.run("recover", "--from", source)
    assert "Traceback" not in ran.err, ran.err


@pytest.mark.parametrize("name", COMES_BACK)
def test_what_the_archive_can_give_comes_back_and_nothing_else(
    recovered: Recovered, name: str
) -> None:
    """Each page comes back by the ways that can know of it, with its proof; never a wrong one."""
    if recovered.way not in COMES_BACK[name]:
        assert recovered.home.articles(asked(name)) == []
        return
    found = recovered.article(name)
    assert found["text"] == recovered.article("clean")["text"]
    assert found["source"] == "mine"
    assert found["memento_url"].startswith(f"{recovered.pywb.base}20200103")
    assert "id_/http://paper.example/" in found["memento_url"]


@pytest.mark.parametrize("name", LOST)
def test_what_is_no_article_is_not_taken_for_one(recovered: Recovered, name: str) -> None:
    """A front page, a dead page, a 404, a loop and nothing at all: no text, and an answer why."""
    assert recovered.home.articles(asked(name)) == []
    answers = {row["answer"] for row in recovered.home.lookups(asked(name))}
    assert answers <= {"has", "has_not"}
    assert answers


def test_a_move_is_followed_inside_the_archive(recovered: Recovered) -> None:
    """Pywb gives the live address of a redirect: the copy asked for is the archive's, near it."""
    if recovered.way == "pywb":
        assert (
            recovered.home.lookups(asked("moved-away"))[0]["refused"][0]["reason"] == "status_301"
        )
        return
    place = f"{recovered.pywb.base}20200103060000id_/{SITE}/archive/the-moved-away-harbour-story"
    assert recovered.article("moved-away")["memento_url"] == place


def test_a_dead_copy_is_refused_with_its_reason(recovered: Recovered) -> None:
    """The refused copy stands on the answer with its reason."""
    (lookup,) = recovered.home.lookups(asked("only-dead"))
    (refused,) = lookup["refused"]
    assert refused["memento"].endswith(f"{GOOD}id_/{asked('only-dead')}")
    assert refused["reason"] == "notice_without_article"


def test_copies_as_shown_are_taken_where_there_are_no_others(tmp_path: Path, pywb: Pywb) -> None:
    """With `raw = false` the archive's own rendering is read, and the visit says so."""
    home = Home(tmp_path)
    home.configure(archives=[pywb.section("timemap", raw=False)])
    recover(home, [url("clean")])
    (found,) = home.articles(url("clean"))
    assert found["memento_url"] == f"{pywb.base}{GOOD}/{url('clean')}"
    assert "as the archive shows it" in home.visit(url("clean"), "replay")["problem"]
