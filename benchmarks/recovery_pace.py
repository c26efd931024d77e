"""Whether the archive's pace was kept, by the archive's own request log."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import unquote

from recovery_case import mark_of

from crawler.demo.archive import INDEX
from crawler.demo.server import Asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How closely requests came. Seconds; `window` is the stretch in which `permitted` may come."""

    count: int
    window: float
    permitted: int
    most: int  # in any such window
    least_gap: float  # between two requests
    spacing: float  # what the gap would be if they came evenly


def lookups(requests: Sequence[Asked]) -> list[Asked]:
    """Return the questions put to the index."""
    return [one for one in requests if one.path.startswith(INDEX)]


def replays(requests: Sequence[Asked]) -> list[Asked]:
    """Return the requests for copies."""
    return [one for one in requests if not one.path.startswith(INDEX)]


def pace(requests: Sequence[Asked], per_minute: float, window: float) -> Pace:
    """Return how closely requests of one kind came, by the archive's monotonic clock."""
    times = sorted(one.clock for one in requests)
    gaps = [later - earlier for earlier, later in pairwise(times)]
    return Pace(
        count=len(times),
        window=window,
        permitted=round(per_minute * window / 60),
        most=_most(times, window),
        least_gap=min(gaps, default=0.0),
        spacing=60 / per_minute,
    )


def _most(times: Sequence[float], window: float) -> int:
    """Return the largest number of times in any half-open window."""
    most = first = 0
    for place, at in enumerate(times):
        while times[first] <= at - window:
            first += 1
        most = max(most, place - first + 1)
    return most


def asked_about(requests: Sequence[Asked]) -> Counter[str]:
    """Return how often each page was asked about in any spelling, by its mark."""
    return Counter(mark_of(unquote(one.path)) for one in requests)
