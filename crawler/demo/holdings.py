"""What the archive holds: captures by urlkey, declared in JSON lines or one by one.

A line or a `hold` request is an object: `url`, `timestamp` (14 digits), and as wanted `status`
(200), `mimetype` (text/html), `headers` (object), the body as `body` (text), `body_base64` or
`body_file` (a path, from the holdings file's folder), `revisit` (true: the body of the latest good
capture before, or of the one with the `digest`), and `digest` or `length` to file a wrong one.
"""

import base64
import hashlib
import json
import re
import tempfile
import zlib
from bisect import insort
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from crawler.demo.urlkey import urlkey

ERRORS = 400  # from this status on
IN_MEMORY = 64 * 1024  # bytes; a larger body lies on disk
REVISIT = "warc/revisit"
RECORD_HEAD = 350  # bytes that WARC and HTTP headers add to a record, roughly
FOURTEEN = re.compile(r"\d{14}")


def moment(timestamp: str) -> datetime:
    """Return the time of 14 digits; a month or day of 00, as in year-2000 rows, is read as 01."""
    numbers = [int(timestamp[:4]), *(int(timestamp[at : at + 2]) for at in range(4, 14, 2))]
    year, month, day, hour, minute, second = numbers
    return datetime(year, month or 1, day or 1, hour, minute, second, tzinfo=UTC)


def digest(body: bytes) -> str:
    """Return the base32 SHA-1 an index shows."""
    return base64.b32encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode()


@dataclass(frozen=True, kw_only=True)
class Capture:
    """One capture. `shown_status` and `shown_mimetype` are what the index says of it."""

    key: str
    timestamp: str
    original: str
    status: int
    mimetype: str
    headers: tuple[tuple[str, str], ...]
    digest: str
    length: int
    content: bytes | Path
    is_revisit: bool = False

    @property
    def body(self) -> bytes:
        """The stored body, read from disk when it lies there."""
        return self.content.read_bytes() if isinstance(self.content, Path) else self.content

    @cached_property
    def at(self) -> datetime:
        """When it was taken."""
        return moment(self.timestamp)

    def row(self) -> dict[str, str]:
        """Return the seven fields of the index, as text."""
        return {
            "urlkey": self.key,
            "timestamp": self.timestamp,
            "original": self.original,
            "mimetype": REVISIT if self.is_revisit else self.mimetype,
            "statuscode": "-" if self.is_revisit else str(self.status),
            "digest": self.digest,
            "length": str(self.length),
        }


def given_body(wish: dict[str, Any], folder: Path) -> bytes | Path:
    """Return the body a declaration names. Raises OSError for a file that cannot be read."""
    if "body_file" in wish:
        return folder / str(wish["body_file"])
    if "body_base64" in wish:
        return base64.b64decode(wish["body_base64"])
    return str(wish.get("body", "")).encode()


def _order(capture: Capture) -> str:
    return capture.timestamp


class Holdings:
    """All captures, each list in order of time."""

    def __init__(self) -> None:
        self._spool = tempfile.TemporaryDirectory(prefix="newsmorgue-archive-")
        self._by_key: dict[str, list[Capture]] = {}
        self._n = 0

    def load(self, path: Path) -> None:
        """Take in a JSON lines file. Raises OSError, ValueError or KeyError for a bad one."""
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                if line.strip():
                    self.add(json.loads(line), path.parent)

    def add(self, wish: dict[str, Any], folder: Path = Path()) -> Capture:
        """File one declared capture. Raises ValueError or KeyError for a bad declaration."""
        if not FOURTEEN.fullmatch(wish["timestamp"]):
            raise ValueError(f"not 14 digits: {wish['timestamp']!r}")
        capture = self._revisit(wish) if wish.get("revisit") else self._fresh(wish, folder)
        insort(self._by_key.setdefault(capture.key, []), capture, key=_order)
        return capture

    def _fresh(self, wish: dict[str, Any], folder: Path) -> Capture:
        content = given_body(wish, folder)
        body = content.read_bytes() if isinstance(content, Path) else content
        return Capture(
            key=urlkey(wish["url"]),
            timestamp=wish["timestamp"],
            original=wish["url"],
            status=int(wish.get("status", 200)),
            mimetype=wish.get("mimetype", "text/html"),
            headers=tuple((str(k), str(v)) for k, v in wish.get("headers", {}).items()),
            digest=wish.get("digest") or digest(body),
            length=int(wish.get("length") or len(zlib.compress(body, 1)) + RECORD_HEAD),
            content=self._kept(content),
        )

    def _revisit(self, wish: dict[str, Any]) -> Capture:
        earlier = [c for c in self.of(wish["url"]) if c.timestamp < wish["timestamp"]]
        wanted = [c for c in earlier if c.digest == wish.get("digest", c.digest)]
        if not wanted:
            raise ValueError(f"no earlier capture of {wish['url']} to revisit")
        return replace(
            max(wanted, key=lambda capture: (capture.status < ERRORS, capture.timestamp)),
            timestamp=wish["timestamp"],
            original=wish["url"],
            length=RECORD_HEAD,
            is_revisit=True,
        )

    def _kept(self, content: bytes | Path) -> bytes | Path:
        """Return small bodies and files as they are; a large body as a file of our own."""
        if isinstance(content, Path) or len(content) <= IN_MEMORY:
            return content
        self._n += 1
        path = Path(self._spool.name) / f"{self._n}.body"
        path.write_bytes(content)
        return path

    def of(self, url: str) -> list[Capture]:
        """Return the captures of an address, oldest first."""
        return self._by_key.get(urlkey(url), [])

    def under(self, matches: Iterable[str]) -> list[Capture]:
        """Return the captures of several keys, by key and then by time."""
        return [capture for key in sorted(matches) for capture in self._by_key[key]]

    def keys(self) -> list[str]:
        """Return every urlkey held."""
        return list(self._by_key)


def closest(captures: list[Capture], to: datetime) -> Capture:
    """Return the capture nearest in time. Raises ValueError when there is none."""
    return min(captures, key=lambda capture: abs(capture.at - to))


def padded(timestamp: str, *, last: bool = False) -> str:
    """Return 1 to 14 digits filled to 14: the first moment they cover, or the last."""
    tail = "99991231235959" if last else "00000101000000"
    return timestamp + tail[len(timestamp) :]
