"""Several archives: who is asked next, and when absence may be concluded."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.core.asking import NextQuestion, Round, next_question
from crawler.core.words import Answer

ORDER = ("first", "second", "third")
LATER = datetime(2026, 6, 1, tzinfo=UTC)
SOON = datetime(2026, 3, 1, tzinfo=UTC)
NOT_HELD = (Answer.HAS_NOT, Answer.EXCLUDED)


def after(
    asked: str,
    answer: Answer,
    so_far: Round | None = None,
    *,
    attempts: int = 0,
    archives: tuple[str, ...] = ORDER,
) -> NextQuestion:
    return next_question(
        archives,
        asked,
        answer,
        so_far or Round(),
        attempts=attempts,
        again_at=LATER,
        owed_at=SOON,
    )


@pytest.mark.parametrize("answer", NOT_HELD)
def test_what_one_has_not_the_next_is_asked(answer: Answer) -> None:
    """Absence and exclusion hand on at once, in the configured order."""
    assert after("first", answer) == NextQuestion(
        archive="second", at=None, round=Round(answered=("first",))
    )


@pytest.mark.parametrize("answer", NOT_HELD)
def test_a_round_ends_where_it_began(answer: Answer) -> None:
    """When all have answered, the first is asked again much later, in a new round."""
    so_far = Round(answered=("first", "second"))
    assert after("third", answer, so_far) == NextQuestion(archive="first", at=LATER, round=Round())


def test_one_failure_is_waited_out() -> None:
    """A hiccup does not send the question elsewhere: the same archive is asked again soon."""
    assert after("first", Answer.COULD_NOT_ASK, attempts=1) == NextQuestion(
        archive="first", at=SOON, round=Round(owed=("first",))
    )


def test_an_archive_that_is_down_does_not_keep_the_next_from_being_asked() -> None:
    """From the second failure on the next one is asked meanwhile; the first owes an answer."""
    assert after("first", Answer.COULD_NOT_ASK, attempts=2) == NextQuestion(
        archive="second", at=None, round=Round(owed=("first",))
    )


def test_what_is_owed_is_asked_for_before_absence_is_concluded() -> None:
    """The others have not, but one could not be asked: that one is asked again, and soon."""
    so_far = Round(answered=("second",), owed=("first",))
    asked = after("third", Answer.HAS_NOT, so_far, attempts=2)
    assert asked == NextQuestion(
        archive="first", at=SOON, round=Round(answered=("second", "third"), owed=("first",))
    )
    ended = after("first", Answer.HAS_NOT, asked.round)
    assert ended == NextQuestion(archive="first", at=LATER, round=Round())


def test_an_archive_that_is_configured_no_more_owes_nothing() -> None:
    """A name that newsmorgue.toml has lost is not waited for."""
    so_far = Round(answered=("second", "third"), owed=("gone",))
    assert after("first", Answer.HAS_NOT, so_far).at == LATER


answers = st.lists(st.sampled_from([*NOT_HELD, Answer.COULD_NOT_ASK]), max_size=30)


@given(answers, st.integers(1, 3))
def test_absence_is_concluded_only_when_all_have_answered(said: list[Answer], count: int) -> None:
    """Whatever the archives say, each answers once before the page is left for months."""
    archives, asked, so_far, attempts = ORDER[:count], ORDER[0], Round(), 0
    heard: set[str] = set()
    for answer in said:
        could_not = answer is Answer.COULD_NOT_ASK
        attempts = attempts + 1 if could_not else attempts
        heard |= set() if could_not else {asked}
        then = after(asked, answer, so_far, attempts=attempts, archives=archives)
        assert then.archive in archives
        if then.at == LATER:
            assert heard == set(archives)
            heard = set()
        asked, so_far = then.archive, then.round
