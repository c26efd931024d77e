"""The writer: groups, the order of bytes and rows, and what becomes of what cannot be written."""

import asyncio
import errno
from collections import Counter
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import ClassVar

import psycopg
import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType
from sqlalchemy import Connection, Engine, event
from support.databases import Database
from support.ledgers import Ledger, claim_all, opened
from support.records import article, exchange, limits, page_reading, record

from crawler.core.offers import Kind, Offer
from crawler.core.words import Outcome, Purpose
from crawler.errors import DatabaseError, DiskFull, ExitCode
from storage import ledger as ledger_module
from storage.captures import Keeper
from storage.records import Record, Seed
from storage.retry import Patience
from storage.session import Session
from storage.warc import WarcError, WarcWriter
from storage.warc.openfile import DiskFile
from storage.writer import Writer

URLS = [f"http://h{n}.example/story" for n in range(60)]
TOO_BIG = 2**70
"""No integer column of either engine holds it."""


def poisoned(good: Record) -> Record:
    """Return a record that no database takes."""
    return replace(good, visit=replace(good.visit, status=TOO_BIG))


def claimed(ledger: Ledger, urls: list[str]) -> list[Record]:
    """Return a good record for each address."""
    ledger.seed(*urls)
    return [record(of) for of in ledger.claim(limits(1000))]


def written(writer: Writer, records: list[Record]) -> list[Future[None]]:
    """Queue records before the writer starts, run it to its end, and return the futures."""
    futures = [writer.submit(each) for each in records]
    writer.start()
    writer.close()
    return futures


class Watched(DiskFile):
    """A file that knows how far it was forced to the disk."""

    durable: ClassVar[Counter[str]] = Counter()

    def sync(self) -> None:
        """Sync, and remember the size."""
        super().sync()
        Watched.durable[Path(str(self.name)).name.removesuffix(".open")] = self.tell()


def test_no_row_points_past_the_durable_bytes(database: Database, tmp_path: Path) -> None:
    """At every commit all positions lie in bytes that an fsync has covered."""
    ledger = Ledger(database, tmp_path)
    Watched.durable.clear()
    warc = WarcWriter(tmp_path / "watched", run="w", software="tests", opener=Watched)
    checks = []

    @event.listens_for(ledger.engine, "commit")
    def _committing(connection: Connection) -> None:
        ends = connection.exec_driver_sql(
            "SELECT warc_file, max(warc_offset + warc_length) FROM visit GROUP BY warc_file"
        ).all()
        checks.append(all(end <= Watched.durable[file] for file, end in ends))

    keeper = Keeper(warc)
    writer = Writer(ledger.engine, keeper, ledger.rules)
    written(writer, claimed(ledger, URLS))
    keeper.close()
    assert len(checks) >= 2
    assert all(checks)
    assert database.one("SELECT count(*) FROM visit WHERE warc_file IS NOT NULL") == len(URLS)


class Refusing(DiskFile):
    """A disk that is full when it is to make bytes durable."""

    def sync(self) -> None:
        """Refuse as a full disk does."""
        raise OSError(errno.ENOSPC, "No space left on device")


def test_without_durable_bytes_there_are_no_rows(database: Database, tmp_path: Path) -> None:
    """When the WARC cannot be synced nothing is committed, and all who wait are told why."""
    ledger = Ledger(database, tmp_path)
    records = claimed(ledger, URLS[:3])
    warc = WarcWriter(tmp_path / "full", run="f", software="tests", opener=Refusing)
    writer = Writer(ledger.engine, Keeper(warc), ledger.rules)
    for future in written(writer, records):
        error = future.exception()
        assert isinstance(error, DiskFull)
        assert error.exit_code == ExitCode.DISK_FULL
    assert database.rows("SELECT * FROM visits") == []
    warc.write(exchange())
    with pytest.raises(WarcError):
        warc.sync()


