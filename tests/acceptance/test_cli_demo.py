"""`newsmorgue demo`, `status` and `show`: the whole way, as a newcomer walks it."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from support.cli import Ran, newsmorgue

from crawler.cli import showcase


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
    home, ran = played
    assert ran.code == 0, ran.err
    report = json.loads(ran.out)
    assert (report["exit_code"], report["finish_reason"]) == (0, "finished")
    assert f"newsmorgue status --home {home}" in ran.err


def test_the_demo_leaves_the_users_own_database_alone(played: tuple[Path, Ran]) -> None:
    """NEWSMORGUE_DATABASE does not get the demo's pages."""
    home, _ = played
    assert not (home.parent / "mine.db").exists()
    assert (home / "newsmorgue.db").exists()


def test_the_demo_brings_back_what_the_archive_holds(played: tuple[Path, Ran]) -> None:
    """Living articles are stored live, the gone and the disguised from the archive."""
    held = len(showcase.GONE) + len(showcase.DISGUISED)
    alive = showcase.ARTICLES - held - len(showcase.LOST) + showcase.FOUNDING
    status = asked(played[0], "status")
    assert status["articles"] == {"demo-archive": held, "live": alive}
    assert status["changes"]["recovered"] == held
    assert status["pages"] == {"alive": alive, "suspected": held + len(showcase.LOST)}


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
