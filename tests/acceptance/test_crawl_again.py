"""Runs one after the other: limits, nothing due, nothing new, something new, a stop at once.

Time passes by plain SQL here: what is planned is made due.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

import pytest
from support.cli import Ran
from support.crawls import Home, assert_paced
from support.servers import fresh_hosts

from crawler.demo.launch import NewspaperServer, start_newspaper
from crawler.demo.server import Asked
from crawler.plans import HarvestReport

DELAY = 0.3  # seconds between two requests to the host
PAGES = 5
TALK = re.compile(r"\d+ done, \d+ due, |Nothing was done: ")
LIMITED, REST, IDLE, CHANGED, STOPPED = range(5)  # the runs


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run: what it said, its row, and what the newspaper saw of it."""

    ran: Ran
    row: dict[str, Any]
    asked: tuple[Asked, ...]

    @property
    def report(self) -> dict[str, Any]:
        """What it printed."""
        printed: dict[str, Any] = json.loads(self.ran.out)
        return printed


@dataclass(slots=True, kw_only=True)
class Diary:
    """The runs on one home."""

    home: Home
    paper: NewspaperServer
    urls: list[str]
    runs: list[Run]

    def run(self, *arguments: object) -> None:
        """Crawl once more."""
        before = len(self.paper.requests())
        ran = self.home.crawl(*arguments, "--json")
        asked = tuple(self.paper.requests()[before:])
        self.runs.append(Run(ran=ran, row=self.home.harvest(), asked=asked))


@pytest.fixture(scope="module")
def diary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Diary]:
    """Five runs: of two pages, of the rest, of nothing, of all again with one edited, of none."""
    home = Home(tmp_path_factory.mktemp("again"))
    with start_newspaper(fresh_hosts()) as paper:
        home.configure(fetch={"delay": DELAY}, run={"progress_every": 0})
        diary = Diary(home=home, paper=paper, urls=paper.urls(PAGES), runs=[])
        diary.run(*diary.urls, "--limit", 2)
        diary.run()
        diary.run()
        home.pass_time()
        path = diary.urls[0].removeprefix(paper.base_url())
        paper.behave(path, path.replace("/article/", "/edited/"))
        diary.run()
        home.pass_time()
        diary.run("--max-time", 0)
        yield diary


def test_a_limit_stops_and_the_next_run_goes_on(diary: Diary) -> None:
    """--limit 2 visits two pages and says so; the next run visits the other three."""
    first, second = diary.runs[LIMITED], diary.runs[REST]
    assert first.report["finish_reason"] == "limit"
    assert (first.report["tally"], first.report["still_due"]) == ({"fetched": 2}, PAGES - 2)
    assert second.report["finish_reason"] == "finished"
    assert (second.report["tally"], second.report["still_due"]) == ({"fetched": PAGES - 2}, 0)
    pages = [one.path for one in (*first.asked, *second.asked) if one.path != "/robots.txt"]
    assert sorted(pages) == sorted(url.removeprefix(diary.paper.base_url()) for url in diary.urls)


def test_nothing_due_is_nothing_asked(diary: Diary) -> None:
    """A run with nothing to do asks nothing, ends with 0, and says when the next page is due."""
    idle = diary.runs[IDLE]
    assert idle.asked == ()
    assert idle.ran.code == 0
    assert (idle.report["tally"], idle.report["discovered"]) == ({}, 0)
    assert idle.report["next_due_at"] > idle.row["ended_at"]
    assert f"nothing is due before {idle.report['next_due_at']}" in idle.ran.err


def test_no_time_is_no_page(diary: Diary) -> None:
    """--max-time 0 begins nothing; all stays due."""
    stopped = diary.runs[STOPPED]
    assert stopped.asked == ()
    assert stopped.report["finish_reason"] == "max_time"
    assert (stopped.report["tally"], stopped.report["still_due"]) == ({}, PAGES)
    assert stopped.ran.code == 0