def test_one_poison_record_costs_no_other(database: Database, tmp_path: Path) -> None:
    """Of twenty, nineteen are stored and one is put aside with its bytes, due again tomorrow."""
    with opened(database, tmp_path) as session:

        async def crawl() -> None:
            claims = await claim_all(session, URLS[:20])
            records = [record(of) for of in claims]
            records[7] = poisoned(records[7])
            await asyncio.gather(*(session.record(each) for each in records))
            assert session.in_flight == 0
            check(records[7])

        def check(poison: Record) -> None:
            [(resource_id, raw, error)] = database.rows(
                "SELECT resource_id, raw, error FROM quarantine"
            )
            assert resource_id == poison.claim.resource_id
            assert bytes(raw) == poison.exchanges[-1].body
            assert "Traceback" in error
            [(state, outcome, reason, at)] = database.rows(
                "SELECT state, outcome, reason, last_visited_at FROM link_health"
                " WHERE resource_id = ?",
                [resource_id],
            )
            assert (state, outcome, reason) == ("unvisited", "internal_error", "quarantined")
            [(due_at, run_id)] = database.rows(
                "SELECT due_at, run_id FROM frontier WHERE resource_id = ?", [resource_id]
            )
            assert database.instant(due_at) - database.instant(at) == timedelta(days=1)
            assert run_id is None

        asyncio.run(crawl())
        assert session.quarantined == 1
    outcomes = Counter(row for (row,) in database.rows("SELECT outcome FROM visits"))
    assert outcomes == {Outcome.FETCHED: 19, Outcome.INTERNAL_ERROR: 1}
    assert database.one("SELECT count(*) FROM articles") == 19
    assert database.rows("SELECT seq FROM changes ORDER BY seq") == [(n,) for n in range(1, 20)]


def test_bytes_of_a_group_that_failed_are_kept_once(database: Database, tmp_path: Path) -> None:
    """Splitting a group writes its rows again, not its bytes."""
    with opened(database, tmp_path) as session:

        async def crawl() -> None:
            claims = await claim_all(session, URLS[:5])
            bodies = [exchange(of.url, body=f"unmistakable {of.url}".encode()) for of in claims]
            records = [
                record(of, exchanges=(body,)) for of, body in zip(claims, bodies, strict=True)
            ]
            records[2] = poisoned(records[2])
            await asyncio.gather(*(session.record(each) for each in records))

        asyncio.run(crawl())
    [path] = (tmp_path / "warc").iterdir()
    offsets = database.rows("SELECT warc_offset FROM visit WHERE warc_offset IS NOT NULL")
    assert len(set(offsets)) == 4
    assert count_captures(path) == 5


def count_captures(path: Path) -> int:
    """Return how many response records a WARC file has, by fastwarc."""
    with path.open("rb") as stream:
        return sum(1 for _ in ArchiveIterator(stream, record_types=WarcRecordType.response))


def test_bytes_that_no_warc_can_hold_are_put_aside(database: Database, tmp_path: Path) -> None:
    """An answer that cannot be written as a WARC record is the poison, not its neighbours."""
    with opened(database, tmp_path) as session:

        async def crawl() -> None:
            claims = await claim_all(session, URLS[:3])
            records = [record(of) for of in claims]
            naive = replace(records[1].exchanges[0], fetched_at=datetime(2026, 3, 1))  # noqa: DTZ001
            records[1] = replace(records[1], exchanges=(naive,))
            await asyncio.gather(*(session.record(each) for each in records))

        asyncio.run(crawl())
        assert session.quarantined == 1
    assert database.one("SELECT count(*) FROM articles") == 2


def test_a_poison_answer_of_an_archive_says_nothing_of_the_page(
    database: Database, tmp_path: Path
) -> None:
    """An archive's errand in quarantine leaves the page's own state alone and is asked again."""
    with opened(database, tmp_path) as session:

        async def crawl() -> None:
            await session.ask_archives([URLS[0]])
            [question] = await session.claim(limits())
            assert question.purpose is Purpose.LOOKUP
            await session.record(poisoned(record(question, verdict=None, reading=None)))

        asyncio.run(crawl())
    assert database.rows("SELECT outcome, last_visited_at FROM link_health") == [(None, None)]
    assert database.one("SELECT purpose FROM frontier") == "lookup"


