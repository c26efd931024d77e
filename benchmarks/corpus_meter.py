"""What a process and those it starts cost: CPU time and memory, looked at four times a second."""

import resource
import subprocess
import threading
import time
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import psutil

INTERVAL = 0.25  # seconds
_MIB = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look: seconds of CPU so far, bytes of resident memory."""

    at: float  # seconds since the epoch
    parent_cpu: float
    parent_rss: int
    child_rss: tuple[int, ...]
    children_cpu: float


@dataclass(slots=True, kw_only=True)
class Cost:
    """What a command cost in all."""

    code: int  # its exit code
    began: float  # seconds since the epoch
    ended: float
    cpu: float  # seconds, with all that it started and waited for
    looks: list[Look] = field(default_factory=list)

    @property
    def parent_cpu(self) -> float:
        """CPU seconds of the command's own process, up to the last look."""
        return max((look.parent_cpu for look in self.looks), default=0.0)

    @property
    def peak_parent(self) -> float:
        """MiB of the command's own process at its largest."""
        return max((look.parent_rss for look in self.looks), default=0) / _MIB

    @property
    def peak_child(self) -> float:
        """MiB of the largest process it started."""
        return max((max(look.child_rss, default=0) for look in self.looks), default=0) / _MIB

    @property
    def peak_together(self) -> float:
        """MiB of all its processes at once; memory they share is counted in each."""
        return max((look.parent_rss + sum(look.child_rss) for look in self.looks), default=0) / _MIB

    def between(self, since: float, until: float) -> tuple[float, float]:
        """Return CPU seconds of the parent and of its children within a stretch of time."""
        first, last = self._near(since), self._near(until)
        return last.parent_cpu - first.parent_cpu, last.children_cpu - first.children_cpu

    def _near(self, at: float) -> Look:
        place = bisect_left([look.at for look in self.looks], at)
        return self.looks[min(place, len(self.looks) - 1)]


def run(command: Sequence[str], *, log: Path, env: Mapping[str, str], limit: float) -> Cost:
    """Run a command to its end, output and talk into `log`, and measure it.

    Raises subprocess.TimeoutExpired after `limit` seconds; the command is ended then.
    """
    before = _reaped()
    with log.open("wb") as out:
        began = time.time()
        with _started(command, out, env) as process:
            looks = _watch(process, limit)
    ended = time.time()
    return Cost(
        code=process.returncode, began=began, ended=ended, cpu=_reaped() - before, looks=looks
    )


def tree_cpu(pid: int) -> float:
    """Return CPU seconds of a process, its children, and those they waited for."""
    total = 0.0
    for process in [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]:
        total += _cpu(process, with_reaped=True)
    return total


def _started(
    command: Sequence[str], out: BinaryIO, env: Mapping[str, str]
) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, env=dict(env))


def _watch(process: "subprocess.Popen[bytes]", limit: float) -> list[Look]:
    looks: list[Look] = []
    done = threading.Event()
    watcher = threading.Thread(target=_look_on, args=(process.pid, done, looks))
    watcher.start()
    try:
        process.wait(limit)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    finally:
        done.set()
        watcher.join()
    return looks


def _look_on(pid: int, done: threading.Event, looks: list[Look]) -> None:
    while not done.wait(INTERVAL):
        try:
            looks.append(_look(psutil.Process(pid)))
        except psutil.Error:
            continue


def _look(parent: psutil.Process) -> Look:
    children = parent.children(recursive=True)
    reaped = parent.cpu_times()
    return Look(
        at=time.time(),
        parent_cpu=_cpu(parent),
        parent_rss=parent.memory_info().rss,
        child_rss=tuple(filter(None, (_rss(child) for child in children))),
        children_cpu=reaped.children_user
        + reaped.children_system
        + sum(_cpu(child, with_reaped=True) for child in children),
    )


def _cpu(process: psutil.Process, *, with_reaped: bool = False) -> float:
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    own = float(times.user + times.system)
    return own + (times.children_user + times.children_system if with_reaped else 0.0)


def _rss(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


def _reaped() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
