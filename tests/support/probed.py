"""A crawl that measures itself: run as `python probed.py FILE ARGUMENTS...`.

At its end FILE holds, as JSON, the longest that one callback kept the event loop, by the wall's
clock and by the thread's own CPU time (on a busy machine the first also counts the others' work),
in seconds, and the largest resident size of the crawl's process, in bytes.
"""

import asyncio
import json
import sys
import time
from pathlib import Path

_STATUS = Path("/proc/self/status")
_KILOBYTE = 1024


class Probe:
    """Times every callback of the event loop."""

    def __init__(self) -> None:
        self.wall = self.cpu = 0.0
        self.what = ""

    def arm(self) -> None:
        """Put the watch around each callback."""
        run = asyncio.Handle._run

        def timed(handle: asyncio.Handle) -> None:
            wall, cpu = time.monotonic(), time.thread_time()
            run(handle)
            self.wall = max(self.wall, time.monotonic() - wall)
            spent = time.thread_time() - cpu
            if spent > self.cpu:
                self.cpu, self.what = spent, repr(handle)[:300]

        asyncio.Handle._run = timed  # type: ignore[method-assign]

    def tell(self, path: Path) -> None:
        """Write what was measured."""
        told = {"wall": self.wall, "cpu": self.cpu, "what": self.what, "rss": _largest()}
        path.write_text(json.dumps(told), encoding="utf-8")


def _largest() -> int:
    """Return the process's largest resident size in bytes; `getrusage` also counts its parent's."""
    lines = _STATUS.read_text("ascii").splitlines()
    [told] = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
    return int(told) * _KILOBYTE


def _main() -> None:
    path, probe = Path(sys.argv[1]), Probe()
    probe.arm()
    del sys.argv[1]
    from crawler.cli import main  # noqa: PLC0415 - armed before a loop is made

    try:
        main()
    finally:
        probe.tell(path)


if __name__ == "__main__":
    _main()
