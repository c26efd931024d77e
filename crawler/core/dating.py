"""When an article was published and changed: every date found for it, weighed against the others.

Each candidate ends as a `DateStanding`: taken, kept as evidence beside the one that was taken, or
refused with the reason. The trust in a source is `core.confidence`'s.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from crawler.core.confidence import DATES, lowered, raised
from crawler.core.values import Dated, History
from crawler.core.words import DateSource, DateStanding, Precision

_DAY = timedelta(days=1)
_WEST, _EAST = timedelta(hours=12), timedelta(hours=14)  # the widest zones behind and before UTC
_MOMENT = timedelta(minutes=1)
_MONTHS = 12
_ZEROS = frozenset(
    {
        date(1970, 1, 1), date(1969, 12, 31),  # Unix, and west of UTC
        date(1900, 1, 1), date(1899, 12, 30), date(1899, 12, 31),  # databases and spreadsheets
        date(1601, 1, 1),  # Windows
    }
)  # fmt: skip
_FINEST = tuple(Precision)
_BEST = tuple(DateSource)
_GUESSES = frozenset({DateSource.TEXT, DateSource.HTMLDATE})
# Who may bear whom out: what one template prints twice is one witness. htmldate looks at all of
# it and is none.
_FAMILIES = {
    DateSource.JSON_LD: "stated",
    DateSource.META: "stated",
    DateSource.TIME_ELEMENT: "shown",
    DateSource.TEXT: "shown",
    DateSource.FEED: "listed",
    DateSource.SITEMAP: "listed",
    DateSource.URL: "address",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """A candidate and what became of it."""

    date: Dated
    said: DateStanding


@dataclass(frozen=True, slots=True, kw_only=True)
class Dating:
    """A date with its confidence, 0 to 1, and all that was weighed; `at` None: it is not known."""

    at: Dated | None = None
    confidence: float | None = None
    weighed: tuple[Weighed, ...] = ()


def publication(
    found: Iterable[Dated],
    *,
    captured_at: datetime | None = None,
    first_capture: datetime | None = None,
) -> Dating:
    """Weigh every date of first publication that was found.

    `captured_at` is when the page was taken, by us or by an archive; None leaves out the rules
    that need it. `first_capture` is when an archive first had the page: nothing is published
    later than that.
    """
    dates = sorted(dict.fromkeys(found), key=_precedence)
    said = {one: _objection(one, captured_at, first_capture) for one in dates}
    sound = [one for one in dates if said[one] is None]
    said |= {one: _doubt(one, sound, captured_at) for one in sound}
    sound = [one for one in sound if said[one] is None]
    if not sound:
        return Dating(weighed=tuple(_weighed(dates, said)))
    best = max(sound, key=lambda one: round(_trust(one, sound), 4))  # the first of equals
    taken = _refined(best, sound)
    said |= {
        one: DateStanding.AGREES if agree(one, taken) else DateStanding.CONFLICTS for one in sound
    }
    said[taken] = DateStanding.TAKEN
    is_day = best.precision in {Precision.SECOND, Precision.DAY}
    confidence = max(_trust(best, sound) if is_day else 0.0, _trust(taken, sound))
    return Dating(at=taken, confidence=round(confidence, 2), weighed=tuple(_weighed(dates, said)))


def last_change(
    found: Iterable[Dated], published: Dated | None, *, captured_at: datetime | None = None
) -> Dating:
    """Weigh every date of a last change. One earlier than the publication is trusted less."""
    dates = sorted(dict.fromkeys(found), key=_precedence)
    said = {one: _objection(one, captured_at, None) for one in dates}
    sound = [one for one in dates if said[one] is None]
    if not sound:
        return Dating(weighed=tuple(_weighed(dates, said)))
    taken = _refined(sound[0], sound)
    said |= {
        one: DateStanding.AGREES if agree(one, taken) else DateStanding.CONFLICTS for one in sound
    }
    said[taken] = DateStanding.TAKEN
    others = sum(said[one] == DateStanding.CONFLICTS for one in sound)
    is_early = published is not None and taken.at < published.at and not agree(taken, published)
    confidence = lowered(DATES[taken.source], others + is_early)
    return Dating(at=taken, confidence=round(confidence, 2), weighed=tuple(_weighed(dates, said)))


def announced(history: History) -> Dated | None:
    """Return the date that a feed or sitemap gave for a page. One at midnight is a day's."""
    at = history.published_hint
    if at is None:
        return None
    is_feed = history.published_hint_how == DateSource.FEED
    at = at.astimezone(UTC)
    return Dated(
        at=at,
        source=DateSource.FEED if is_feed else DateSource.SITEMAP,
        precision=Precision.DAY if at.time() == datetime.min.time() else Precision.SECOND,
        stated=at.isoformat(),
    )


