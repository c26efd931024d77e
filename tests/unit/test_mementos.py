"""Choosing among captures: every row is a candidate or a refusal with its reason."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.core.memento_urls import (
    memento_datetime,
    memento_url,
    same_page,
    split_memento_url,
    stem,
    timestamp_of,
)
from crawler.core.mementos import EMPTY_BODY, Choice, choose_mementos, nearest
from crawler.core.urls import BadUrl
from crawler.core.values import CdxRow

URL = "https://paper.example/2016/12/aleppo-siege"
TARGET = datetime(2016, 12, 13, 9, tzinfo=UTC)
PREFIX = "https://archive.example/web/"


def capture(
    timestamp: str = "20161213120000",
    *,
    original: str = URL,
    mimetype: str = "text/html",
    statuscode: int | None = 200,
    digest: str | None = None,
    length: int | None = 9000,
) -> CdxRow:
    """A row; its digest is its own unless given."""
    return CdxRow(
        urlkey="example,paper)/2016/12/aleppo-siege",
        timestamp=timestamp,
        original=original,
        mimetype=mimetype,
        statuscode=statuscode,
        digest=f"D{timestamp}" if digest is None else digest,
        length=length,
    )


def replay(row: CdxRow) -> str:
    return memento_url(PREFIX, row.timestamp, row.original)


def choose(*rows: CdxRow, **how: Any) -> Choice:
    asked: dict[str, Any] = {"url": URL, "target": TARGET, "archive": "wayback", **how}
    return choose_mementos(rows, replay_url=replay, **asked)


def times(choice: Choice) -> list[str]:
    return [timestamp_of(candidate.memento_datetime) for candidate in choice.candidates]


GOOD = capture()


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (capture("20161214000000", statuscode=301), "status_301"),
        (capture("20161214000000", statuscode=404), "status_404"),
        (capture("20161214000000", statuscode=503), "status_503"),
        (capture("20161214000000", digest=EMPTY_BODY), "empty_body"),
        (capture("20161214000000", mimetype="application/pdf"), "not_html"),
        (capture("20161214000000", mimetype="image/jpeg"), "not_html"),
        (capture("20190101000000"), "after_first_bad"),
        (capture("20180101000000"), "after_first_bad"),
        (capture("20161214000000", original="https://paper.example/"), "other_page"),
        (capture("20161214000000", original=f"{URL}?page=2"), "other_page"),
        (capture("20161214000000", original=URL.replace("aleppo", "ALEPPO")), "other_page"),
        (capture("20161214000000", original="mailto:desk@paper.example"), "junk_original"),
        (capture("20161214000000", original="../siege"), "junk_original"),
        (capture("20161214000000", length=1799), "tiny"),
        (capture("20161214000000", digest=GOOD.digest), "same_digest"),
        (capture("20169914000000"), "bad_timestamp"),
        (capture("2016"), "bad_timestamp"),
        (capture("19700101000000"), "bad_timestamp"),
    ],
)
def test_a_bad_capture_is_refused_with_its_reason(row: CdxRow, reason: str) -> None:
    """What cannot be the article is refused by name, and the good one beside it is kept."""
    others = [GOOD, capture("20161213130000")]
    choice = choose(*others, row, first_bad_at=datetime(2018, 1, 1, tzinfo=UTC))
    assert [(refusal.memento, refusal.reason) for refusal in choice.refused] == [
        (replay(row), reason)
    ]
    assert times(choice) == ["20161213120000", "20161213130000"]


@pytest.mark.parametrize(
    "original",
    [
        "http://www.paper.example:80/2016/12/aleppo-siege",
        "https://paper.example/2016/12/aleppo-siege/",
        "https://paper.example/2016/12/aleppo%2Dsiege?utm_source=rss",
    ],
)
def test_spellings_an_index_folds_are_the_same_page(original: str) -> None:
    """Scheme, www., port, final slash, percent-encoding and tracking do not refuse a capture."""
    assert len(choose(capture(original=original)).candidates) == 1


def test_a_candidate_carries_where_it_lies_and_when_it_was_taken() -> None:
    """A candidate names archive, replay address with id_, time, spelling and digest."""
    (candidate,) = choose(GOOD).candidates
    assert candidate.memento_url == f"{PREFIX}20161213120000id_/{URL}"
    assert candidate.memento_datetime == datetime(2016, 12, 13, 12, tzinfo=UTC)
    assert (candidate.archive, candidate.original) == ("wayback", URL)
    assert candidate.digest == GOOD.digest


def test_the_earliest_after_publication_comes_first() -> None:
    """Captures after publication go by nearness; those of before come last."""
    choice = choose(
        capture("20190101000000"),
        capture("20161210000000"),
        capture("20161214000000"),
        capture("20161213100000"),
    )
    assert times(choice) == ["20161213100000", "20161214000000", "20190101000000", "20161210000000"]


def test_a_capture_of_the_eve_counts_as_after_publication() -> None:
    """A publication given as a bare day may be off by a time zone."""
    assert times(choose(capture("20161212100000"), capture("20170101000000"))) == [
        "20161212100000",
        "20170101000000",
    ]


def test_revisits_are_kept_behind_captures_with_a_status() -> None:
    """A revisit without status is worth a try, after every 200, and is never tiny."""
    revisit = capture("20161213091000", mimetype="warc/revisit", statuscode=None, length=400)
    choice = choose(revisit, capture("20170101000000"), capture("20180101000000"))
    assert times(choice) == ["20170101000000", "20180101000000", "20161213091000"]


def test_a_revisit_stands_in_for_no_capture_of_its_digest() -> None:
    """Of one digest the capture with a status is tried, not its revisit."""
    revisit = capture("20161213091000", mimetype="warc/revisit", statuscode=None, digest="SAME")
    choice = choose(revisit, capture("20170101000000", digest="SAME"))
    assert times(choice) == ["20170101000000"]


def test_without_a_date_the_oldest_comes_first() -> None:
    """A page that died is captured dead later: nothing known, the oldest capture is tried first."""
    choice = choose(
        capture("20200101000000"),
        capture("20180101000000"),
        capture("20160101000000"),
        target=None,
    )
    assert times(choice) == ["20160101000000", "20180101000000", "20200101000000"]


def test_of_captures_about_as_near_the_lasting_body_comes_first() -> None:
    """A body seen on two days is surer than a nearer one seen once; a far one is not."""
    choice = choose(
        capture("20161220000000", digest="ONCE"),
        capture("20161224000000", digest="TWICE"),
        capture("20170105000000", digest="TWICE"),
        capture("20190101000000", digest="LATE"),
        capture("20190201000000", digest="LATE"),
        capture("20190301000000", digest="LATE"),
    )
    assert [taken.digest for taken in choice.candidates] == ["TWICE", "ONCE", "LATE"]


@pytest.mark.parametrize(
    ("original", "is_taken"),
    [
        (f"{URL}/index.html", True),
        (f"{URL}?ref=rss", True),
        (f"{URL}/amp/", True),
        (f"{URL}?amp", True),
        (f"{URL}?id=77", False),
        (f"{URL}?page=2", False),
        (f"{URL}-2", False),
        (URL.upper(), False),
        ("https://paper.example/index.html", False),
        ("https://other.example/2016/12/aleppo-siege/index.html", False),
        ("mailto:desk@paper.example", False),
    ],
)
def test_other_spellings_of_an_article_are_taken_when_asked_for(
    original: str, *, is_taken: bool
) -> None:
    """Index page, AMP twin and a query that picks nothing are the same article, and no more."""
    row = capture(original=original.replace("aleppo-siege", "the-siege-of-aleppo"))
    url = URL.replace("aleppo-siege", "the-siege-of-aleppo")
    taken = choose(row, url=url, other_spellings=True).candidates
    assert bool(taken) is is_taken


def test_a_query_is_not_dropped_where_the_path_names_no_article() -> None:
    """`/story?x=1` may be any story; without its query it is none."""
    url = "https://paper.example/story"
    row = capture(original=f"{url}?x=1")
    assert choose(row, url=url, other_spellings=True).candidates == ()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (f"{URL}/index.html?x=1#top", URL),
        (f"{URL}/amp/", URL),
        (f"{URL}.amp", URL),
        (URL, URL),
        ("https://paper.example/?p=12", None),
        ("https://paper.example/index.html", None),
        ("https://paper.example/story.php?id=5", None),
    ],
)
def test_the_stem_is_what_all_spellings_begin_with(url: str, expected: str | None) -> None:
    """A front page and a script whose query picks the article have no stem."""
    assert stem(url) == expected


def test_the_nearest_rows_are_kept() -> None:
    """Of a long list the rows nearest to the time are weighed, without a time the oldest."""
    rows = [capture(f"20{year}0101000000") for year in range(10, 20)] + [capture("never")]
    assert [row.timestamp[:4] for row in nearest(rows, TARGET, 2)] == ["2017", "2016"]
    assert [row.timestamp[:4] for row in nearest(rows, None, 2)] == ["2010", "2011"]
    assert nearest(rows, TARGET, 99) == tuple(rows)


def test_no_more_than_the_limit_are_candidates() -> None:
    """Beyond the limit rows are refused as such, so that the ledger tells them from bad ones."""
    rows = [capture(f"201701010000{count:02}") for count in range(8)]
    choice = choose(*rows, limit=5)
    assert len(choice.candidates) == 5
    assert [refusal.reason for refusal in choice.refused] == ["over_limit"] * 3


def test_an_unknown_length_or_digest_refuses_nothing() -> None:
    """A row without length is not tiny, and two without digest are two bodies."""
    rows = [capture("20170101000000", digest="-", length=None), capture(digest="-", length=None)]
    assert len(choose(*rows).candidates) == 2


def test_nothing_comes_of_nothing() -> None:
    """No rows, no candidates, no refusals; a bad url is the caller's error."""
    assert choose() == Choice()
    with pytest.raises(BadUrl):
        choose_mementos([GOOD], url="mailto:x", target=TARGET, archive="wayback", replay_url=replay)


