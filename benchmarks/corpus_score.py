"""How well a text, a title and a date agree with what was checked by hand.

Text: F1 over shingles of four words, each counted as often as it occurs; a page's F1 is made of
its own precision and recall, and a corpus' figure is the mean over its pages.
"""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from statistics import fmean

_WORD = re.compile(r"\w+")
_SHINGLE = 4


def f1(text: str, truth: str) -> float:
    """Return the F1 of a text, 0 to 1."""
    found, wanted = _shingles(text), _shingles(truth)
    common = (found & wanted).total()
    if not common:
        return float(found.total() == wanted.total())
    precision, recall = common / found.total(), common / wanted.total()
    return 2 * precision * recall / (precision + recall)


def precision(text: str, truth: str) -> float:
    """Return which share of a text is in the truth, 0 to 1."""
    found, wanted = _shingles(text), _shingles(truth)
    return (found & wanted).total() / found.total() if found else 0.0


def mean(values: Iterable[float]) -> float:
    """Return the mean, 0 for nothing."""
    listed = list(values)
    return fmean(listed) if listed else 0.0


def same_title(found: str | None, truth: str) -> bool:
    """Whether two titles have the same words, or one only adds the site's name."""
    one, other = _words(found or ""), _words(truth)
    return bool(one and other) and (one in other or other in one)


def same_day(found: datetime | None, truth: str) -> bool:
    """Whether a time falls on a day, or on the next or last one: zones are often left out."""
    if found is None:
        return False
    return abs(found.date() - date.fromisoformat(truth)) <= timedelta(days=1)


def _shingles(text: str) -> Counter[tuple[str, ...]]:
    words = _WORD.findall(text.lower())
    if len(words) < _SHINGLE:
        return Counter([tuple(words)] if words else [])
    return Counter(zip(*(words[place:] for place in range(_SHINGLE)), strict=False))


def _words(text: str) -> str:
    return " ".join(_WORD.findall(text.lower()))
