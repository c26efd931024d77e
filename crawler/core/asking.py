"""Several archives: which one is asked next about a lost page, and when.

They are asked in the configured order. What an archive has not is asked of the next one at once. A
question that could not be asked is owed: it is put again, and absence is concluded only when
nothing is owed any more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from crawler.core.words import Answer

PATIENCE = 2
"""Questions in a row without an answer, from which on the next archive is asked meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One page's questions so far: which archives have answered, and which still owe an answer."""

    answered: tuple[str, ...] = ()
    owed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NextQuestion:
    """The archive to ask next. `at` None: at once."""

    archive: str
    at: datetime | None
    round: Round


def next_question(
    archives: Sequence[str],
    asked: str,
    answer: Answer,
    so_far: Round,
    *,
    attempts: int,
    again_at: datetime | None,
    owed_at: datetime | None,
) -> NextQuestion:
    """Decide what follows when `asked` gave any answer but a copy.

    `archives` are the configured names in order. `attempts` counts the page's questions in a row
    that could not be asked, over all archives. `again_at` is when an archive that has not is
    asked once more; `owed_at` when one is that could not be asked.
    """
    could_not = answer is Answer.COULD_NOT_ASK
    owed = tuple(name for name in so_far.owed if name != asked) + (asked,) * could_not
    answered = tuple(dict.fromkeys((*so_far.answered, *((asked,) * (not could_not)))))
    now = Round(answered=answered, owed=owed)
    untried = [name for name in archives if name not in {*answered, *owed}]
    if could_not and (attempts < PATIENCE or not untried):
        return NextQuestion(archive=_first(archives, owed) or asked, at=owed_at, round=now)
    if untried:
        return NextQuestion(archive=untried[0], at=None, round=now)
    if creditor := _first(archives, owed):
        return NextQuestion(archive=creditor, at=owed_at, round=now)
    return NextQuestion(archive=next(iter(archives), asked), at=again_at, round=Round())


def _first(archives: Sequence[str], owed: Sequence[str]) -> str | None:
    """Return the one that has owed an answer longest, of those still configured."""
    return next((name for name in owed if name in archives), None)
