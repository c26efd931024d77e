"""Archived copies: which rows of an index are worth replaying, in which order.

Nothing here says that a copy is the article. That is for `judge()`, as for a live page.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from crawler.core.memento_urls import memento_datetime, same_page
from crawler.core.urls import BadUrl
from crawler.core.values import Candidate, CdxRow, Refusal

EMPTY_BODY = "3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ"
"""Base32 SHA-1 of no bytes at all."""

_HTML = frozenset({"text/html", "application/xhtml+xml", "warc/revisit", "unk", "-", ""})
_TINY = 5  # a capture under a fifth of the median is an error page or a stub
_FIRST_YEAR = 1996  # no web archive holds older captures
_EARLY = timedelta(days=1)  # publication dates are often given as a day, in an unknown zone


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a lookup gave: the captures to replay, best first, and the rows refused with reasons.

    Reasons: `junk_original`, `other_page`, `status_NNN`, `empty_body`, `not_html`,
    `bad_timestamp`, `after_first_bad`, `tiny`, `same_digest`, `over_limit`.
    """

    candidates: tuple[Candidate, ...] = ()
    refused: tuple[Refusal, ...] = ()


def choose_mementos(
    rows: Sequence[CdxRow],
    *,
    url: str,
    target: datetime,
    archive: str,
    replay_url: Callable[[CdxRow], str],
    first_bad_at: datetime | None = None,
    limit: int = 5,
) -> Choice:
    """Rank the captures of a page for replay; every row ends as a candidate or a refusal.

    `target` is when the page is known to have been good: its publication, else when it was last
    alive, else when it was first seen. A capture taken soon after comes first: it is before
    later edits and paywalls. From `first_bad_at` on (the domain changed hands) none is taken.
    Each digest is tried once. Raises `BadUrl` for the url.
    """
    reasons = [next(_objections(row, url, first_bad_at), None) for row in rows]
    sound = [row for row, reason in zip(rows, reasons, strict=True) if reason is None]
    refused = [
        _refusal(row, replay_url, reason)
        for row, reason in zip(rows, reasons, strict=True)
        if reason is not None
    ]
    least = _least_length(sound)
    seen: set[str] = set()
    candidates: list[Candidate] = []
    for row in sorted(sound, key=lambda row: _rank(row, target)):
        late = _late_objection(row, least, seen, is_full=len(candidates) >= limit)
        if late is None:
            candidates.append(_candidate(row, archive, replay_url))
            seen.add(row.digest)
        else:
            refused.append(_refusal(row, replay_url, late))
    return Choice(candidates=tuple(candidates), refused=tuple(refused))


def _objections(row: CdxRow, url: str, first_bad_at: datetime | None) -> Iterator[str]:
    """Yield what speaks against one row by itself."""
    yield from _page_objections(row.original, url)
    if row.statuscode is not None and not 200 <= row.statuscode < 300:  # noqa: PLR2004
        yield f"status_{row.statuscode}"
    if row.digest == EMPTY_BODY:
        yield "empty_body"
    if row.mimetype.partition(";")[0].strip().lower() not in _HTML:
        yield "not_html"
    taken_at = _taken_at(row)
    if taken_at is None:
        yield "bad_timestamp"
    elif first_bad_at is not None and taken_at >= first_bad_at:
        yield "after_first_bad"


def _page_objections(original: str, url: str) -> Iterator[str]:
    same_page(url, url)  # a bad url is the caller's error, not the row's
    try:
        if not same_page(original, url):
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


def _late_objection(row: CdxRow, least: float, seen: set[str], *, is_full: bool) -> str | None:
    """Return what speaks against a sound row beside the others."""
    if row.length is not None and not row.is_revisit and row.length < least:
        return "tiny"
    if row.digest in seen and row.digest not in {"", "-"}:
        return "same_digest"
    return "over_limit" if is_full else None


def _rank(row: CdxRow, target: datetime) -> tuple[bool, bool, timedelta]:
    distance = memento_datetime(row.timestamp) - target
    return row.statuscode is None, distance < -_EARLY, abs(distance)


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
