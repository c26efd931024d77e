"""Life of a resource: states, confirmation windows, recovery, the next visit."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.core.lifecycle import LifecyclePolicy, lookup_again, next_visit
from crawler.core.values import History, NextStep, Verdict
from crawler.core.words import Answer, Liveness, State

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
POLICY = LifecyclePolicy()
NEVER_DEAD = frozenset(Liveness) - {
    Liveness.GONE,
    Liveness.SOFT_GONE,
    Liveness.WITHDRAWN,
    Liveness.HOST_GONE,
    Liveness.PARKED,
}

moments = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
histories = st.builds(
    History,
    url=st.just("https://paper.example/a"),
    state=st.sampled_from(State),
    liveness=st.none() | st.sampled_from(Liveness),
    consecutive_failures=st.integers(0, 10_000),
    first_failed_at=st.none() | moments,
    last_visited_at=st.none() | moments,
    has_complete_version=st.booleans(),
)


def says(liveness: Liveness, reason: str = "rule") -> Verdict:
    return Verdict(liveness=liveness, confidence=1.0, reasons=(reason,))


def live(
    *verdicts: Verdict | Liveness,
    gap: timedelta = 3 * DAY,
    policy: LifecyclePolicy = POLICY,
    start: History | None = None,
    host_dead: bool = False,
) -> list[NextStep]:
    """Visit a resource once a gap and return what followed each time."""
    history, steps = start or History(url="https://paper.example/a"), []
    for count, verdict in enumerate(verdicts):
        now = NOW + count * gap
        said = says(verdict) if isinstance(verdict, Liveness) else verdict
        step = next_visit(history, said, policy, now, host_dead=host_dead)
        history = replace(
            history,
            state=step.state,
            liveness=said.liveness,
            consecutive_failures=step.consecutive_failures,
            first_failed_at=step.first_failed_at,
            last_visited_at=now,
        )
        steps.append(step)
    return steps


def waits(steps: list[NextStep], gap: timedelta) -> list[timedelta | None]:
    """How long after each visit the next one is due."""
    return [
        None if step.due_at is None else step.due_at - (NOW + count * gap)
        for count, step in enumerate(steps)
    ]


G410 = says(Liveness.GONE, "http_410")


@pytest.mark.parametrize(
    ("verdicts", "gap", "states", "recovers", "days"),
    [
        ([Liveness.ALIVE], DAY, "alive", [False], [7]),
        ([Liveness.PAYWALLED], DAY, "alive", [False], [7]),
        ([Liveness.MOVED], DAY, "moved", [False], [None]),
        ([Liveness.GONE] * 3, 3 * DAY, "suspected suspected dead", [True] * 3, [3, 3, 3]),
        ([Liveness.SOFT_GONE] * 2, 3 * DAY, "suspected dead", [True] * 2, [3, 3]),
        ([G410] * 2, 30 * DAY, "dead dead", [True] * 2, [30, None]),
        ([Liveness.WITHDRAWN] * 2, 30 * DAY, "suspected dead", [True] * 2, [30, None]),
        ([Liveness.HOST_GONE] * 3, DAY, "suspected suspected dead", [True] * 3, [1, 1, 1]),
        ([Liveness.PARKED] * 3, DAY, "suspected suspected dead", [True] * 3, [1, 1, 1]),
        ([Liveness.BLOCKED] * 5, DAY, "unknown " * 5, [True] * 5, [1, 2, 4, 7, 7]),
        ([Liveness.LOGIN], DAY, "unknown", [True], [1]),
        ([Liveness.GEO_BLOCKED], DAY, "unknown", [True], [1]),
        ([Liveness.CONSENT], DAY, "unknown", [True], [1]),
        ([Liveness.DISALLOWED], DAY, "unknown", [False], [7]),
        ([Liveness.UNKNOWN] * 3, DAY, "unknown " * 3, [False, True, True], [1, 1, 1]),
    ],
)
def test_the_table(
    verdicts: list[Verdict | Liveness],
    gap: timedelta,
    states: str,
    recovers: list[bool],
    days: list[int | None],
) -> None:
    """Each liveness leads to the state, the recovery and the next visit its row names."""
    steps = live(*verdicts, gap=gap)
    assert [step.state.value for step in steps] == states.split()
    assert [step.recover for step in steps] == recovers
    assert waits(steps, gap) == [day if day is None else day * DAY for day in days]


def test_throttled_doubles_from_a_minute_and_recovers_after_three() -> None:
    """A throttled page keeps its state, waits 60 s doubling, and is recovered after three."""
    steps = live(*[Liveness.THROTTLED] * 4, gap=timedelta(minutes=10))
    assert [step.recover for step in steps] == [False, False, True, True]
    assert {step.state for step in steps} == {State.UNVISITED}
    assert waits(steps, timedelta(minutes=10)) == [
        timedelta(seconds=wait) for wait in (60, 120, 240, 480)
    ]


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [(5.0, 5), (None, 60), (0.0, 60), (-3.0, 60), (float("nan"), 60), (1e12, 86_400)],
)
def test_retry_after_is_kept_within_reason(asked: float | None, seconds: int) -> None:
    """Retry-After is obeyed up to a day; an absent or senseless one counts as absent."""
    history = History(url="https://paper.example/a")
    step = next_visit(history, says(Liveness.THROTTLED), POLICY, NOW, retry_after=asked)
    assert step.due_at == NOW + timedelta(seconds=seconds)


def test_unreachable_is_suspected_after_two_and_never_dead_alone() -> None:
    """A year of outages suspects a page and recovers it; it takes its host's death to kill it."""
    steps = live(*[Liveness.UNREACHABLE] * 120)
    assert [step.state for step in steps[:2]] == [State.UNVISITED, State.SUSPECTED]
    assert [step.recover for step in steps[:2]] == [False, True]
    assert {step.state for step in steps[2:]} == {State.SUSPECTED}
    assert waits(steps, 3 * DAY)[:3] == [timedelta(hours=hours) for hours in (1, 2, 4)]
    assert waits(steps, 3 * DAY)[-1] == DAY