def agree(one: Dated, other: Dated) -> bool:
    """Whether two dates may mean one day of news: zones apart, or within a day of each other."""
    (begin, end), (other_begin, other_end) = _span(one), _span(other)
    apart = max(begin - other_end, other_begin - end)
    both_exact = one.precision is other.precision is Precision.SECOND
    return apart < _DAY if both_exact else apart <= _EAST


def _weighed(dates: Sequence[Dated], said: dict[Dated, DateStanding | None]) -> Iterator[Weighed]:
    yield from (Weighed(date=one, said=said[one] or DateStanding.TAKEN) for one in dates)


def _precedence(one: Dated) -> int:
    return _BEST.index(one.source)


def _objection(
    one: Dated, captured_at: datetime | None, first_capture: datetime | None
) -> DateStanding | None:
    """Return why a date cannot be the one, whatever the others say."""
    if one.at.date() in _ZEROS:
        return DateStanding.DEFAULT_DATE
    if captured_at is not None and one.at > captured_at + _DAY:
        return DateStanding.LATER_THAN_CAPTURE
    if first_capture is not None and _earliest(one) > first_capture:
        return DateStanding.LATER_THAN_FIRST_CAPTURE
    return None


def _doubt(one: Dated, sound: Sequence[Dated], captured_at: datetime | None) -> DateStanding | None:
    """Return why a date is not believed unless another source bears it out."""
    if any(_bears_out(other, one) for other in sound):
        return None
    if one.source is DateSource.HTMLDATE and one.at.day == 1:
        if any(_is_bare(other, one, Precision.MONTH) for other in sound):
            return DateStanding.BARE_MONTH
        if one.at.month == 1:
            return DateStanding.BARE_YEAR
    if captured_at is None:
        return None
    if one.source in _GUESSES and one.precision is Precision.DAY:
        return DateStanding.CAPTURE_DAY if one.at.date() in _todays(captured_at) else None
    is_new = one.precision is Precision.SECOND and abs(one.at - captured_at) <= _MOMENT
    return DateStanding.CAPTURE_MOMENT if is_new and one.source is not DateSource.FEED else None


def _bears_out(other: Dated, one: Dated) -> bool:
    """Whether another source names the same day by itself."""
    is_day = other.precision in {Precision.SECOND, Precision.DAY}
    return is_day and _is_independent(other, one) and agree(other, one)


def _is_independent(other: Dated, one: Dated) -> bool:
    family = _FAMILIES.get(other.source)
    return family is not None and family != _FAMILIES.get(one.source)


def _is_bare(other: Dated, one: Dated, precision: Precision) -> bool:
    same = (other.at.year, other.at.month) == (one.at.year, one.at.month)
    return other.precision is precision and same


def _todays(captured_at: datetime) -> set[date]:
    """Return the days that a page taken then may print as today, by where its clock stands."""
    return {(captured_at + zone).date() for zone in (-_WEST, timedelta(), _EAST)}


def _trust(one: Dated, sound: Sequence[Dated]) -> float:
    """Return the confidence in a date among all that are sound; one family is one voice."""
    friends = {_FAMILIES.get(other.source) for other in sound if _agrees_from_afar(other, one)}
    foes = {_FAMILIES.get(other.source) for other in sound if not agree(other, one)}
    confidence = raised(DATES[one.source], len(friends - {None}))
    return lowered(confidence, len(foes - {None}))


def _agrees_from_afar(other: Dated, one: Dated) -> bool:
    return _is_independent(other, one) and agree(other, one)


def _refined(best: Dated, sound: Sequence[Dated]) -> Dated:
    """Return the finest date that says what the best one says: its time, or its month's day."""
    finer = (
        one
        for one in sound
        if _FINEST.index(one.precision) < _FINEST.index(best.precision) and _is_within(one, best)
    )
    return min(
        finer, key=lambda one: (_FINEST.index(one.precision), _precedence(one)), default=best
    )


def _is_within(one: Dated, whole: Dated) -> bool:
    begin, end = _span(whole)
    return begin <= one.at < end


def _earliest(one: Dated) -> datetime:
    """Return the first moment that a date may mean, wherever on earth it was written."""
    is_exact = one.precision is Precision.SECOND and one.has_zone
    return one.at if is_exact else one.at - _EAST


def _span(one: Dated) -> tuple[datetime, datetime]:
    """Return the first moment of what was given and the first one after it."""
    match one.precision:
        case Precision.SECOND:
            return one.at, one.at
        case Precision.DAY:
            return one.at, one.at + _DAY
        case Precision.MONTH:
            years, month = divmod(one.at.month, _MONTHS)
            return one.at, one.at.replace(year=one.at.year + years, month=month + 1)
        case Precision.YEAR:
            return one.at, one.at.replace(year=one.at.year + 1)
