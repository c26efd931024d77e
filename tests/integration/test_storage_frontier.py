"""The frontier: what a claim takes, what it leaves, and the lower bound that finds it."""

from pathlib import Path

from support.databases import Database
from support.ledgers import Ledger, another_run
from support.records import AT, after, limits

from crawler.core.words import Purpose
from storage import frontier, runs
from storage.frontier import BACKFILL, NORMAL, URGENT, Entry
from storage.records import Claim

HOST = "http://paper.example"


def paths(claims: list[Claim]) -> list[str]:
    """Return what the claims' addresses end in."""
    return [claim.url.rpartition("/")[2] for claim in claims]


def plan(ledger: Ledger, *entries: tuple[str, int, float]) -> None:
    """Add entries of one host: path, priority, and when they are due in seconds."""
    ledger.link(*(f"{HOST}/{path}" for path, _priority, _due in entries), follow=False)
    ids = dict(ledger.database.rows("SELECT url, id FROM resource"))
    with ledger.begin() as connection:
        frontier.add(
            connection,
            [
                Entry(
                    resource_id=ids[f"{HOST}/{path}"],
                    purpose=Purpose.VISIT,
                    lane="host:paper.example",
                    due_at=after(seconds=due),
                    priority=priority,
                )
                for path, priority, due in entries
            ],
        )


def test_a_host_gives_at_most_what_it_may(database: Database, tmp_path: Path) -> None:
    """No more than `per_host` entries of a host are in a run's hands, over all its claims."""
    ledger = Ledger(database, tmp_path)
    ledger.seed(*(f"{HOST}/{n}" for n in range(5)))
    first = ledger.claim(limits(per_host=2))
    assert len(first) == 2
    assert ledger.claim(limits(per_host=2)) == []
    assert len(ledger.claim(limits(per_host=3))) == 1


def test_all_hosts_together_give_at_most_the_limit(database: Database, tmp_path: Path) -> None:
    """A claim never takes more than it was told, and takes it from several hosts."""
    ledger = Ledger(database, tmp_path)
    ledger.seed(*(f"http://h{host}.example/{n}" for host in range(4) for n in range(3)))
    claims = ledger.claim(limits(5, per_host=2))
    assert len(claims) == 5
    assert len({claim.lane for claim in claims}) >= 3


def test_the_urgent_goes_first_then_the_oldest(database: Database, tmp_path: Path) -> None:
    """Within a host the most urgent entry is taken first, and of equals the one due first."""
    ledger = Ledger(database, tmp_path)
    plan(
        ledger,
        ("backfill", BACKFILL, -900),
        ("normal-late", NORMAL, -10),
        ("normal-early", NORMAL, -20),
        ("urgent", URGENT, -1),
        ("not-yet", URGENT, +1),
    )
    order = [paths(ledger.claim(limits(per_host=depth))) for depth in range(1, 6)]
    assert order == [["urgent"], ["normal-early"], ["normal-late"], ["backfill"], []]


def test_equals_are_taken_in_the_order_they_were_found(database: Database, tmp_path: Path) -> None:
    """Entries due at one moment go first come, first served, each once."""
    ledger = Ledger(database, tmp_path)
    plan(ledger, *((f"{n}", NORMAL, 0) for n in range(8)))
    assert sorted(paths(ledger.claim(limits(per_host=5)))) == ["0", "1", "2", "3", "4"]
    assert sorted(paths(ledger.claim(limits(per_host=8)))) == ["5", "6", "7"]


def test_what_is_not_due_is_not_taken(database: Database, tmp_path: Path) -> None:
    """An entry is claimed from its due time on, not before."""
    ledger = Ledger(database, tmp_path)
    plan(ledger, ("later", NORMAL, 60))
    assert ledger.claim() == []
    ledger.wait(seconds=60)
    assert paths(ledger.claim()) == ["later"]


def test_a_lane_of_another_run_is_left_alone(database: Database, tmp_path: Path) -> None:
    """While one run holds a host, another claims nothing of it, and is told who waits."""
    ledger = Ledger(database, tmp_path)
    other = another_run(ledger, tmp_path)
    ledger.seed(*(f"{HOST}/{n}" for n in range(5)))
    assert len(ledger.claim(limits(per_host=2))) == 2
    assert other.claim() == []
    with other.begin() as connection:
        held = frontier.held_by_others(connection, other.run_id, other.now)
        assert frontier.ready_at(connection, other.run_id, (), other.now) is None
    assert held == ["host:paper.example"]
    ledger.seed("http://free.example/")
    assert [claim.lane for claim in other.claim()] == ["host:free.example"]


