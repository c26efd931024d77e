"""Runs: who holds what, who is dead, and what becomes of what the dead held."""

import asyncio
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.databases import Database
from support.holder import Holder
from support.ledgers import Ledger, claim_all, opened
from support.records import limits, record

from crawler.core.urls import lane_host
from storage import processes, runs
from storage.records import Seed
from storage.runs import Closing, RunLost

HOSTS = [f"h{n}.example" for n in range(8)]
URLS = [f"http://{host}/{n}" for host in HOSTS for n in range(4)]


def age(database: Database, run_id: int, seconds: float) -> None:
    """Make a run's last heartbeat this old by the database's clock."""
    clock = (
        f"strftime('%Y-%m-%dT%H:%M:%f000Z', 'now', '-{seconds} seconds')"
        if database.is_sqlite
        else f"clock_timestamp() - interval '{seconds} seconds'"
    )
    database.execute(f"UPDATE harvest SET heartbeat_at = {clock} WHERE id = {run_id}")


def elsewhere(database: Database, run_id: int) -> None:
    """Make a run one of another machine."""
    database.execute("UPDATE harvest SET machine = 'another' WHERE id = ?", [run_id])


def reap(ledger: Ledger) -> list[int]:
    """Reap the dead and return their ids."""
    with ledger.begin() as connection:
        return runs.reap(connection)


def hosts(urls: list[str]) -> set[str]:
    """Return the hosts of addresses."""
    return {lane_host(url) for url in urls}


def test_two_processes_never_hold_one_host(database: Database, tmp_path: Path) -> None:
    """Two runs that claim at the same moment share the hosts, never one host, and lose none."""
    Ledger(database, tmp_path / "mine").seed(*URLS)
    with Holder(database.url, tmp_path) as one, Holder(database.url, tmp_path) as two:
        done = 0
        while done < len(URLS):
            one.send("claim 6")
            two.send("claim 6")
            mine, yours = one.answer(), two.answer()
            assert not hosts(mine) & hosts(yours)
            assert mine or yours
            one.send("record")
            two.send("record")
            one.answer(), two.answer()
            done += len(mine) + len(yours)
    assert database.one("SELECT count(*) FROM visits") == len(URLS)
    assert database.one("SELECT count(DISTINCT resource_id) FROM visits") == len(URLS)


def test_what_a_killed_run_held_is_due_at_once(database: Database, tmp_path: Path) -> None:
    """After a kill the next run has the same entries, and the row says how that one ended."""
    Ledger(database, tmp_path / "mine").seed(*URLS[:4])
    with Holder(database.url, tmp_path) as doomed:
        held = doomed.ask("claim 9")
        doomed.kill()
        with Holder(database.url, tmp_path) as heir:
            assert heir.ask("claim 9") == held
        assert database.rows(
            "SELECT finish_reason, exit_code FROM harvests WHERE harvest_id = ?", [doomed.run_id]
        ) == [("killed", 1)]


def test_a_killed_runs_warc_is_closed_by_the_next(database: Database, tmp_path: Path) -> None:
    """The file that a killed run left open is closed under the name its visits give."""
    Ledger(database, tmp_path / "mine").seed(*URLS[:2])
    with Holder(database.url, tmp_path) as doomed:
        doomed.ask("claim 9")
        doomed.ask("record")
        doomed.kill()
    assert [path.suffix for path in (tmp_path / "warc").iterdir()] == [".open"]
    with Holder(database.url, tmp_path):
        names = {path.name for path in (tmp_path / "warc").iterdir()}
    assert {name for (name,) in database.rows("SELECT warc_file FROM visits")} == names


def test_a_child_that_waits_to_be_buried_is_dead(database: Database, tmp_path: Path) -> None:
    """A process that was killed and not yet waited for runs no more."""
    ledger = Ledger(database, tmp_path)
    with Holder(database.url, tmp_path) as doomed:
        doomed.process.kill()
        os.waitid(os.P_PID, doomed.process.pid, os.WEXITED | os.WNOWAIT)
        assert reap(ledger) == [doomed.run_id]


def test_a_live_run_is_not_reaped(database: Database, tmp_path: Path) -> None:
    """A process that runs and beats keeps what it holds."""
    ledger = Ledger(database, tmp_path)
    with Holder(database.url, tmp_path) as living:
        age(database, living.run_id, 55)
        assert reap(ledger) == []
        age(database, living.run_id, 61)
        living.ask("beat")
        assert reap(ledger) == []


def test_silence_of_a_minute_is_death_anywhere(database: Database, tmp_path: Path) -> None:
    """A run of another machine is dead once its heartbeat is over a minute old, not before."""
    ledger, other = Ledger(database, tmp_path), Ledger(database, tmp_path / "other")
    other.seed(*URLS[:4])
    [claim, *_] = other.claim()
    elsewhere(database, other.run_id)
    age(database, other.run_id, 55)
    assert reap(ledger) == []
    assert ledger.claim() == []
    age(database, other.run_id, 61)
    assert reap(ledger) == [other.run_id]
    ledger.now = datetime.now(UTC)  # the database's clock is not the test's
    assert claim.url in {again.url for again in ledger.claim()}


