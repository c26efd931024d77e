"""An archive that asks for less: it is left alone, asked again later, and absence is never written.

Time passes by plain SQL here: what is planned is made due, what is paused is free again.
"""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.cli import Ran
from support.crawls import Home, asks
from support.servers import fresh_hosts

from crawler.demo.launch import ArchiveServer, NewspaperServer, start_archive, start_newspaper
from crawler.errors import ExitCode

GOOD = "20200103040506"
RETRY_AFTER = 3600  # seconds
REFUSALS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("429", {"retry_after": str(RETRY_AFTER)}),
    ("429-short", {}),
    ("503", {}),
)


@dataclass(slots=True, kw_only=True)
class Story:
    """Four runs on one lost page: three refusals, then a calm archive."""

    home: Home
    archive: ArchiveServer
    url: str
    runs: list[Ran] = field(default_factory=list)
    entries: list[dict[str, Any]] = field(default_factory=list)  # the lookup's, after each run
    budgets: list[dict[str, Any]] = field(default_factory=list)  # the archive's, after each run
    asked: list[int] = field(default_factory=list)  # questions put so far, after each run

    def crawl(self, *urls: str) -> None:
        """Run once and note what is planned then."""
        self.runs.append(self.home.crawl(*urls, "--json"))
        self.entries.append(self.home.due(self.url).get("lookup", {}))
        self.budgets += self.home.rows("SELECT * FROM archive_budget WHERE kind = 'lookup'")
        self.asked.append(len(self.archive.requests()))


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """A page whose archive refuses in three ways before it answers."""
    home = Home(tmp_path_factory.mktemp("refused"))
    with ExitStack() as running:
        paper = running.enter_context(start_newspaper(fresh_hosts()))
        archive = running.enter_context(start_archive(fresh_hosts()))
        home.configure(archives=[asks(archive)], run={"longest_wait": 0})
        story = Story(home=home, archive=archive, url=_lost(paper, archive))
        for kind, how in REFUSALS:
            archive.fault(kind, on="cdx", **how)
            story.crawl(story.url)
            home.pass_time()
        story.crawl()
        yield story


def _lost(paper: NewspaperServer, archive: ArchiveServer) -> str:
    url = paper.url("/gone404/1/story-of-the-harbour-wall")
    archive.hold(url, GOOD, paper.page("/article/5/story-of-the-harbour-wall"))
    return url


@pytest.mark.parametrize("run", range(len(REFUSALS)))
def test_a_refusal_is_the_third_answer(story: Story, run: int) -> None:
    """429 with and without Retry-After, 503: could_not_ask, with the attempts counted."""
    lookup = story.home.lookups(story.url)[run]
    assert lookup["answer"] == "could_not_ask"
    assert REFUSALS[run][0][:3] in lookup["problem"]
    assert story.entries[run]["payload"]["attempts"] == run + 1


@pytest.mark.parametrize(("run", "least"), [(0, RETRY_AFTER), (1, 60), (2, 60)])
def test_the_archive_is_left_alone(story: Story, run: int, least: int) -> None:
    """Retry-After is kept, else a minute at least: for this page and for the whole archive."""
    asked = datetime.fromisoformat(story.home.lookups(story.url)[run]["asked_at"])
    for at in (story.entries[run]["due_at"], story.budgets[run]["next_free_at"]):
        assert datetime.fromisoformat(at) - asked >= timedelta(seconds=least)
    assert story.budgets[run]["strikes"] == run + 1


def test_a_run_does_not_sit_out_the_pause(story: Story) -> None:
    """The run ends when only the archive's pause is left, and says when the next one is due."""
    for run in story.runs[: len(REFUSALS)]:
        report = json.loads(run.out)
        assert report["tally"] == {"fetched": 1, "archive_could_not_ask": 1}
        assert report["next_due_at"]
        assert run.code == 0
    assert story.asked[: len(REFUSALS)] == [1, 2, 3]


def test_the_answer_is_taken_when_it_comes(story: Story) -> None:
    """Once the archive is calm the page is recovered, and the strikes are forgotten."""
    (article,) = story.home.articles(story.url)
    assert article["memento_url"] == story.archive.memento_url(GOOD, story.url)
    assert [row["answer"] for row in story.home.lookups(story.url)] == ["could_not_ask"] * 3 + [
        "has"
    ]
    assert story.budgets[-1]["strikes"] == 0
    assert story.runs[-1].code == 0


def test_absence_was_never_written(story: Story) -> None:
    """No refusal became a `has_not` of the page that the archive holds."""
    assert (
        story.home.rows(
            "SELECT v.outcome FROM visit v WHERE v.url = ? AND v.outcome = 'archive_has_not'",
            story.url,
        )
        == []
    )


def test_recover_says_when_no_archive_could_be_asked(
    tmp_path: Path, newspaper: NewspaperServer, archive: ArchiveServer
) -> None:
    """`recover URL` with the archive out of reach ends in 7; later it brings the page back.

    The live web is left in peace all the while.
    """
    home, url = Home(tmp_path), newspaper.url("/gone404/1/story-of-the-harbour-wall")
    archive.hold(url, GOOD, newspaper.page("/article/5/story-of-the-harbour-wall"))
    home.configure(archives=[asks(archive)])
    before = len(newspaper.requests())
    archive.refuse()
    ran = home.run("recover", url)
    assert ran.code == ExitCode.ARCHIVE
    assert ran.err.startswith("error: no web archive could be asked. ")
    archive.accept()
    home.pass_time()
    assert home.run("recover", url).code == ExitCode.DONE
    (article,) = home.articles(url)
    assert article["source"] == "wayback"
    assert len(newspaper.requests()) == before
