"""One WARC file while it is being written: append whole captures, sync, close, or roll back."""

import contextlib
import errno
import fcntl
import io
import os
from collections.abc import Callable
from pathlib import Path

from storage.warc.names import OPEN
from storage.warc.values import WarcError


class DiskFile(io.FileIO):
    """A new file that refuses to overwrite, is readable by owner and group, and can be synced."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "xb+", opener=lambda name, flags: os.open(name, flags, 0o640))

    def sync(self) -> None:
        """Force the file's bytes to the disk; OSError if the disk refuses."""
        os.fsync(self.fileno())


Opener = Callable[[Path], DiskFile]


def sync_directory(directory: Path) -> None:
    """Force a directory's names to the disk."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def held_by_a_writer(handle: int) -> bool:
    """Whether a living writer on this machine has the open file; if none has, we have it now."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # a file system without locks: the run's own sign of life must do
        return False
    return False


class OpenFile:
    """The `.open` file of a writer. `good` and `durable` are offsets in bytes.

    Up to `good` the file is whole captures; up to `durable` they are on the disk.
    """

    def __init__(self, directory: Path, name: str, opener: Opener) -> None:
        self.name = name
        self.good = 0
        self.durable = 0
        self._directory = directory
        self._path = directory / (name + OPEN)
        self._disk = opener(self._path)
        self.is_broken = False  # a torn tail lies beyond `good` and could not be cut
        self._name_is_durable = False
        held_by_a_writer(self._disk.fileno())  # a new file: from now on by this one

    def append(self, data: bytes) -> int:
        """Write bytes that are whole captures and return where they begin.

        On any failure the file is cut back to what was good before, and the failure raised.
        """
        start = self.good
        try:
            view = memoryview(data)
            while view:
                view = view[self._disk.write(view) :]
        except BaseException:
            self._cut_back(start)
            raise
        self.good = start + len(data)
        return start

    def sync(self) -> None:
        """Make every capture and the file's name durable."""
        if self.durable != self.good:
            self._disk.sync()
            self.durable = self.good
        if not self._name_is_durable:
            sync_directory(self._directory)
            self._name_is_durable = True

    def close(self) -> None:
        """Make all durable and give the file its final name. One without captures is removed."""
        if not self.good:
            self.abandon()
            return
        self.sync()
        final = self._directory / self.name
        if final.exists():
            raise WarcError(errno.EEXIST, "the closed file's name is taken", str(final))
        self._path.rename(final)
        sync_directory(self._directory)
        self._disk.close()

    def abandon(self) -> None:
        """Leave the file to recovery, cut back to what is durable; with nothing in it, remove it.

        The disk is failing when this is called, so no further failure is raised.
        """
        with contextlib.suppress(OSError):
            self._disk.truncate(self.durable)
        with contextlib.suppress(OSError):
            if not self.durable:
                self._path.unlink()
        with contextlib.suppress(OSError):
            self._disk.close()

    def _cut_back(self, size: int) -> None:
        self.is_broken = True
        with contextlib.suppress(OSError):
            self._disk.truncate(size)
            self._disk.seek(size)
            self.is_broken = False
