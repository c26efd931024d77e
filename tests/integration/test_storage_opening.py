"""A database that cannot be opened: the sentence and the exit code say why."""

import sys

import pytest
from sqlalchemy import Engine, text
from support.databases import Database

from crawler.errors import CannotOpenDatabase, ConfigError, DiskFull
from storage.engine import open_engine, opening


def test_a_full_disk_is_told_as_that(sqlite_database: Database) -> None:
    """No room for the tables ends with the exit code of a full disk, not of a bad database."""
    engine = sqlite_database.engine()
    with pytest.raises(DiskFull, match="full"), opening(sqlite_database.url):
        _fill(engine)


def _fill(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("PRAGMA max_page_count=1"))
        for number in range(1000):
            connection.execute(text(f"CREATE TABLE t{number} (id INTEGER)"))


def test_a_file_that_is_no_database_cannot_be_opened(sqlite_database: Database) -> None:
    """What is not a database is named as that."""
    with open(sqlite_database.place, "wb") as file:  # noqa: PTH123 - a plain file
        file.write(b"not a database" * 1000)
    engine = sqlite_database.engine()
    with pytest.raises(CannotOpenDatabase), opening(sqlite_database.url), engine.begin():
        pass


def test_a_driver_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Postgres without psycopg ends with what to install, not as a fault of ours."""
    monkeypatch.setitem(sys.modules, "psycopg", None)  # what Python does for a missing module
    with pytest.raises(ConfigError, match=r"newsmorgue\[postgres\]"):
        open_engine("postgresql+psycopg://user@host/name")
