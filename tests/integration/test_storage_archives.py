"""The archives' lanes: shared by all runs, and paced by tokens."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest
from support.databases import Database
from support.ledgers import Ledger, another_run, opened
from support.records import LOOKUPS, after, limits

from crawler.core.lifecycle import LifecyclePolicy
from crawler.core.words import Purpose
from storage import budgets, recovery
from storage.records import ArchivePace
from storage.retry import transaction
from storage.taking import claim as _claim

HOST = "http://paper.example"
ALL = limits(
    archives=(ArchivePace(archive="wayback", purpose=Purpose.LOOKUP, per_minute=0, in_hand=99),)
)


def ask(ledger: Ledger, *urls: str) -> None:
    """Put a lookup for each address into the archive's lane."""
    ledger.link(*urls, follow=False)
    with ledger.begin() as connection:
        for (resource_id,) in connection.exec_driver_sql("SELECT id FROM resource").all():
            recovery.ask(connection, resource_id, "wayback", ledger.now)


def test_hosts_do_not_give_archive_entries(database: Database, tmp_path: Path) -> None:
    """A claim from the hosts never takes what belongs to an archive."""
    ledger = Ledger(database, tmp_path)
    ask(ledger, f"{HOST}/a")
    assert ledger.claim() == []
    claim = ledger.claim_archive(LOOKUPS)
    assert claim is not None
    assert (claim.purpose, claim.lane) == (Purpose.LOOKUP, "archive:wayback:lookup")


def test_an_archives_lane_is_shared(database: Database, tmp_path: Path) -> None:
    """Two runs take turns at one archive, and each entry goes to one of them."""
    ledger = Ledger(database, tmp_path)
    other = another_run(ledger, tmp_path)
    ask(ledger, f"{HOST}/a", f"{HOST}/b")
    first, second = ledger.claim_archive(LOOKUPS), other.claim_archive(LOOKUPS)
    assert first is not None
    assert second is not None
    assert first.entry_id != second.entry_id
    assert ledger.claim_archive(LOOKUPS) is None


def test_an_archive_has_only_so_much_in_hand(database: Database, tmp_path: Path) -> None:
    """No more than `in_hand` entries of an archive are claimed at once."""
    ledger = Ledger(database, tmp_path)
    ask(ledger, *(f"{HOST}/{n}" for n in range(3)))
    pace = ArchivePace(archive="wayback", purpose=Purpose.LOOKUP, per_minute=0, in_hand=2)
    assert [ledger.claim_archive(pace) is not None for _ in range(3)] == [True, True, False]


def test_tokens_are_evenly_spaced_over_all_runs(database: Database, tmp_path: Path) -> None:
    """A budget gives one token, then none until its time, to whichever run asks."""
    ledger = Ledger(database, tmp_path)
    pace = ArchivePace(archive="wayback", purpose=Purpose.LOOKUP, per_minute=24)
    given = []
    for seconds in (0.0, 0.1, 2.5, 2.525, 5.05):
        with ledger.begin() as connection:
            given.append(budgets.take_token(connection, pace, after(seconds=seconds)))
    assert given == [None, after(seconds=2.525), after(seconds=2.525), None, None]


@pytest.mark.parametrize(
    ("asked_for", "policy", "waits"),
    [
        (None, LifecyclePolicy(), [60, 120, 240]),
        (500.0, LifecyclePolicy(), [500, 500, 500]),
        (1e12, LifecyclePolicy(), [86_400, 86_400, 86_400]),
        (float("nan"), LifecyclePolicy(), [60, 120, 240]),
        (None, LifecyclePolicy(lookup_base=timedelta(0)), [0, 0, 0]),
    ],
)
def test_a_refusal_stops_all_questions(
    database: Database,
    tmp_path: Path,
    asked_for: float | None,
    policy: LifecyclePolicy,
    waits: list[int],
) -> None:
    """After a refusal an archive is left alone: a minute, doubling, or a day if it asks for it."""
    ledger = Ledger(database, tmp_path)
    found = []
    for _ in range(3):
        with ledger.begin() as connection:
            until = budgets.pause(
                connection, "wayback", Purpose.LOOKUP, ledger.now, asked_for, policy
            )
            assert budgets.take_token(connection, LOOKUPS, ledger.now) == (
                until if waits[0] else None
            )
            found.append((until - ledger.now).total_seconds())
    assert found == waits
    with ledger.begin() as connection:
        budgets.absolve(connection, "wayback", Purpose.LOOKUP)
        until = budgets.pause(connection, "wayback", Purpose.LOOKUP, ledger.now, None, policy)
    assert until - ledger.now == policy.lookup_base