rows_of_any_kind = st.lists(
    st.builds(
        CdxRow,
        urlkey=st.text(max_size=5),
        timestamp=st.from_regex(r"\d{14}", fullmatch=True) | st.text(max_size=16),
        original=st.sampled_from([URL, f"{URL}/", "http://[bad"]) | st.text(max_size=20),
        mimetype=st.sampled_from(["text/html", "warc/revisit", "unk", "-", "image/png"]),
        statuscode=st.none() | st.integers(100, 999),
        digest=st.sampled_from(["A", "B", "-", EMPTY_BODY]),
        length=st.none() | st.integers(0, 10**9),
    ),
    max_size=20,
)


@given(rows_of_any_kind, st.integers(0, 6))
def test_every_row_ends_as_candidate_or_refusal(rows: list[CdxRow], limit: int) -> None:
    """Whatever an archive lists, no row raises and none is lost without a reason."""
    choice = choose(*rows, limit=limit)
    assert len(choice.candidates) + len(choice.refused) == len(rows)
    assert len(choice.candidates) <= limit
    digests = [taken.digest for taken in choice.candidates if taken.digest != "-"]
    assert len(digests) == len(set(digests))


@pytest.mark.parametrize(
    ("timestamp", "at"),
    [
        ("20161213120501", datetime(2016, 12, 13, 12, 5, 1, tzinfo=UTC)),
        ("20000800241623", datetime(2000, 8, 24, 16, 23, tzinfo=UTC)),
        ("20000012170449", datetime(2000, 12, 17, 4, 49, tzinfo=UTC)),
        ("20000101000000", datetime(2000, 1, 1, tzinfo=UTC)),
    ],
)
def test_timestamps_of_the_year_2000_are_repaired(timestamp: str, at: datetime) -> None:
    """A stray 00 for month or day is taken out; a good timestamp is read as it is."""
    assert memento_datetime(timestamp) == at


