"""The crawl that kills itself with SIGKILL at an exact point, for moments no one outside can hit.

Run as `python doomed.py OPERATION:WHEN:NTH ARGUMENTS...`: `newsmorgue ARGUMENTS`, ended before or
after the n-th time it does the operation. The operations are those that make things durable:

- `commit`: a transaction's commit; `group`: only those that follow the sync of captures
- `fsync`: of a file or a directory
- `recover`, `close`: the rename of a WARC file that a dead run left, or of this run's own
"""

import os
import signal
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy.engine.default import DefaultDialect

_RENAMES = {"storage.warc.recovery": "recover", "storage.warc.openfile": "close"}


class Doom:
    """Counts operations and kills the process at the one it was told."""

    def __init__(self, when: str) -> None:
        self._operation, self._side, nth = when.split(":")
        self._nth = int(nth)
        self._seen: Counter[tuple[str, str]] = Counter()
        self.synced = False  # captures, since the last commit

    def around(self, names: list[str], act: Callable[[], Any]) -> Any:
        """Do an operation that bears these names."""
        self._pass(names, "before")
        result = act()
        self._pass(names, "after")
        return result

    def _pass(self, names: list[str], side: str) -> None:
        for name in names:
            self._seen[name, side] += 1
        due = self._operation in names and self._side == side
        if due and self._seen[self._operation, side] == self._nth:
            os.kill(os.getpid(), signal.SIGKILL)

    def arm(self) -> None:
        """Put the count around commit, fsync and rename."""
        commit, fsync, rename = DefaultDialect.do_commit, os.fsync, Path.rename

        def doomed_commit(dialect: Any, connection: Any) -> None:
            names = ["commit", "group"] if self.synced else ["commit"]
            self.synced = False
            self.around(names, lambda: commit(dialect, connection))

        def doomed_fsync(handle: int) -> None:
            self.around(["fsync"], lambda: fsync(handle))
            self.synced |= sys._getframe(1).f_code.co_qualname == "DiskFile.sync"

        def doomed_rename(path: Path, target: Path) -> Path:
            caller = sys._getframe(1).f_globals["__name__"]
            renamed: Path = self.around([_RENAMES[caller]], lambda: rename(path, target))
            return renamed

        DefaultDialect.do_commit = doomed_commit  # type: ignore[method-assign]
        os.fsync = doomed_fsync  # type: ignore[assignment]
        Path.rename = doomed_rename  # type: ignore[assignment,method-assign]


if __name__ == "__main__":
    Doom(sys.argv[1]).arm()
    del sys.argv[1]
    from crawler.cli import main

    main()
