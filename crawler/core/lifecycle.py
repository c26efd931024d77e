"""What follows from a verdict: the state of a resource, when to come back, whether to recover it.

One visit is one witness. Deaths need several, some days apart (three checks, three days apart is
also what InternetArchiveBot does); refusals and outages are never deaths. Any success resets.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from crawler.core.values import History, NextStep, Verdict
from crawler.core.words import Answer, Liveness, State

HTTP_410 = "http_410"
"""The reason code by which a verdict says that the server answered 410, not 404."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class LifecyclePolicy:
    """Every number of the life of a resource. All may be 0; windows of 0 count every visit.

    A wait of 0 makes a page due at once, but not in the run that has just visited it.
    """

    revisit_alive: timedelta = 7 * _DAY  # where the site has no schedule of its own
    revisit_lists: timedelta = timedelta(hours=1)  # front pages, sections, feeds, sitemaps
    gone_witnesses: int = 3
    soft_gone_witnesses: int = 2
    withdrawn_witnesses: int = 2
    gone_window: timedelta = 3 * _DAY  # between two witnesses, and until the next visit
    final_recheck: timedelta = 30 * _DAY  # after 410 or withdrawn, once
    host_gone_witnesses: int = 3
    host_gone_window: timedelta = _DAY
    refused_base: timedelta = _DAY  # blocked, login, geo-blocked, consent; doubles
    refused_cap: timedelta = 7 * _DAY
    throttle_base: timedelta = timedelta(seconds=60)  # without Retry-After; doubles
    throttle_cap: timedelta = _DAY
    throttles_before_recovery: int = 3
    unreachable_base: timedelta = timedelta(hours=1)  # doubles
    unreachable_cap: timedelta = _DAY
    unreachable_witnesses: int = 2  # until suspected and recovered
    unreachable_death: timedelta = 14 * _DAY  # and only together with its host
    outage_share: float = 0.5  # of a host's living pages failing in one run: see `core.hosts`
    outage_least: int = 5  # such pages; fewer make no outage; 0: there are no outages
    outage_recheck: timedelta = timedelta(hours=1)
    outage_longest: timedelta = 3 * _DAY  # then its pages are judged one by one
    revisit_disallowed: timedelta = 7 * _DAY
    recover_disallowed: bool = False  # robots.txt speaks of us, not of the archives: a choice
    revisit_unknown: timedelta = _DAY
    unknowns_before_recovery: int = 2
    longest_retry_after: timedelta = _DAY  # a server may ask for more; it is not believed
    window_slack: timedelta = timedelta(minutes=10)  # a visit takes time; a tenth at most
    lookup_base: timedelta = timedelta(seconds=60)  # an archive that could not be asked; doubles
    lookup_cap: timedelta = _DAY
    lookup_has_not: timedelta = 90 * _DAY  # captures surface 6 to 12 months later
    lookup_excluded: timedelta = 365 * _DAY


class _Class(StrEnum):
    """Failures that count as the same when they come in a row."""

    MISSING = "missing"
    HOST = "host"
    REFUSED = "refused"
    THROTTLED = "throttled"
    UNREACHABLE = "unreachable"
    DISALLOWED = "disallowed"
    UNKNOWN = "unknown"


