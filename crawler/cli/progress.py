"""How far a harvest is, on standard error: a bar on a terminal, else a plain line now and then."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from crawler.plans import Progress

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

Show = Callable[[Progress], None]


@contextmanager
def progress(every: float, stream: TextIO | None = None) -> Iterator[Show]:
    """Give a function that shows each `Progress`; `every` is seconds between plain lines."""
    stream = stream or sys.stderr
    if stream.isatty():
        with _bar(stream) as bar:
            yield _on_bar(bar)
    else:
        yield PlainLines(every, stream)


class PlainLines:
    """Writes a line when at least `every` seconds of the harvest passed since the last one."""

    def __init__(self, every: float, stream: TextIO) -> None:
        self._every = every
        self._stream = stream
        self._next = every

    def __call__(self, now: Progress) -> None:
        """Write a line if it is time."""
        if now.elapsed < self._next:
            return
        self._next = now.elapsed + self._every
        self._stream.write(f"{describe(now)}\n")
        self._stream.flush()


def describe(now: Progress) -> str:
    """Return one line: what is done, what is left, how fast, with which outcomes."""
    parts = [
        f"{now.done} done",
        f"{now.due} due",
        f"{now.in_flight} in flight",
        f"{pages_per_second(now):.1f} pages/s",
        *([f"{now.recovered} recovered"] if now.recovered else []),
    ]
    outcomes = tally(now.tally)
    return ", ".join(parts) + (f" ({outcomes})" if outcomes else "")


def tally(counts: Mapping[str, int]) -> str:
    """Return the outcomes with their counts, the most frequent first."""
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return ", ".join(f"{count} {name}" for name, count in ranked if count)


def pages_per_second(now: Progress) -> float:
    """Return the mean speed since the start."""
    return now.done / now.elapsed if now.elapsed > 0 else 0.0


def _bar(stream: TextIO) -> "Bar":
    """Return rich's progress bar on a terminal; it honours NO_COLOR by itself."""
    from rich.console import Console  # noqa: PLC0415 - only where there is a terminal
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn  # noqa: PLC0415
    from rich.progress import Progress as Bar  # noqa: PLC0415

    return Bar(
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("{task.description}", markup=False),
        console=Console(file=stream, force_terminal=True),
        transient=True,
    )


def _on_bar(bar: "Bar") -> Show:
    """Return the function that moves the bar."""
    task = bar.add_task("starting", total=None)

    def show(now: Progress) -> None:
        bar.update(
            task,
            completed=now.done,
            total=now.done + now.due + now.in_flight,
            description=f"{pages_per_second(now):.1f} pages/s  {tally(now.tally)}",
        )

    return show
