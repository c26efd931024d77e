"""When an archive first had a page: no article is published later than that."""

from collections.abc import Iterable
from datetime import datetime

from crawler.core.memento_urls import memento_datetime, same_page
from crawler.core.urls import BadUrl
from crawler.core.values import CdxRow

_HTML = frozenset({"text/html", "application/xhtml+xml", "warc/revisit"})
_FIRST_YEAR = 1996  # no web archive holds older captures


def first_capture(rows: Iterable[CdxRow], url: str) -> datetime | None:
    """Return when the earliest good capture of a page was taken, as far as the rows tell.

    Good is a page of its address that answered 200 to 299; a capture of "not found" says nothing
    of a publication. An index that gave its later rows only makes the bound later, never wrong.
    """
    taken = (_taken_at(row) for row in rows if _is_good(row, url))
    return min((at for at in taken if at is not None), default=None)


def _is_good(row: CdxRow, url: str) -> bool:
    is_page = row.mimetype.partition(";")[0].strip().lower() in _HTML
    answered = row.statuscode is not None and 200 <= row.statuscode < 300  # noqa: PLR2004
    if not (is_page and answered):
        return False
    try:
        return same_page(row.original, url)
    except BadUrl:
        return False


def _taken_at(row: CdxRow) -> datetime | None:
    try:
        taken_at = memento_datetime(row.timestamp)
    except ValueError:
        return None
    return taken_at if taken_at.year >= _FIRST_YEAR else None