_CLASS_OF: Mapping[Liveness, _Class] = {
    Liveness.GONE: _Class.MISSING,
    Liveness.SOFT_GONE: _Class.MISSING,
    Liveness.WITHDRAWN: _Class.MISSING,
    Liveness.HOST_GONE: _Class.HOST,
    Liveness.PARKED: _Class.HOST,
    Liveness.BLOCKED: _Class.REFUSED,
    Liveness.LOGIN: _Class.REFUSED,
    Liveness.GEO_BLOCKED: _Class.REFUSED,
    Liveness.CONSENT: _Class.REFUSED,
    Liveness.THROTTLED: _Class.THROTTLED,
    Liveness.UNREACHABLE: _Class.UNREACHABLE,
    Liveness.DISALLOWED: _Class.DISALLOWED,
    Liveness.UNKNOWN: _Class.UNKNOWN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    history: History
    verdict: Verdict
    policy: LifecyclePolicy
    now: datetime
    failures: int  # in a row and of this class, this one included if it counts
    since: datetime  # the first of them
    retry_after: float | None
    host_dead: bool


@dataclass(frozen=True, slots=True)
class _Decision:
    state: State
    wait: timedelta | None
    recover: bool


def next_visit(
    history: History,
    verdict: Verdict,
    policy: LifecyclePolicy,
    now: datetime,
    *,
    retry_after: float | None = None,
    host_dead: bool = False,
) -> NextStep:
    """Decide what follows from one visit to the live web.

    `retry_after` is in seconds, as the server asked; `host_dead` says that the whole host is
    known to be gone. In the step, `consecutive_failures` counts witnesses of one class of
    failure: a visit inside the confirmation window repeats the last one and is not counted.
    """
    klass = _CLASS_OF.get(verdict.liveness)
    if klass is None:
        return _success(verdict, policy, now)
    failures, since = _streak(history, klass, policy, now)
    case = _Case(
        history=history,
        verdict=verdict,
        policy=policy,
        now=now,
        failures=failures,
        since=since,
        retry_after=retry_after,
        host_dead=host_dead,
    )
    decision = _RULES[klass](case)
    return NextStep(
        state=decision.state,
        due_at=None if decision.wait is None else now + decision.wait,
        recover=decision.recover and not history.has_complete_version,
        consecutive_failures=failures,
        first_failed_at=since,
    )


def lookup_again(
    answer: Answer,
    now: datetime,
    policy: LifecyclePolicy,
    retry_after: float | None = None,
    *,
    attempts: int = 1,
) -> datetime | None:
    """Return when to ask the same archive again; None when it has given what it holds.

    `attempts` counts the questions in a row that could not be asked, this one included.
    """
    if answer is Answer.HAS:
        return None
    if answer is Answer.HAS_NOT:
        return now + policy.lookup_has_not
    if answer is Answer.EXCLUDED:
        return now + policy.lookup_excluded
    back_off = _doubling(policy.lookup_base, policy.lookup_cap, attempts)
    return now + (_asked_for(retry_after, policy) or back_off)


def _success(verdict: Verdict, policy: LifecyclePolicy, now: datetime) -> NextStep:
    moved = verdict.liveness is Liveness.MOVED
    return NextStep(
        state=State.MOVED if moved else State.ALIVE,
        due_at=None if moved else now + policy.revisit_alive,  # the target has its own visits
        recover=False,
        consecutive_failures=0,
        first_failed_at=None,
    )


def _streak(
    history: History, klass: _Class, policy: LifecyclePolicy, now: datetime
) -> tuple[int, datetime]:
    """Return how many witnesses of this class stand in a row, and since when."""
    last = None if history.liveness is None else _CLASS_OF.get(history.liveness)
    if last is not klass or not history.consecutive_failures:
        return 1, now
    since = history.first_failed_at or history.last_visited_at or now
    window = {_Class.MISSING: policy.gone_window, _Class.HOST: policy.host_gone_window}.get(klass)
    counts = window is None or _is_apart(history, window, policy, now)
    return history.consecutive_failures + counts, since


def _is_apart(history: History, window: timedelta, policy: LifecyclePolicy, now: datetime) -> bool:
    least = window - min(policy.window_slack, window / 10)
    return history.last_visited_at is None or now - history.last_visited_at >= least


def _missing(case: _Case) -> _Decision:
    final = case.verdict.liveness is Liveness.WITHDRAWN or HTTP_410 in case.verdict.reasons
    dead = case.history.state is State.DEAD or case.failures >= _witnesses_needed(case)
    state = State.DEAD if dead else State.SUSPECTED
    if not final:
        return _Decision(state, case.policy.gone_window, recover=True)
    withdrawn = case.verdict.liveness is Liveness.WITHDRAWN
    settled = dead if withdrawn else case.history.state is State.DEAD
    return _Decision(state, None if settled else case.policy.final_recheck, recover=True)


def _witnesses_needed(case: _Case) -> int:
    if HTTP_410 in case.verdict.reasons:
        return 1
    return {
        Liveness.SOFT_GONE: case.policy.soft_gone_witnesses,
        Liveness.WITHDRAWN: case.policy.withdrawn_witnesses,
    }.get(case.verdict.liveness, case.policy.gone_witnesses)


def _host(case: _Case) -> _Decision:
    dead = case.history.state is State.DEAD or case.failures >= case.policy.host_gone_witnesses
    state = State.DEAD if dead else State.SUSPECTED
    return _Decision(state, case.policy.host_gone_window, recover=True)


def _refused(case: _Case) -> _Decision:
    wait = _doubling(case.policy.refused_base, case.policy.refused_cap, case.failures)
    return _Decision(State.UNKNOWN, wait, recover=True)


def _throttled(case: _Case) -> _Decision:
    wait = _asked_for(case.retry_after, case.policy) or _doubling(
        case.policy.throttle_base, case.policy.throttle_cap, case.failures
    )
    recover = case.failures >= case.policy.throttles_before_recovery
    return _Decision(case.history.state, wait, recover)


def _unreachable(case: _Case) -> _Decision:
    wait = _doubling(case.policy.unreachable_base, case.policy.unreachable_cap, case.failures)
    # An outage often says when it ends (503 with Retry-After); come no sooner.
    wait = max(wait, _asked_for(case.retry_after, case.policy) or wait)
    enough = case.failures >= case.policy.unreachable_witnesses
    return _Decision(_state_unreachable(case, enough=enough), wait, recover=enough)


def _state_unreachable(case: _Case, *, enough: bool) -> State:
    lasted = case.now - case.since >= case.policy.unreachable_death
    if case.history.state is State.DEAD or (case.host_dead and enough and lasted):
        return State.DEAD
    return State.SUSPECTED if enough else case.history.state


def _disallowed(case: _Case) -> _Decision:
    policy = case.policy
    return _Decision(State.UNKNOWN, policy.revisit_disallowed, policy.recover_disallowed)


def _unknown(case: _Case) -> _Decision:
    recover = case.failures >= case.policy.unknowns_before_recovery
    return _Decision(State.UNKNOWN, case.policy.revisit_unknown, recover)


_RULES: Mapping[_Class, Callable[[_Case], _Decision]] = {
    _Class.MISSING: _missing,
    _Class.HOST: _host,
    _Class.REFUSED: _refused,
    _Class.THROTTLED: _throttled,
    _Class.UNREACHABLE: _unreachable,
    _Class.DISALLOWED: _disallowed,
    _Class.UNKNOWN: _unknown,
}


def _asked_for(retry_after: float | None, policy: LifecyclePolicy) -> timedelta | None:
    """Return the wait a server asked for, within reason; None if it asked for none."""
    if retry_after is None or not retry_after > 0:  # NaN compares false
        return None
    return timedelta(seconds=min(retry_after, policy.longest_retry_after.total_seconds()))


def _doubling(base: timedelta, cap: timedelta, failures: int) -> timedelta:
    exponent = min(max(failures, 1) - 1, 60)  # a float is wide enough; a timedelta is not
    return timedelta(seconds=min(cap.total_seconds(), base.total_seconds() * 2.0**exponent))