def test_unreachable_dies_with_its_host_after_a_fortnight() -> None:
    """With the host known dead, a page is dead once its outage has lasted 14 days."""
    steps = live(*[Liveness.UNREACHABLE] * 16, gap=DAY, host_dead=True)
    assert steps[13].state is State.SUSPECTED
    assert steps[14].state is State.DEAD


def test_a_visit_inside_the_window_is_no_witness() -> None:
    """Ten visits in ten hours are one witness; three days later stands the second."""
    early = live(*[Liveness.GONE] * 10, gap=timedelta(hours=1))
    assert {step.state for step in early} == {State.SUSPECTED}
    assert {step.consecutive_failures for step in early} == {1}
    later = live(Liveness.GONE, Liveness.GONE, gap=3 * DAY)
    assert later[-1].consecutive_failures == 2


def test_a_visit_recorded_a_little_late_still_counts() -> None:
    """The time a visit itself takes does not cost a witness."""
    history = History(
        url="https://paper.example/a",
        state=State.SUSPECTED,
        liveness=Liveness.GONE,
        consecutive_failures=2,
        first_failed_at=NOW - 6 * DAY,
        last_visited_at=NOW - 3 * DAY + timedelta(minutes=5),
    )
    assert next_visit(history, says(Liveness.GONE), POLICY, NOW).state is State.DEAD


def test_another_class_of_failure_starts_a_new_count() -> None:
    """Two 404s, an outage and a 404 are not three witnesses in a row."""
    steps = live(Liveness.GONE, Liveness.GONE, Liveness.UNREACHABLE, Liveness.GONE)
    assert [step.consecutive_failures for step in steps] == [1, 2, 1, 1]
    assert {step.state for step in steps} == {State.SUSPECTED}
    assert steps[-1].first_failed_at == NOW + 9 * DAY


