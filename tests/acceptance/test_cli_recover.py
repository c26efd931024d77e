"""`newsmorgue recover`: lists of dead links go in, one answer for each comes out, nothing twice."""

import json
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from support.cli import Ran
from support.crawls import Home, asks
from support.pywb import EXECUTABLE
from support.servers import fresh_hosts
from support.warcs import records

from crawler.demo.launch import ArchiveServer, NewspaperServer, start_archive, start_newspaper
from crawler.errors import ExitCode

GOOD, LATER = "20200103040506", "20210103040506"
STORY = "story-of-the-harbour-wall"
PATHS = {
    "has": f"/gone404/1/{STORY}",
    "soft": f"/gone404/2/{STORY}",
    "none": f"/gone404/3/{STORY}",
    "outage": f"/gone404/4/{STORY}?archive-fault=504",
    "excluded": f"/gone404/5/{STORY}?archive-fault=blocked-site",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A list that was recovered twice, beside a page that lives and was crawled before."""

    home: Home
    archive: ArchiveServer
    urls: dict[str, str]
    first: Ran
    asked: int  # questions put by the first call
    second: Ran

    def finding(self, name: str) -> dict[str, Any]:
        """Return the JSON object of a page in the first call's output."""
        found = {one["url"]: one for one in map(json.loads, self.first.out.splitlines())}
        return dict(found[self.urls[name]])


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Listed]:
    """Five lost pages of five kinds and a living one, in a CSV with other columns and bad lines."""
    home = Home(tmp_path_factory.mktemp("listed"))
    with ExitStack() as running:
        paper = running.enter_context(start_newspaper(fresh_hosts(), articles=20))
        archive = running.enter_context(start_archive(fresh_hosts()))
        home.configure(archives=[asks(archive)])
        urls = {name: paper.url(path) for name, path in PATHS.items()}
        fill(paper, archive, urls)
        urls["alive"] = paper.urls(1)[0]
        assert home.crawl(urls["alive"]).code == ExitCode.DONE
        source = home.path / "links.csv"
        rows = [f'"{number}; a, title","{url}"' for number, url in enumerate(urls.values())]
        text = "\r\n".join(["note,Page URL", *rows, "bad,www.x.example/no-scheme"])
        source.write_bytes(text.encode("utf-16"))
        first = home.run("recover", "--from", source, "--json")
        asked = len(archive.requests())
        second = home.run("recover", "--from", source)
        yield Listed(home=home, archive=archive, urls=urls, first=first, asked=asked, second=second)


def fill(paper: NewspaperServer, archive: ArchiveServer, urls: dict[str, str]) -> None:
    """File a good copy of all that have one, later bad ones, and only a bad one of `soft`."""
    for name in ("has", "outage", "excluded"):
        archive.hold(urls[name], GOOD, paper.page(f"/article/5/{STORY}"))
    for name in ("has", "soft"):
        archive.hold(urls[name], LATER, paper.page(f"/soft404/paragraph/en/{STORY}"))


def test_each_page_of_a_list_has_one_line_in_its_order(listed: Listed) -> None:
    """JSON Lines on standard output, one object a URL; the bad line is named with its number."""
    found = [json.loads(line) for line in listed.first.out.splitlines()]
    assert [one["url"] for one in found] == list(listed.urls.values())
    assert [one["result"] for one in found] == [
        "recovered", "refused", "has_not", "could_not_ask", "excluded", "held",
    ]  # fmt: skip
    assert "links.csv:8: skipped 'www.x.example/no-scheme'" in listed.first.err
    assert listed.first.code == ExitCode.DONE


def test_a_recovered_page_tells_where_it_is_from(listed: Listed) -> None:
    """Archive, memento, its date, the original's spelling, title, distance, tries, refusals."""
    found, url = listed.finding("has"), listed.urls["has"]
    assert (found["answer"], found["archive"]) == ("has", "wayback")
    assert found["memento_url"] == listed.archive.memento_url(GOOD, url)
    assert found["memento_datetime"] == "2020-01-03T04:05:06Z"
    assert found["original"] == url
    assert found["title"]
    assert found["tries"] >= 1
    (article,) = listed.home.articles(url)
    published = listed.home.one(
        "SELECT (julianday('2020-01-03T04:05:06') - julianday(?))", article["published_at"]
    )
    assert found["distance_days"] == pytest.approx(published, abs=0.1)


