"""Full-text search in SQLite: what the public view shows can be found, and nothing else."""

import sqlite3
from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine
from support.databases import Database
from support.ledgers import Ledger
from support.records import page_reading, record

from storage import upgrade
from storage.engine import open_engine

FOUND = """
    SELECT text FROM articles
    WHERE rowid IN (SELECT rowid FROM article_search WHERE article_search MATCH ?)
"""
EARLIER = "0004"  # the last revision without an index
STORED = """
    INSERT INTO resource (id, key, url, surt, host, found_how, first_seen_at)
    VALUES (1, x'00', 'http://paper.example/a', 'example,paper)/a', 'paper.example', 'seed',
            '2026-03-01T12:00:00.000000Z');
    INSERT INTO article_version
        (resource_id, version, reading, visit_id, source, captured_at, authors, text, text_sha256,
         simhash, is_partial, removed, has_removed_notice, extractor_version)
    VALUES (1, 1, 1, 1, 'live', '2026-03-01T12:00:00.000000Z', '[]', 'The ferry sails.', '', 0, 0,
            '[]', 0, '');
"""


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


def test_what_an_earlier_version_stored_is_indexed(tmp_path: Path) -> None:
    """An upgrade indexes the texts that are there."""
    engine = open_engine(f"sqlite:///{tmp_path / 'earlier.db'}")
    at_revision(engine, EARLIER)
    with closing(sqlite3.connect(tmp_path / "earlier.db")) as database:
        database.executescript(STORED)
    upgrade.upgrade(engine)
    engine.dispose()
    with closing(sqlite3.connect(tmp_path / "earlier.db")) as database:
        assert database.execute(FOUND, ["ferry"]).fetchall() == [("The ferry sails.",)]


def at_revision(engine: Engine, revision: str) -> None:
    """Bring an empty database to an earlier revision."""
    config = Config()
    config.set_main_option("script_location", str(Path(upgrade.__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
