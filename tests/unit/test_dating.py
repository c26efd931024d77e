"""Dates weighed against each other: precedence, agreement, conflict, and what is no publication."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.core.dating import Dating, agree, announced, last_change, publication
from crawler.core.values import Dated, History
from crawler.core.words import DateSource, DateStanding, Precision

NEWS = datetime(2016, 5, 6, 10, 30, tzinfo=UTC)
CAPTURED = datetime(2020, 1, 2, 12, tzinfo=UTC)
D, P, S = DateSource, Precision, DateStanding


def dated(
    source: DateSource,
    at: datetime = NEWS,
    precision: Precision = P.SECOND,
    *,
    has_zone: bool = True,
) -> Dated:
    """Return a date of a source; a coarse one at the first moment of what it means."""
    if precision is not P.SECOND:
        at = at.replace(hour=0, minute=0, second=0, microsecond=0)
    at = at.replace(day=1) if precision in {P.MONTH, P.YEAR} else at
    at = at.replace(month=1) if precision is P.YEAR else at
    return Dated(at=at, source=source, precision=precision, has_zone=has_zone)


def weigh(*found: Dated, first_capture: datetime | None = None) -> Dating:
    """Weigh dates of a page that was taken in January 2020."""
    return publication(found, captured_at=CAPTURED, first_capture=first_capture)


def standing(of: Dating, date: Dated) -> DateStanding:
    """Return what became of a date."""
    return next(one.said for one in of.weighed if one.date == date)


def sure(of: Dating) -> float:
    """Return the confidence of a dating that has a date."""
    assert of.confidence is not None
    return of.confidence


@pytest.mark.parametrize("later", list(D)[1:])
def test_json_ld_goes_before_every_other_source(later: DateSource) -> None:
    """One source against one: the better one is taken, and the other is kept as a conflict."""
    best, other = dated(D.JSON_LD), dated(later, NEWS + timedelta(days=40))
    found = weigh(other, best)
    assert (found.at, standing(found, other)) == (best, S.CONFLICTS)


def test_agreement_raises_and_conflict_lowers() -> None:
    """Another source that names the same day raises the confidence, another day lowers it."""
    alone = sure(weigh(dated(D.META)))
    backed = sure(weigh(dated(D.META), dated(D.FEED)))
    doubted = sure(weigh(dated(D.META), dated(D.FEED, NEWS + timedelta(days=9))))
    assert doubted < alone < backed < 1


def test_one_template_is_one_witness() -> None:
    """JSON-LD and meta come from one hand: agreeing raises nothing, differing tells."""
    alone = sure(weigh(dated(D.JSON_LD)))
    assert sure(weigh(dated(D.JSON_LD), dated(D.META))) == alone
    assert sure(weigh(dated(D.JSON_LD), dated(D.META, NEWS + timedelta(days=9)))) < alone
    assert sure(weigh(dated(D.JSON_LD), dated(D.HTMLDATE, precision=P.DAY))) == alone


def test_two_that_agree_outweigh_one_better_source() -> None:
    """Where address and feed name one day and JSON-LD another, the two are believed."""
    wrong = dated(D.JSON_LD, NEWS + timedelta(days=700))
    found = weigh(wrong, dated(D.URL, precision=P.DAY), dated(D.FEED))
    assert found.at == dated(D.FEED)
    assert standing(found, wrong) is S.CONFLICTS


def test_a_coarser_date_takes_its_time_from_one_that_agrees() -> None:
    """A day gets the time that another source gives for that very day, a month its day."""
    assert weigh(dated(D.JSON_LD, precision=P.DAY), dated(D.META)).at == dated(D.META)
    month, guess = dated(D.URL, precision=P.MONTH), dated(D.HTMLDATE, precision=P.DAY)
    assert weigh(month, guess).at == guess
    next_day = dated(D.FEED, NEWS + timedelta(hours=16))
    assert weigh(dated(D.JSON_LD, precision=P.DAY), next_day).at == dated(
        D.JSON_LD, precision=P.DAY
    )


@pytest.mark.parametrize("source", list(D))
def test_a_date_after_the_capture_is_refused(source: DateSource) -> None:
    """More than a day after the page was taken is no publication; less may be a zone."""
    found = weigh(dated(source, CAPTURED + timedelta(days=1, seconds=1)))
    assert (found.at, found.confidence) == (None, None)
    assert found.weighed[0].said is S.LATER_THAN_CAPTURE
    assert weigh(dated(source, CAPTURED + timedelta(hours=23))).at is not None


def test_no_date_is_later_than_an_archives_first_capture() -> None:
    """What an archive had before cannot have come out later; the next best date is taken."""
    bound = NEWS + timedelta(days=3)
    republished, true = dated(D.JSON_LD, NEWS + timedelta(days=90)), dated(D.URL, precision=P.DAY)
    found = weigh(republished, true, first_capture=bound)
    assert found.at == true
    assert standing(found, republished) is S.LATER_THAN_FIRST_CAPTURE
    assert weigh(republished, first_capture=bound).at is None


@pytest.mark.parametrize(
    ("date", "is_kept"),
    [
        (dated(D.META, NEWS), False),
        (dated(D.META, NEWS, has_zone=False), True),  # in Auckland it was the day before
        (dated(D.META, NEWS + timedelta(hours=14), has_zone=False), False),
        (dated(D.META, NEWS, P.DAY), True),
        (dated(D.META, NEWS + timedelta(days=2), P.DAY), False),
    ],
)
def test_a_bound_gives_zones_their_due(date: Dated, *, is_kept: bool) -> None:
    """An exact date is held to the bound, one without a zone or time to what it may mean."""
    found = weigh(date, first_capture=NEWS - timedelta(hours=1))
    assert (found.at is not None) == is_kept


@pytest.mark.parametrize("source", [D.TEXT, D.HTMLDATE])
@pytest.mark.parametrize("hours", [-12, 0, 13])
def test_the_capture_day_needs_support(source: DateSource, hours: int) -> None:
    """Today's date on a page, in any zone, is no publication unless another source names it."""
    today = dated(source, CAPTURED + timedelta(hours=hours), P.DAY)
    assert weigh(today).weighed[0].said is S.CAPTURE_DAY
    assert weigh(today, dated(D.FEED, CAPTURED - timedelta(hours=2))).at is not None
    assert weigh(replace(today, at=today.at - timedelta(days=3))).at is not None