def test_no_reader_of_the_warc_takes_a_copy_for_a_live_page(listed: Listed) -> None:
    """No record stands under a lost page's own address: only under the archive's, which it names.

    warcio's index says so, and pywb's where NEWSMORGUE_PYWB names an installation.
    """
    paths = sorted((listed.home.path / "warc").iterdir())
    seen = [record for path in paths for record in records(path) if record.kind != "warcinfo"]
    copies = [record for record in seen if "X-Archive" in record.fields]
    assert {record.kind for record in copies} == {"metadata", "request", "response"}
    for record in copies:
        assert record.fields["X-Archive"] == "wayback"
        assert record.fields["WARC-Source-URI"] == record.fields["WARC-Target-URI"]
        assert record.fields["X-Original-URI"] in listed.urls.values()
    named = {record.fields["WARC-Target-URI"] for record in seen}
    assert named & set(listed.urls.values()) == {listed.urls["alive"]}
    if EXECUTABLE:
        indexed = pywb_index(paths)
        assert {url for url in indexed if url in listed.urls.values()} == {listed.urls["alive"]}
        assert listed.finding("has")["memento_url"] in indexed


def pywb_index(paths: Sequence[Path]) -> set[str]:
    """Return the addresses that pywb's own indexer lists of WARC files."""
    indexer = Path(EXECUTABLE).with_name("cdx-indexer")
    printed = subprocess.run(
        [indexer, "-j", *paths], check=True, capture_output=True, text=True, timeout=60
    ).stdout
    return {json.loads(line.split(" ", 2)[2])["url"] for line in printed.splitlines()}


def test_what_was_not_recovered_says_why(listed: Listed) -> None:
    """Refused copies with their reasons, an absence with its date, an archive that was silent."""
    soft = listed.finding("soft")
    assert soft["memento_url"] is None
    assert [one["memento"] for one in soft["refused"]] == [
        listed.archive.memento_url(LATER, listed.urls["soft"])
    ]
    assert all(one["reason"] for one in soft["refused"])
    assert soft["tries"] == 1
    for name in ("soft", "none", "excluded", "outage"):
        assert listed.finding(name)["ask_again_at"] > listed.finding(name)["asked_at"]
    assert listed.finding("none")["answer"] == "has_not"
    assert "504" in listed.finding("outage")["problem"]


def test_a_living_page_that_is_held_is_not_asked_for(listed: Listed) -> None:
    """It is said to be held, and no archive hears of it."""
    assert listed.finding("alive")["state"] == "alive"
    assert not any(listed.urls["alive"] in one.path for one in listed.archive.requests())
    assert "the text is held from the live page, which is alive" in listed.second.out


def test_the_same_command_asks_nothing_that_was_answered(listed: Listed) -> None:
    """The second call puts no question: not of what came back, nor of what no archive has."""
    assert len(listed.archive.requests()) == listed.asked
    lookups = "SELECT count(*) FROM archive_lookups"
    assert listed.home.one(lookups) == len(PATHS)


def test_people_get_a_table(listed: Listed) -> None:
    """A line a page, the counts below, and what could not be asked told as no absence."""
    assert "recovered" in listed.second.out
    assert "2020-01-03" in listed.second.out
    assert "no copy is the page: 1 " in listed.second.out
    assert listed.second.out.splitlines()[-1].startswith("Pages  1 could_not_ask, ")
    assert "That is no absence" in listed.second.err


def test_again_asks_what_was_answered(listed: Listed) -> None:
    """`--again` puts the question of a page without a text anew; what is held stays unasked."""
    before = listed.home.one("SELECT count(*) FROM archive_lookups")
    ran = listed.home.run("recover", "--again", listed.urls["none"], listed.urls["has"], "--json")
    results = [json.loads(line)["result"] for line in ran.out.splitlines()]
    assert results == ["has_not", "recovered"]
    assert listed.home.one("SELECT count(*) FROM archive_lookups") == before + 1
