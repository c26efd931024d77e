"""How far a piece of work of known size is, on standard error: a bar, or a plain line at times."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

Tell = Callable[[int], None]
_MIB = 1 << 20


@contextmanager
def meter(total: int, every: float, stream: TextIO | None = None) -> Iterator[Tell]:
    """Give a function that hears of bytes done; `every` is seconds between plain lines.

    `total` is in bytes, 0 when it is not known.
    """
    stream = stream or sys.stderr
    if stream.isatty():
        with _bar(total, stream) as tell:
            yield tell
    else:
        yield _Lines(total, every, stream)


class _Lines:
    """Writes a line when at least `every` seconds passed since the last one."""

    def __init__(self, total: int, every: float, stream: TextIO) -> None:
        self._total = total
        self._every = every
        self._stream = stream
        self._began = time.monotonic()
        self._next = every
        self._done = 0

    def __call__(self, done: int) -> None:
        self._done += done
        elapsed = time.monotonic() - self._began
        if elapsed >= self._next:
            self._next = elapsed + self._every
            self._stream.write(f"{describe(self._done, self._total, elapsed)}\n")
            self._stream.flush()


def describe(done: int, total: int, elapsed: float) -> str:
    """Return one line: bytes done and to do, speed, time left."""
    speed = done / elapsed if elapsed > 0 else 0.0
    of = f" of {total / _MIB:.1f}" if total else ""
    left = f", {(total - done) / speed:.0f} s left" if speed and total > done else ""
    return f"{done / _MIB:.1f}{of} MiB checked, {speed / _MIB:.1f} MiB/s{left}"


@contextmanager
def _bar(total: int, stream: TextIO) -> Iterator[Tell]:
    from rich.console import Console  # noqa: PLC0415 - only where there is a terminal
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        DownloadColumn,
        Progress,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    columns = (BarColumn(bar_width=24), DownloadColumn(binary_units=True))
    with Progress(
        *columns,
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=Console(file=stream, force_terminal=True),
        transient=True,
    ) as bar:
        task = bar.add_task("checking", total=total or None)
        yield lambda done: bar.advance(task, done)
