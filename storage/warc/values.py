"""The values that go into a WARC file and come out of it, and the one error of the room."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Pairs = tuple[tuple[str, str], ...]
"""HTTP headers in order. Text is ISO 8859-1, one character a byte, as HTTP libraries hand it."""

Truncated = Literal["length", "time", "disconnect"]
"""Why the body is not whole, in the words of WARC-Truncated (WARC 1.1, section 5)."""


class WarcError(OSError):
    """A WARC file could not be written or read. `errno` is the system's, None for bad content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveOrigin:
    """Where a web archive's copy comes from."""

    archive: str  # its name in the configuration
    original: str  # URI-R: the page the archive says it captured
    memento_url: str  # URI-M
    memento_datetime: datetime  # aware: when the archive captured it


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and what answered it. A redirect hop is an exchange of its own.

    `url` is the address really asked: for an archive's copy the memento URL.
    `body` is as received: Content-Encoding still on, Transfer-Encoding undone.
    """

    url: str
    status: int
    response_headers: Pairs
    body: bytes
    fetched_at: datetime  # aware
    method: str = "GET"
    request_headers: Pairs = ()
    reason: str = ""
    protocol: str = "HTTP/1.1"
    ip: str | None = None
    truncated: Truncated | None = None
    archive: ArchiveOrigin | None = None  # None: our own capture of the live web


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicate:
    """An earlier capture that already holds the payload of the one to be written."""

    uri: str
    date: datetime  # its fetched_at
    file: str
    offset: int
    record_id: str | None = None
    payload_digest: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a capture lies. It counts once `WarcWriter.sync()` has returned without an error."""

    file: str  # the final name, without `.open`
    offset: int  # bytes, of the response or revisit record's gzip member
    length: int  # bytes of that member, compressed
    payload_digest: str | None  # "sha1:BASE32"; None for a 304 whose payload's digest is not known
    record_id: str  # "<urn:uuid:...>"
    kind: Literal["response", "revisit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A capture read back. The body of a revisit is empty: `refers_to` says where it lies."""

    kind: Literal["response", "revisit"]
    url: str
    fetched_at: datetime
    status: int
    reason: str
    headers: Pairs
    body: bytes
    payload_digest: str | None
    record_id: str
    truncated: str | None = None
    refers_to: tuple[str, int] | None = None  # (file, offset)
    origin: ArchiveOrigin | None = None  # None: our own capture of the live web


Fate = Literal["closed", "removed", "damaged", "conflict"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """What became of one unclosed file.

    closed: cut after its last whole capture and renamed. removed: it held no capture.
    damaged: a cut would lose captures the ledger holds. conflict: the final name is taken.
    The last two are left as they are.
    """

    file: str  # the final name
    run: str
    action: Fate
    kept: int  # bytes
    cut: int  # bytes of torn tail


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong in a closed WARC file."""

    file: str
    offset: int
    what: str
    record_id: str | None = None
