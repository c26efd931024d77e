"""Dates and waits in HTTP headers, without the locale or the clock."""

import re
from datetime import UTC, datetime

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_IMF = re.compile(r"\w{3}, (\d{1,2}) (\w{3}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT\s*", re.ASCII)
_SECONDS = re.compile(r"\d{1,10}", re.ASCII)


def http_date(text: str) -> datetime | None:
    """Read a date as HTTP writes it (RFC 9110, IMF-fixdate); None for anything else."""
    match = _IMF.fullmatch(text.strip())
    if match is None or match[2] not in _MONTHS:
        return None
    day, _, year, hour, minute, second = match.groups()
    month = _MONTHS.index(match[2]) + 1
    try:
        return datetime(int(year), month, int(day), int(hour), int(minute), int(second), tzinfo=UTC)
    except ValueError:
        return None


def retry_after(text: str | None, now: datetime) -> float | None:
    """Read a Retry-After header, seconds or a date, as seconds from `now`; None if senseless.

    A date that has passed is 0.
    """
    if text is None:
        return None
    if _SECONDS.fullmatch(text.strip()):
        return float(text)
    at = http_date(text)
    return None if at is None else max(0.0, (at - now).total_seconds())