@pytest.mark.parametrize("timestamp", ["", "2016", "2016121312050a", "²0161213120501", "0" * 14])
def test_what_is_no_timestamp_raises(timestamp: str) -> None:
    """Anything but 14 digits that make a date is a ValueError."""
    with pytest.raises(ValueError, match=r"timestamp|out of range|must be in"):
        memento_datetime(timestamp)


@given(st.datetimes(datetime(1996, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_timestamps_round_trip(at: datetime) -> None:
    """A time written as 14 digits is read back to the second."""
    assert at - memento_datetime(timestamp_of(at)) < timedelta(seconds=1)


@pytest.mark.parametrize(
    ("url", "place"),
    [
        (f"{PREFIX}20161213120000id_/{URL}", ("20161213120000", URL)),
        (f"http://archive.example/web/20161213120000/{URL}?a=1", ("20161213120000", f"{URL}?a=1")),
        (f"{PREFIX}2016/{URL}", ("2016", URL)),
        (f"{PREFIX}*/{URL}", None),
        (f"https://other.example/web/20161213120000id_/{URL}", None),
        (PREFIX, None),
        ("mailto:x", None),
    ],
)
def test_replay_addresses_are_taken_apart(url: str, place: tuple[str, str] | None) -> None:
    """Under the archive's prefix stand a timestamp and the original, or it is no replay."""
    assert split_memento_url(PREFIX, url) == place


def test_parameter_order_is_folded_and_other_values_are_not() -> None:
    """An index sorts parameters; another value is another page."""
    assert same_page(f"{URL}?a=1&b=2", f"{URL}?b=2&a=1")
    assert not same_page(f"{URL}?a=1", f"{URL}?a=2")
