"""The budget's tokens are evenly spaced."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.core.budget import take

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_the_first_token_is_free_and_the_next_one_later() -> None:
    """At 24 a minute the second token comes 2.5 s after the first, and a hundredth of that."""
    taken, free_at = take(None, NOW, 24)
    assert (taken, free_at) == (True, NOW + timedelta(seconds=2.525))
    assert take(free_at, NOW + timedelta(seconds=2.5), 24) == (False, free_at)
    assert take(free_at, free_at, 24) == (True, NOW + timedelta(seconds=5.05))


def test_a_token_used_late_does_not_pass_the_rate() -> None:
    """The first of 25 sent half a second late: still no 25 of them lie within one minute."""
    free_at, takes = NOW, []
    for _ in range(25):
        takes.append(free_at)
        _, free_at = take(free_at, free_at, 24)
    assert takes[24] - (takes[0] + timedelta(seconds=0.5)) > timedelta(minutes=1)


@given(st.lists(st.floats(0, 30), max_size=60), st.floats(0.5, 600))
def test_no_two_tokens_are_closer_than_the_pace(pauses: list[float], per_minute: float) -> None:
    """However the callers come, an hour's silence included, there is never a burst."""
    now, free_at, takes = NOW + timedelta(hours=1), NOW, []
    for pause in pauses:
        now += timedelta(seconds=pause)
        taken, free_at = take(free_at, now, per_minute)
        if taken:
            takes.append(now)
    least = timedelta(minutes=1) / per_minute
    assert all(later - earlier >= least for earlier, later in pairwise(takes))


def test_zero_keeps_no_pace_and_less_is_an_error() -> None:
    """A rate of 0 is unlimited; a negative one is refused with a sentence."""
    assert take(NOW + timedelta(days=1), NOW, 0) == (True, NOW)
    with pytest.raises(ValueError, match="makes no sense"):
        take(None, NOW, -1)
