"""Time lines of whole hosts: what passes kills nothing, what is for good is found in days."""

import random
from collections.abc import Callable
from datetime import timedelta

import pytest
from support.timelines import KINDS, LASTING, Fate, Page, Timeline, play

from crawler.core.lifecycle import LifecyclePolicy
from crawler.core.words import Liveness, State

ALIVE = Liveness.ALIVE
TEN = 10


def during(finds: Liveness, start: float, end: float = 1000.0) -> Fate:
    """Return a page that lives but between these days."""
    return lambda day: finds if start <= day < end else ALIVE


def one_of(finds: Liveness, start: float, end: float = 1000.0) -> list[Page]:
    """Replay sixty days of ten pages, of which the first fails."""
    fates = [during(finds, start, end), *[during(ALIVE, 0)] * (TEN - 1)]
    return play(fates, 60)[0]


def host_of(finds: Liveness, start: float, end: float = 1000.0) -> list[Page]:
    """Replay sixty days of ten pages that all fail."""
    return play([during(finds, start, end)] * TEN, 60)[0]


@pytest.mark.parametrize("build", KINDS)
@pytest.mark.parametrize("seed", range(5))
def test_no_death_is_false_and_none_is_missed(
    build: Callable[[random.Random], Timeline], seed: int
) -> None:
    """Random time lines: no page that lives on is ever dead, each that is gone is found."""
    line = build(random.Random(f"test {seed}"))  # noqa: S311 - no secret
    pages, _ = play(line.fates, LASTING)
    for page, ended in zip(pages, line.ended, strict=True):
        if ended is None:
            assert page.died == []
        else:
            assert page.died
            assert page.died[0] >= ended


@pytest.mark.parametrize(
    "finds",
    [
        Liveness.GONE,
        Liveness.SOFT_GONE,
        Liveness.UNREACHABLE,
        Liveness.HOST_GONE,
        Liveness.PARKED,
    ],
)
def test_an_outage_of_two_days_leaves_no_doubt(finds: Liveness) -> None:
    """However a host fails for two days, its pages are alive after it and never died."""
    for page in host_of(finds, 7.0, 9.0):
        assert (page.state, page.died) == (State.ALIVE, [])


def test_a_404_and_back_is_alive_again() -> None:
    """A page missing for two days is alive at the next visit, and was never dead."""
    page = one_of(Liveness.GONE, 6.5, 8.5)[0]
    assert (page.state, page.died) == (State.ALIVE, [])


@pytest.mark.parametrize(
    ("finds", "most"),
    [(Liveness.GONE, 13.5), (Liveness.SOFT_GONE, 10.5), (Liveness.WITHDRAWN, 37.5)],
)
def test_a_death_is_found_in_days(finds: Liveness, most: float) -> None:
    """One page gone for good is dead after its witnesses and at most a week until the first."""
    [died] = one_of(finds, 7.5)[0].died
    assert died - 7.5 <= most


def test_a_death_that_was_none_is_an_event() -> None:
    """A page that is back after months is alive at once, once."""
    page = one_of(Liveness.GONE, 7.5, 40.0)[0]
    assert (len(page.died), len(page.revived), page.state) == (1, 1, State.ALIVE)
    assert page.revived[0] - 40.0 <= 3.5


@pytest.mark.parametrize("finds", [Liveness.PARKED, Liveness.HOST_GONE])
def test_a_usurped_domain_is_believed_after_its_outage(finds: Liveness) -> None:
    """A host that changes hands is dead within two weeks, though a whole host failed."""
    for page in host_of(finds, 7.5):
        [died] = page.died
        assert 3 <= died - 7.5 <= 14


def test_a_moved_page_is_done_with() -> None:
    """A page that moved is visited no more: its target is."""
    pages = host_of(Liveness.MOVED, 7.5)
    assert {(page.state, page.due_at) for page in pages} == {(State.MOVED, None)}


@pytest.mark.parametrize(
    "finds",
    [Liveness.THROTTLED, Liveness.BLOCKED, Liveness.LOGIN, Liveness.CONSENT, Liveness.DISALLOWED],
)
def test_refusals_for_weeks_kill_nothing(finds: Liveness) -> None:
    """Storms of 429, blocks and a closed robots.txt are no deaths, however long."""
    assert [page.died for page in host_of(finds, 2.0)] == [[]] * TEN


def test_without_outages_each_page_is_on_its_own() -> None:
    """`outage_least` 0 turns the rule off: then an outage of a week kills."""
    policy = LifecyclePolicy(outage_least=0)
    pages, _ = play([during(Liveness.SOFT_GONE, 6.0, 13.0)] * TEN, 20, policy)
    assert all(page.died for page in pages)


def test_an_outage_asks_ever_less() -> None:
    """Ten pages of a host that is down for three days are asked for some dozen times each."""
    policy = LifecyclePolicy(outage_recheck=timedelta(hours=1))
    _, visits = play([during(Liveness.GONE, 7.0)] * TEN, 10, policy)
    assert visits <= TEN * 12
