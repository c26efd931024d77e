"""Full-text search in SQLite: what the public view shows can be found, and nothing else."""

from pathlib import Path

from support.databases import Database
from support.ledgers import Ledger
from support.records import page_reading, record

from storage import upgrade

FOUND = """
    SELECT text FROM articles
    WHERE rowid IN (SELECT rowid FROM article_search WHERE article_search MATCH ?)
"""
EARLIER = "0004"  # the last revision without an index


def write(ledger: Ledger, text: str) -> None:
    """Visit the only page, whose text is this now."""
    (of,) = ledger.claim()
    ledger.write(record(of, reading=page_reading(text)))
    ledger.wait(days=30)


def opened(database: Database, folder: Path) -> Ledger:
    """Return a ledger of one page that is due."""
    ledger = Ledger(database, folder)
    ledger.seed("http://paper.example/story")
    return ledger


def test_a_text_is_found_by_its_words(sqlite_database: Database, tmp_path: Path) -> None:
    """Words of text and title are found in the commit that stores them, accents or none."""
    write(opened(sqlite_database, tmp_path), "Der Zürcher Rat tagte.")
    for words in ("zurcher", "Zürcher", '"zurcher rat"', "title: council"):
        assert sqlite_database.rows(FOUND, [words]) == [("Der Zürcher Rat tagte.",)]
    assert sqlite_database.rows(FOUND, ["harbour"]) == []


def test_an_older_text_is_not_shown(sqlite_database: Database, tmp_path: Path) -> None:
    """A word that only an earlier version had finds nothing in the view; the new one does."""
    ledger = opened(sqlite_database, tmp_path)
    write(ledger, "The ferry sails.")
    write(ledger, "The bridge opens to everybody on Monday morning.")
    assert sqlite_database.rows(FOUND, ["ferry"]) == []
    assert len(sqlite_database.rows(FOUND, ["bridge"])) == 1


def test_the_index_follows_the_rows(sqlite_database: Database, tmp_path: Path) -> None:
    """A text that is changed or taken away by hand leaves no word behind."""
    write(opened(sqlite_database, tmp_path), "The ferry sails.")
    sqlite_database.execute("UPDATE article_version SET text = 'The bridge opens.'")
    assert sqlite_database.rows(FOUND, ["ferry"]) == []
    assert sqlite_database.rows(FOUND, ["bridge"]) == [("The bridge opens.",)]
    sqlite_database.execute("INSERT INTO article_search(article_search) VALUES ('integrity-check')")
    sqlite_database.execute("DELETE FROM article_version")
    query = "SELECT rowid FROM article_search WHERE article_search MATCH 'bridge'"
    assert sqlite_database.rows(query) == []


def test_readers_find_the_index_by_its_declaration(sqlite_database: Database) -> None:
    """The declaration names the view as its content, in the form that datasette looks for."""
    pattern = '%VIRTUAL TABLE%USING FTS%content="articles"%'
    query = "SELECT name FROM sqlite_master WHERE rootpage = 0 AND sql LIKE ?"
    assert sqlite_database.rows(query, [pattern]) == [("article_search",)]


def test_what_an_earlier_version_stored_is_indexed(
    sqlite_database: Database, tmp_path: Path
) -> None:
    """An upgrade indexes the texts that are there."""
    write(opened(sqlite_database, tmp_path), "The ferry sails.")
    for name in ("add", "take", "turn"):
        sqlite_database.execute(f"DROP TRIGGER article_search_{name}")
    sqlite_database.execute("DROP TABLE article_search")
    sqlite_database.execute("UPDATE alembic_version SET version_num = ?", [EARLIER])
    upgrade.upgrade(sqlite_database.engine())
    assert sqlite_database.rows(FOUND, ["ferry"]) == [("The ferry sails.",)]
