"""Time lines of a host's pages, replayed through the pure rules as the ledger applies them.

A fate says what a visit to a page finds at a time. `play` visits what is due, run after run and
group after group, and keeps when each page was taken for dead.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from crawler.core import hosts
from crawler.core.hosts import HostLife
from crawler.core.lifecycle import LifecyclePolicy, next_visit
from crawler.core.values import History, NextStep, Verdict
from crawler.core.words import Liveness, State

START = datetime(2026, 1, 5, tzinfo=UTC)
GROUP = 3  # visits that the ledger writes together

Fate = Callable[[float], Liveness]
"""What a visit finds, by the days since the start."""


@dataclass(slots=True)
class Page:
    """A page on its way through time."""

    fate: Fate
    history: History
    due_at: datetime | None = START
    died: list[float] = field(default_factory=list)  # days since the start
    revived: list[float] = field(default_factory=list)

    @property
    def state(self) -> State:
        """What the history says by now."""
        return self.history.state


@dataclass(slots=True)
class _Run:
    """One run over a host: its life, and what fell before an outage was known."""

    life: HostLife
    fallen: list[tuple[Page, History]] = field(default_factory=list)


def play(
    fates: Sequence[Fate], days: float, policy: LifecyclePolicy | None = None
) -> tuple[list[Page], int]:
    """Replay the fates of a host's pages for so many days; return the pages and the visits made."""
    numbers = policy or LifecyclePolicy()
    pages = [
        Page(fate, History(url=f"https://paper.example/{place}"))
        for place, fate in enumerate(fates)
    ]
    life, visits, run_id = HostLife(), 0, 0
    while dues := [page.due_at for page in pages if page.due_at is not None]:
        now = min(dues)
        if now > START + timedelta(days=days):
            break
        run_id += 1
        due = [page for page in pages if page.due_at is not None and page.due_at <= now]
        visits += len(due)
        run = _Run(hosts.in_run(life, run_id, numbers))
        for start in range(0, len(due), GROUP):
            _group(run, due[start : start + GROUP], now, numbers)
        life = run.life
    return pages, visits


def _group(run: _Run, pages: Sequence[Page], now: datetime, policy: LifecyclePolicy) -> None:
    """Apply one group of visits, as `storage.ledger` does."""
    told = [(page, _verdict(page.fate(_days(now)))) for page in pages]
    for page, verdict in told:
        run.life = hosts.seen(run.life, page.history, verdict, now)
    run.life = hosts.judge_outage(run.life, policy, now)
    held = hosts.is_held(run.life, policy, now)
    host_dead = hosts.is_dead(run.life, policy, now)
    again_at = hosts.again_at(run.life, policy, now)
    for page, verdict in told:
        before = page.history
        step = next_visit(before, verdict, policy, now, host_dead=host_dead)
        if hosts.falls(before, verdict):
            if held:
                step = hosts.held(step, before, verdict, again_at)
            else:
                run.fallen.append((page, before))
        _take(page, verdict, step, now)
    if held:
        for page, before in run.fallen:
            _take_back(page, before, again_at)
        run.fallen.clear()


def _take(page: Page, verdict: Verdict, step: NextStep, now: datetime) -> None:
    if step.state is not page.state:
        if step.state is State.DEAD:
            page.died.append(_days(now))
        elif page.state is State.DEAD:
            page.revived.append(_days(now))
    good = verdict.is_good
    page.due_at = step.due_at
    page.history = replace(
        page.history,
        state=step.state,
        liveness=verdict.liveness,
        consecutive_failures=step.consecutive_failures,
        first_failed_at=step.first_failed_at,
        last_visited_at=now,
        last_ok_at=now if good else page.history.last_ok_at,
        visits=page.history.visits + 1,
        has_complete_version=page.history.has_complete_version or good,
    )


def _take_back(page: Page, before: History, again_at: datetime) -> None:
    page.due_at = again_at
    page.history = replace(
        page.history,
        state=before.state,
        consecutive_failures=before.consecutive_failures,
        first_failed_at=before.first_failed_at,
    )


def _verdict(liveness: Liveness) -> Verdict:
    return Verdict(liveness=liveness, confidence=1.0, reasons=(f"rule_{liveness}",))


def _days(now: datetime) -> float:
    return (now - START) / timedelta(days=1)