def test_a_new_holder_keeps_the_last_ones_delay(database: Database, tmp_path: Path) -> None:
    """A lane that was let go is taken up by another run only after the host's delay."""
    ledger = Ledger(database, tmp_path)
    other = another_run(ledger, tmp_path)
    ledger.seed(f"{HOST}/a")
    [claim] = ledger.claim()
    with ledger.begin() as connection:
        frontier.finish(connection, claim.entry_id, after(days=1))
    assert ledger.claim(limits(host_delay=5.0)) == []  # nothing due: it lets the lane go
    ledger.seed(f"{HOST}/b")
    assert other.claim() == []
    with other.begin() as connection:
        assert frontier.ready_at(connection, other.run_id, (), AT) == after(seconds=5)
        assert frontier.next_due(connection, other.run_id, (), AT) == after(seconds=5)
    other.wait(seconds=5)
    assert paths(other.claim()) == ["b"]


def test_a_lane_with_work_in_hand_is_kept(database: Database, tmp_path: Path) -> None:
    """A run keeps a host as long as it has an entry of it in hand, or borrowed its lane."""
    ledger = Ledger(database, tmp_path)
    other = another_run(ledger, tmp_path)
    ledger.seed(f"{HOST}/a")
    [claim] = ledger.claim()
    ledger.seed(f"{HOST}/b")
    assert ledger.claim(limits(per_host=1)) == []
    assert other.claim() == []
    with ledger.begin() as connection:
        frontier.finish(connection, claim.entry_id, None)
        assert frontier.hold_lane(connection, ledger.run_id, "host:hop.example", AT)
    borrowed = frozenset({"host:hop.example"})
    assert paths(ledger.claim(limits(borrowed=borrowed))) == ["b"]
    with other.begin() as connection:
        assert not frontier.hold_lane(connection, other.run_id, "host:hop.example", AT)
    ledger.claim()
    with other.begin() as connection:
        assert frontier.hold_lane(connection, other.run_id, "host:hop.example", AT)


def test_a_lane_is_held_by_one(database: Database, tmp_path: Path) -> None:
    """A redirect's hop gets a host that nobody holds, gets it again, and keeps others out."""
    ledger = Ledger(database, tmp_path)
    other = another_run(ledger, tmp_path)
    with ledger.begin() as connection:
        assert frontier.hold_lane(connection, ledger.run_id, "host:a.example", AT)
        assert frontier.hold_lane(connection, ledger.run_id, "host:a.example", AT)
    with other.begin() as connection:
        assert not frontier.hold_lane(connection, other.run_id, "host:a.example", AT)
    ledger.seed("http://a.example/")
    assert other.claim() == []
    assert len(ledger.claim()) == 1


def test_a_claim_counts_attempts_until_an_outcome(database: Database, tmp_path: Path) -> None:
    """An entry that was claimed and put back says how often; an outcome starts anew."""
    ledger = Ledger(database, tmp_path)
    ledger.seed(f"{HOST}/a")
    seen = []
    for _ in range(3):
        [claim] = ledger.claim()
        seen.append(claim.attempts)
        with ledger.begin() as connection:
            frontier.release(connection, [claim.entry_id])
    [claim] = ledger.claim()
    with ledger.begin() as connection:
        frontier.finish(connection, claim.entry_id, AT)
    [claim] = ledger.claim()
    assert (seen, claim.attempts) == ([1, 2, 3], 1)


def test_strays_come_back(database: Database, tmp_path: Path) -> None:
    """What a run holds without knowing is put back, due at once; what it knows is not touched."""
    ledger = Ledger(database, tmp_path)
    ledger.seed(f"{HOST}/a", f"{HOST}/b")
    known, stray = ledger.claim()
    with ledger.begin() as connection:
        frontier.release_strays(connection, ledger.run_id, [known.entry_id])
    assert [again.entry_id for again in ledger.claim()] == [stray.entry_id]


def test_an_entry_is_brought_forward_never_put_off(database: Database, tmp_path: Path) -> None:
    """Hastening makes an entry due sooner, never later; a plain repetition changes nothing."""
    ledger = Ledger(database, tmp_path)
    plan(ledger, ("a", NORMAL, 60))
    plan(ledger, ("a", NORMAL, 30))
    assert ledger.next_due() == after(seconds=60)
    resource_id = database.one("SELECT id FROM resource")

    def hasten(seconds: float) -> None:
        entry = Entry(
            resource_id=resource_id,
            purpose=Purpose.VISIT,
            lane="host:paper.example",
            due_at=after(seconds=seconds),
        )
        with ledger.begin() as connection:
            assert frontier.add(connection, [entry], hasten=True) == 0

    hasten(30)
    assert ledger.next_due() == after(seconds=30)
    hasten(90)
    assert ledger.next_due() == after(seconds=30)
    ledger.wait(seconds=30)
    assert paths(ledger.claim()) == ["a"]


def test_all_that_is_in_hand_is_counted_as_due(database: Database, tmp_path: Path) -> None:
    """The count of what is due knows what is in someone's hands and what waits."""
    ledger = Ledger(database, tmp_path)
    ledger.seed(f"{HOST}/a", f"{HOST}/b", "http://b.example/")
    ledger.claim(limits(per_host=1))
    with ledger.begin() as connection:
        assert frontier.count_due(connection, AT) == 3
        assert frontier.count_waiting(connection, AT) == 1
        assert runs.is_live(connection, ledger.run_id)
