"""The Internet Archive's CDX server: the one module that knows waybackpy.

waybackpy builds and validates the question and models a row. It fetches nothing for us: its own
transport has no time-out, and turns a 403 or 429 into "never archived". The server's facts are in
https://github.com/internetarchive/wayback/tree/master/wayback-cdx-server.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from waybackpy import WaybackMachineCDXServerAPI
from waybackpy.cdx_snapshot import CDXSnapshot
from waybackpy.cdx_utils import full_url

from crawler.archives.base import RowsAnswer, RowsReader
from crawler.archives.cdx import no_row_among, rows_text
from crawler.core.memento_urls import memento_datetime, memento_url, timestamp_of
from crawler.core.urls import BadUrl, canonicalize
from crawler.core.values import CdxRow, Headers
from crawler.core.words import Answer

FIELDS = ("urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length")
LIMIT = 30
"""Rows asked for: enough to choose from, and one request."""

_NOT_FAILED = "!statuscode:[345].."  # a regular expression over the whole field; keeps "-"
_JUNK = re.compile(r"https?://(?:mailto|javascript|data|about|tel):", re.IGNORECASE)
_LONGEST_ORIGINAL = 8192  # characters; longer ones are data: addresses that went astray
_NUMBER = re.compile(r"\d{1,15}", re.ASCII)
_STATUS = re.compile(r"[1-9]\d\d", re.ASCII)


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

    def lookup_url(self, url: str, around: datetime | None) -> str:
        """Return the address of the question. `around` None: the oldest captures come first.

        Sorting by closeness needs both `sort` and `closest`, else rows of another time come
        (internetarchive/wayback#237). Raises `BadUrl`.
        """
        # A star would ask for everything below; the server decodes once and looks for it.
        address = canonicalize(url).replace("*", "%2A")
        question = WaybackMachineCDXServerAPI(
            address,
            filters=[_NOT_FAILED],
            sort=None if around is None else "closest",
            closest=None if around is None else timestamp_of(around),
        )
        payload = {"fl": ",".join(FIELDS), "limit": str(LIMIT)}
        question.add_payload(payload)
        return str(full_url(self.cdx_url, payload))

    def replay_url(self, row: CdxRow) -> str:
        """Return where the bytes of a capture are replayed as they were."""
        return memento_url(self.replay_prefix, row.timestamp, row.original)


def read_rows(status: int, headers: Headers, body: bytes) -> RowsAnswer:
    """Read an answer of the CDX server. One bad row never costs the others.

    Rows that cannot be used (a space in the address, an impossible date, no web address) are
    counted as skipped; an answer of only such rows is `has_not`, with the count.
    """
    text = rows_text(status, headers, body)
    if isinstance(text, RowsAnswer):
        return text
    lines = [line.strip("\r") for line in text.split("\n") if line.strip()]
    rows = tuple(row for row in map(_row, lines) if row is not None)
    skipped = len(lines) - len(rows)
    if rows:
        return RowsAnswer(answer=Answer.HAS, rows=rows, skipped=skipped)
    if not any(_looks_like_a_row(line) for line in lines):
        return no_row_among(text, len(lines))
    problem = f"it lists {skipped} captures, and none can be used"
    return RowsAnswer(answer=Answer.HAS_NOT, skipped=skipped, problem=problem)


def _looks_like_a_row(line: str) -> bool:
    fields = line.split(" ")
    return len(fields) >= len(FIELDS) and re.fullmatch(r"\d{14}", fields[1]) is not None


def _row(line: str) -> CdxRow | None:
    fields = line.split(" ")
    if len(fields) != len(FIELDS) or not _is_page(fields[2]):
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
        statuscode=_status(snapshot.statuscode),
        digest=snapshot.digest,
        length=int(snapshot.length) if _NUMBER.fullmatch(snapshot.length) else None,
    )


def _status(text: str) -> int | None:
    """Read a status; "-" stands for a revisit. Raises `ValueError` for anything else."""
    if text == "-":
        return None
    if not _STATUS.fullmatch(text):
        raise ValueError(f"{text[:20]!r} is no status")
    return int(text)


def _is_page(original: str) -> bool:
    if len(original) > _LONGEST_ORIGINAL or "\ufffd" in original or _JUNK.match(original):
        return False
    try:
        canonicalize(original)
    except BadUrl:
        return False
    return True
