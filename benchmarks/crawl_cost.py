"""What one crawl costs: the command, its workers and the database's own processes, by phase."""

import threading
import time
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import corpus_meter
import psutil
from corpus_meter import Cost

INTERVAL = 0.25  # seconds

Reading = tuple[float, float]
"""Seconds since the epoch, and CPU seconds used by then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """CPU seconds of one crawl. `start_up` ends with the first request that the sites saw."""

    start_up: float  # of all processes; the workers warm up in it
    crawler: float  # from here on after the start-up
    workers: float
    database: float
    peak: float  # MiB, of the crawling process
    peak_worker: float  # MiB
    wall: float  # seconds from the first request to the end of the command

    @property
    def total(self) -> float:
        """CPU seconds of all processes after the start-up."""
        return self.crawler + self.workers + self.database


def run(
    command: Sequence[str], *, log: Path, env: Mapping[str, str], limit: float, database: int | None
) -> tuple[Cost, list[Reading]]:
    """Run the command; also return what the database's process used meanwhile, if there is one."""
    with _watching(database) as readings:
        cost = corpus_meter.run(command, log=log, env=env, limit=limit)
    return cost, readings


def spent(cost: Cost, readings: Sequence[Reading], first_request: float) -> Spent:
    """Divide what was measured at the time of the first request."""
    parents = [(look.at, look.parent_cpu) for look in cost.looks]
    children = [(look.at, look.children_cpu) for look in cost.looks]
    early = _at(parents, first_request), _at(children, first_request)
    # The sum over reaped processes is exact, unless one was left to be reaped by nobody.
    total = max(cost.cpu, _at(parents, cost.ended) + _at(children, cost.ended))
    crawler = cost.parent_cpu - early[0]
    base = readings[0][1] if readings else 0.0
    return Spent(
        start_up=sum(early) + _at(readings, first_request) - base,
        crawler=crawler,
        workers=total - sum(early) - crawler,
        database=_at(readings, cost.ended + INTERVAL) - _at(readings, first_request),
        peak=cost.peak_parent,
        peak_worker=cost.peak_child,
        wall=cost.ended - first_request,
    )


def _at(readings: Sequence[Reading], moment: float) -> float:
    """Return what was used by a moment, between two readings in proportion; 0 without any."""
    place = bisect_left(readings, (moment, 0.0))
    if place == len(readings):
        return readings[-1][1] if readings else 0.0
    before = readings[place - 1] if place else (moment - INTERVAL, 0.0)
    share = (moment - before[0]) / (readings[place][0] - before[0])
    return before[1] + share * (readings[place][1] - before[1])


@contextmanager
def _watching(pid: int | None) -> Iterator[list[Reading]]:
    readings: list[Reading] = []
    done = threading.Event()
    watcher = threading.Thread(target=_watch, args=(pid, done, readings))
    watcher.start()
    try:
        yield readings
    finally:
        done.set()
        watcher.join()


def _watch(pid: int | None, done: threading.Event, readings: list[Reading]) -> None:
    while pid is not None:
        is_last = done.wait(INTERVAL if readings else 0.0)
        try:
            readings.append((time.time(), corpus_meter.tree_cpu(pid)))
        except psutil.Error:  # a process of the database ended while it was looked at
            is_last = is_last or not psutil.pid_exists(pid)
        if is_last:
            return
