"""An archive's first capture of a page: the bound of its publication."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crawler.core.first_capture import first_capture
from crawler.core.values import CdxRow

URL = "http://paper.example/story"
GOOD = CdxRow(
    urlkey="example,paper)/story",
    timestamp="20160507101500",
    original=URL,
    mimetype="text/html",
    statuscode=200,
    digest="A" * 32,
    length=5000,
)


def test_the_earliest_good_capture_is_the_bound() -> None:
    """Whatever the order of the rows; a revisit is a capture, too."""
    rows = [
        replace(GOOD, timestamp="20180101000000"),
        replace(GOOD, mimetype="warc/revisit"),
        replace(GOOD, timestamp="20170101000000"),
    ]
    assert first_capture(rows, URL) == datetime(2016, 5, 7, 10, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    "change",
    [
        {"statuscode": 404}, {"statuscode": 301}, {"statuscode": None}, {"mimetype": "image/png"},
        {"original": "http://paper.example/other"}, {"original": "mailto:x"},
        {"timestamp": "19700101000000"}, {"timestamp": "2016"}, {"timestamp": "20161399000000"},
    ],
)  # fmt: skip
def test_what_is_no_page_there_is_no_bound(change: dict[str, object]) -> None:
    """Not found, elsewhere, no page, no time: such a capture says nothing of the publication."""
    assert first_capture([replace(GOOD, **change)], URL) is None  # type: ignore[arg-type]
    assert first_capture([], URL) is None
