"""A disk that refuses: the error keeps its errno, the file stays valid, no position lies."""

import contextlib
import errno
import itertools
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.warcs import PAGE, new_writer, page, records, writing

from storage.warc import WarcError, read_exchange, recover, verify
from storage.warc.openfile import DiskFile


class Disk:
    """A disk with room for so many bytes, whose fsync and truncate can be made to fail."""

    def __init__(self, room: int = 10**9) -> None:
        self.room = room
        self.sync_fails = False
        self.truncate_fails = False

    def open(self, path: Path) -> DiskFile:
        """Open a real file that lives under this disk's faults."""
        return FaultyFile(path, self)


class FaultyFile(DiskFile):
    """Writes as much as the disk has room for, then refuses, as a real file system does."""

    def __init__(self, path: Path, disk: Disk) -> None:
        super().__init__(path)
        self._disk = disk

    def write(self, data: bytes | memoryview) -> int:  # type: ignore[override]
        """Write, in part when room runs out."""
        if self._disk.room <= 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written = super().write(data[: self._disk.room])
        self._disk.room -= written
        return written

    def truncate(self, size: int | None = None) -> int:
        """Cut, giving the room back."""
        if self._disk.truncate_fails:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return super().truncate(size)

    def sync(self) -> None:
        """Sync, or say that the disk lost it."""
        if self._disk.sync_fails:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        super().sync()


def failing(act: Callable[[], object], number: int) -> None:
    """Expect a WarcError with this errno."""
    with pytest.raises(WarcError) as caught:
        act()
    assert caught.value.errno == number


def size_of_two(tmp_path: Path) -> int:
    """Return the bytes of a file with two captures."""
    with writing(tmp_path / "measure") as writer:
        writer.write(PAGE)
        last = writer.write(PAGE)
    return last.offset + last.length


def write_on(disk: Disk, home: Path) -> int:
    """Write two captures, make room, write a third; return how many of the two found room.

    Whatever was refused, the file is valid and holds exactly the captures that were not.
    """
    writer = new_writer(home, opener=disk.open)
    good = []
    for body in (b"one", b"two"):
        with contextlib.suppress(WarcError):
            good.append((writer.write(page(body=body)), body))
    found_room = len(good)
    disk.room = 10**9
    good.append((writer.write(page(body=b"three")), b"three"))
    writer.sync()
    writer.close()
    for position, body in good:
        assert read_exchange(home, position.file, position.offset).body == body
    assert len(records(home / good[-1][0].file)) == 1 + 2 * len(good)
    assert list(verify(home)) == []
    return found_room


def test_a_full_disk_at_any_byte_leaves_a_valid_file(tmp_path: Path) -> None:
    """ENOSPC after n bytes, n growing until all fits: what was written stays, the rest is gone."""
    rooms = itertools.takewhile(
        lambda room: write_on(Disk(room), tmp_path / str(room)) < 2, itertools.count(0, 5)
    )
    assert len(list(rooms)) > 100


def test_a_disk_full_from_the_start_leaves_nothing(tmp_path: Path) -> None:
    """A file that never got a whole capture is not closed but removed."""
    writer = new_writer(tmp_path, opener=Disk(100).open)
    failing(lambda: writer.write(PAGE), errno.ENOSPC)
    writer.close()
    assert list(tmp_path.iterdir()) == []


def test_a_failed_sync_voids_what_was_not_durable(tmp_path: Path) -> None:
    """After EIO from fsync the file is cut to what was durable and given up; a new one begins."""
    disk = Disk()
    writer = new_writer(tmp_path, opener=disk.open)
    kept = writer.write(PAGE)
    writer.sync()
    writer.write(page(body=b"lost"))
    disk.sync_fails = True
    failing(writer.sync, errno.EIO)
    disk.sync_fails = False
    again = writer.write(page(body=b"lost"))
    writer.sync()
    writer.close()
    assert again.file != kept.file
    assert read_exchange(tmp_path, kept.file, kept.offset).body == PAGE.body
    (found,) = recover(tmp_path, is_live=lambda _: False)
    assert (found.file, found.action, found.cut) == (kept.file, "closed", 0)
    assert len(records(tmp_path / kept.file)) == len(records(tmp_path / again.file)) == 3


def test_a_failed_rotation_is_told_by_the_next_sync_too(tmp_path: Path) -> None:
    """Positions handed out before a rotation that lost them cannot be taken for durable."""
    disk = Disk()
    writer = new_writer(tmp_path, opener=disk.open, max_bytes=1)
    writer.write(PAGE)
    disk.sync_fails = True
    failing(lambda: writer.write(PAGE), errno.EIO)
    disk.sync_fails = False
    failing(writer.sync, errno.EIO)
    writer.sync()
    position = writer.write(PAGE)
    writer.sync()
    writer.close()
    assert [path.name for path in tmp_path.iterdir()] == [position.file]
    assert list(verify(tmp_path)) == []


def test_a_tail_that_cannot_be_cut_gives_the_file_up(tmp_path: Path) -> None:
    """If even the roll-back fails, nothing more goes into that file; recovery cuts it later."""
    disk = Disk()
    writer = new_writer(tmp_path, opener=disk.open)
    kept = writer.write(PAGE)
    writer.sync()
    disk.room, disk.truncate_fails = 200, True
    failing(lambda: writer.write(PAGE), errno.ENOSPC)
    disk.room, disk.truncate_fails = 10**9, False
    failing(writer.sync, errno.ENOSPC)
    position = writer.write(PAGE)
    writer.sync()
    writer.close()
    (found,) = recover(tmp_path, is_live=lambda _: False)
    assert (found.file, found.action, found.cut) == (kept.file, "closed", 200)
    assert position.file != kept.file
    assert list(verify(tmp_path)) == []


def test_a_close_that_fails_says_so_once(tmp_path: Path) -> None:
    """The file is left to recovery; a second close has nothing more to say."""
    disk = Disk()
    writer = new_writer(tmp_path, opener=disk.open)
    writer.write(PAGE)
    writer.sync()
    writer.write(PAGE)
    disk.sync_fails = True
    failing(writer.close, errno.EIO)
    writer.close()
    assert [found.action for found in recover(tmp_path, is_live=lambda _: False)] == ["closed"]


def test_a_place_that_is_no_directory_keeps_its_errno(tmp_path: Path) -> None:
    """A WarcError names the system's reason when the file cannot even be opened."""
    (tmp_path / "warc").write_bytes(b"")
    writer = new_writer(tmp_path / "warc")
    failing(lambda: writer.write(PAGE), errno.ENOTDIR)


def test_the_kernels_own_refusal_is_rolled_back(tmp_path: Path) -> None:
    """A real file-size limit, set on a process: EFBIG, the file cut back, and closed valid."""
    code = """
import os, sys
from pathlib import Path
from support.warcs import PAGE, new_writer, page
from storage.warc import WarcError
writer = new_writer(Path(sys.argv[1]))
writer.write(PAGE)
try:
    writer.write(page(body=os.urandom(9000)))
except WarcError as error:
    print(error.errno)
writer.write(page(body=b"small"))
writer.sync()
writer.close()
"""
    limit = size_of_two(tmp_path) + 700
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "warc")],
        env={**os.environ, "PYTHONPATH": f"{root}:{root / 'tests'}"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == [str(errno.EFBIG)]
    (path,) = (tmp_path / "warc").iterdir()
    assert len(records(path)) == 5
    assert list(verify(tmp_path / "warc")) == []
