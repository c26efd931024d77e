"""Made-up fates of pages and hosts, from a seed: what passes, and what is for good.

Nothing that passes is a death: outages of up to two days, blips of a page for as long, storms of
429, refusals, robots.txt closed for a week, a host that flaps. What is for good is found in days.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hostlives import Fate

from crawler.core.words import Liveness

PAGES = 12
LASTING = 60.0  # days of a time line
_REFUSALS = (Liveness.BLOCKED, Liveness.LOGIN, Liveness.CONSENT, Liveness.GEO_BLOCKED)
_FAILURES = (
    Liveness.GONE,
    Liveness.SOFT_GONE,
    Liveness.UNREACHABLE,
    Liveness.HOST_GONE,
    Liveness.PARKED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """A host's pages; `ended` says when each was gone for good, None for one that lives on."""

    kind: str
    fates: Sequence[Fate]
    ended: Sequence[float | None]


def _fate(finds: Liveness, start: float, end: float) -> Fate:
    """Return a page that lives, but for a time."""
    return lambda day: finds if start <= day < end else Liveness.ALIVE


def _passing(kind: str, fates: Sequence[Fate]) -> Timeline:
    return Timeline(kind=kind, fates=fates, ended=[None] * len(fates))


def outage(rng: random.Random) -> Timeline:
    """All of a host fails for up to two days."""
    finds, start = rng.choice(_FAILURES), rng.uniform(1, 30)
    end = start + rng.uniform(0.1, 2.0)
    return _passing("outage of up to 2 days", [_fate(finds, start, end)] * PAGES)


def blip(rng: random.Random) -> Timeline:
    """One page is missing for up to two days and back."""
    start = rng.uniform(1, 30)
    one = _fate(rng.choice(_FAILURES[:3]), start, start + rng.uniform(0.1, 2.0))
    return _passing("404 and back", [one, *[_fate(Liveness.ALIVE, 0, 0)] * (PAGES - 1)])


def storm(rng: random.Random) -> Timeline:
    """Some hosts answer 429 whenever they like."""
    days = [rng.random() < 0.5 for _ in range(int(LASTING) + 1)]
    return _passing("429 storms", [_by_day(days, Liveness.THROTTLED)] * PAGES)


def refusal(rng: random.Random) -> Timeline:
    """A host refuses us for weeks."""
    start = rng.uniform(1, 10)
    return _passing("refused for weeks", [_fate(rng.choice(_REFUSALS), start, start + 40)] * PAGES)


def closed(rng: random.Random) -> Timeline:
    """robots.txt disallows all for a week."""
    start = rng.uniform(1, 30)
    fate = _fate(Liveness.DISALLOWED, start, start + 7)
    return _passing("robots closed for a week", [fate] * PAGES)


def flapping(rng: random.Random) -> Timeline:
    """A host is down on some days, never on two together and not on the first.

    Two visits days apart that both find a page gone, and none before that found it, are a death
    by the rules: nothing tells such a page from one that never was.
    """
    days, down = [False], False
    for _ in range(int(LASTING)):
        down = not down and rng.random() < 0.4
        days.append(down)
    return _passing("flapping host", [_by_day(days, rng.choice(_FAILURES))] * PAGES)


def moved(rng: random.Random) -> Timeline:
    """Every page moves for good: that is no death."""
    start = rng.uniform(1, 30)
    return _passing("moved", [_fate(Liveness.MOVED, start, LASTING * 2)] * PAGES)


def _for_good(kind: str, finds: Liveness, share: float) -> Callable[[random.Random], Timeline]:
    def build(rng: random.Random) -> Timeline:
        start = rng.uniform(1, 20)
        count = max(1, round(PAGES * share))
        fates = [_fate(finds, start, LASTING * 2)] * count
        fates += [_fate(Liveness.ALIVE, 0, 0)] * (PAGES - count)
        ended = [start] * count + [None] * (PAGES - count)
        return Timeline(kind=kind, fates=fates, ended=ended)

    return build


def _by_day(days: Sequence[bool], finds: Liveness) -> Fate:
    return lambda day: finds if days[min(int(day), len(days) - 1)] else Liveness.ALIVE


KINDS: Sequence[Callable[[random.Random], Timeline]] = (
    outage,
    blip,
    storm,
    refusal,
    closed,
    flapping,
    moved,
    _for_good("404 for good, one page", Liveness.GONE, 0.0),
    _for_good("soft-gone for good, one page", Liveness.SOFT_GONE, 0.0),
    _for_good("404 for good, most of the host", Liveness.GONE, 0.75),
    _for_good("usurped domain", Liveness.PARKED, 1.0),
    _for_good("host name gone", Liveness.HOST_GONE, 1.0),
    _for_good("host out of reach", Liveness.UNREACHABLE, 1.0),
)