def test_every_page_is_visited_again_when_it_is_due(diary: Diary) -> None:
    """A second visit each, no third; each harvest's tally is what it visited."""
    visits = diary.home.rows("SELECT url, count(*) AS n FROM visit GROUP BY url")
    assert sorted(row["url"] for row in visits) == sorted(diary.urls)
    assert {row["n"] for row in visits} == {2}
    assert diary.runs[CHANGED].report["tally"] == {"fetched": PAGES}


def test_an_unchanged_text_is_no_version(diary: Diary) -> None:
    """The same article again adds no version and no change; its bytes are a revisit record."""
    for url in diary.urls[1:]:
        versions = diary.home.rows(
            "SELECT v.version FROM article_version v JOIN resource r ON r.id = v.resource_id"
            " WHERE r.url = ?",
            url,
        )
        assert versions == [{"version": 1}]
        assert diary.home.rows("SELECT kind FROM changes WHERE url = ?", url) == [{"kind": "new"}]
        first, second = diary.home.rows("SELECT * FROM visit WHERE url = ? ORDER BY id", url)
        assert diary.home.capture(second).kind == "revisit"
        assert diary.home.payload(second) == diary.home.payload(first)


def test_a_changed_text_is_a_new_version(diary: Diary) -> None:
    """The edited article is version 2, told as `edited`; version 1 is still there."""
    url = diary.urls[0]
    versions = diary.home.rows(
        "SELECT v.version, v.text FROM article_version v JOIN resource r ON r.id = v.resource_id"
        " WHERE r.url = ? ORDER BY v.version",
        url,
    )
    assert [row["version"] for row in versions] == [1, 2]
    assert versions[0]["text"] != versions[1]["text"]
    (article,) = diary.home.articles(url)
    assert article["text"] == versions[1]["text"]
    changes = diary.home.rows("SELECT kind, version FROM changes WHERE url = ? ORDER BY seq", url)
    assert changes == [{"kind": "new", "version": 1}, {"kind": "edited", "version": 2}]


def test_the_delay_is_kept_within_a_run(diary: Diary) -> None:
    """Between two requests to the host lies at least the configured delay, robots.txt included."""
    for run in diary.runs:
        assert_paced(run.asked, DELAY)


def test_stdout_is_the_report_and_stderr_is_talk(diary: Diary) -> None:
    """--json prints one object with the documented keys; progress goes to standard error only."""
    names = {field.name for field in fields(HarvestReport)}
    for run in diary.runs:
        assert set(run.report) == names
        assert all(TALK.match(line) for line in run.ran.err.splitlines()), run.ran.err
    assert " done, " in diary.runs[CHANGED].ran.err


def test_the_report_is_what_the_ledger_says(diary: Diary) -> None:
    """Report and harvest row agree in every figure."""
    for number, run in enumerate(diary.runs, start=1):
        assert run.report["harvest_id"] == run.row["id"] == number
        for name in ("finish_reason", "exit_code", "tally", "discovered", "still_due"):
            assert run.report[name] == run.row[name]
        assert run.row["exit_code"] == run.ran.code


def test_status_tells_what_the_morgue_holds(diary: Diary) -> None:
    """Pages by state, texts by source, changes, and what is due: as JSON and as text."""
    told = json.loads(diary.home.run("status", "--json").out)
    assert told["pages"] == {"alive": PAGES}
    assert told["articles"] == {"live": PAGES}
    assert told["changes"] == {"edited": 1, "new": PAGES}
    assert told["due_now"] == PAGES
    assert [row["harvest_id"] for row in told["harvests"]] == [5, 4, 3, 2, 1]


def test_show_prints_a_page_with_its_evidence(diary: Diary) -> None:
    """One URL's life: both visits with rule and evidence, both versions, where the bytes lie."""
    life = json.loads(diary.home.run("show", diary.urls[0], "--json").out)
    assert [visit["outcome"] for visit in life["visits"]] == ["fetched", "fetched"]
    assert [version["version"] for version in life["versions"]] == [1, 2]
    for visit in life["visits"]:
        assert visit["evidence"][0]["rule"] in visit["reasons"]
        assert visit["warc_file"]
    text = diary.home.run("show", f"{diary.urls[0]}#top").out
    assert diary.urls[0] in text
    assert life["visits"][0]["evidence"][0]["text"][:40] in text
