"""Dates as lists write them, to aware UTC; what cannot be a date of news is dropped."""

import re
from calendar import timegm
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import struct_time

FIRST_YEAR = 1605  # of the Relation of Strasbourg, the first newspaper; archives reach far back
LAST_YEAR = 2100
_ZERO = datetime(1970, 1, 1, tzinfo=UTC)  # what a generator writes for "no date"
_DAY = re.compile(r"(\d{4})(?:-(\d\d?)(?:-(\d\d?))?)?(?![\d])")
_EXACT = re.compile(r"\d{4}-?\d\d-?\d\d(?:[Tt ]|$)")
# 0001 is the lowest date of some languages; readers of mail dates make 2001 of it.
_NO_YEAR = re.compile(r"(?<![+:\d-])0\d{3}(?![\d:])")
_SPACED_OFFSET = re.compile(r"\s+(?=[+-]\d\d:?\d\d$|Z$)")
_MAX_LENGTH = 80


def from_text(text: str | None) -> datetime | None:
    """Read a W3C date of any precision, or one as in mail; without offset it is UTC.

    A year or month alone is its first moment. Nonsense, a zero timestamp and years outside
    1605 to 2100 give None.
    """
    text = (text or "").strip()
    if not text or len(text) > _MAX_LENGTH or _NO_YEAR.search(text):
        return None
    return _plausible(_exact(_SPACED_OFFSET.sub("", text)) or _day(text) or _as_in_mail(text))


def from_feed(parsed: struct_time | None, text: str | None) -> datetime | None:
    """Read what feedparser made of a date, a UTC time tuple or None, and the text it was."""
    if parsed is None or _NO_YEAR.search(text or ""):
        return from_text(text)
    try:
        return _plausible(datetime.fromtimestamp(timegm(parsed), UTC))
    except (ValueError, OverflowError, OSError):
        return None


def _exact(text: str) -> datetime | None:
    if not _EXACT.match(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _day(text: str) -> datetime | None:
    match = _DAY.match(text)
    if match is None:
        return None
    year, month, day = (int(part or 1) for part in match.groups())
    try:
        return datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        return None


def _as_in_mail(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None


def _plausible(moment: datetime | None) -> datetime | None:
    if moment is None or not FIRST_YEAR <= moment.year <= LAST_YEAR:
        return None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return None if moment == _ZERO else moment