def test_the_moment_of_the_capture_needs_support() -> None:
    """A page that states when it was made has no date; one that is in today's address has."""
    now = dated(D.META, CAPTURED - timedelta(seconds=20))
    assert weigh(now).weighed[0].said is S.CAPTURE_MOMENT
    assert weigh(now, dated(D.URL, CAPTURED, P.DAY)).at == now
    assert weigh(dated(D.META, CAPTURED - timedelta(minutes=9))).at is not None


def test_a_first_made_of_a_month_or_year_is_refused() -> None:
    """Guessed firsts are what an address or a copyright year gave; the month stays a month."""
    first = NEWS.replace(day=1)
    month, guess = dated(D.URL, precision=P.MONTH), dated(D.HTMLDATE, first, P.DAY)
    found = weigh(month, guess)
    assert (found.at, standing(found, guess)) == (month, S.BARE_MONTH)
    year = dated(D.HTMLDATE, NEWS.replace(month=1, day=1), P.DAY)
    assert weigh(year).weighed[0].said is S.BARE_YEAR
    assert weigh(dated(D.HTMLDATE, first, P.DAY)).at is not None
    assert weigh(year, dated(D.FEED, year.at)).at is not None


@pytest.mark.parametrize("zero", [(1970, 1, 1), (1969, 12, 31), (1900, 1, 1), (1601, 1, 1)])
def test_a_programs_zero_is_no_date(zero: tuple[int, int, int]) -> None:
    """The first day of a program's calendar means that nothing was known."""
    found = weigh(dated(D.JSON_LD, datetime(*zero, 23, tzinfo=UTC)))
    assert found.weighed[0].said is S.DEFAULT_DATE


def test_an_old_paper_is_believed() -> None:
    """Archives of newspapers state dates long before the web."""
    old = dated(D.JSON_LD, datetime(1848, 3, 18, tzinfo=UTC), P.DAY)
    assert weigh(old).at == old


def test_without_a_capture_its_rules_are_left_out() -> None:
    """A reading worker has no clock: it refuses nothing for the time of the capture."""
    future = dated(D.META, CAPTURED + timedelta(days=5000))
    assert publication([future]).at == future


def test_a_change_is_weighed_too() -> None:
    """One later than the capture is refused, one before the publication is trusted less."""
    change, published = dated(D.JSON_LD, NEWS + timedelta(days=2)), dated(D.JSON_LD)
    found = last_change([change], published, captured_at=CAPTURED)
    assert found.at == change
    early = last_change([replace(change, at=NEWS - timedelta(days=9))], published)
    assert sure(early) < sure(found)
    late = replace(change, at=CAPTURED + timedelta(days=3))
    assert last_change([late], published, captured_at=CAPTURED).at is None
    disputed = last_change([change, dated(D.META, NEWS + timedelta(days=90))], published)
    assert (disputed.at, sure(disputed) < sure(found)) == (change, True)


def test_a_hint_says_who_gave_it() -> None:
    """A feed's date is a feed's; one at midnight is a day's; no hint is none."""
    plain = History(url="http://paper.example/a")
    assert announced(plain) is None
    by_feed = announced(replace(plain, published_hint=NEWS, published_hint_how="feed"))
    assert by_feed is not None
    assert (by_feed.source, by_feed.precision) == (D.FEED, P.SECOND)
    midnight = datetime(2016, 5, 6, tzinfo=UTC)
    listed = announced(replace(plain, published_hint=midnight, published_hint_how="sitemap"))
    assert listed is not None
    assert (listed.source, listed.precision) == (D.SITEMAP, P.DAY)


MOMENTS = st.datetimes(datetime(1700, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
DATES = st.builds(dated, st.sampled_from(D), MOMENTS, st.sampled_from(P), has_zone=st.booleans())


@given(st.lists(DATES, max_size=8), MOMENTS, st.none() | MOMENTS)
def test_whatever_is_found_ends_as_something(
    found: list[Dated], captured_at: datetime, first_capture: datetime | None
) -> None:
    """Every date has one standing, at most one is taken, and that one is what is shown."""
    dating = publication(found, captured_at=captured_at, first_capture=first_capture)
    assert {one.date for one in dating.weighed} == set(found)
    taken = [one.date for one in dating.weighed if one.said is S.TAKEN]
    assert taken == ([dating.at] if dating.at else [])
    if dating.at:
        assert 0 < sure(dating) < 1
        assert dating.at.at <= captured_at + timedelta(days=1)


@given(DATES, DATES)
def test_agreement_is_mutual(one: Dated, other: Dated) -> None:
    """A date agrees with itself, and with another as that one agrees with it."""
    assert agree(one, one)
    assert agree(one, other) == agree(other, one)
