"""The queries of docs/howto, run on both engines against a morgue that a crawl has filled."""

import re
from pathlib import Path
from typing import Any

import pytest
from support.crawls import Home, asks
from support.databases import Database

from crawler.demo.launch import ArchiveServer, NewspaperServer

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "query-the-archive.md"
QUERY = re.compile(r"^<!-- query: ([\w-]+) -->\n```sql\n(.*?)^```$", re.MULTILINE | re.DOTALL)
QUERIES = dict(QUERY.findall(PAGE.read_text(encoding="utf-8")))

GOOD = "20200103040506"
PATHS = {
    "alive": "/founding/end-of-body/en",
    "lost": "/gone404/1/harbour-wall-story-of-the-year",
    "soft": "/soft404/founding/en/harbour-wall-story-again",
    "gone": "/gone404/2/another-story-nobody-took-in",
}
LATER = "/article/3/a-story-of-the-second-crawl"

Row = dict[str, Any]


class Reader:
    """A morgue as a pipeline sees it: by a plain driver and the queries of the page."""

    def __init__(self, home: Home, database: Database, paper: NewspaperServer) -> None:
        self.home = home
        self.database = database
        self.paper = paper

    def crawl(self, *paths: str) -> None:
        """Crawl these paths into the database."""
        source = self.home.path / "list.txt"
        source.write_text("".join(f"{self.paper.url(path)}\n" for path in paths), encoding="utf-8")
        ran = self.home.crawl("--from", source, env={"NEWSMORGUE_DATABASE": self.database.url})
        assert (ran.code, ran.err) == (0, "")

    def ask(self, name: str, old: str = "", new: str = "") -> list[Row]:
        """Return the rows of a query as the page has it, or with one text put for another."""
        query = QUERIES[name]
        assert query.count(old) == 1 or not old
        with self.database.plain() as connection:
            cursor = connection.execute(query.replace(old, new) if old else query)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@pytest.fixture
def reader(
    tmp_path: Path,
    empty_database: Database,
    newspaper: NewspaperServer,
    archive: ArchiveServer,
) -> Reader:
    """One page alive, two of three lost ones held by the archive, one of those in disguise."""
    for name in ("lost", "soft"):
        body = newspaper.page("/article/5/harbour-wall-story-of-the-year")
        archive.hold(newspaper.url(PATHS[name]), GOOD, body)
    home = Home(tmp_path)
    home.configure(archives=[asks(archive)])
    reader = Reader(home, empty_database, newspaper)
    reader.crawl(*PATHS.values())
    return reader


def test_the_page_has_the_three_queries() -> None:
    """Each query stands behind its marker; none is left untested by a slip of the markup."""
    assert list(QUERIES) == ["new-articles", "recovered", "link-rot"]
    assert PAGE.read_text(encoding="utf-8").count("```sql") == len(QUERIES)


def test_new_articles_since_a_number(reader: Reader) -> None:
    """From 0 every article comes, in order; from the last number only those of the next crawl."""
    rows = reader.ask("new-articles")
    kinds = {row["url"]: row["kind"] for row in rows}
    assert kinds == {
        reader.paper.url(PATHS["alive"]): "new",
        reader.paper.url(PATHS["lost"]): "recovered",
        reader.paper.url(PATHS["soft"]): "recovered",
    }
    assert [row["seq"] for row in rows] == sorted(row["seq"] for row in rows)
    assert all(row["text"] for row in rows)
    known = reader.database.one("SELECT max(seq) FROM changes")
    assert reader.ask("new-articles", "seq > 0", f"seq > {known}") == []
    reader.crawl(LATER)
    (row,) = reader.ask("new-articles", "seq > 0", f"seq > {known}")
    assert (row["url"], row["kind"]) == (reader.paper.url(LATER), "new")


def test_recovered_articles_with_provenance(reader: Reader) -> None:
    """Each copy names its archive, address, time, digests, why the page was lost, and its bytes."""
    rows = {row["url"]: row for row in reader.ask("recovered")}
    assert {row["live_page"] for row in rows.values()} == {"gone", "soft_gone"}
    assert set(rows) == {reader.paper.url(PATHS[name]) for name in ("lost", "soft")}
    for url, row in rows.items():
        assert row["source"] == "wayback"
        assert row["memento_url"].endswith(f"/{GOOD}id_/{url}")
        assert reader.database.instant(row["memento_datetime"]).year == 2020
        assert row["lost_because"]
        assert re.fullmatch("[0-9a-f]{64}", row["text_sha256"])
        assert reader.home.capture(row).body


def test_link_rot_by_site(reader: Reader) -> None:
    """Pages are counted once, by what has become of them; the lost with a text apart."""
    (row,) = reader.ask("link-rot")
    assert {name: float(value) for name, value in row.items() if name != "site"} == {
        "visited": 4,
        "alive": 1,
        "lost": 3,
        "confirmed": 0,
        "lost_with_text": 2,
        "lost_percent": 75.0,
    }
    assert row["site"] == "(no site)"
