"""`newsmorgue demo`, `status` and `show`: the whole way, as a newcomer walks it."""

import json
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.cli import Ran, newsmorgue

from crawler.cli.demo_answer import compare
from crawler.core.words import Liveness
from crawler.demo import play
from crawler.demo.play import Case
from crawler.plans import HarvestReport
from storage.library import PageRow

REPORT = HarvestReport(
    harvest_id=1, finish_reason="finished", exit_code=0, tally={}, discovered=1, still_due=0,
    next_due_at=None, lanes_held=(), seconds=1.0,
)  # fmt: skip


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ran]:
    """The demo, played once; its morgue is kept. A database of the user's own is set as well."""
    home = tmp_path_factory.mktemp("demo") / "morgue"
    own = {"NEWSMORGUE_DATABASE": f"sqlite:///{home.parent}/mine.db"}
    return home, newsmorgue("demo", "--keep", home, "--json", env=own)


def asked(home: Path, *arguments: str) -> Any:
    ran = newsmorgue(*arguments, "--json", "--home", home)
    assert (ran.code, ran.err) == (0, "")
    return json.loads(ran.out)


def test_the_demo_ends_well(played: tuple[Path, Ran]) -> None:
    """It exits with 0, prints its report as JSON alone, and tells how to look around."""
    _home, ran = played
    assert ran.code == 0, ran.err
    result = json.loads(ran.out)
    assert (result["exit_code"], result["faults"]) == (0, [])
    assert result["harvest"]["finish_reason"] == "finished"
    assert all(page["as_expected"] for page in result["pages"])
    assert len(result["pages"]) == len(play.cases())
    assert [page["reason"] for page in result["pages"]].count("alive_with_notice") == 2
    assert "error" not in ran.err  # on a busy machine it tells how far it is


def test_a_person_sees_every_page_and_what_next(tmp_path: Path) -> None:
    """Each page has a line with verdict, source and reason; then tally, files, three commands."""
    home = tmp_path / "morgue"
    ran = newsmorgue("demo", "--keep", home)
    assert ran.code == 0, ran.err
    lines = ran.out.splitlines()
    told = [line for line in lines if line.startswith("  /")]
    pages = len(play.cases())
    assert len(told) == pages
    assert all(len(line.split()) == 4 for line in told)
    assert sum(line.endswith("alive_with_notice") for line in told) == 2
    assert max(map(len, told)) <= 100
    assert {case.about for case in play.cases()} <= set(lines)
    assert f"{pages} of {pages} pages came out as they must" in ran.out
    assert f"{home}/newsmorgue.db" in ran.out
    assert [line.split()[1] for line in lines[-3:]] == ["status", "show", "crawl"]


def test_the_demo_tells_what_came_out_wrong() -> None:
    """A page with another verdict, another source, or none at all, and a page too many: code 1."""
    case = Case(about="gone", number=5, liveness=Liveness.GONE, source=play.ARCHIVE)
    page = PageRow(
        url="http://a.example/1", state="suspected", liveness="gone", reason="http_404",
        source=play.ARCHIVE, is_partial=False,
    )  # fmt: skip
    expected = {page.url: case}
    assert compare([page], expected, REPORT).exit_code == 0
    wrong = [
        [replace(page, liveness="alive")],
        [replace(page, source="live")],
        [],
        [page, replace(page, url="http://a.example/2")],
    ]
    for pages in wrong:
        result = compare(pages, expected, REPORT)
        assert (result.exit_code, len(result.faults)) == (1, 1)


def test_the_demo_leaves_the_users_own_database_alone(played: tuple[Path, Ran]) -> None:
    """NEWSMORGUE_DATABASE does not get the demo's pages."""
    home, _ = played
    assert not (home.parent / "mine.db").exists()
    assert (home / "newsmorgue.db").exists()


def test_the_demo_brings_back_what_the_archive_holds(played: tuple[Path, Ran]) -> None:
    """Living articles are stored live, the gone and the disguised from the archive."""
    told = Counter(case.source for case in play.cases())
    status = asked(played[0], "status")
    assert status["articles"] == {play.ARCHIVE: told[play.ARCHIVE], "live": told["live"]}
    assert status["changes"]["recovered"] == told[play.ARCHIVE]
    # One question met a 429 and was put again: it is no answer, and no page is lost by it.
    assert status["archive_lookups"]["could_not_ask"] == 1


def test_the_demo_finds_its_pages_by_itself(played: tuple[Path, Ran]) -> None:
    """From the front page: a feed, sitemaps by robots.txt, sections; a spelling is no page."""
    with closing(sqlite3.connect(played[0] / "newsmorgue.db")) as database:
        kinds = Counter(kind for (kind,) in database.execute("SELECT kind FROM link_health"))
    assert kinds["page"] == len(play.cases())
    assert kinds["front"] == kinds["feed"] == 1
    assert kinds["sitemap"] >= 2
    assert kinds["section"] >= 2


def test_show_tells_where_a_text_came_from(played: tuple[Path, Ran]) -> None:
    """A recovered page's life has its 404, the question, the copy and its address."""
    home, _ = played
    config = (home / "newsmorgue.toml").read_text(encoding="utf-8")
    with sqlite3.connect(home / "newsmorgue.db") as database:
        (url,) = database.execute("select url from articles where source <> 'live'").fetchone()
    database.close()
    life = asked(home, "show", url)
    assert [visit["purpose"] for visit in life["visits"]] == ["visit", "lookup", "replay"]
    (version,) = life["versions"]
    assert version["memento_url"].startswith(config.split('replay_url = "')[1].split('"')[0])
    assert version["captured_at"].endswith("Z")
    shown = newsmorgue("show", url, "--home", home)
    assert version["memento_url"] in shown.out


def test_show_of_an_unknown_page_says_so(played: tuple[Path, Ran]) -> None:
    """A URL this morgue never met ends with code 1 and what to do."""
    ran = newsmorgue("show", "https://unknown.example/", "--home", played[0])
    assert ran.code == 1
    assert "newsmorgue crawl" in ran.err
    assert ran.out == ""


def test_nothing_due_is_no_fault(played: tuple[Path, Ran]) -> None:
    """A crawl right after the demo finds nothing due, fetches nothing and ends with 0."""
    ran = newsmorgue("crawl", "--home", played[0], "--json")
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)["tally"] == {}
    assert "nothing is due" in ran.err


def test_the_demo_does_not_touch_a_directory_in_use(played: tuple[Path, Ran]) -> None:
    """--keep wants a new or empty directory; a morgue in use is refused with code 2."""
    ran = newsmorgue("demo", "--keep", played[0])
    assert ran.code == 2
    assert "is not empty" in ran.err
