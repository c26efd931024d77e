"""Opening a database: SQLite with the durability a ledger needs, or Postgres through psycopg 3.

SQLite runs in WAL with `synchronous=FULL`: a change number that a reader has seen must not be
taken back by a power cut. Writers begin with BEGIN IMMEDIATE: a deferred transaction that turns
from reading to writing fails at once with SQLITE_BUSY_SNAPSHOT, whatever the busy time-out
(measured).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import QueuePool

from crawler.errors import CannotOpenDatabase, ConfigError, DiskFull
from storage.retry import is_full

BUSY_SECONDS = 30.0
"""How long SQLite itself waits for another process's write lock before the writer's own retry."""

_WAL = "PRAGMA journal_mode=WAL"
_SQLITE_PRAGMAS = (
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA cache_size=-65536",  # 64 MiB: at 1 M resources the indexes stay in memory
    "PRAGMA temp_store=MEMORY",
)


def open_engine(url: str, *, busy_seconds: float = BUSY_SECONDS) -> Engine:
    """Return an engine for `sqlite:///FILE` or `postgresql+psycopg://...`.

    Nothing is connected yet. Raises `ConfigError` for a URL of another kind.
    """
    parsed = _parse(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed, busy_seconds)
    # No ping before each transaction: one on a lost connection is repeated as a whole.
    # In another zone the driver cannot read the year 1, and pages do claim to be that old.
    options = f"{parsed.query.get('options', '')} -c timezone=UTC".strip()
    try:
        return create_engine(
            parsed,
            pool_size=4,
            max_overflow=4,
            connect_args={"options": options},
        )
    except ModuleNotFoundError as error:
        raise _unusable(error) from error


def _unusable(error: Exception) -> ConfigError:
    return ConfigError(
        f"the database address cannot be used: {error}",
        "it is not an SQLAlchemy URL for SQLite or Postgres, or its driver is not installed",
        "write sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME; the latter needs"
        ' "newsmorgue[postgres]" installed',
    )


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
        parsed.get_dialect()
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise _unusable(error) from error
    if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
        raise ConfigError(
            f"the database kind {parsed.get_backend_name()!r} is not supported",
            "Newsmorgue keeps its ledger in SQLite or Postgres",
            "write sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME",
        )
    return parsed


def _sqlite(url: URL, busy_seconds: float) -> Engine:
    engine = create_engine(
        url,
        poolclass=QueuePool,
        connect_args={"timeout": busy_seconds, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _connected(dbapi: Any, _record: Any) -> None:
        dbapi.isolation_level = None  # pysqlite would begin by itself, deferred
        if _may_be_ours(dbapi):
            dbapi.execute(_WAL)
        for pragma in _SQLITE_PRAGMAS:
            dbapi.execute(pragma)

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        reading = connection.get_execution_options().get("newsmorgue_reading", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def _may_be_ours(dbapi: Any) -> bool:
    """Whether a file is empty or has our bookkeeping: WAL stays on in a file for good."""
    tables = {name for (name,) in dbapi.execute("SELECT name FROM sqlite_master")}
    return not tables or "alembic_version" in tables


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Give a connection that sees one consistent state and takes no write lock."""
    with engine.connect() as connection:
        options: dict[str, Any] = {"newsmorgue_reading": True}
        if engine.dialect.name == "postgresql":
            options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with connection.execution_options(**options).begin():
            yield connection


@contextmanager
def opening(url: str) -> Iterator[None]:
    """Turn a failure to connect into one clear `CannotOpenDatabase`, or into `DiskFull`."""
    try:
        yield
    except DBAPIError as error:
        if is_full(error):
            raise DiskFull(describe(url)) from error
        raise CannotOpenDatabase(
            describe(url),
            str(error.orig).strip().splitlines()[0] if error.orig else str(error),
            _advice(url),
        ) from error


def describe(url: str) -> str:
    """Return the database's address without its password."""
    return make_url(url).render_as_string(hide_password=True)


def _advice(url: str) -> str:
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        folder = Path(parsed.database or ".").parent
        return f"check that {folder} exists and can be written, or name another folder with --home"
    return "check that the server runs and that the user may log in and create tables"
