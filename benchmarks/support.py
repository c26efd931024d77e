"""What every benchmark needs: a stopwatch for wall and CPU time, figures, a table, JSON.

A figure is the median of several repeats with its smallest and largest value. CPU time stands
beside it: on a shared machine wall times swing several-fold, CPU times hardly do.
"""

import json
import os
import platform
import sqlite3
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, Self

CpuClock = Callable[[], float]
"""Gives CPU seconds used so far by whatever is measured."""


class WrongResult(Exception):  # noqa: N818 - it says what happened
    """The program gave a wrong result; its speed is of no interest then."""


def require(found: object, wanted: object, what: str) -> None:
    """Raise `WrongResult` unless the two are equal."""
    if found != wanted:
        raise WrongResult(f"{what}: {found!r}, not {wanted!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One repeat: seconds on the wall and of CPU (all processes measured), for `items` things."""

    wall: float
    cpu: float
    items: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """What is to be reached, and which side of it is the good one."""

    value: float
    good: Literal["at least", "at most"]

    def is_met(self, value: float) -> bool:
        """Whether a value is on the good side."""
        return value >= self.value if self.good == "at least" else value <= self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of a report. `cpu_ms` is the median CPU time of one item, in milliseconds."""

    group: str  # what it was measured on, e.g. the engine
    name: str
    unit: str
    median: float
    least: float
    most: float
    repeats: int
    cpu_ms: float | None = None
    floor: Floor | None = None

    @property
    def is_met(self) -> bool | None:
        """Whether the floor is reached; None when there is none."""
        return None if self.floor is None else self.floor.is_met(self.median)


class Stopwatch:
    """Measures one repeat: `with Stopwatch(items=50) as watch: ...`, then `watch.sample`."""

    def __init__(self, items: int = 1, cpu: CpuClock = time.process_time) -> None:
        self._items = items
        self._cpu = cpu
        self._sample: Sample | None = None

    def __enter__(self) -> Self:
        self._cpu_at = self._cpu()
        self._wall_at = time.perf_counter()
        return self

    def __exit__(self, *_error: object) -> None:
        wall = time.perf_counter() - self._wall_at
        self._sample = Sample(wall=wall, cpu=self._cpu() - self._cpu_at, items=self._items)

    @property
    def sample(self) -> Sample:
        """What was measured; only after the block."""
        if self._sample is None:
            raise WrongResult("the stopwatch is still running")
        return self._sample


def duration(
    group: str, name: str, samples: Sequence[Sample], floor: float | None = None
) -> Figure:
    """Return a figure in milliseconds a repeat; `floor` is the most it may take."""
    bound = None if floor is None else Floor(value=floor, good="at most")
    values = [sample.wall * 1000 for sample in samples]
    cpu = statistics.median(sample.cpu * 1000 for sample in samples)
    return _figure(group, name, "ms", values, cpu_ms=cpu, floor=bound)


def rate(group: str, name: str, samples: Sequence[Sample], floor: float | None = None) -> Figure:
    """Return a figure in items a second; `floor` is the least it may be."""
    bound = None if floor is None else Floor(value=floor, good="at least")
    values = [sample.items / sample.wall for sample in samples]
    cpu = statistics.median(sample.cpu * 1000 / sample.items for sample in samples)
    return _figure(group, name, "/s", values, cpu_ms=cpu, floor=bound)


def amount(group: str, name: str, unit: str, value: float) -> Figure:
    """Return a figure that was measured once, such as a size."""
    return _figure(group, name, unit, [value], cpu_ms=None, floor=None)


def _figure(
    group: str,
    name: str,
    unit: str,
    values: Sequence[float],
    *,
    cpu_ms: float | None,
    floor: Floor | None,
) -> Figure:
    return Figure(
        group=group,
        name=name,
        unit=unit,
        median=statistics.median(values),
        least=min(values),
        most=max(values),
        repeats=len(values),
        cpu_ms=cpu_ms,
        floor=floor,
    )


def machine() -> dict[str, Any]:
    """Return what a figure depends on: cores, processor, Python, SQLite, and how busy it is."""
    return {
        "cores": os.cpu_count(),
        "processor": _processor(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "load": round(os.getloadavg()[1], 1),  # of the last five minutes, this program included
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def print_table(figures: Sequence[Figure]) -> None:
    """Print figures as a Markdown table, which is also what RESULTS.md holds."""
    print("| on | what | median | least to most | repeats | CPU ms an item | to reach |")
    print("|---|---|--:|--:|--:|--:|---|")
    for figure in figures:
        print(f"| {' | '.join(_cells(figure))} |")


def _cells(figure: Figure) -> tuple[str, ...]:
    cpu = "" if figure.cpu_ms is None else f"{figure.cpu_ms:.3g}"
    spread = f"{_number(figure.least)} to {_number(figure.most)}" if figure.repeats > 1 else ""
    median = f"{_number(figure.median)} {figure.unit}"
    return figure.group, figure.name, median, spread, str(figure.repeats), cpu, _verdict(figure)


def _verdict(figure: Figure) -> str:
    if figure.floor is None:
        return ""
    word = "met" if figure.is_met else "MISSED"
    return f"{figure.floor.good} {_number(figure.floor.value)} {figure.unit}: {word}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def write_json(path: Path, command: str, figures: Sequence[Figure]) -> None:
    """Write figures with the machine they were measured on and the command that did it."""
    rows = [asdict(figure) | {"is_met": figure.is_met} for figure in figures]
    document = {"command": command, "machine": machine(), "figures": rows}
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
