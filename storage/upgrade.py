"""Creating and upgrading the schema, and telling which one a database has."""

from importlib import resources
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, func, inspect, select

from crawler.errors import DatabaseError, SchemaTooNew, SchemaTooOld
from storage.engine import reading

EMPTY = "none"
"""Stands for the revision of a database without tables."""
_OURS = "change_counter"  # tells a later Newsmorgue from another program that uses Alembic
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
        if before not in {EMPTY, *_known()}:
            raise SchemaTooNew(before, head())
        _upgrade(connection)
        return before, _found(connection)


def head() -> str:
    """Return the newest revision this version knows."""
    newest = _script().get_current_head()
    if newest is None:  # pragma: no cover - the package always carries its first revision
        raise DatabaseError("the migrations are missing from this installation")
    return newest


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
    if found in _known():
        raise SchemaTooOld(found, head())
    raise SchemaTooNew(found, head())


def _found(connection: Connection) -> str:
    revision = MigrationContext.configure(connection).get_current_revision()
    tables = inspect(connection).get_table_names()
    if revision is not None and (revision in _known() or _OURS in tables):
        return revision
    if revision is not None or set(tables) - {"alembic_version", "spatial_ref_sys"}:
        raise DatabaseError(
            "this database belongs to another program",
            f"it has tables, but none of Newsmorgue's: {', '.join(sorted(tables)[:5])}",
            "name an empty database",
        )
    return EMPTY


def _upgrade(connection: Connection) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _known() -> set[str]:
    return {script.revision for script in _script().walk_revisions()}


def _script() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    config = Config()
    folder = resources.files("storage") / "migrations"
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