def test_a_pid_given_out_again_is_another_process(database: Database, tmp_path: Path) -> None:
    """A run whose pid belongs to a process that started at another time is dead."""
    ledger, other = Ledger(database, tmp_path), Ledger(database, tmp_path / "other")
    assert reap(ledger) == []
    database.execute(
        "UPDATE harvest SET pid_started = pid_started - 1 WHERE id = ?", [other.run_id]
    )
    assert reap(ledger) == [other.run_id]


def test_a_pid_of_another_machine_says_nothing() -> None:
    """Whether a process of another machine, or of one that cannot tell, is gone is not guessed."""
    me = processes.current()
    assert not processes.is_gone(me)
    assert processes.is_gone(replace(me, started=(me.started or 0) + 1))
    for machine in ("another", processes.UNKNOWN_MACHINE):
        assert not processes.is_gone(replace(me, machine=machine, started=0))


def test_a_run_taken_for_dead_writes_no_more(database: Database, tmp_path: Path) -> None:
    """A run that wakes after others took its entries changes nothing, and says why it ends."""
    with opened(database, tmp_path) as asleep, opened(database, tmp_path / "other") as heir:

        async def wake() -> None:
            [claim] = await claim_all(asleep, URLS[:1])
            age(database, asleep.run_id, 61)
            await heir.beat()
            [taken] = await heir.claim(limits())
            assert taken.entry_id == claim.entry_id
            with pytest.raises(RunLost):
                await asleep.record(record(claim))
            with pytest.raises(RunLost):
                await asleep.claim(limits())
            with pytest.raises(RunLost):
                await asleep.hold_lane("hop.example")
            await heir.record(record(taken))

        asyncio.run(wake())
        assert isinstance(asleep.failure, RunLost)
    assert database.rows("SELECT harvest_id FROM visits") == [(heir.run_id,)]
    assert database.rows("SELECT finish_reason FROM harvests ORDER BY harvest_id") == [
        ("killed",),
        ("finished",),
    ]


def test_a_run_that_ends_lets_go(database: Database, tmp_path: Path) -> None:
    """Closing puts back what was not done, keeps the hosts' delay, and counts what was."""
    with opened(database, tmp_path, settings={runs.HOST_DELAY: 30.0}) as session:

        async def work() -> None:
            done, _left = await claim_all(session, URLS[:2])
            await session.record(record(done))

        asyncio.run(work())
    [(reason, discovered, still_due, tally)] = database.rows(
        "SELECT finish_reason, discovered, still_due, tally FROM harvests"
    )
    assert (reason, discovered, still_due) == ("finished", 2, 1)
    assert "fetched" in str(tally)
    [(run, free_at, ended)] = database.rows(
        "SELECT l.run_id, l.free_at, h.ended_at FROM lane l, harvest h WHERE l.name LIKE 'host:%'"
    )
    assert run is None
    assert database.instant(free_at) - database.instant(ended) == timedelta(seconds=30)
    assert database.rows("SELECT run_id FROM frontier WHERE run_id IS NOT NULL") == []


def test_a_run_ends_once(database: Database, tmp_path: Path) -> None:
    """Of two that close a run the first says how it ended."""
    ledger = Ledger(database, tmp_path)
    for reason in ("first", "second"):
        with ledger.begin() as connection:
            runs.close_run(
                connection, ledger.run_id, Closing(reason=reason, exit_code=0), ledger.now
            )
    assert database.one("SELECT finish_reason FROM harvests") == "first"


def test_short_writers_always_get_through(database: Database, tmp_path: Path) -> None:
    """While one run holds a host, another can still add to it, and the first claims it."""
    with opened(database, tmp_path) as holding, opened(database, tmp_path / "other") as adding:

        async def work() -> None:
            await claim_all(holding, URLS[:1])
            assert await adding.add_seeds([Seed(url=URLS[1])]) == 1
            assert await adding.claim(limits()) == []
            assert [claim.url for claim in await holding.claim(limits())] == [URLS[1]]

        asyncio.run(work())


def test_two_claims_of_one_run_take_nothing_from_each_other(
    database: Database, tmp_path: Path
) -> None:
    """Claims begun together do not take each other's entries for strays."""
    with opened(database, tmp_path) as session:

        async def work() -> None:
            await session.add_seeds([Seed(url=url) for url in URLS])
            several = await asyncio.gather(*(session.claim(limits(4)) for _ in range(4)))
            ids = [claim.entry_id for claims in several for claim in claims]
            assert len(ids) == len(set(ids)) == session.in_flight

        asyncio.run(work())
        held = database.one("SELECT count(*) FROM frontier WHERE run_id IS NOT NULL")
        assert held == session.in_flight
