"""Locks, conflicts and lost connections: the whole transaction is run again, nothing is doubled."""

import asyncio
import logging
import random
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import OperationalError
from support.databases import Database
from support.ledgers import claim_all, opened
from support.records import limits, record

from crawler.errors import DatabaseError
from storage.records import Claim, Seed
from storage.retry import Patience, transaction
from storage.session import Session

URLS = [f"http://h{n}.example/story" for n in range(120)]
PATIENT = Patience(total=60.0, first_wait=0.01, longest_wait=0.1)


def proof(database: Database, urls: int) -> None:
    """Assert by the plain driver that each address has one visit and one text, told once."""
    for query in (
        "SELECT count(*) FROM visit",
        "SELECT count(DISTINCT errand) FROM visit",
        "SELECT count(DISTINCT resource_id) FROM visit",
        "SELECT count(*) FROM article_version",
        "SELECT count(*) FROM change",
        "SELECT max(seq) FROM change",
    ):
        assert database.one(query) == urls, query
    assert database.rows("SELECT * FROM quarantine") == []
    assert database.one("SELECT count(*) FROM frontier WHERE run_id IS NOT NULL") == 0


async def record_all(session: Session, claims: list[Claim]) -> None:
    """Record every claim as a page alive."""
    await asyncio.gather(*(session.record(record(of)) for of in claims))


@contextmanager
def locked(database: Database) -> Iterator[Callable[[], None]]:
    """Hold an SQLite file's write lock in another process; call what is given to let go."""
    with subprocess.Popen(
        [sys.executable, Path(__file__).parents[1] / "support" / "locker.py", database.place],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "locked\n"

        def let_go() -> None:
            process.stdin.close()  # type: ignore[union-attr] - asserted above
            process.wait(timeout=30)

        try:
            yield let_go
        finally:
            process.kill()


class Tries(logging.Handler):
    """Does something when a transaction was tried in vain for the n-th time."""

    def __init__(self, at: int, act: Callable[[], None]) -> None:
        super().__init__()
        self._left = at
        self._act = act

    def emit(self, entry: logging.LogRecord) -> None:
        """Count the retry's own message."""
        if "another try" in entry.getMessage():
            self._left -= 1
            if self._left == 0:
                self._act()


@contextmanager
def on_try(at: int, act: Callable[[], None]) -> Iterator[None]:
    """Act when a transaction was tried in vain `at` times."""
    handler = Tries(at, act)
    logger = logging.getLogger("storage.retry")
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)


def test_another_writers_lock_is_waited_for(sqlite_database: Database, tmp_path: Path) -> None:
    """While another process holds the lock the writer tries again and again, then goes on."""
    engine = sqlite_database.engine(busy_seconds=0.05)
    with opened(sqlite_database, tmp_path, engine=engine, patience=PATIENT) as session:

        async def crawl() -> None:
            claims = await claim_all(session, URLS[:60])
            with locked(sqlite_database) as let_go, on_try(5, let_go):
                await record_all(session, claims)

        asyncio.run(crawl())
    proof(sqlite_database, 60)


def test_patience_has_an_end(sqlite_database: Database, tmp_path: Path) -> None:
    """A lock that is never let go of ends the run with one clear error and nothing half."""
    engine = sqlite_database.engine(busy_seconds=0.02)
    patience = Patience(total=0.3, first_wait=0.02)
    with opened(sqlite_database, tmp_path, engine=engine, patience=patience) as session:

        async def crawl() -> None:
            claims = await claim_all(session, URLS[:3])
            with locked(sqlite_database), pytest.raises(DatabaseError, match="locked"):
                await record_all(session, claims)

        asyncio.run(crawl())
    assert sqlite_database.rows("SELECT * FROM visit") == []


def test_readers_do_not_stop_the_writer(sqlite_database: Database, tmp_path: Path) -> None:
    """A reader in the middle of its work sees one state, and costs the writer nothing."""
    engine = sqlite_database.engine(busy_seconds=0.05)
    with opened(sqlite_database, tmp_path, engine=engine, patience=PATIENT) as session:
        reader = sqlite3.connect(sqlite_database.place, isolation_level=None)
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM visits").fetchone() == (0,)

        async def crawl() -> None:
            await record_all(session, await claim_all(session, URLS[:5]))

        asyncio.run(crawl())
        assert reader.execute("SELECT count(*) FROM visits").fetchone() == (0,)
        reader.execute("COMMIT")
        assert reader.execute("SELECT count(*) FROM visits").fetchone() == (5,)
        reader.close()


class Cutter:
    """Ends the server's side of a connection, by chance, before a statement or a commit."""

    MOST = 6

    def __init__(self, database: Database, engine: Engine, seed: int) -> None:
        self._database = database
        self._random = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self._left = self._random.randint(1, 40)
        self.cuts = 0
        event.listen(engine, "before_cursor_execute", self._seen)
        event.listen(engine, "commit", self._seen)

    def _seen(self, connection: Connection, *_rest: Any) -> None:
        self._left -= 1
        if self._left == 0 and self.cuts < self.MOST:
            self.cuts += 1
            self._left = self._random.randint(1, 40)
            cut(self._database, connection)


def cut(database: Database, connection: Connection) -> None:
    """End the server process behind a connection, and see it gone."""
    driver = connection.connection.dbapi_connection
    assert driver is not None
    with database.plain() as other:
        other.execute("SELECT pg_terminate_backend(%s, 10000)", [driver.info.backend_pid])


