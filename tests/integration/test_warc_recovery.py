"""What a killed run left behind becomes valid files, and nothing durable is lost."""

import hashlib
import itertools
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support import warc_child
from support.warcs import PAGE, new_writer, page, records, warcio_check

from storage.warc import (
    Position,
    Recovered,
    WarcError,
    read_exchange,
    recover,
    recovery,
    verify,
)

BODIES = [b"first", b"second" * 40, os.urandom(300)]


def dead(_run: str) -> bool:
    """Say that no run is alive."""
    return False


def leave_open(directory: Path, run: str = "gone") -> list[Position]:
    """Write three captures and go away without closing, as a killed run does."""
    writer = new_writer(directory, run)
    positions = [writer.write(page(body=body)) for body in BODIES]
    writer.sync()
    writer._file._disk.close()  # type: ignore[union-attr]
    return positions


def torn_copy(source: Path, directory: Path, size: int) -> Path:
    """Copy the one open file of a directory, cut at a size, into another directory."""
    (path,) = source.glob("*.open")
    directory.mkdir()
    copy = directory / path.name
    copy.write_bytes(path.read_bytes()[:size])
    return copy


def test_a_tail_torn_at_any_byte_is_cut_after_the_last_whole_capture(tmp_path: Path) -> None:
    """Every cut inside the last two captures leaves exactly the captures before it, all valid."""
    source = tmp_path / "source"
    first, second, third = leave_open(source)
    ends = [position.offset + position.length for position in (first, second, third)]
    for size in range(ends[0], ends[2] + 1):
        home = tmp_path / str(size)
        torn_copy(source, home, size)
        whole = sum(end <= size for end in ends)
        (found,) = recover(home, is_live=dead)
        end = ends[whole - 1]
        assert found == Recovered(
            file=first.file, run="gone", action="closed", kept=end, cut=size - end
        )
        assert (home / first.file).stat().st_size == end
        assert len(records(home / first.file)) == 1 + 2 * whole
        assert list(verify(home)) == []
        shutil.rmtree(home)


def test_a_tail_torn_in_a_stored_body_is_cut(tmp_path: Path) -> None:
    """Bytes that were not packed again have no codes to break; their length still tells."""
    source = tmp_path / "source"
    writer = new_writer(source, "gone")
    ends = [
        position.offset + position.length
        for position in (writer.write(page(body=os.urandom(90_000))) for _ in range(2))
    ]
    writer.sync()
    writer._file._disk.close()  # type: ignore[union-attr]
    for size in (ends[0] + 70_000, ends[1] - 1, ends[1]):
        home = tmp_path / str(size)
        torn_copy(source, home, size)
        (found,) = recover(home, is_live=dead)
        assert found.kept == max(end for end in ends if end <= size)
        assert list(verify(home)) == []


def test_a_file_without_a_whole_capture_is_removed(tmp_path: Path) -> None:
    """Torn in warcinfo, request or the only response, there is nothing to keep."""
    source = tmp_path / "source"
    first, *_ = leave_open(source)
    for size in range(0, first.offset + first.length, 3):
        home = tmp_path / str(size)
        torn_copy(source, home, size)
        (found,) = recover(home, is_live=dead)
        assert (found.action, found.kept, found.cut) == ("removed", 0, size)
        assert list(home.iterdir()) == []


@pytest.mark.parametrize("junk", [b"\0" * 9000, b"WARC/1.1\r\n" * 50, b"\x1f\x8b\x08" * 3000])
def test_junk_after_the_last_capture_is_cut(tmp_path: Path, junk: bytes) -> None:
    """What a power cut leaves in place of unsynced bytes is not a record."""
    *_, last = leave_open(tmp_path)
    (path,) = tmp_path.iterdir()
    with path.open("ab") as stream:
        stream.write(junk)
    (found,) = recover(tmp_path, is_live=dead)
    assert (found.action, found.cut) == ("closed", len(junk))
    assert read_exchange(tmp_path, last.file, last.offset).body == BODIES[-1]
    assert warcio_check(tmp_path / last.file).returncode == 0


def test_recovery_happens_once(tmp_path: Path) -> None:
    """A second recovery finds nothing to do, and closed files are never touched."""
    leave_open(tmp_path)
    assert len(recover(tmp_path, is_live=dead)) == 1
    (closed,) = tmp_path.iterdir()
    before = closed.read_bytes()
    assert recover(tmp_path, is_live=dead) == []
    assert closed.read_bytes() == before
    assert recover(tmp_path / "not there", is_live=dead) == []


def test_a_live_runs_file_is_left_alone(tmp_path: Path) -> None:
    """Runs are told apart by the name, also by one that itself holds a dash."""
    leave_open(tmp_path, "run-1")
    leave_open(tmp_path, "run-2")
    found = recover(tmp_path, is_live={"run-1"}.__contains__)
    assert [(one.run, one.action) for one in found] == [("run-2", "closed")]
    (still_open,) = tmp_path.glob("*.open")
    assert "-run-1-" in still_open.name


