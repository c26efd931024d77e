"""Answers of an archive's replay: whose status is it, and is it the copy asked for."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.core.httpdate import http_date, retry_after
from crawler.core.replays import CouldNotAsk, Follow, Refuse, ReplayStep, Take, accept_replay
from crawler.core.values import Candidate, Headers

URL = "https://paper.example/2016/12/aleppo-siege"
PREFIX = "https://archive.example/web/"
HERE = f"{PREFIX}20161213120000id_/{URL}"
TAKEN = datetime(2016, 12, 13, 12, tzinfo=UTC)
NOW = datetime(2026, 3, 1, tzinfo=UTC)
MEMENTO = ("memento-datetime", "Tue, 13 Dec 2016 12:00:00 GMT")
CANDIDATE = Candidate(
    archive="wayback", memento_url=HERE, memento_datetime=TAKEN, original=URL, digest="D"
)


def answer(
    status: int, *headers: tuple[str, str], url: str = HERE, asked: tuple[str, ...] = ()
) -> ReplayStep:
    return accept_replay(
        CANDIDATE,
        url=url,
        status=status,
        headers=headers,
        replay_prefix=PREFIX,
        now=NOW,
        asked=asked,
    )


def to(location: str) -> tuple[str, str]:
    return ("location", location)


def test_a_memento_with_status_200_is_taken() -> None:
    """With Memento-Datetime and a 2xx the answer is the copy, dated by the header."""
    assert answer(200, MEMENTO) == Take(memento_url=HERE, memento_datetime=TAKEN, status=200)


@pytest.mark.parametrize("status", [404, 403, 410, 429, 500, 503])
def test_with_memento_datetime_the_status_is_the_archived_one(status: int) -> None:
    """An archived 429 or 503 is a bad capture, not an archive that cannot be asked."""
    step = answer(status, MEMENTO, ("retry-after", "30"))
    assert step == Refuse(f"archived_status_{status}")


@pytest.mark.parametrize("status", [401, 403, 408, 429, 500, 502, 503, 504, 523])
def test_without_it_a_failure_is_the_archives_own(status: int) -> None:
    """A refusal or outage of the archive says nothing about the page; it is asked again."""
    assert answer(status, ("retry-after", "30")) == CouldNotAsk(f"status_{status}", 30.0)
    assert answer(status) == CouldNotAsk(f"status_{status}", None)


@pytest.mark.parametrize(
    ("status", "headers", "step"),
    [
        (404, (), Refuse("not_in_archive")),
        (400, (), Refuse("status_400")),
        (200, (), CouldNotAsk("no_memento_datetime")),
        (302, (), Refuse("status_302")),
        (200, (("memento-datetime", "yesterday"),), Refuse("bad_memento_datetime")),
        (
            200,
            (("memento-datetime", "Wed, 21 Dec 2016 12:00:00 GMT"),),
            Refuse("other_time"),
        ),
        (
            403,
            (
                (
                    "x-archive-wayback-runtime-error",
                    "AdministrativeAccessControlException: Blocked Site Error",
                ),
            ),
            Refuse("excluded"),
        ),
        (
            403,
            (("x-archive-wayback-runtime-error", "RobotAccessControlException: robots"),),
            Refuse("excluded"),
        ),
        (
            503,
            (("x-archive-wayback-runtime-error", "ResourceNotAvailableException: x"),),
            CouldNotAsk("status_503"),
        ),
    ],
)
def test_other_answers(status: int, headers: Headers, step: ReplayStep) -> None:
    """Absence, exclusion, another time and a page that is no memento are told apart."""
    assert answer(status, *headers) == step


@pytest.mark.parametrize(
    ("location", "step"),
    [
        (f"{PREFIX}20161214120000id_/{URL}", Follow(f"{PREFIX}20161214120000id_/{URL}")),
        (
            "/web/20161214120000/http://www.paper.example/2016/12/aleppo-siege",
            Follow(f"{PREFIX}20161214120000id_/http://www.paper.example/2016/12/aleppo-siege"),
        ),
        (f"{PREFIX}20161221120000id_/{URL}", Refuse("other_time")),
        (f"{PREFIX}2016/{URL}", Refuse("other_time")),
        (f"{PREFIX}20161214120000id_/https://paper.example/", Refuse("other_page")),
        (f"{PREFIX}20161214120000id_/https://paper.example/x/aleppo-siege", Refuse("other_page")),
        (URL, Refuse("outside_archive")),
        ("https://archive.example/", Refuse("outside_archive")),
        ("http://127.0.0.1/latest/meta-data", Refuse("outside_archive")),
        ("file:///etc/hostname", Refuse("outside_archive")),
        ("http://[bad", Refuse("outside_archive")),
    ],
)
def test_the_archives_own_redirect_stays_on_page_time_and_archive(
    location: str, step: ReplayStep
) -> None:
    """Without Memento-Datetime a redirect leads to a near capture of the same page, or nowhere."""
    assert answer(302, to(location)) == step


@pytest.mark.parametrize(
    ("location", "step"),
    [
        (f"{PREFIX}20161213120001id_/{URL}/", Follow(f"{PREFIX}20161213120001id_/{URL}/")),
        (f"{URL}/", Follow(f"{PREFIX}20161213120000id_/{URL}/")),
        (
            "/news/aleppo-siege-2016",
            Refuse("other_page"),
        ),
        ("https://paper.example/", Refuse("other_page")),
        ("https://paper.example/login?next=aleppo-siege", Refuse("other_page")),
        ("https://archive.example/save/", Refuse("other_page")),
        ("javascript:void(0)", Refuse("outside_archive")),
    ],
)
def test_an_archived_redirect_is_followed_inside_the_archive(
    location: str, step: ReplayStep
) -> None:
    """A live address in an archived Location is asked of the archive, at the same time."""
    assert answer(301, MEMENTO, to(location)) == step


def test_an_article_that_moved_keeps_its_slug() -> None:
    """An archived redirect to another path with the same long slug is the site's own move."""
    old = "https://paper.example/2016/12/siege-of-aleppo"
    candidate = Candidate(
        archive="wayback",
        memento_url=f"{PREFIX}20161213120000id_/{old}",
        memento_datetime=TAKEN,
        original=old,
        digest="D",
    )
    step = accept_replay(
        candidate,
        url=candidate.memento_url,
        status=301,
        headers=(MEMENTO, to("/world/siege-of-aleppo")),
        replay_prefix=PREFIX,
        now=NOW,
    )
    assert step == Follow(f"{PREFIX}20161213120000id_/https://paper.example/world/siege-of-aleppo")


