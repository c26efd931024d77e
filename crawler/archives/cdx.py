"""What an archive's bare HTTP answer is: rows, nothing, a refusal, or no answer at all."""

import re
import zlib
from datetime import UTC, datetime

from crawler.archives.base import RowsAnswer
from crawler.core.httpdate import retry_after
from crawler.core.memento_urls import memento_datetime
from crawler.core.replays import is_exclusion
from crawler.core.urls import BadUrl, canonicalize
from crawler.core.values import Headers
from crawler.core.words import Answer

_OK = 200
_LARGEST = 8 * 1024 * 1024  # bytes after decompression; 30 rows are a few kB
_SHOWN = 80  # characters of a strange body that a problem repeats
_GZIP = b"\x1f\x8b"
_ERROR_HEADER = "x-archive-wayback-runtime-error"
_ERROR_TEXT = "org.archive.wayback.exception."
_JUNK = re.compile(r"https?://(?:mailto|javascript|data|about|tel):", re.IGNORECASE)
_MARKUP = re.compile(r"\s*<(?:[!?]|[a-z][a-z0-9]*[\s/>])", re.IGNORECASE)
_LONGEST_ORIGINAL = 8192  # characters; longer ones are data: addresses that went astray
_NUMBER = re.compile(r"\d{1,15}", re.ASCII)
_STATUS = re.compile(r"[1-9]\d\d", re.ASCII)


def is_page(original: str) -> bool:
    """Whether what an index lists as captured can be the address of a page."""
    is_odd = any(sign in original for sign in "\ufffd \n") or _JUNK.match(original)
    if len(original) > _LONGEST_ORIGINAL or is_odd:
        return False
    try:
        canonicalize(original)
    except BadUrl:
        return False
    return True


def is_time(timestamp: str) -> bool:
    """Whether 14 digits are a time, repaired where it must be."""
    try:
        memento_datetime(timestamp)
    except ValueError:
        return False
    return True


def status_of(text: str) -> int | None:
    """Read a status; "-" stands for a revisit. Raises `ValueError` for anything else."""
    if text == "-":
        return None
    if not _STATUS.fullmatch(text):
        raise ValueError(f"{text[:20]!r} is no status")
    return int(text)


def length_of(text: str) -> int | None:
    """Read a length in bytes; None for anything that is none."""
    return int(text) if _NUMBER.fullmatch(text) else None


def rows_text(status: int, headers: Headers, body: bytes) -> str | RowsAnswer:
    """Return the text in which rows stand, or the answer when there is no such text.

    Only an empty answer with status 200 means that nothing is held. An HTML page, a refusal, an
    outage or a broken body means that the question was not answered.
    """
    text = decoded(body)
    if is_exclusion(header_of(headers, _ERROR_HEADER)) or _says_excluded(text):
        return RowsAnswer(answer=Answer.EXCLUDED, problem="the archive holds this page back")
    if status != _OK:
        wait = retry_after(header_of(headers, "retry-after"), datetime.now(UTC))
        return could_not_ask(f"the archive answered with status {status}", wait)
    if text is None:
        return could_not_ask("the answer is broken or far too large")
    if text.strip() in {"", "[]"}:
        return _nothing(headers, body)
    if _MARKUP.match(text):  # unlike a link of a TimeMap, `<https://...>`
        return could_not_ask(f"a page came instead of rows: {_shown(text)}")
    return text


def could_not_ask(problem: str, wait: float | None = None) -> RowsAnswer:
    """Return the third answer: it is asked again and is never written as absence."""
    return RowsAnswer(answer=Answer.COULD_NOT_ASK, problem=problem, retry_after=wait)


def no_row_among(text: str, lines: int) -> RowsAnswer:
    """Return the answer for text in which not one line looks like a row."""
    return could_not_ask(f"none of {lines} lines is a row: {_shown(text)}")


def _nothing(headers: Headers, body: bytes) -> RowsAnswer:
    promised = header_of(headers, "content-length") or "0"
    if not body and promised.strip() not in {"", "0"}:
        return could_not_ask(f"the answer was cut off before its {promised[:20]} bytes")
    return RowsAnswer(answer=Answer.HAS_NOT)


def _says_excluded(text: str | None) -> bool:
    """Whether the body is the exclusion itself: a page's address may contain the same words."""
    start = (text or "").lstrip()[:500]
    return start.startswith("org.archive.") and _ERROR_TEXT in start and is_exclusion(start)


def decoded(body: bytes) -> str | None:
    """Undo gzip, announced or not: the Internet Archive does both. None: broken or too large."""
    if body.startswith(_GZIP):
        unpacker = zlib.decompressobj(wbits=31)
        try:
            body = unpacker.decompress(body, _LARGEST + 1)
        except zlib.error:
            return None
        if not unpacker.eof:
            return None
    return None if len(body) > _LARGEST else body.decode("utf-8", errors="replace")


def header_of(headers: Headers, name: str) -> str | None:
    """Return the first value of a header by its lower-case name."""
    return next((value for key, value in headers if key == name), None)


def _shown(text: str) -> str:
    return ascii(" ".join(text[: _SHOWN * 4].split())[:_SHOWN])
