"""What agreement and conflict do to confidence, and a title beside an announced headline."""

import pytest

from crawler.core.confidence import (
    AUTHORS,
    DATES,
    SECTIONS,
    TITLES,
    lowered,
    raised,
    with_headline,
    witness,
)  # fmt: skip
from crawler.core.values import Witness
from crawler.core.words import DateSource, MetadataSource

TITLE = "Old lighthouse shines again over harbour"
BY = Witness(source=MetadataSource.HEADING, confidence=0.7)


def test_every_source_of_a_date_has_a_number() -> None:
    """No date can be found that the table does not know; all are shares."""
    assert set(DATES) == set(DateSource)
    tables = (DATES, TITLES, AUTHORS, SECTIONS)
    assert all(0 < share < 1 for table in tables for share in table.values())


def test_confidence_never_becomes_certainty() -> None:
    """However many agree, a page's word stays below 1; however many differ, above 0."""
    assert 0.5 < raised(0.5) < raised(0.5, 2) < raised(0.5, 99) < 1
    assert 0.5 > lowered(0.5) > lowered(0.5, 2) > 0
    assert raised(0.5, 0) == lowered(0.5, 0) == 0.5
    both = witness(TITLES, MetadataSource.META, agree=1, differ=1).confidence
    assert both < witness(TITLES, MetadataSource.META, agree=1).confidence


@pytest.mark.parametrize("how", ["feed", "sitemap"])
def test_an_announced_headline_bears_out_the_title(how: str) -> None:
    """The same words raise, other words lower; the page's own title stays what is shown."""
    same, by = with_headline(TITLE, BY, "Lighthouse shines again over old harbour", how)
    other, doubted = with_headline(TITLE, BY, "Parliament debates fishing quota tonight", how)
    assert same == other == TITLE
    assert by is not None
    assert doubted is not None
    assert doubted.confidence < BY.confidence < by.confidence
    assert by.source is BY.source


def test_a_page_without_a_title_takes_the_announced_one() -> None:
    """A feed's headline is the title where the page has none; the words of a link never are."""
    title, by = with_headline(None, None, TITLE, "feed")
    assert (title, by and by.source) == (TITLE, MetadataSource.FEED)
    for how in ("link", "seed", None):
        assert with_headline(None, None, TITLE, how) == (None, None)
    assert with_headline(TITLE, BY, None, "feed") == (TITLE, BY)
    assert with_headline(TITLE, BY, "Why", "feed") == (TITLE, BY)  # too short to compare
