"""The writer of a run's WARC files: append only, one file at a time, `.open` until closed."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from storage.warc.names import OPEN, check_run, final_name
from storage.warc.openfile import DiskFile, Opener, OpenFile, sync_directory
from storage.warc.records import Draft, capture_drafts, digest_of, pack, warcinfo_draft
from storage.warc.values import Duplicate, Exchange, Position, WarcError

MAX_BYTES = 1_000_000_000
"""1 GB, in bytes: the size the standard's annex on file size and name recommends."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


class WarcWriter:
    """Writes one run's captures. One object a run, used from one thread.

    A `Position` counts once `sync()` has returned: after an error of `sync()` none handed out
    since the last good `sync()` may be kept, and their exchanges are written again. An error of
    `write()` costs that exchange alone: the file stays valid and earlier positions stay good, or
    the next `sync()` says that they do not.
    """

    def __init__(
        self,
        directory: Path,
        *,
        run: str,
        software: str,
        user_agent: str = "",
        operator: str = "",
        robots: str = "obey",
        max_bytes: int = MAX_BYTES,
        clock: Callable[[], datetime] = _utc_now,
        opener: Opener = DiskFile,
    ) -> None:
        """Touch no disk yet. `robots` is the policy in a word; `operator` a name or contact.

        ValueError if `run` cannot stand in a file name.
        """
        self._directory = directory
        self._run = check_run(run)
        self._about = (
            ("software", software),
            ("operator", operator),
            ("http-header-user-agent", user_agent),
            ("robots", robots),
            ("isPartOf", run),
        )
        self._max_bytes = max_bytes
        self._clock = clock
        self._opener = opener
        self._serials = itertools.count(1)
        self._file: OpenFile | None = None
        self._warcinfo = ""
        self._lost: OSError | None = None  # what made positions void, until sync() has said so

    def write(self, exchange: Exchange, *, same_as: Duplicate | None = None) -> Position:
        """Append one capture and return its position.

        With `same_as`, a revisit record: identical-payload-digest, or server-not-modified for a
        304. ValueError for an exchange no record can hold (nothing is written); WarcError, errno
        kept, when the disk refuses.
        """
        drafts = capture_drafts(exchange, same_as)
        with self._as_warc_error("write"):
            file = self._writable()
            head = [] if file.good else [self._warcinfo_draft(file.name)]
            if head:
                self._warcinfo = head[0].urn
            *before, capture = [
                *(pack(draft, warcinfo=None) for draft in head),
                *(pack(draft, warcinfo=self._warcinfo) for draft in drafts),
            ]
            start = self._append(file, b"".join((*before, capture)))
        return Position(
            file=file.name,
            offset=start + sum(map(len, before)),
            length=len(capture),
            payload_digest=digest_of(exchange, same_as),
            record_id=drafts[-1].urn,
            kind="revisit" if same_as else "response",
        )

    def sync(self) -> None:
        """Make every position handed out durable; WarcError if any of them was lost."""
        with self._as_warc_error("sync"):
            if self._file is not None:
                self._attempt(self._file, self._file.sync)
            self._raise_lost()

    def close(self) -> None:
        """Sync, close the file, give it its final name. May be called again, and after errors."""
        with self._as_warc_error("close"):
            self._finish()
            self._raise_lost()

    def _writable(self) -> OpenFile:
        if self._file is not None and self._file.good >= self._max_bytes:
            self._finish()
            if self._lost is not None:
                raise self._lost  # and sync() will say so again, of the positions before
        if self._file is None:
            self._file = self._open()
        return self._file

    def _open(self) -> OpenFile:
        if not self._directory.exists():
            self._directory.mkdir(parents=True, exist_ok=True)  # another run may be as quick
            sync_directory(self._directory.parent)
        for serial in self._serials:
            name = final_name(self._run, self._clock(), serial)
            if any((self._directory / taken).exists() for taken in (name, name + OPEN)):
                continue
            return OpenFile(self._directory, name, self._opener)
        raise AssertionError  # the serials do not end

    def _warcinfo_draft(self, name: str) -> Draft:
        return warcinfo_draft(name=name, at=self._clock(), about=self._about)

    def _append(self, file: OpenFile, data: bytes) -> int:
        try:
            return file.append(data)
        except OSError as error:
            if file.is_broken:
                self._give_up(file, error)
            raise

    def _finish(self) -> None:
        if self._file is not None:
            self._attempt(self._file, self._file.close)
            self._file = None

    def _attempt(self, file: OpenFile, act: Callable[[], None]) -> None:
        """After a failed fsync the kernel may have dropped the bytes: the file is given up."""
        try:
            act()
        except OSError as error:
            self._give_up(file, error)

    def _give_up(self, file: OpenFile, error: OSError) -> None:
        self._file = None
        self._lost = error
        file.abandon()

    def _raise_lost(self) -> None:
        lost, self._lost = self._lost, None
        if lost is not None:
            raise lost

    @contextmanager
    def _as_warc_error(self, what: str) -> Iterator[None]:
        try:
            yield
        except WarcError:
            raise
        except OSError as error:
            raise WarcError(
                error.errno, f"cannot {what} WARC: {error.strerror}", str(self._directory)
            ) from error
