"""The lower bound that finds what is due: it holds whatever is done to a lane."""

from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from support.databases import Database
from support.ledgers import Ledger
from support.records import AT, limits

from crawler.core.words import Purpose
from storage import frontier
from storage.frontier import Entry
from storage.records import Claim  # noqa: TC001 - as in every other file


class Lanes(RuleBasedStateMachine):
    """Adds, claims, finishes, releases and hastens at random."""

    ledger: Ledger
    HOSTS = ("a.example", "b.example")

    def __init__(self) -> None:
        super().__init__()
        self.held: list[Claim] = []
        self.other_held: list[Claim] = []
        for table in ("frontier", "lane", "resource"):
            self.ledger.database.execute(f"DELETE FROM {table}")
        self.ledger.now = AT

    @rule(
        host=st.sampled_from(HOSTS),
        path=st.integers(0, 8),
        due=st.integers(-50, 200),
        priority=st.sampled_from(frontier.PRIORITIES),
        hasten=st.booleans(),
    )
    def add(self, host: str, path: int, due: int, priority: int, hasten: bool) -> None:  # noqa: FBT001
        """Add an entry, or hasten it."""
        url = f"http://{host}/{path}"
        self.ledger.link(url, follow=False)
        resource_id = self.ledger.database.one("SELECT id FROM resource WHERE url = ?", [url])
        entry = Entry(
            resource_id=resource_id,
            purpose=Purpose.VISIT,
            lane=f"host:{host}",
            due_at=self.ledger.now + timedelta(seconds=due),
            priority=priority,
        )
        with self.ledger.begin() as connection:
            frontier.add(connection, [entry], hasten=hasten)

    @rule(entries=st.integers(1, 4), per_host=st.integers(1, 3))
    def claim(self, entries: int, per_host: int) -> None:
        """Claim what is due."""
        self.held += self.ledger.claim(limits(entries, per_host=per_host))

    @rule(due=st.none() | st.integers(0, 100), which=st.integers(0, 9))
    def finish(self, due: int | None, which: int) -> None:
        """End an errand, for good or until later."""
        if self.held:
            claim = self.held.pop(which % len(self.held))
            at = None if due is None else self.ledger.now + timedelta(seconds=due)
            with self.ledger.begin() as connection:
                frontier.finish(connection, claim.entry_id, at)

    @rule(which=st.integers(0, 9))
    def release(self, which: int) -> None:
        """Put an errand back."""
        if self.held:
            claim = self.held.pop(which % len(self.held))
            with self.ledger.begin() as connection:
                frontier.release(connection, [claim.entry_id])

    @rule()
    def lose_all(self) -> None:
        """Die."""
        self.held.clear()
        with self.ledger.begin() as connection:
            frontier.release_run(connection, self.ledger.run_id, self.ledger.now)

    @rule(seconds=st.integers(1, 60))
    def wait(self, seconds: int) -> None:
        """Let time pass."""
        self.ledger.wait(seconds=seconds)

    @invariant()
    def every_entry_can_be_found(self) -> None:
        """A lane's next due time is never later than its earliest unclaimed entry."""
        late = self.ledger.database.rows(
            "SELECT f.lane, f.due_at, l.next_due_at FROM frontier f"
            " LEFT JOIN lane l ON l.name = f.lane WHERE f.run_id IS NULL"
            " AND (l.next_due_at IS NULL OR l.next_due_at > f.due_at)"
        )
        assert late == []

    def teardown(self) -> None:
        """All that is due is claimed in the end: nothing was forgotten in a lane."""
        self.ledger.wait(days=1)
        while claims := self.ledger.claim(limits(per_host=3)):
            with self.ledger.begin() as connection:
                for claim in claims + self.held:
                    frontier.finish(connection, claim.entry_id, None)
            self.held.clear()
        assert self.ledger.entries() == [] or self.held


def test_no_entry_is_ever_forgotten(database: Database, tmp_path: Path) -> None:
    """Whatever is done to it, a lane's next due time stays a lower bound, and all gets claimed."""
    machine = type("Machine", (Lanes,), {"ledger": Ledger(database, tmp_path)})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=10,
            stateful_step_count=20,
            deadline=None,
            phases=[Phase.explicit, Phase.generate],  # each step is a transaction: no shrinking
            suppress_health_check=list(HealthCheck),
        ),
    )