def test_an_archive_out_of_reach_is_left_alone(database: Database, tmp_path: Path) -> None:
    """Three questions in a row that got no answer at all look like a block: a pause, doubling."""
    ledger = Ledger(database, tmp_path)
    policy, waits = LifecyclePolicy(), []
    with ledger.begin() as connection:
        assert budgets.take_token(connection, LOOKUPS, ledger.now) is None
    for _ in range(5):
        with ledger.begin() as connection:
            budgets.unreached(connection, "wayback", Purpose.LOOKUP, ledger.now, policy)
            until = budgets.free_at(connection, LOOKUPS)
        assert until is not None
        waits.append((until - ledger.now).total_seconds())
    assert waits == [0, 0, 60, 120, 240]
    with ledger.begin() as connection:
        budgets.absolve(connection, "wayback", Purpose.LOOKUP)
        budgets.unreached(connection, "wayback", Purpose.LOOKUP, ledger.now, policy)
    assert database.one("SELECT strikes FROM archive_budget") == 1


def test_an_entry_is_claimed_only_with_a_token(database: Database, tmp_path: Path) -> None:
    """Of two questions that are due one is claimed; the other when the next token is free."""
    pace = ArchivePace(archive="wayback", purpose=Purpose.LOOKUP, per_minute=1)
    with opened(database, tmp_path) as session:

        async def crawl() -> None:
            began = datetime.now(UTC)
            await session.ask_archives([f"{HOST}/a", f"{HOST}/b"])
            allowed = limits(archives=(pace,))
            assert [claim.purpose for claim in await session.claim(allowed)] == [Purpose.LOOKUP]
            assert await session.claim(allowed) == []
            free_at = await session.take_token(pace)
            assert free_at is not None
            assert free_at - began >= timedelta(minutes=1)
            assert await session.ready_at(allowed) == free_at
            assert await session.next_due(allowed) == free_at

        asyncio.run(crawl())


def test_two_runs_never_get_the_same_question(database: Database, tmp_path: Path) -> None:
    """Runs that claim from one archive at the same moment get different entries, all of them."""
    ledger = Ledger(database, tmp_path)
    other = another_run(ledger, tmp_path)
    ask(ledger, *(f"{HOST}/{n}" for n in range(30)))
    together = Barrier(2)

    def take(run: Ledger) -> list[int]:
        taken: list[int] = []
        for _ in range(40):
            together.wait(timeout=60)
            known = frozenset(taken)
            claims = transaction(
                run.engine, lambda c, known=known: _claim(c, run.run_id, ALL, known)
            )
            taken += [claim.entry_id for claim in claims]
        return taken

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(take, (ledger, other))
    assert min(len(first), len(second)) > 0
    assert sorted(first + second) == sorted({*first, *second})
    assert len(first + second) == 30


def test_a_question_asked_while_another_is_claimed_is_found(
    postgres_database: Database, tmp_path: Path
) -> None:
    """An entry added while a claim makes the lane's due time exact is not forgotten."""
    ledger = Ledger(postgres_database, tmp_path)
    ask(ledger, f"{HOST}/a")
    together = Barrier(2)

    def add() -> None:
        for n in range(20):
            together.wait(timeout=60)
            ask(ledger, f"{HOST}/{n}")

    def take() -> None:
        for _ in range(20):
            together.wait(timeout=60)
            ledger.claim_archive(LOOKUPS)

    with ThreadPoolExecutor(2) as pool:
        for job in (pool.submit(add), pool.submit(take)):
            job.result(timeout=120)
    assert (
        postgres_database.rows(
            "SELECT f.due_at FROM frontier f JOIN lane l ON l.name = f.lane WHERE f.run_id IS NULL"
            " AND (l.next_due_at IS NULL OR l.next_due_at > f.due_at)"
        )
        == []
    )
