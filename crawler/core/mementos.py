"""Archived copies: which rows of an index are worth replaying, in which order.

Nothing here says that a copy is the article. That is for `judge()`, as for a live page.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from statistics import median

from crawler.core.memento_urls import memento_datetime, same_article, same_page
from crawler.core.shapes import date_in
from crawler.core.urls import BadUrl
from crawler.core.values import Candidate, CdxRow, Refusal

EMPTY_BODY = "3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ"
"""Base32 SHA-1 of no bytes at all."""

_HTML = frozenset({"text/html", "application/xhtml+xml", "warc/revisit", "unk", "-", ""})
_NO_DIGEST = frozenset({"", "-"})
_TINY = 5  # a capture under a fifth of the median is an error page or a stub
_FIRST_YEAR = 1996  # no web archive holds older captures
_EARLY = timedelta(days=1)  # publication dates are often given as a day, in an unknown zone
_NEAR = tuple(timedelta(days=days) for days in (3, 30, 365))
_DAYS_COUNTED = 3  # a body seen on so many days is as stable as one can tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a lookup gave: the captures to replay, best first, and the rows refused with reasons.

    Reasons: `junk_original`, `other_page`, `status_NNN`, `empty_body`, `not_html`,
    `bad_timestamp`, `after_first_bad`, `tiny`, `same_digest`, `over_limit`.
    """

    candidates: tuple[Candidate, ...] = ()
    refused: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    url: str
    target: datetime | None
    first_bad_at: datetime | None
    is_same: Callable[[str, str], bool]


def choose_mementos(
    rows: Sequence[CdxRow],
    *,
    url: str,
    target: datetime | None,
    archive: str,
    replay_url: Callable[[CdxRow], str],
    first_bad_at: datetime | None = None,
    other_spellings: bool = False,
    limit: int = 5,
) -> Choice:
    """Rank the captures of a page for replay; every row ends as a candidate or a refusal.

    `target` is when the page is known to have been good: its publication, else when it was last
    alive; a capture taken soon after comes first, before later edits and paywalls, and of
    captures about as near the body that was seen on more days. None: nothing is known, and the
    oldest comes first, because a dead page is captured after the living one. From `first_bad_at`
    on (the page was dead, the domain had changed hands) none is taken. Each digest is tried
    once. With `other_spellings` a capture may have an address that an index does not fold with
    the page's (see `same_article`). Raises `BadUrl` for the url.
    """
    question = _Question(
        url=url,
        target=target,
        first_bad_at=first_bad_at,
        is_same=same_article if other_spellings else same_page,
    )
    reasons = [next(_objections(row, question), None) for row in rows]
    sound = [row for row, reason in zip(rows, reasons, strict=True) if reason is None]
    refused = [
        _refusal(row, replay_url, reason)
        for row, reason in zip(rows, reasons, strict=True)
        if reason is not None
    ]
    least = _least_length(sound)
    days = _days_seen(sound)
    seen: set[str] = set()
    candidates: list[Candidate] = []
    for row in sorted(sound, key=lambda row: _rank(row, target, days)):
        late = _late_objection(row, least, seen, is_full=len(candidates) >= limit)
        if late is None:
            candidates.append(_candidate(row, archive, replay_url))
            seen.add(row.digest)
        else:
            refused.append(_refusal(row, replay_url, late))
    return Choice(candidates=tuple(candidates), refused=tuple(refused))


def published_by_address(url: str) -> datetime | None:
    """Return the first moment of the day or month that an address is dated with, in UTC.

    An address that is dated with a month's last day is taken for one that names the month.
    """
    last = date_in(url)
    if last is None:
        return None
    is_month = (last + timedelta(days=1)).month != last.month
    return last.replace(day=1 if is_month else last.day, hour=0, minute=0, second=0)


