"""Creating and upgrading the schema, and telling which one a database has.

Every command asks which schema a database has, and hardly one has anything to migrate: Alembic
(0.1 s of the 0.6 s of `newsmorgue status`, with its scripts) is loaded for a migration only.
"""

import re
from functools import cache
from importlib import resources
from pathlib import Path

from sqlalchemy import Connection, Engine, column, func, inspect, select, table

from crawler.errors import DatabaseError, SchemaTooNew, SchemaTooOld
from storage.engine import reading

EMPTY = "none"
"""Stands for the revision of a database without tables."""
_OURS = "change_counter"  # tells a later Newsmorgue from another program that uses Alembic
_REVISIONS = table("alembic_version", column("version_num"))  # Alembic's own; one row
_FILE = re.compile(r"(\d{4})_\w+\.py")  # a test holds the files' names against their revisions
_LOCK = 0x4E4D_4F52  # "NMOR": the key of Postgres's advisory lock


def ensure(engine: Engine) -> None:
    """Create the schema in an empty database; refuse one that is older, newer or not ours."""
    with engine.begin() as connection:
        _wait_for_others(connection)
        found = _found(connection)
        if found == EMPTY:
            _upgrade(connection)
            return
    _refuse_unless_current(found)


def check(engine: Engine) -> None:
    """Refuse a database whose schema is missing, older or newer, without writing anything."""
    found = current(engine)
    if found == EMPTY:
        raise DatabaseError(
            "there is no archive in this database yet",
            "it has no tables",
            "run newsmorgue crawl first, or name another home with --home",
        )
    _refuse_unless_current(found)


def upgrade(engine: Engine) -> tuple[str, str]:
    """Bring the schema to this version; return the revisions before and after."""
    with engine.begin() as connection:
        _wait_for_others(connection)
        before = _found(connection)
        if before not in {EMPTY, *known()}:
            raise SchemaTooNew(before, head())
        if before != head():
            _upgrade(connection)
        return before, _found(connection)


def head() -> str:
    """Return the newest revision this version knows."""
    return known()[-1]


@cache
def known() -> tuple[str, ...]:
    """Return every revision this version knows, oldest first, as the migrations' files name them.

    Raises `DatabaseError` if the installation has lost them.
    """
    files = (resources.files("storage") / "migrations" / "versions").iterdir()
    revisions = sorted(match[1] for file in files if (match := _FILE.fullmatch(file.name)))
    if not revisions:
        raise DatabaseError(
            "the migrations are missing from this installation",
            "its files are not all there",
            "install Newsmorgue again",
        )
    return tuple(revisions)


def current(engine: Engine) -> str:
    """Return the revision a database is at; `none` for one without tables."""
    if _is_missing_file(engine):
        return EMPTY
    with reading(engine) as connection:
        return _found(connection)


def _is_missing_file(engine: Engine) -> bool:
    """Whether this is an SQLite file that is not there: opening it would make it."""
    file = engine.url.database
    return engine.dialect.name == "sqlite" and file is not None and not Path(file).exists()


def _wait_for_others(connection: Connection) -> None:
    """Let one process at a time create tables; on SQLite the write lock does that."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))


def _refuse_unless_current(found: str) -> None:
    if found == head():
        return
    if found in known():
        raise SchemaTooOld(found, head())
    raise SchemaTooNew(found, head())


def _found(connection: Connection) -> str:
    tables = inspect(connection).get_table_names()
    revision = _revision(connection) if _REVISIONS.name in tables else ""
    if revision and (revision in known() or _OURS in tables):
        return revision
    if revision or set(tables) - {"alembic_version", "spatial_ref_sys"}:
        raise DatabaseError(
            "this database belongs to another program",
            f"it has tables, but none of Newsmorgue's: {', '.join(sorted(tables)[:5])}",
            "name an empty database",
        )
    return EMPTY


def _revision(connection: Connection) -> str:
    """Return what Alembic noted; more than one revision is none that we made."""
    noted = connection.scalars(select(_REVISIONS.c.version_num)).all()
    return ",".join(sorted(noted))


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - see above
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    folder = resources.files("storage") / "migrations"
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
