"""A host as a whole: its outages, which are no deaths, and since when it answers nothing.

Half of the addresses that lived before failing in one run is the host's outage: their states stay,
and they are visited again soon. An outage that lasts is believed in the end, as is a run in which
most of the host's pages live beside those that fail.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from crawler.core.lifecycle import HTTP_410, LifecyclePolicy
from crawler.core.values import History, NextStep, Verdict
from crawler.core.words import Liveness, State

_SILENT = frozenset({Liveness.UNREACHABLE, Liveness.HOST_GONE})
_FALLS = _SILENT | {Liveness.GONE, Liveness.SOFT_GONE, Liveness.PARKED}
_GOOD = frozenset({Liveness.ALIVE, Liveness.PAYWALLED, Liveness.MOVED})
_LONGEST_WAIT = timedelta(days=1)
_UNASKED = frozenset({Liveness.DISALLOWED, Liveness.UNKNOWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class HostLife:
    """What the ledger keeps of a host's life. The two counts are of one run."""

    run_id: int | None = None
    alive: int = 0  # addresses that lived before, and in this run
    failed: int = 0  # addresses that lived before, and failed in it
    outage_since: datetime | None = None
    failing_since: datetime | None = None  # nothing answered since
    parked_since: datetime | None = None  # nothing lived since


def in_run(life: HostLife, run_id: int, policy: LifecyclePolicy) -> HostLife:
    """Return a host's life as a run begins with it.

    An outage is over when the run before saw some live and was none itself. A run that saw only
    failures, few or many, says nothing of its end.
    """
    if life.run_id == run_id:
        return life
    is_over = life.alive > 0 and not _is_outage(life, policy)
    since = None if is_over else life.outage_since
    return replace(life, run_id=run_id, alive=0, failed=0, outage_since=since)


def seen(life: HostLife, history: History, verdict: Verdict, now: datetime) -> HostLife:
    """Return a host's life after one visit to the live web."""
    liveness = verdict.liveness
    if falls(history, verdict):
        life = replace(life, failed=life.failed + 1)
    if liveness in _GOOD:
        lived = history.state is State.ALIVE
        life = replace(life, alive=life.alive + lived, parked_since=None)
    elif liveness is Liveness.PARKED:
        life = replace(life, parked_since=life.parked_since or now)
    if liveness in _SILENT:
        return replace(life, failing_since=life.failing_since or now)
    return life if liveness in _UNASKED else replace(life, failing_since=None)


def falls(history: History, verdict: Verdict) -> bool:
    """Whether an address that lived failed as it would in an outage.

    A 410 and a withdrawal are somebody's decision, a refusal is no failure.
    """
    lived = history.state is State.ALIVE
    return lived and verdict.liveness in _FALLS and HTTP_410 not in verdict.reasons


def judge_outage(life: HostLife, policy: LifecyclePolicy, now: datetime) -> HostLife:
    """Return the life with the beginning of an outage on it, if the counts say that there is one.

    Call it once for each host of a group, after `seen` for all its visits.
    """
    if not _is_outage(life, policy):
        return life
    return replace(life, outage_since=life.outage_since or now)


def is_held(life: HostLife, policy: LifecyclePolicy, now: datetime) -> bool:
    """Whether the states of what falls are to stay: an outage, and not one that lasts too long."""
    since = life.outage_since
    return _is_outage(life, policy) and since is not None and now - since <= policy.outage_longest


def again_at(life: HostLife, policy: LifecyclePolicy, now: datetime) -> datetime:
    """Return when pages that fell in an outage are visited again: soon, then ever later.

    The wait is as long as the outage has lasted, so that it doubles; a day at most.
    """
    lasted = now - (life.outage_since or now)
    return now + max(policy.outage_recheck, min(lasted, _LONGEST_WAIT))


def is_dead(life: HostLife, policy: LifecyclePolicy, now: datetime) -> bool:
    """Whether nothing of the host has answered for so long that its pages may die with it."""
    since = life.failing_since
    return since is not None and now - since >= policy.unreachable_death


def held(step: NextStep, history: History, verdict: Verdict, at: datetime) -> NextStep:
    """Return the step of a visit that fell in an outage: all as it was, next visit at `at`.

    Of a server that did not answer, its own back-off stands: it may have asked for it.
    """
    due_at = step.due_at if verdict.liveness is Liveness.UNREACHABLE else at
    return replace(
        step,
        state=history.state,
        due_at=due_at,
        recover=False,
        consecutive_failures=history.consecutive_failures,
        first_failed_at=history.first_failed_at,
    )


def _is_outage(life: HostLife, policy: LifecyclePolicy) -> bool:
    if not policy.outage_least or life.failed < policy.outage_least:
        return False
    return life.failed >= policy.outage_share * (life.failed + life.alive)
