"""The Internet Archive's CDX server: the one module that knows waybackpy.

waybackpy builds and validates the question and models a row. It fetches nothing for us: its own
transport has no time-out, and turns a 403 or 429 into "never archived". The server's facts are in
https://github.com/internetarchive/wayback/tree/master/wayback-cdx-server.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from waybackpy import WaybackMachineCDXServerAPI
from waybackpy.cdx_snapshot import CDXSnapshot
from waybackpy.cdx_utils import full_url

from crawler.archives.base import RowsAnswer, RowsReader
from crawler.archives.cdx import is_page, length_of, no_row_among, rows_text, status_of
from crawler.core.memento_urls import memento_datetime, memento_url, stem, timestamp_of
from crawler.core.urls import canonicalize
from crawler.core.values import CdxRow, Headers
from crawler.core.words import Answer

FIELDS = ("urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length")
LIMIT = 30
"""Rows asked for: enough to choose from, and one request."""

WIDER = 150
"""Rows asked for when the nearest ones, or the page's own spelling, gave nothing."""

_NOT_FAILED = "!statuscode:[345].."  # a regular expression over the whole field; keeps "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wayback:
    """An archive that speaks the Internet Archive's CDX language."""

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
        """Return the address of the question. `around` None: the oldest captures come first.

        Sorting by closeness needs both `sort` and `closest`, else rows of another time come
        (internetarchive/wayback#237). Raises `BadUrl`.
        """
        near = {} if around is None else {"sort": "closest", "closest": timestamp_of(around)}
        return self._question(_literal(url), LIMIT, near)

    def wider_url(self, url: str, around: datetime | None) -> str:
        """Return the address of the question for more rows, one of each body in a row."""
        near = {} if around is None else {"sort": "closest", "closest": timestamp_of(around)}
        return self._question(_literal(url), WIDER, {"collapses": ["digest"], **near})

    def variants_url(self, url: str) -> str | None:
        """Return the address of the question for all that begins as every spelling does."""
        begin = stem(url)
        if begin is None:
            return None
        return self._question(_literal(begin), WIDER, {"match_type": "prefix"})

    def replay_url(self, row: CdxRow) -> str:
        """Return where the bytes of a capture are replayed as they were."""
        return memento_url(self.replay_prefix, row.timestamp, row.original)

    def _question(self, address: str, limit: int, how: Mapping[str, Any]) -> str:
        question = WaybackMachineCDXServerAPI(address, filters=[_NOT_FAILED], **how)
        payload = {"fl": ",".join(FIELDS), "limit": str(limit)}
        question.add_payload(payload)
        return str(full_url(self.cdx_url, payload))


def read_rows(status: int, headers: Headers, body: bytes) -> RowsAnswer:
    """Read an answer of the CDX server, as text or as JSON. One bad row never costs the others.

    Rows that cannot be used (a space in the address, an impossible date, no web address) are
    counted as skipped, a row that is listed twice is one; an answer of only unusable rows is
    `has_not`, with the count.
    """
    text = rows_text(status, headers, body)
    if isinstance(text, RowsAnswer):
        return text
    lines = [fields for fields in _lines(text) if not _is_head(fields)]
    rows = [row for row in map(_row, lines) if row is not None]
    skipped = len(lines) - len(rows)
    if rows:
        return RowsAnswer(answer=Answer.HAS, rows=tuple(dict.fromkeys(rows)), skipped=skipped)
    if not any(map(_looks_like_a_row, lines)):
        return no_row_among(text, len(lines))
    problem = f"it lists {skipped} captures, and none can be used"
    return RowsAnswer(answer=Answer.HAS_NOT, skipped=skipped, problem=problem)


def _literal(url: str) -> str:
    # A star would ask for everything below it; the server decodes once and looks for it.
    return canonicalize(url).replace("*", "%2A")


def _lines(text: str) -> Iterator[list[str]]:
    """Yield the fields of each line: of a JSON table, else as they stand between spaces."""
    if text.lstrip().startswith("[["):
        try:
            table = json.loads(text)
        except ValueError:
            table = []
        for row in table:
            yield [str(field) for field in row] if isinstance(row, list) else [str(row)]
        if table:
            return
    for line in text.split("\n"):
        if line.strip():
            yield line.strip("\r").split(" ")


def _is_head(fields: list[str]) -> bool:
    """Whether a line names the fields, as JSON and files of an index begin."""
    return fields[0] == "CDX" or fields[:2] in (["", "CDX"], list(FIELDS[:2]))


def _looks_like_a_row(fields: list[str]) -> bool:
    return len(fields) >= len(FIELDS) and re.fullmatch(r"\d{14}", fields[1]) is not None


def _row(fields: list[str]) -> CdxRow | None:
    if len(fields) != len(FIELDS) or not is_page(fields[2]):
        return None
    row = dict(zip(FIELDS, fields, strict=True))
    try:
        # The repaired time is only for the check: the archive knows its copy by the raw digits.
        taken_at = timestamp_of(memento_datetime(row["timestamp"]))
        checked = CDXSnapshot(row | {"timestamp": taken_at})
        return _as_value(checked, row["timestamp"])
    except ValueError:
        return None


def _as_value(snapshot: CDXSnapshot, timestamp: str) -> CdxRow:
    return CdxRow(
        urlkey=snapshot.urlkey,
        timestamp=timestamp,
        original=snapshot.original,
        mimetype=snapshot.mimetype,
        statuscode=status_of(snapshot.statuscode),
        digest=snapshot.digest,
        length=length_of(snapshot.length),
    )
