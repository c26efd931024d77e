"""pywb's index, as arquivo.pt and collections of one's own answer.

It looks like the Internet Archive's and differs in most that matters: rows are CDXJ (`urlkey
timestamp {json}`) or JSON lines, fields have other names, a revisit has no status at all, filters
are told by a prefix, `closest` alone sorts, and an address that is not held may be a 404.
See https://pywb.readthedocs.io/en/latest/manual/cdxserver_api.html.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from crawler.archives.base import RowsAnswer, RowsReader
from crawler.archives.cdx import (
    decoded,
    is_page,
    is_time,
    length_of,
    no_row_among,
    rows_text,
    status_of,
)
from crawler.core.memento_urls import memento_url, stem, timestamp_of
from crawler.core.urls import canonicalize
from crawler.core.values import CdxRow, Headers
from crawler.core.words import Answer

LIMIT = 30
WIDER = 150
_FAILED = "!~status:[345].."  # `~`: a regular expression; a row without a status passes


@dataclass(frozen=True, slots=True, kw_only=True)
class Pywb:
    """An archive that runs pywb."""

    name: str
    cdx_url: str
    replay_prefix: str  # ends in a slash

    @property
    def read_rows(self) -> RowsReader:
        """The function that reads an answer of its index."""
        return read_rows

    @property
    def limit(self) -> int:
        """Rows that `lookup_url` asks for."""
        return LIMIT

    def headers(self, around: datetime | None) -> Mapping[str, str]:  # noqa: ARG002 - all is in the address
        """Return what a question to the index is sent with: nothing."""
        return {}

    def lookup_url(self, url: str, around: datetime | None) -> str:
        """Return the address of the question. `around` None: the oldest captures come first."""
        return self._question(canonicalize(url), LIMIT, around)

    def wider_url(self, url: str, around: datetime | None) -> str:
        """Return the address of the question for more rows."""
        return self._question(canonicalize(url), WIDER, around)

    def variants_url(self, url: str) -> str | None:
        """Return the address of the question for all that begins as every spelling does."""
        begin = stem(url)
        return None if begin is None else self._question(begin, WIDER, None, matchType="prefix")

    def replay_url(self, row: CdxRow) -> str:
        """Return where the bytes of a capture are replayed as they were."""
        return memento_url(self.replay_prefix, row.timestamp, row.original)

    def _question(self, url: str, limit: int, around: datetime | None, **how: str) -> str:
        asked = {
            # A star would ask for everything below it.
            "url": url.replace("*", "%2A"),
            "output": "json",
            "limit": str(limit),
            "filter": _FAILED,
            **({} if around is None else {"closest": timestamp_of(around)}),
            **how,
        }
        mark = "&" if "?" in self.cdx_url else "?"
        return f"{self.cdx_url}{mark}{urlencode(asked)}"


def read_rows(status: int, headers: Headers, body: bytes) -> RowsAnswer:
    """Read an answer of pywb's index: CDXJ or JSON lines. One bad row never costs the others.

    Nothing held is an empty 200 or, in older versions, a 404 that says so in JSON.
    """
    if status == HTTPStatus.NOT_FOUND and _says_no_captures(body):
        return RowsAnswer(answer=Answer.HAS_NOT)
    text = rows_text(status, headers, body)
    if isinstance(text, RowsAnswer):
        return text
    lines = [line for line in text.splitlines() if line.strip() and not _is_head(line)]
    found = [_fields(line) for line in lines]
    rows = [row for row in map(_row, found) if row is not None]
    skipped = len(lines) - len(rows)
    if rows:
        return RowsAnswer(answer=Answer.HAS, rows=tuple(dict.fromkeys(rows)), skipped=skipped)
    if not any("timestamp" in fields for fields in found):
        return no_row_among(text, len(lines))
    problem = f"it lists {skipped} captures, and none can be used"
    return RowsAnswer(answer=Answer.HAS_NOT, skipped=skipped, problem=problem)


def _says_no_captures(body: bytes) -> bool:
    """Whether a 404 is the index's own word, not that of a server that has no index there."""
    try:
        said = json.loads(decoded(body) or "")
    except ValueError:
        return False
    text = str(said.get("message") or said.get("error") or "") if isinstance(said, dict) else ""
    return "no captures found" in text.lower()


def _is_head(line: str) -> bool:
    return line.lstrip().startswith(("CDX ", "!"))


def _fields(line: str) -> dict[str, Any]:
    """Return what a line says: a JSON object, with key and time before it or inside."""
    head, brace, tail = line.partition("{")
    try:
        said = json.loads(brace + tail) if brace else {}
    except (ValueError, RecursionError):
        return {}
    key = head.split()
    if isinstance(said, dict) and len(key) > 1:
        said = {"urlkey": key[0], "timestamp": key[1], **said}
    return said if isinstance(said, dict) else {}


def _row(said: dict[str, Any]) -> CdxRow | None:
    def text(*names: str, default: str = "-") -> str:
        given = (said.get(name) for name in names)
        return next((str(one) for one in given if one not in {None, ""}), default)

    timestamp, original = text("timestamp"), text("url", "original")
    if not is_page(original) or not is_time(timestamp):
        return None
    try:
        status = status_of(text("status", "statuscode"))
    except ValueError:
        return None
    return CdxRow(
        urlkey=text("urlkey"),
        timestamp=timestamp,
        original=original,
        mimetype=text("mime", "mimetype"),
        statuscode=status,
        digest=text("digest").removeprefix("sha1:"),
        length=length_of(text("length")),
    )