def test_soft_gone_and_gone_witness_the_same_absence() -> None:
    """A page that said 200 'not found' and then 404 has two witnesses, not one."""
    steps = live(Liveness.SOFT_GONE, Liveness.GONE, Liveness.SOFT_GONE)
    assert [step.state.value for step in steps] == ["suspected", "suspected", "dead"]


def test_a_410_after_404s_still_gets_its_last_recheck() -> None:
    """A 410 kills at once whatever came before, and is looked at once more after 30 days."""
    steps = live(Liveness.GONE, Liveness.GONE, G410, G410)
    assert [step.state.value for step in steps] == ["suspected", "suspected", "dead", "dead"]
    assert waits(steps, 3 * DAY)[2:] == [30 * DAY, None]


@given(histories, st.sampled_from([Liveness.ALIVE, Liveness.PAYWALLED, Liveness.MOVED]))
def test_any_success_resets(history: History, liveness: Liveness) -> None:
    """After a success no failure is counted, whatever the history."""
    step = next_visit(history, says(liveness), POLICY, NOW)
    assert (step.consecutive_failures, step.first_failed_at, step.recover) == (0, None, False)
    assert step.state in {State.ALIVE, State.MOVED}


@given(histories, st.sampled_from(sorted(NEVER_DEAD)))
def test_refusals_and_outages_never_kill(history: History, liveness: Liveness) -> None:
    """No refusal, pause, outage, robots or unreadable page turns a resource dead."""
    step = next_visit(history, says(liveness), POLICY, NOW)
    assert step.state is not State.DEAD or history.state is State.DEAD


@given(histories, st.sampled_from(Liveness), st.sampled_from(["rule", "http_410"]))
def test_what_is_held_is_never_recovered_again(
    history: History, liveness: Liveness, reason: str
) -> None:
    """With a complete good version held no archive is asked; no history raises."""
    held = replace(history, has_complete_version=True)
    assert not next_visit(held, says(liveness, reason), POLICY, NOW).recover


@given(histories, st.sampled_from(Liveness))
def test_a_policy_of_zeros_never_waits(history: History, liveness: Liveness) -> None:
    """Every wait can be set to 0, and then the next visit is due at once."""
    zeros = LifecyclePolicy(
        **{
            name: timedelta(0)
            for name in LifecyclePolicy.__dataclass_fields__
            if isinstance(getattr(POLICY, name), timedelta)
        }
    )
    step = next_visit(history, says(liveness), zeros, NOW)
    assert step.due_at in {NOW, None}
    fails = (Liveness.GONE, Liveness.GONE, Liveness.GONE)
    assert live(*fails, gap=timedelta(0), policy=zeros)[-1].state is State.DEAD


def test_disallowed_is_recovered_if_the_policy_says_so() -> None:
    """Whether a page that robots.txt closes is asked of archives is a choice."""
    willing = LifecyclePolicy(recover_disallowed=True)
    assert live(Liveness.DISALLOWED, policy=willing)[0].recover


@pytest.mark.parametrize(
    ("answer", "attempts", "retry_after", "wait"),
    [
        (Answer.HAS, 1, None, None),
        (Answer.HAS_NOT, 1, None, 90 * DAY),
        (Answer.EXCLUDED, 1, None, 365 * DAY),
        (Answer.COULD_NOT_ASK, 1, None, timedelta(seconds=60)),
        (Answer.COULD_NOT_ASK, 4, None, timedelta(seconds=480)),
        (Answer.COULD_NOT_ASK, 50, None, DAY),
        (Answer.COULD_NOT_ASK, 1, 300.0, timedelta(seconds=300)),
    ],
)
def test_an_archive_is_asked_again(
    answer: Answer, attempts: int, retry_after: float | None, wait: timedelta | None
) -> None:
    """An absence is asked again after months, a failure to ask soon, an answer never."""
    again = lookup_again(answer, NOW, POLICY, retry_after, attempts=attempts)
    assert again == (None if wait is None else NOW + wait)
