"""How far a recovery is, at the archives' pace: questions and copies a minute, and time left."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TextIO

from crawler.cli.progress import Show
from crawler.config import Config
from crawler.core.words import Purpose
from crawler.plans import Progress
from storage.asking import Asked, Queue
from storage.library import Library

Rates = Mapping[tuple[str, Purpose], float]
"""Requests a minute that an archive is asked at most; 0: as fast as it answers."""

_EVERY = 2.0  # seconds between two looks at the ledger
_MINUTE = 60.0


class Watch:
    """Looks at the ledger now and then, in the process that writes it: a look is some queries."""

    def __init__(self, open_library: Callable[[], Library]) -> None:
        self._open = open_library
        self._library: Library | None = None
        self._at = float("-inf")
        self._seen = Asked()

    def look(self, elapsed: float) -> Asked:
        """Return how far it is; a look is at most `_EVERY` seconds old."""
        if elapsed - self._at >= _EVERY:
            if self._library is None:
                self._library = self._open()
            self._seen, self._at = self._library.asked(), elapsed
        return self._seen


@contextmanager
def pace(config: Config, watch: Watch, stream: TextIO | None = None) -> Iterator[Show]:
    """Give a function that shows each `Progress`: on one line of a terminal, else now and then."""
    stream = stream or sys.stderr
    rates = rates_of(config)
    if not stream.isatty():
        yield _Lines(watch, rates, config.run.progress_every, stream)
        return
    from rich.console import Console  # noqa: PLC0415 - only where there is a terminal

    console = Console(file=stream, force_terminal=True)
    with console.status("starting", spinner="line") as status:
        yield lambda now: status.update(told(watch.look(now.elapsed), rates, now.elapsed))


def rates_of(config: Config) -> Rates:
    """Return how often each archive may be asked."""
    return {
        (archive.name, purpose): rate
        for archive in config.archive
        for purpose, rate in (
            (Purpose.LOOKUP, archive.lookups_per_minute),
            (Purpose.REPLAY, archive.replays_per_minute),
        )
    }


class _Lines:
    """Writes a line when at least `every` seconds passed since the last one."""

    def __init__(self, watch: Watch, rates: Rates, every: float, stream: TextIO) -> None:
        self._watch = watch
        self._rates = rates
        self._every = every
        self._stream = stream
        self._next = every

    def __call__(self, now: Progress) -> None:
        if now.elapsed < self._next:
            return
        self._next = now.elapsed + self._every
        seen = self._watch.look(now.elapsed)
        self._stream.write(f"{told(seen, self._rates, now.elapsed)}\n")
        self._stream.flush()


def told(seen: Asked, rates: Rates, elapsed: float, now: datetime | None = None) -> str:
    """Return one line: asked and fetched so far with their rates, what is due, time left."""
    left = time_left(seen, rates, elapsed, now or datetime.now(UTC))
    due = {purpose: _due(seen, purpose) for purpose in (Purpose.LOOKUP, Purpose.REPLAY)}
    parts = [
        f"{seen.lookups} asked ({_rate(seen.lookups, elapsed)})",
        f"{seen.replays} replayed ({_rate(seen.replays, elapsed)})",
        f"{seen.recovered} recovered",
        f"{due[Purpose.LOOKUP]} to ask, {due[Purpose.REPLAY]} to replay",
        *([f"about {span(left)} left"] if left is not None else []),
    ]
    return ", ".join(parts)


def time_left(seen: Asked, rates: Rates, elapsed: float, now: datetime) -> float | None:
    """Return the seconds until all that is due is asked, at the slowest archive's pace.

    Copies still to be listed are not known and not counted. None when nothing tells the pace.
    """
    spans = [_span(queue, seen, rates, elapsed, now) for queue in seen.queues if queue.due]
    known = [one for one in spans if one is not None]
    return max(known) if known else None


def _span(queue: Queue, seen: Asked, rates: Rates, elapsed: float, now: datetime) -> float | None:
    """Return the seconds one queue takes: its archive's pause, then its pace."""
    done = seen.lookups if queue.purpose is Purpose.LOOKUP else seen.replays
    measured = done / elapsed if elapsed > 0 else 0.0
    allowed = rates.get((queue.archive, queue.purpose), 0.0) / _MINUTE
    a_second = allowed or measured
    if not a_second:
        return None
    pause = (queue.free_at - now).total_seconds() if queue.free_at is not None else 0.0
    return max(pause, 0.0) + queue.due / a_second


def _due(seen: Asked, purpose: Purpose) -> int:
    return sum(queue.due for queue in seen.queues if queue.purpose is purpose)


def _rate(done: int, elapsed: float) -> str:
    return f"{done * _MINUTE / elapsed if elapsed > 0 else 0.0:.1f} a minute"


def span(seconds: float) -> str:
    """Return a span of time in the unit that suits it."""
    if seconds < _MINUTE:
        return f"{seconds:.0f} s"
    if seconds < 120 * _MINUTE:
        return f"{seconds / _MINUTE:.0f} min"
    return f"{seconds / 3600:.1f} h"
