"""Close what a killed run left open: cut the torn tail after the last whole capture, and rename."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from storage.warc.members import whole_members
from storage.warc.names import OPEN, run_of
from storage.warc.openfile import held_by_a_writer, sync_directory
from storage.warc.records import CAPTURE_KINDS
from storage.warc.values import Fate, Recovered, WarcError


def _nothing(_file: str) -> int:
    return 0


def recover(
    directory: Path,
    *,
    is_live: Callable[[str], bool],
    committed: Callable[[str], int] = _nothing,
) -> list[Recovered]:
    """Close the `.open` files of runs that are dead, and tell what became of each.

    `is_live` is asked by run id; a file that a living process on this machine holds is left alone
    whatever it says. `committed` gives the end in bytes of the last capture the ledger holds in a
    file, by its final name: a file that is not whole up to there is reported as damaged and not
    cut. May be killed and run again at any point. WarcError when the disk refuses.
    """
    found = []
    for path in sorted(directory.glob(f"newsmorgue-*{OPEN}")):
        run = run_of(path.name)
        if run is None or is_live(run):
            continue
        try:
            done = _recover_file(path, run, committed)
        except FileNotFoundError:
            continue  # another recovery was faster
        except OSError as error:
            raise WarcError(
                error.errno, f"cannot recover WARC: {error.strerror}", str(path)
            ) from error
        if done is not None:
            found.append(done)
    return found


def _recover_file(path: Path, run: str, committed: Callable[[str], int]) -> Recovered | None:
    final = path.with_name(path.name.removesuffix(OPEN))
    with path.open("r+b") as stream:
        if held_by_a_writer(stream.fileno()):
            return None
        size = os.fstat(stream.fileno()).st_size
        end = _end_of_last_capture(stream)

        def told(action: Fate, *, kept: int) -> Recovered:
            return Recovered(file=final.name, run=run, action=action, kept=kept, cut=size - kept)

        if end < committed(final.name):
            return told("damaged", kept=size)
        if final.exists():
            return told("conflict", kept=size)
        if end == 0:
            path.unlink()
            sync_directory(path.parent)
            return told("removed", kept=0)
        _cut(stream, end)
        path.rename(final)
        sync_directory(path.parent)
        return told("closed", kept=end)


def _end_of_last_capture(stream: BinaryIO) -> int:
    """Return the offset after the last whole response or revisit: a lone request is torn too."""
    end = 0
    for member in whole_members(stream):
        if member.kind in CAPTURE_KINDS:
            end = member.end
    return end


def _cut(stream: BinaryIO, end: int) -> None:
    stream.truncate(end)
    os.fsync(stream.fileno())