def test_who_stops_waiting_ends_nobody_elses_work(database: Database, tmp_path: Path) -> None:
    """A cancelled wait leaves the writer alive; what the errand found is stored all the same."""
    with opened(database, tmp_path) as session:

        async def crawl() -> None:
            first, second = await claim_all(session, URLS[:2])
            impatient = asyncio.ensure_future(session.record(record(first)))
            await asyncio.sleep(0)
            impatient.cancel()
            await session.record(record(second))
            assert impatient.cancelled()
            assert session.in_flight == 0

        asyncio.run(crawl())
    assert database.one("SELECT count(*) FROM articles") == 2


def test_a_page_of_very_many_links_is_written_in_parts(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More links than one transaction takes are all due in the end, each once."""
    monkeypatch.setattr(ledger_module, "LINKS_AT_ONCE", 10)
    links = tuple(Offer(url=f"http://paper.example/{n}") for n in range(35))
    with opened(database, tmp_path) as session:

        async def crawl() -> None:
            await session.add_seeds([Seed(url=URLS[0], kind=Kind.FRONT)])
            [of] = await session.claim(limits())
            await session.record(record(of, links=links))

        asyncio.run(crawl())
    assert database.one("SELECT count(*) FROM resource WHERE found_how = 'link'") == 35
    assert database.one("SELECT count(*) FROM frontier WHERE purpose = 'visit'") == 35
    assert database.one("SELECT discovered FROM harvests") == 36


def test_a_full_disk_reaches_all_who_wait(sqlite_database: Database, tmp_path: Path) -> None:
    """With no room for the database every waiting errand learns it, and what was stored stays."""
    engine = sqlite_database.engine()
    with opened(sqlite_database, tmp_path, engine=engine) as session:

        async def crawl() -> None:
            first, *rest = await claim_all(session, URLS[:20])
            await session.record(record(first))
            limit_pages(engine)
            long = page_reading(article=article("word " * 20_000))
            results = await asyncio.gather(
                *(session.record(record(of, reading=long)) for of in rest),
                return_exceptions=True,
            )
            assert {type(result) for result in results} == {DiskFull}
            with pytest.raises(DiskFull):
                await session.claim(limits())

        asyncio.run(crawl())
        assert isinstance(session.failure, DiskFull)
    assert sqlite_database.one("SELECT count(*) FROM visits") == 1
    assert sqlite_database.rows("SELECT * FROM quarantine") == []


def limit_pages(engine: Engine) -> None:
    """Let every connection refuse to grow the file."""

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")


def test_a_database_out_of_reach_ends_the_run(postgres_database: Database, tmp_path: Path) -> None:
    """When patience is over, all who wait get one clear error without the password."""
    patience = Patience(total=0.2, first_wait=0.05)
    with opened(postgres_database, tmp_path, patience=patience) as session:

        async def crawl() -> None:
            claims = await claim_all(session, URLS[:5])
            shut(postgres_database)
            results = await asyncio.gather(
                *(session.record(record(of)) for of in claims), return_exceptions=True
            )
            assert {type(result) for result in results} == {DatabaseError}
            assert "postgresql" in str(results[0])

        asyncio.run(crawl())
        assert session.failure is not None
        assert session.failure.exit_code == ExitCode.DATABASE  # type: ignore[attr-defined]


def shut(database: Database) -> None:
    """Let a Postgres database take no more connections, and end those it has."""
    name = database.one("SELECT current_database()")
    with psycopg.connect(database.place, dbname="postgres", autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
        )


def test_closing_writes_what_is_queued(database: Database, tmp_path: Path) -> None:
    """What was handed over before the end is stored, and the WARC has its final name."""
    engine = database.engine()
    with opened(database, tmp_path, engine=engine) as session:

        async def crawl() -> Session:
            claims = await claim_all(session, URLS[:8])
            tasks = [asyncio.ensure_future(session.record(record(of))) for of in claims]
            await asyncio.sleep(0)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            return session

        asyncio.run(crawl())
    assert database.one("SELECT count(*) FROM visits") == 8
    assert [path.suffix for path in (tmp_path / "warc").iterdir()] == [".gz"]
