"""The bound of a first contact: so many pages of each stranger in one call, and of nobody else."""

import os

from hypothesis import given
from hypothesis import strategies as st

from crawler.core.offers import Kind
from crawler.core.values import History, HostFacts
from crawler.core.words import Purpose
from spiders.first_contact import FirstContact
from storage.records import Claim

STRANGER, KNOWN = 7, 3  # sites
LANE = "host:paper.example"


def claim(
    site_id: int | None = STRANGER, lane: str = LANE, purpose: Purpose = Purpose.VISIT
) -> Claim:
    url = "http://paper.example/story"
    return Claim(
        entry_id=1,
        errand=os.urandom(16),
        resource_id=1,
        site_id=site_id,
        kind=Kind.PAGE,
        purpose=purpose,
        lane=lane,
        url=url,
        attempts=1,
        payload=None,
        history=History(url=url),
        host=HostFacts(name="paper.example"),
    )


def test_without_a_limit_all_is_taken() -> None:
    """None is no bound: the call said otherwise, or the configuration does."""
    bound = FirstContact(None, {"paper.example": STRANGER}, {LANE: 1})
    assert all(bound.takes(claim()) for _ in range(500))
    assert (bound.spent, bound.hosts) == (frozenset(), ())


def test_a_stranger_is_taken_up_to_the_limit() -> None:
    """Three of a stranger, the fourth is put back and its lane is spent."""
    bound = FirstContact(3, {"paper.example": STRANGER})
    assert [bound.takes(claim()) for _ in range(3)] == [True] * 3
    assert bound.spent == frozenset()
    assert not bound.takes(claim())
    assert bound.spent == {LANE}
    assert not bound.takes(claim())


def test_a_known_site_is_not_bounded() -> None:
    """What newsmorgue.toml names, and what was found before, is crawled as far as it goes."""
    bound = FirstContact(1, {"paper.example": STRANGER})
    assert all(bound.takes(claim(KNOWN)) for _ in range(9))
    assert all(bound.takes(claim(None)) for _ in range(9))
    assert bound.takes(claim())


def test_pages_and_lists_count_and_archives_do_not() -> None:
    """Every request to the site counts, whatever it is for; questions to archives never do."""
    bound = FirstContact(3, {"paper.example": STRANGER})
    counted = (Purpose.VISIT, Purpose.DISCOVER, Purpose.PROBE)
    assert all(bound.takes(claim(purpose=purpose)) for purpose in counted)
    assert not bound.takes(claim())
    archives = (Purpose.LOOKUP, Purpose.REPLAY)
    assert all(bound.takes(claim(purpose=purpose)) for purpose in archives * 5)


def test_the_strangers_are_named() -> None:
    """The sites that were made for the call are told by name, for the report."""
    assert FirstContact(1, {"paper.example": STRANGER}).sites == ("paper.example",)
    assert FirstContact(1).sites == ()


def test_each_stranger_has_a_bound_of_its_own() -> None:
    """One site's end is not another's; a site with a second host spends both lanes."""
    bound = FirstContact(1, {"paper.example": STRANGER, "other.example": 8})
    assert bound.takes(claim())
    assert bound.takes(claim(8, "host:other.example"))
    assert not bound.takes(claim(lane="host:feeds.example"))
    assert not bound.takes(claim())
    assert bound.spent == {"host:feeds.example", LANE}
    assert bound.hosts == ("feeds.example", "paper.example")


def test_named_pages_come_on_top() -> None:
    """Of a host whose pages were named one by one, these and so many of their links are taken."""
    bound = FirstContact(2, lanes={LANE: 5})
    assert [bound.takes(claim(None)) for _ in range(8)] == [True] * 7 + [False]
    assert bound.takes(claim(None, "host:other.example"))


@given(st.integers(0, 8), st.lists(st.sampled_from([STRANGER, 8, KNOWN, None]), max_size=60))
def test_never_more_than_the_limit_of_any(limit: int, sites: list[int | None]) -> None:
    """In whatever order entries come, of each stranger at most the limit is taken."""
    bound = FirstContact(limit, {"paper.example": STRANGER, "other.example": 8})
    taken = [site for site in sites if bound.takes(claim(site, f"host:{site}"))]
    for site in (STRANGER, 8):
        assert taken.count(site) == min(limit, sites.count(site))
    for site in (KNOWN, None):
        assert taken.count(site) == sites.count(site)
