"""Creating and upgrading the schema, and telling which one a database has."""

from importlib import resources

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect

from crawler.errors import DatabaseError, SchemaTooNew, SchemaTooOld

EMPTY = "none"
"""Stands for the revision of a database without tables."""


def ensure(engine: Engine) -> None:
    """Create the schema in an empty database; refuse one that is older, newer or not ours."""
    with engine.begin() as connection:
        found = _found(connection)
        if found == EMPTY:
            _upgrade(connection)
            return
    _refuse_unless_current(found)


def check(engine: Engine) -> None:
    """Refuse a database whose schema is missing, older or newer, without writing anything."""
    with engine.connect() as connection:
        found = _found(connection)
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
    with engine.connect() as connection:
        return _found(connection)


def _refuse_unless_current(found: str) -> None:
    if found == head():
        return
    if found in _known():
        raise SchemaTooOld(found, head())
    raise SchemaTooNew(found, head())


def _found(connection: Connection) -> str:
    revision = MigrationContext.configure(connection).get_current_revision()
    if revision is not None:
        return revision
    tables = inspect(connection).get_table_names()
    if set(tables) - {"alembic_version", "spatial_ref_sys"}:
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
