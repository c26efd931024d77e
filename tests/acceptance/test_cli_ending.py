"""What a person reads after `crawl` and `recover`: a few lines, never the raw report."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.cli import Ran
from support.crawls import Home, asks
from support.servers import fresh_hosts

from crawler.cli.ending import ENDED, ending_told, visits_told
from crawler.demo.launch import start_archive, start_newspaper
from crawler.plans import HarvestReport

SOON = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)
REPORT = HarvestReport(
    harvest_id=1, finish_reason="limit", exit_code=0, tally={"fetched": 33, "reading_failed": 1},
    discovered=40, still_due=6, next_due_at=SOON, lanes_held=(), seconds=12.345,
)  # fmt: skip
RAW = ("tally", "lanes_held", "bounded", "barren", "next_due_at", "finish_reason")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Ran]]:
    """A page that lives and one that is gone, crawled; then nothing is due, and nothing is lost."""
    home = Home(tmp_path_factory.mktemp("ending"))
    with start_newspaper(fresh_hosts()) as paper, start_archive(fresh_hosts()) as archive:
        home.configure(archives=[asks(archive)])
        lives, gone = paper.urls(2)
        path = gone.removeprefix(paper.base_url())
        archive.hold(gone, "20200102030405", paper.page(path))
        paper.behave(path, "/gone404/" + path.rsplit("/", 1)[-1])
        yield {
            "first": home.crawl(lives, gone),
            "idle": home.crawl(),
            "lost": home.run("recover", "--lost"),
        }


def test_the_summary_is_for_people(runs: dict[str, Ran]) -> None:
    """Visits by outcome, texts recovered, why it ended, what is due, where to look: no raw key."""
    lines = dict(line.split(maxsplit=1) for line in runs["first"].out.splitlines())
    assert lines["done"].startswith("4 visits: ")
    assert lines["recovered"] == "1 text from web archives"
    assert lines["ended"].endswith(" s: nothing more is due")
    assert {"due", "next", "look"} <= lines.keys()
    assert not any(key in runs["first"].out for key in RAW)


def test_nothing_due_is_one_sentence(runs: dict[str, Ran]) -> None:
    """A crawl with nothing due prints that sentence and nothing else."""
    assert runs["idle"].out == ""
    assert runs["idle"].err.startswith("Nothing was done: nothing is due before ")
    assert len(runs["idle"].err.splitlines()) == 1


def test_nothing_lost_is_said(runs: dict[str, Ran]) -> None:
    """`recover --lost` with nothing lost says so, with code 0."""
    assert (runs["lost"].code, runs["lost"].out) == (0, "")
    assert runs["lost"].err == "Nothing is lost.\n"


def test_the_commands_to_go_on_name_the_home(tmp_path: Path) -> None:
    """They can be copied: --home stands where the morgue is not the current directory."""
    home = tmp_path / "a morgue"
    there = ending_told(REPORT, recovered=0, home=home).splitlines()[-1]
    assert f"newsmorgue show URL --home '{home}'" in there
    here = ending_told(REPORT, recovered=0, home=Path.cwd()).splitlines()[-1]
    assert "--home" not in here


def test_one_run_told_whole() -> None:
    """The figures stand in words; what did not happen has no line."""
    told = ending_told(REPORT, recovered=0, home=Path.cwd()).splitlines()
    assert told[:4] == [
        "done      34 visits: 33 fetched, 1 reading_failed",
        "ended     after 12.3 s: the limit of pages was reached",
        "due now   6",
        "next due  2026-01-02T12:00:00Z",
    ]
    nothing = replace(REPORT, next_due_at=None, tally={})
    assert "next due  nothing is planned" in ending_told(nothing, recovered=0, home=Path.cwd())


def test_a_held_host_is_named() -> None:
    """A run that found all its hosts held says by whom it was kept from its work."""
    held = replace(REPORT, tally={}, finish_reason="finished", lanes_held=("courier.example",))
    told = ending_told(held, recovered=0, home=Path.cwd())
    assert "another run holds courier.example" in told


def test_one_visit_is_no_visits() -> None:
    """One is singular; none is nothing."""
    assert visits_told({"fetched": 1}) == "1 visit: 1 fetched"
    assert visits_told({}) == "nothing"


def test_the_reasons_in_words_are_plain() -> None:
    """No sentence of the summary repeats a finish reason's code."""
    assert not any("_" in words for words in ENDED.values())
