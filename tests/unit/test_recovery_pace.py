"""Time left and speed, as they are told while archives are asked and files are checked."""

import io
from datetime import UTC, datetime, timedelta

import pytest

from crawler.cli import meter
from crawler.cli.recovery_pace import span, time_left, told
from crawler.core.words import Purpose
from storage.asking import Asked, Queue

NOW = datetime(2026, 3, 1, tzinfo=UTC)
RATES = {("wayback", Purpose.LOOKUP): 24.0, ("wayback", Purpose.REPLAY): 480.0}


def queue(due: int, purpose: Purpose = Purpose.LOOKUP, pause: float = 0) -> Queue:
    return Queue(
        archive="wayback", purpose=purpose, due=due, free_at=NOW + timedelta(seconds=pause)
    )


@pytest.mark.parametrize(
    ("queues", "left"),
    [
        ((), None),
        ((queue(0),), None),
        ((queue(24),), 60),
        ((queue(24), queue(480, Purpose.REPLAY)), 60),
        ((queue(24), queue(960, Purpose.REPLAY)), 120),
        ((queue(24, pause=90),), 150),
        ((queue(24, pause=-90),), 60),
    ],
)
def test_time_left_is_that_of_the_slowest_queue(
    queues: tuple[Queue, ...], left: float | None
) -> None:
    """Questions and copies have paces of their own and go side by side; a pause comes before."""
    assert time_left(Asked(queues=queues), RATES, 10.0, NOW) == left


def test_without_a_pace_what_was_measured_counts() -> None:
    """An archive that may be asked as fast as it answers is timed by its answers so far."""
    seen = Asked(lookups=10, queues=(queue(30),))
    assert time_left(seen, {}, 5.0, NOW) == pytest.approx(15)
    assert time_left(Asked(queues=(queue(30),)), {}, 0.0, NOW) is None


def test_the_line_has_rates_and_time_left() -> None:
    """Asked and replayed a minute, recovered, what is due, and about how long."""
    seen = Asked(lookups=12, replays=6, recovered=5, queues=(queue(240), queue(3, Purpose.REPLAY)))
    assert told(seen, RATES, 30.0, NOW) == (
        "12 asked (24.0 a minute), 6 replayed (12.0 a minute), 5 recovered,"
        " 240 to ask, 3 to replay, about 10 min left"
    )


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (59, "59 s"), (90, "2 min"), (7200, "2.0 h")]
)
def test_a_span_is_told_in_its_unit(seconds: float, words: str) -> None:
    """Seconds, minutes, or hours."""
    assert span(seconds) == words


def test_a_check_tells_bytes_speed_and_time_left() -> None:
    """Of a total that is known there is a time left; of another there is none."""
    mib = 1 << 20
    assert meter.describe(3 * mib, 12 * mib, 1.5) == "3.0 of 12.0 MiB checked, 2.0 MiB/s, 4 s left"
    assert meter.describe(3 * mib, 0, 1.5) == "3.0 MiB checked, 2.0 MiB/s"


def test_where_there_is_no_terminal_a_check_writes_lines() -> None:
    """With a pause of 0 each step is a line."""
    stream = io.StringIO()
    with meter.meter(100, 0.0, stream) as tell:
        tell(50)
        tell(50)
    assert len(stream.getvalue().splitlines()) == 2
