"""What one visit says of a feed or sitemap: read, not a list, or what the wire says."""

import pytest

from crawler.core.listings import Listed, Listing, ListKind
from crawler.core.values import Headers, History, HostFacts, Verdict, Visit
from crawler.core.verdict_lists import judge_list
from crawler.core.words import Liveness, Outcome

URL = "https://paper.example/feed"
READ = (Listed(url="https://paper.example/1"), Listed(url="https://paper.example/2"))


def verdict(
    listing: Listing | None,
    *,
    outcome: Outcome = Outcome.FETCHED,
    status: int | None = 200,
    headers: Headers = (),
) -> Verdict:
    visit = Visit(url=URL, final_url=URL, outcome=outcome, status=status, headers=headers)
    return judge_list(visit, listing, History(url=URL), HostFacts(name="paper.example"))


@pytest.mark.parametrize("kind", [kind for kind in ListKind if kind is not ListKind.NONE])
def test_a_list_that_was_read_is_alive(kind: ListKind) -> None:
    """Whatever its dialect, a list is alive; the reason names what it was, the evidence counts."""
    said = verdict(Listing(kind=kind, entries=READ, lists=READ[:1]))
    assert (said.liveness, said.reasons) == (Liveness.ALIVE, (f"read_{kind.value}",))
    assert said.is_good
    (evidence,) = said.evidence
    assert evidence.text == "2 pages, 1 lists"


def test_an_empty_list_is_alive() -> None:
    """A feed that lists nothing today is a feed still."""
    assert verdict(Listing(kind=ListKind.FEED)).liveness is Liveness.ALIVE


def test_a_list_that_was_cut_is_alive() -> None:
    """A list over the size cap gave what it has."""
    said = verdict(Listing(kind=ListKind.SITEMAP, entries=READ), outcome=Outcome.TRUNCATED)
    assert said.liveness is Liveness.ALIVE


def test_a_page_instead_of_a_list_is_unknown() -> None:
    """A web page with 200 where a list should be is no list, never a death; it says why."""
    said = verdict(Listing(kind=ListKind.NONE, problem="it is a web page"))
    assert (said.liveness, said.reasons[0]) == (Liveness.UNKNOWN, "not_a_list")
    assert said.evidence[0].text == "it is a web page"
    assert not said.is_good


@pytest.mark.parametrize(
    ("status", "liveness"),
    [
        (404, Liveness.GONE),
        (410, Liveness.GONE),
        (403, Liveness.BLOCKED),
        (429, Liveness.THROTTLED),
        (500, Liveness.UNREACHABLE),
        (503, Liveness.UNREACHABLE),
    ],
)
def test_a_status_goes_before_the_bytes(status: int, liveness: Liveness) -> None:
    """An error's body is no list, even if it reads as one."""
    assert verdict(Listing(kind=ListKind.FEED, entries=READ), status=status).liveness is liveness
    assert verdict(Listing(kind=ListKind.NONE), status=status).liveness is liveness


@pytest.mark.parametrize(
    ("outcome", "liveness"),
    [
        (Outcome.TIMED_OUT, Liveness.UNREACHABLE),
        (Outcome.CONNECT_FAILED, Liveness.UNREACHABLE),
        (Outcome.DNS_FAILED, Liveness.HOST_GONE),
        (Outcome.ROBOTS_DISALLOWED, Liveness.DISALLOWED),
        (Outcome.REFUSED_ADDRESS, Liveness.UNKNOWN),
        (Outcome.INTERNAL_ERROR, Liveness.UNKNOWN),
        (Outcome.OUT_OF_SCOPE, Liveness.UNKNOWN),
    ],
)
def test_without_an_answer_the_wire_decides(outcome: Outcome, liveness: Liveness) -> None:
    """A list that could not be fetched is judged as any page is."""
    assert verdict(None, outcome=outcome, status=None).liveness is liveness


@pytest.mark.parametrize("outcome", [Outcome.READING_TIMED_OUT, Outcome.READING_FAILED])
def test_a_list_that_could_not_be_read_is_no_death(outcome: Outcome) -> None:
    """Bytes that killed their worker say nothing of the list."""
    assert verdict(None, outcome=outcome).liveness is Liveness.UNKNOWN
