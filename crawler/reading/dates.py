"""Every date of publication and change that a page shows, with its source and precision, in UTC.

Nothing is decided here: which of them is believed is `crawler.core.dating`'s.
"""

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
_BARE = re.compile(r"(\d{4})(?:[-/](\d{1,2}))?$")
_EPOCH = re.compile(r"(\d{10})(?:\d{3})?$")  # seconds, or milliseconds
_IN_URL = re.compile(
    r"/((?:19|20)\d{2})(?:[/-]([01]?\d)[/-]([0-3]?\d)(?=[/-])|([01]\d)([0-3]\d)(?=[/_-]))"
)
_MONTH_IN_URL = re.compile(r"/((?:19|20)\d{2})[/-](0?[1-9]|1[0-2])(?=/)")
_YEAR_IN_URL = re.compile(r"/((?:19|20)\d{2})(?=/)")
_YEARS = range(1605, 2101)  # from the first newspaper, Strasbourg, on
_FIRST_PAGE = 1990  # no address is older than the web; newspapers scanned later are an exception
_MAX_STATED = 64
_MOST_TIMES = 200  # time elements looked at


def published(
    root: Element, data: Structured, meta: dict[str, str], url: str, *, search: bool
) -> tuple[Dated, ...]:
    """Return the dates of first publication, the first of each source, best source first.

    `search` lets htmldate look through the page if nothing else names a day; its `original_date`
    is needed, without it 9.7 % of its dates are those of a change.
    """
    stated = _stated(data, ("datePublished", "dateCreated"), meta, _PUBLISHED_META)
    found = tuple(filter(None, (*stated, *_from_times(root), _from_url(url))))
    if search and not any(one.precision in {Precision.SECOND, Precision.DAY} for one in found):
        guess = _searched(root, url)
        found += (guess,) if guess else ()
    return found


def modified(data: Structured, meta: dict[str, str]) -> tuple[Dated, ...]:
    """Return the dates of the last change that the page states, best source first."""
    stated = _stated(data, ("dateModified",), meta, _MODIFIED_META)
    return tuple(filter(None, stated))


def parse_date(text: str, source: DateSource) -> Dated | None:
    """Read an ISO or RFC 2822 date, a bare month or year, or a Unix time.

    A time without a zone is taken as UTC, and says so. None for what is no date, and for years
    before 1605.
    """
    text = text.strip()
    match = _ISO.match(text) or _COMPACT.match(text)
    if match is not None:
        return _from_parts(match, text, source)
    bare, epoch = _BARE.match(text), _EPOCH.match(text)
    if bare is not None:
        year, month = bare.groups()
        precision = Precision.MONTH if month else Precision.YEAR
        return _dated(f"{year}-{month or 1:0>2}-01T00:00:00+00:00", text, source, precision)
    if epoch is not None:
        at = datetime.fromtimestamp(int(epoch.group(1)), UTC)
        return _known(at, text, source, Precision.SECOND)
    return _parse_mail_date(text, source)


def _from_parts(match: re.Match[str], text: str, source: DateSource) -> Dated | None:
    year, month, day, hour, minute, second, zone = match.groups()
    stamp = f"{year}-{month:0>2}-{day:0>2}T{hour or 0:0>2}:{minute or 0:0>2}:{second or 0:0>2}"
    precision = Precision.DAY if hour is None else Precision.SECOND
    has_zone = zone is not None
    found = _dated(stamp + _offset(zone), text, source, precision, has_zone=has_zone)
    # An offset that no clock has is none.
    return found or _dated(f"{stamp}+00:00", text, source, precision, has_zone=False)


def _dated(
    stamp: str, text: str, source: DateSource, precision: Precision, *, has_zone: bool = False
) -> Dated | None:
    try:
        at = datetime.fromisoformat(stamp).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return _known(at, text, source, precision, has_zone=has_zone)


def _known(
    at: datetime, text: str, source: DateSource, precision: Precision, *, has_zone: bool = True
) -> Dated | None:
    stated = text[:_MAX_STATED]
    date = Dated(at=at, source=source, precision=precision, has_zone=has_zone, stated=stated)
    return date if at.year in _YEARS else None


def _offset(zone: str | None) -> str:
    if zone is None or zone in {"Z", "UTC", "GMT"}:
        return "+00:00"
    digits = zone[1:].replace(":", "").ljust(4, "0")
    return f"{zone[0]}{digits[:2]}:{digits[2:]}"


def _parse_mail_date(text: str, source: DateSource) -> Dated | None:
    is_day = ":" not in text
    try:  # its parser reads no date without a time
        at = parsedate_to_datetime(f"{text} 00:00:00" if is_day else text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    has_zone = at.tzinfo is not None
    at = at.astimezone(UTC) if has_zone else at.replace(tzinfo=UTC)
    precision = Precision.DAY if is_day else Precision.SECOND
    return _known(at, text, source, precision, has_zone=has_zone)


def _stated(
    data: Structured, keys: tuple[str, ...], meta: dict[str, str], names: str
) -> tuple[Dated | None, Dated | None]:
    """Return the first date of JSON-LD and the first of the meta elements."""
    in_data = (parse_date(data.text(key), DateSource.JSON_LD) for key in keys)
    in_meta = (parse_date(meta[name], DateSource.META) for name in names.split() if name in meta)
    return next(filter(None, in_data), None), next(filter(None, in_meta), None)


def _from_times(root: Element) -> Iterator[Dated]:
    """Yield the first time element marked as the publication's, or else the page's only day.

    A bare <time> may be a teaser's; where all of them name one day, there is no other.
    """
    times = [time for time, _ in zip(root.iter("time"), range(_MOST_TIMES), strict=False)]
    dated = [time for time in times if time.get("datetime")]
    marked = (time for time in dated if _is_marked(time))
    found = (parse_date(time.get("datetime"), DateSource.TIME_ELEMENT) for time in marked)
    first = next(filter(None, found), None)
    if first is not None:
        yield first
        return
    shown = [parse_date(time.get("datetime"), DateSource.TEXT) for time in dated]
    days = [one for one in shown if one]
    if len({one.at.date() for one in days}) == 1 and len(times) < _MOST_TIMES:
        yield days[0]


def _is_marked(time: Element) -> bool:
    marks = f"{time.get('itemprop', '')} {time.get('class', '')} {time.get('property', '')}".lower()
    return "publish" in marks or "pubdate" in time.attrib


def _from_url(url: str) -> Dated | None:
    """Return what the address names: a day, else a month, else a year."""
    path = urlsplit(url).path
    day = _IN_URL.search(path)
    given = ["-".join(filter(None, day.groups()))] if day else []
    given += ["-".join(found.groups()) for found in (_MONTH_IN_URL.search(path),) if found]
    given += [found.group(1) for found in (_YEAR_IN_URL.search(path),) if found]
    dates = (parse_date(text, DateSource.URL) for text in given)
    return next((one for one in dates if one), None)


def _searched(root: Element, url: str) -> Dated | None:
    try:
        # The extensive search takes a copyright year for January 1st and up to ten times as long.
        found = find_date(root, original_date=True, url=url, extensive_search=False)
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None  # a date is not worth a page
    date = parse_date(found, DateSource.HTMLDATE) if found else None
    return date if date and date.at.year >= _FIRST_PAGE and _fits(date.at, url) else None


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
