"""The change feed: no gaps, no doubles, and nothing missed by a reader that remembers a number."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine
from support.databases import Database
from support.ledgers import Ledger
from support.records import AT, record

from crawler.core.words import ChangeKind
from storage import changes
from storage.changes import Change
from storage.retry import transaction

URL = "http://paper.example/story"


def told(resource_id: int, number: int) -> list[Change]:
    """Return so many changes of one resource."""
    one = Change(kind=ChangeKind.EDITED, resource_id=resource_id, url=URL, version=1, reading=1)
    return [one] * number


def resource_of(ledger: Ledger) -> int:
    """Add a resource and return its id."""
    ledger.seed(URL)
    [claim] = ledger.claim()
    return claim.resource_id


def write(engine: Engine, items: Sequence[Change]) -> None:
    """Write changes in a transaction of their own."""
    transaction(engine, lambda connection: changes.write(connection, items, AT))


def test_numbers_have_no_gaps(database: Database, tmp_path: Path) -> None:
    """Every change has the next number, over groups of any size."""
    ledger = Ledger(database, tmp_path)
    resource_id = resource_of(ledger)
    for number in (1, 3, 0, 2):
        write(ledger.engine, told(resource_id, number))
    assert database.rows("SELECT seq FROM changes ORDER BY seq") == [(n,) for n in range(1, 7)]
    assert database.one("SELECT value FROM change_counter") == 6


def test_a_transaction_that_fails_takes_no_number(database: Database, tmp_path: Path) -> None:
    """A number that was given and not committed is given again."""
    ledger = Ledger(database, tmp_path)
    resource_id = resource_of(ledger)

    def fail(connection: Connection) -> None:
        changes.write(connection, told(resource_id, 5), AT)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        transaction(ledger.engine, fail)
    write(ledger.engine, told(resource_id, 1))
    assert database.rows("SELECT seq FROM changes") == [(1,)]


def test_a_group_is_told_in_its_order(database: Database, tmp_path: Path) -> None:
    """Within a group the changes are numbered as the errands were written."""
    ledger = Ledger(database, tmp_path)
    ledger.seed("http://a.example/", "http://b.example/", "http://c.example/")
    claims = ledger.claim()
    ledger.write(*(record(of) for of in claims))
    assert database.rows("SELECT seq, resource_id FROM changes ORDER BY seq") == [
        (n, of.resource_id) for n, of in enumerate(claims, start=1)
    ]


def test_a_reader_misses_nothing_of_two_writers(database: Database, tmp_path: Path) -> None:
    """Who asks for `seq > the last one seen`, while two write, sees every change exactly once."""
    ledger = Ledger(database, tmp_path)
    resource_id = resource_of(ledger)
    over = threading.Event()

    def produce(engine: Engine) -> None:
        for number in (1, 4, 2, 3) * 8:
            write(engine, told(resource_id, number))

    def follow() -> list[int]:
        seen: list[int] = []
        with database.plain() as connection:
            while True:
                last_round = over.is_set()
                query = (
                    f"SELECT seq FROM changes WHERE seq > {seen[-1] if seen else 0} ORDER BY seq"
                )
                seen += [seq for (seq,) in connection.execute(query).fetchall()]
                if last_round:
                    return seen

    with ThreadPoolExecutor(3) as pool:
        reading = pool.submit(follow)
        writing = [pool.submit(produce, database.engine()) for _ in range(2)]
        for writer in writing:
            writer.result(timeout=120)
        over.set()
        assert reading.result(timeout=120) == list(range(1, 161))


def test_the_second_waits_for_the_firsts_commit(
    postgres_database: Database, tmp_path: Path
) -> None:
    """A later number is never readable while an earlier one is still uncommitted."""
    ledger = Ledger(postgres_database, tmp_path)
    resource_id = resource_of(ledger)
    with ThreadPoolExecutor(1) as pool, ledger.begin() as first:
        changes.write(first, told(resource_id, 1), AT)
        second = pool.submit(write, ledger.engine, told(resource_id, 1))
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        with postgres_database.plain() as connection:
            while connection.execute(waiting).fetchone() == (0,):
                assert not second.done()
        assert postgres_database.rows("SELECT seq FROM changes") == []
        first.commit()
        second.result(timeout=60)
    assert postgres_database.rows("SELECT seq FROM changes ORDER BY seq") == [(1,), (2,)]