@pytest.mark.parametrize("seed", range(4))
def test_a_stream_survives_lost_connections(
    postgres_database: Database, tmp_path: Path, seed: int
) -> None:
    """Connections that end at random points of a crawl lose nothing and double nothing."""
    engine = postgres_database.engine()
    with opened(postgres_database, tmp_path, engine=engine, patience=PATIENT) as session:
        cutter = Cutter(postgres_database, engine, seed)

        async def crawl() -> None:
            await session.add_seeds([Seed(url=url) for url in URLS])
            while claims := await session.claim(limits(40)):
                await record_all(session, claims)

        asyncio.run(crawl())
    assert cutter.cuts >= 2
    proof(postgres_database, len(URLS))


def lose_an_answer(database: Database, engine: Engine) -> threading.Event:
    """Let the next commit of visits or claims go through and its answer be lost on the way."""
    lost = threading.Event()

    @event.listens_for(engine, "commit")
    def _committing(connection: Connection) -> None:
        if connection.info.pop("wrote", False) and not lost.is_set():
            lost.set()
            driver: Any = connection.connection.dbapi_connection
            driver.commit()
            driver.execute("SELECT 1")  # a transaction, so that the commit that follows is sent
            cut(database, connection)

    @event.listens_for(engine, "before_cursor_execute")
    def _executing(connection: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith(("INSERT INTO visit", "UPDATE frontier SET run_id=%(run_id)s")):
            connection.info["wrote"] = True

    return lost


def test_a_commit_without_its_answer_is_not_repeated(
    postgres_database: Database, tmp_path: Path
) -> None:
    """A group that was committed, though nobody heard so, is recognised by its errand."""
    engine = postgres_database.engine()
    with opened(postgres_database, tmp_path, engine=engine, patience=PATIENT) as session:

        async def crawl() -> None:
            claims = await claim_all(session, URLS[:20])
            lost = lose_an_answer(postgres_database, engine)
            await record_all(session, claims)
            assert lost.is_set()

        asyncio.run(crawl())
        assert session.quarantined == 0
    proof(postgres_database, 20)


def test_a_claim_without_its_answer_is_not_lost(
    postgres_database: Database, tmp_path: Path
) -> None:
    """Entries that a lost answer left in the run's hands are put back and claimed again."""
    engine = postgres_database.engine()
    with opened(postgres_database, tmp_path, engine=engine, patience=PATIENT) as session:

        async def crawl() -> None:
            await session.add_seeds([Seed(url=url) for url in URLS[:10]])
            lost = lose_an_answer(postgres_database, engine)
            claims = await session.claim(limits())
            assert lost.is_set()
            assert len(claims) == 10
            await record_all(session, claims)

        asyncio.run(crawl())
    proof(postgres_database, 10)


def test_a_deadlock_is_tried_again(postgres_database: Database, tmp_path: Path) -> None:
    """The writer that Postgres chooses as a deadlock's victim writes its group once more."""
    with (
        opened(postgres_database, tmp_path, patience=PATIENT) as session,
        psycopg.connect(postgres_database.place) as rival,
    ):

        async def crawl() -> None:
            claims = await claim_all(session, URLS[:5])
            rival.execute("SET deadlock_timeout = '1h'")  # so that the writer is the victim
            rival.execute("UPDATE change_counter SET value = value")
            recording = asyncio.ensure_future(record_all(session, claims))
            await asyncio.to_thread(until_blocked, postgres_database)
            await asyncio.to_thread(
                rival.execute,
                "UPDATE harvest SET software = software WHERE id = %s",
                [session.run_id],
            )
            rival.rollback()
            await recording

        tries: list[int] = []
        with on_try(1, lambda: tries.append(1)):
            asyncio.run(crawl())
        assert tries == [1]
    proof(postgres_database, 5)


def until_blocked(database: Database) -> None:
    """Return once some connection waits for another's lock."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    with database.plain() as connection:
        for _ in range(100_000):
            if connection.execute(waiting).fetchone() != (0,):
                return
    raise AssertionError("nobody waits")


def test_a_conflict_of_snapshots_is_tried_again(postgres_database: Database) -> None:
    """A serialization failure runs the whole work once more, on a new snapshot."""
    engine = postgres_database.engine().execution_options(isolation_level="REPEATABLE READ")
    seen: list[int] = []

    def work(connection: Connection) -> None:
        read = "SELECT value FROM change_counter"
        seen.append(connection.exec_driver_sql(read).scalar_one())
        if len(seen) == 1:
            postgres_database.execute("UPDATE change_counter SET value = 5")
        connection.exec_driver_sql("UPDATE change_counter SET value = value + 1")

    transaction(engine, work, PATIENT)
    assert seen == [0, 5]
    assert postgres_database.one("SELECT value FROM change_counter") == 6


def test_what_is_wrong_for_good_is_not_tried_again(database: Database) -> None:
    """An error that the same statement will give for ever is raised at once."""
    tries: list[int] = []

    def work(connection: Connection) -> None:
        tries.append(1)
        connection.exec_driver_sql("INSERT INTO change_counter (id, value) VALUES (1, 1)")

    with pytest.raises(Exception, match=r"(?i)unique"):
        transaction(database.engine(), work, PATIENT)
    assert tries == [1]


def test_a_lock_that_is_held_on_is_told(sqlite_database: Database) -> None:
    """When patience is at its end the last error itself is raised."""
    engine = sqlite_database.engine(busy_seconds=0.01)
    with locked(sqlite_database), pytest.raises(OperationalError, match="locked"):
        transaction(engine, lambda _connection: None, Patience(total=0.1, first_wait=0.01))