def test_redirects_end_after_three() -> None:
    """A fourth redirect costs the candidate."""
    there = to(f"{PREFIX}20161213120009id_/{URL}")
    asked = tuple(f"{PREFIX}2016121312000{n}id_/{URL}" for n in range(3))
    assert isinstance(answer(302, there, asked=asked[:2]), Follow)
    assert answer(302, there, asked=asked) == Refuse("too_many_redirects")


@pytest.mark.parametrize("location", [HERE, URL, f"{PREFIX}20161213120001id_/{URL}"])
def test_a_loop_is_cut_at_once(location: str) -> None:
    """A redirect to itself, or to an address that led here, is not asked a second time."""
    before = f"{PREFIX}20161213120001id_/{URL}"
    assert answer(301, MEMENTO, to(location), asked=(before,)) == Refuse("loop")


def test_after_a_move_the_nearest_capture_is_that_of_the_new_address() -> None:
    """The archive's own redirect is compared with the address it answers, not with the first."""
    moved = "https://paper.example/archive/2016/12/aleppo-siege-of-2016"
    here = f"{PREFIX}20161213120000id_/{moved}"
    there = f"{PREFIX}20161213150000id_/{moved}"
    assert answer(302, to(there), url=here, asked=(HERE,)) == Follow(there)
    assert answer(302, to(f"{PREFIX}20161213150000id_/{URL}"), url=here) == Refuse("other_page")


@pytest.mark.parametrize(
    ("stated", "taken"),
    [
        (f"{PREFIX}20161213115959id_/{URL}", f"{PREFIX}20161213115959id_/{URL}"),
        (f"/web/20161213115959/{URL}/", f"{PREFIX}20161213115959id_/{URL}/"),
        (f"{PREFIX}20161213115959id_/https://paper.example/", HERE),
        ("https://other.example/", HERE),
        ("http://[bad", HERE),
        ("", HERE),
    ],
)
def test_an_answer_for_a_time_near_it_says_which_copy_it_is(stated: str, taken: str) -> None:
    """Pywb answers an inexact time with 200 and the copy's own address in Content-Location."""
    step = answer(200, MEMENTO, ("content-location", stated))
    assert step == Take(memento_url=taken, memento_datetime=TAKEN, status=200)


@given(
    st.integers(100, 999),
    st.lists(
        st.tuples(
            st.sampled_from(["memento-datetime", "location", "retry-after"]),
            st.text(max_size=40) | st.sampled_from([MEMENTO[1], f"/web/20161213120000id_/{URL}"]),
        ),
        max_size=3,
    ),
)
def test_no_answer_raises_or_leaves_the_archive(
    status: int, headers: list[tuple[str, str]]
) -> None:
    """Whatever an archive sends, the step is one of four and a redirect stays inside."""
    step = answer(status, *headers)
    assert isinstance(step, Take | Follow | Refuse | CouldNotAsk)
    assert not isinstance(step, Follow) or step.url.startswith(PREFIX)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (None, None),
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Sun, 01 Mar 2026 00:01:00 GMT", 60.0),
        ("Sat, 28 Feb 2026 00:00:00 GMT", 0.0),
        ("-5", None),
        ("soon", None),
        ("1e9", None),
        ("²", None),
        ("9" * 40, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(text: str | None, seconds: float | None) -> None:
    """Both forms of Retry-After are read; anything else is none."""
    assert retry_after(text, NOW) == seconds


@pytest.mark.parametrize(
    "text",
    ["", "Tue, 13 Dec 2016", "Tue, 31 Feb 2016 12:00:00 GMT", "Tue, 13 Foo 2016 12:00:00 GMT"],
)
def test_what_is_no_http_date_is_none(text: str) -> None:
    """An impossible or unknown date is None, never an error."""
    assert http_date(text) is None
