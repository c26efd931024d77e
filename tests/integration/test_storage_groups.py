"""The writer's groups: how many records share a commit, and what is answered meanwhile."""

import asyncio
from collections import Counter
from concurrent.futures import Future
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event
from support.databases import Database
from support.ledgers import Ledger, opened
from support.records import after, limits, record

from storage.records import Record, Seed
from storage.writer import GROUP_SIZE, Writer

URLS = [f"http://h{n}.example/story" for n in range(60)]


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


def ticking() -> Any:
    """Return a clock that shows another time whenever it is looked at."""
    ticks = count(1)
    return lambda: after(seconds=next(ticks))


def test_a_group_is_fifty_outcomes(database: Database, tmp_path: Path) -> None:
    """What waits is committed fifty at a time, each group in one transaction."""
    ledger = Ledger(database, tmp_path)
    records = claimed(ledger, URLS)
    commits = count_commits(ledger.engine)
    writer = Writer(ledger.engine, ledger.keeper, ledger.rules, clock=ticking())
    for future in written(writer, records):
        assert future.result() is None
    sizes = database.rows("SELECT count(*) FROM resource GROUP BY last_visited_at ORDER BY 1")
    assert sizes == [(len(URLS) - GROUP_SIZE,), (GROUP_SIZE,)]
    assert commits["write"] == 2


def count_commits(engine: Engine) -> Counter[str]:
    """Count an engine's commits: those of transactions that wrote visits under `write`."""
    seen: Counter[str] = Counter()
    visits: Counter[int] = Counter()

    @event.listens_for(engine, "before_cursor_execute")
    def _executing(connection: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
        visits[id(connection)] += statement.startswith("INSERT INTO visit")

    @event.listens_for(engine, "commit")
    def _committing(connection: Connection) -> None:
        seen["write" if visits.pop(id(connection), 0) else "other"] += 1

    return seen


def test_a_record_alone_is_not_kept_waiting(database: Database, tmp_path: Path) -> None:
    """A group closes by itself: one record is committed though no other follows."""
    ledger = Ledger(database, tmp_path)
    [only] = claimed(ledger, URLS[:1])
    writer = Writer(ledger.engine, ledger.keeper, ledger.rules)
    writer.start()
    writer.submit(only).result(timeout=60)
    assert database.one("SELECT count(*) FROM visits") == 1
    writer.close()


def test_calls_are_answered_between_groups(database: Database, tmp_path: Path) -> None:
    """A call sees what was queued before it, and nothing of what came after."""
    ledger = Ledger(database, tmp_path)
    first, second = claimed(ledger, URLS[:2])
    writer = Writer(ledger.engine, ledger.keeper, ledger.rules)
    counting = "SELECT count(*) FROM visit"
    writer.submit(first)
    seen = writer.call(lambda connection: connection.exec_driver_sql(counting).scalar_one())
    writer.submit(second)
    writer.start()
    writer.close()
    assert seen.result() == 1


def test_a_question_leaves_the_group_open(database: Database, tmp_path: Path) -> None:
    """A question is answered at once, while the records around it still share one commit."""
    ledger = Ledger(database, tmp_path)
    first, second = claimed(ledger, URLS[:2])
    commits = count_commits(ledger.engine)
    writer = Writer(ledger.engine, ledger.keeper, ledger.rules)
    counting = "SELECT count(*) FROM visit"
    writer.submit(first)
    seen = writer.ask(lambda connection: connection.exec_driver_sql(counting).scalar_one())
    writer.submit(second)
    writer.start()
    writer.close()
    assert seen.result() == 0
    assert commits["write"] == 1
    assert database.one(counting) == 2


def test_the_last_record_in_hand_is_not_kept_waiting(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When nothing more can come before the commit, the group does not wait for more."""
    monkeypatch.setattr("storage.writer.GROUP_SECONDS", 3600.0)
    with opened(database, tmp_path) as session:

        async def crawl() -> None:
            await session.add_seeds([Seed(url=url) for url in URLS[:2]])
            claims = await session.claim(limits(10))
            assert len(claims) == 2
            records = [session.record(record(of)) for of in claims]
            await asyncio.wait_for(asyncio.gather(*records), timeout=60)

        asyncio.run(crawl())
    assert database.one("SELECT count(*) FROM visits") == 2
