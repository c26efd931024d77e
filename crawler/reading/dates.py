"""When a page was published and changed, each date with its source and precision, in UTC."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from htmldate import find_date

from crawler.core.values import Dated
from crawler.core.words import DateSource, Precision
from crawler.reading.structured import Structured
from crawler.reading.tree import Element

_PUBLISHED_META = (
    "article:published_time article:published og:published_time datepublished date.published "
    "publishdate publish_date publish-date pubdate parsely-pub-date sailthru.date "
    "cxenseparse:recs:publishtime dc.date.issued dcterms.created dcterms.date dc.date "
    "dc.date.created date originalpublicationdate rnews:datepublished cre_date"
)
_MODIFIED_META = (
    "article:modified_time article:modified og:updated_time datemodified last-modified lastmod "
    "dcterms.modified dc.date.modified date.updated revised"
)
_ISO = re.compile(
    r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:[.,]\d+)?"
    r"\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2}(?!\d))?)?"
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})?(Z)?)?$")
_IN_URL = re.compile(r"/((?:19|20)\d{2})[/-]([01]?\d)[/-]([0-3]?\d)(?=[/-])")
_MONTH_IN_URL = re.compile(r"/((?:19|20)\d{2})[/-](0?[1-9]|1[0-2])(?=/)")
_YEARS = range(1990, 2101)


def published(
    root: Element, data: Structured, meta: dict[str, str], url: str, *, search: bool
) -> Dated | None:
    """Return the date of first publication, from the best source that has one.

    JSON-LD first: never wrong on 258 pages where it is given. `search` lets htmldate look
    through the page as the last resort; its `original_date` is needed, without it 9.7 % of its
    dates are those of a change.
    """
    found = _first(_stated(data, ("datePublished", "dateCreated"), meta, _PUBLISHED_META))
    return found or _from_time(root) or _from_url(url) or (_searched(root, url) if search else None)


def modified(data: Structured, meta: dict[str, str]) -> Dated | None:
    """Return the date of the last change the page states, or None."""
    return _first(_stated(data, ("dateModified",), meta, _MODIFIED_META))


def parse_date(text: str, source: DateSource) -> Dated | None:
    """Read an ISO or RFC 2822 date. A time without a zone is taken as UTC."""
    match = _ISO.match(text.strip()) or _COMPACT.match(text.strip())
    if match is None:
        return _parse_mail_date(text, source)
    year, month, day, hour, minute, second, zone = match.groups()
    stamp = f"{year}-{month:0>2}-{day:0>2}T{hour or 0:0>2}:{minute or 0:0>2}:{second or 0:0>2}"
    try:
        at = datetime.fromisoformat(stamp + _offset(zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    precision = Precision.DAY if hour is None else Precision.SECOND
    return Dated(at=at, source=source, precision=precision) if at.year in _YEARS else None


def _offset(zone: str | None) -> str:
    if zone is None or zone in {"Z", "UTC", "GMT"}:
        return "+00:00"
    digits = zone[1:].replace(":", "").ljust(4, "0")
    return f"{zone[0]}{digits[:2]}:{digits[2:]}"


def _parse_mail_date(text: str, source: DateSource) -> Dated | None:
    try:
        at = parsedate_to_datetime(text.strip())
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return Dated(at=at, source=source, precision=Precision.SECOND) if at.year in _YEARS else None


def _stated(
    data: Structured, keys: tuple[str, ...], meta: dict[str, str], names: str
) -> Iterator[Dated | None]:
    yield from (parse_date(data.text(key), DateSource.JSON_LD) for key in keys if data.text(key))
    yield from (parse_date(meta[name], DateSource.META) for name in names.split() if name in meta)


def _first(dates: Iterator[Dated | None]) -> Dated | None:
    return next((date for date in dates if date is not None), None)


def _from_time(root: Element) -> Dated | None:
    marked = (time for time in root.iter("time") if _is_marked(time))
    return _first(parse_date(time.get("datetime"), DateSource.TIME_ELEMENT) for time in marked)


def _is_marked(time: Element) -> bool:
    """A bare <time> may be a teaser's; one marked as the publication's is not."""
    marks = f"{time.get('itemprop', '')} {time.get('class', '')} {time.get('property', '')}".lower()
    return bool(time.get("datetime")) and ("publish" in marks or "pubdate" in time.attrib)


def _from_url(url: str) -> Dated | None:
    match = _IN_URL.search(urlsplit(url).path)
    return parse_date("-".join(match.groups()), DateSource.URL) if match else None


def _searched(root: Element, url: str) -> Dated | None:
    try:
        # The extensive search takes a copyright year for January 1st and up to ten times as long.
        found = find_date(root, original_date=True, url=url, extensive_search=False)
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None  # a date is not worth a page
    date = parse_date(found, DateSource.HTMLDATE) if found else None
    return date if date and _fits(date.at, url) else None


def _fits(at: datetime, url: str) -> bool:
    """Whether a date is in the year and month that the address names, if it names any.

    A day before or after it is still in: the address is dated in the paper's own time zone.
    """
    match = _MONTH_IN_URL.search(urlsplit(url).path)
    if match is None:
        return True
    wanted = (int(match.group(1)), int(match.group(2)))
    days = (at - timedelta(days=1), at, at + timedelta(days=1))
    return wanted in {(day.year, day.month) for day in days}