def nearest(rows: Sequence[CdxRow], target: datetime | None, count: int) -> tuple[CdxRow, ...]:
    """Return the rows nearest to a time, or the oldest; one without a time comes last."""
    if len(rows) <= count:
        return tuple(rows)
    return tuple(sorted(rows, key=lambda row: _distance(row, target))[:count])


def _distance(row: CdxRow, target: datetime | None) -> tuple[bool, timedelta]:
    taken_at = _taken_at(row)
    if taken_at is None:
        return True, timedelta(0)
    return False, abs(taken_at - (target or datetime(_FIRST_YEAR, 1, 1, tzinfo=UTC)))


def _objections(row: CdxRow, question: _Question) -> Iterator[str]:
    """Yield what speaks against one row by itself."""
    yield from _page_objections(row.original, question)
    if row.statuscode is not None and not 200 <= row.statuscode < 300:  # noqa: PLR2004
        yield f"status_{row.statuscode}"
    if row.digest == EMPTY_BODY:
        yield "empty_body"
    if row.mimetype.partition(";")[0].strip().lower() not in _HTML:
        yield "not_html"
    taken_at = _taken_at(row)
    if taken_at is None:
        yield "bad_timestamp"
    elif question.first_bad_at is not None and taken_at >= question.first_bad_at:
        yield "after_first_bad"


def _page_objections(original: str, question: _Question) -> Iterator[str]:
    same_page(question.url, question.url)  # a bad url is the caller's error, not the row's
    try:
        if not question.is_same(original, question.url):
            yield "other_page"
    except BadUrl:
        yield "junk_original"


def _taken_at(row: CdxRow) -> datetime | None:
    try:
        taken_at = memento_datetime(row.timestamp)
    except ValueError:
        return None
    return taken_at if taken_at.year >= _FIRST_YEAR else None


def _least_length(rows: Iterable[CdxRow]) -> float:
    """Return the length under which a capture is tiny. Revisits hold no body and do not count."""
    lengths = [row.length for row in rows if row.length is not None and not row.is_revisit]
    return median(lengths) / _TINY if lengths else 0.0


def _days_seen(rows: Iterable[CdxRow]) -> Mapping[str, int]:
    """Return on how many days each body was seen, up to where it no longer tells more."""
    days: defaultdict[str, set[date]] = defaultdict(set)
    for row in rows:
        if row.digest not in _NO_DIGEST:
            days[row.digest].add(memento_datetime(row.timestamp).date())
    return {digest: min(len(seen), _DAYS_COUNTED) for digest, seen in days.items()}


def _late_objection(row: CdxRow, least: float, seen: set[str], *, is_full: bool) -> str | None:
    """Return what speaks against a sound row beside the others."""
    if row.length is not None and not row.is_revisit and row.length < least:
        return "tiny"
    if row.digest in seen and row.digest not in _NO_DIGEST:
        return "same_digest"
    return "over_limit" if is_full else None


def _rank(
    row: CdxRow, target: datetime | None, days: Mapping[str, int]
) -> tuple[bool, bool, int, int, timedelta]:
    taken_at = memento_datetime(row.timestamp)
    if target is None:
        since = taken_at - datetime(_FIRST_YEAR, 1, 1, tzinfo=UTC)
        return row.statuscode is None, False, 0, 0, since
    distance = taken_at - target
    about = sum(abs(distance) > near for near in _NEAR)
    seen = days.get(row.digest, 1)
    return row.statuscode is None, distance < -_EARLY, about, -seen, abs(distance)


def _candidate(row: CdxRow, archive: str, replay_url: Callable[[CdxRow], str]) -> Candidate:
    return Candidate(
        archive=archive,
        memento_url=replay_url(row),
        memento_datetime=memento_datetime(row.timestamp),
        original=row.original,
        digest=row.digest,
    )


def _refusal(row: CdxRow, replay_url: Callable[[CdxRow], str], reason: str) -> Refusal:
    return Refusal(memento=replay_url(row), reason=reason)