def test_a_file_held_by_a_process_is_left_alone_whatever_is_said(tmp_path: Path) -> None:
    """The writer's lock on its file outweighs a wrong word about the run."""
    writer = new_writer(tmp_path)
    writer.write(PAGE)
    assert recover(tmp_path, is_live=dead) == []
    position = writer.write(PAGE)
    writer.close()
    assert len(records(tmp_path / position.file)) == 5


def test_a_final_file_is_never_overwritten(tmp_path: Path) -> None:
    """With the final name taken both files stay as they are, and the conflict is told."""
    first, *_ = leave_open(tmp_path)
    (tmp_path / first.file).write_bytes(b"someone's")
    (path,) = tmp_path.glob("*.open")
    before = path.read_bytes()
    (found,) = recover(tmp_path, is_live=dead)
    assert (found.action, found.cut) == ("conflict", 0)
    assert (tmp_path / first.file).read_bytes() == b"someone's"
    assert path.read_bytes() == before


def test_captures_the_ledger_holds_are_never_cut(tmp_path: Path) -> None:
    """A file damaged before its last committed capture is told of and left, still readable."""
    first, second, third = leave_open(tmp_path)
    (path,) = tmp_path.iterdir()
    with path.open("r+b") as stream:
        stream.seek(second.offset + 200)
        stream.write(b"\0\0\0\0")
    held = {third.file: third.offset + third.length}
    (found,) = recover(tmp_path, is_live=dead, committed=lambda file: held.get(file, 0))
    assert (found.action, found.cut) == ("damaged", 0)
    assert read_exchange(tmp_path, first.file, first.offset).body == BODIES[0]
    assert read_exchange(tmp_path, third.file, third.offset).body == BODIES[2]
    with pytest.raises(WarcError):
        read_exchange(tmp_path, second.file, second.offset)


def test_other_files_are_not_ours_to_recover(tmp_path: Path) -> None:
    """Only names this project gives are touched."""
    for name in ("other-2026.warc.gz.open", "newsmorgue-x-run-1.warc.gz.open", "notes.open"):
        (tmp_path / name).write_bytes(b"x")
    assert recover(tmp_path, is_live=dead) == []
    assert len(list(tmp_path.iterdir())) == 3


class Killed(BaseException):
    """Stands for kill -9 between two system calls."""


def kill_at(patch: pytest.MonkeyPatch, number: int) -> None:
    """Let the n-th call that changes the disk not happen, nor any after it."""
    calls = itertools.count(1)

    def counted(real: Callable[..., object]) -> Callable[..., object]:
        def call(*args: object) -> object:
            if next(calls) >= number:
                raise Killed
            return real(*args)

        return call

    for owner, name in ((recovery, "_cut"), (os, "fsync"), (os, "rename"), (os, "unlink")):
        patch.setattr(owner, name, counted(getattr(owner, name)))


@pytest.mark.parametrize("number", range(1, 9))
def test_recovery_killed_at_any_step_is_done_by_the_next(tmp_path: Path, number: int) -> None:
    """Killed at the n-th step, n = 1, 2, ...: the second ends where an undisturbed one does."""
    *_, last = leave_open(tmp_path, "torn")
    (path,) = tmp_path.iterdir()
    with path.open("ab") as stream:
        stream.write(b"\x1f\x8b\x08 torn")
    leave_open(tmp_path, "empty")
    (empty,) = tmp_path.glob("*-empty-*")
    with empty.open("r+b") as stream:
        stream.truncate(100)
    with pytest.MonkeyPatch.context() as patch:
        kill_at(patch, number)
        try:
            recover(tmp_path, is_live=dead)
        except Killed:
            assert number <= 6  # two steps for the empty file, four for the torn one
        else:
            assert number > 6
    recover(tmp_path, is_live=dead)
    assert [path.name for path in tmp_path.iterdir()] == [last.file]
    assert len(records(tmp_path / last.file)) == 7
    assert list(verify(tmp_path)) == []


@pytest.mark.parametrize("seed", range(4))
def test_kill_9_loses_nothing_durable(tmp_path: Path, seed: int) -> None:
    """A process killed while writing: every position it told of is read back after recovery."""
    draw = random.Random(seed)  # noqa: S311
    with subprocess.Popen(
        [sys.executable, warc_child.__file__, str(tmp_path), f"run{seed}"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    ) as child:
        assert child.stdout is not None
        told = [child.stdout.readline().split() for _ in range(draw.randint(20, 120))]
        child.kill()
        told += [line.split() for line in child.stdout if line.endswith("\n")]
    recover(tmp_path, is_live=dead)
    assert list(tmp_path.glob("*.open")) == []
    assert list(verify(tmp_path)) == []
    assert warcio_check(*tmp_path.iterdir()).returncode == 0
    for file, offset, digest in told:
        body = read_exchange(tmp_path, file, int(offset)).body
        assert hashlib.sha256(body).hexdigest() == digest
