"""How well texts agree with what was checked by hand, as issue and report count it.

A text's words, case kept, make overlapping runs of four, each counted as often as it occurs. F1 is
made of the pages' mean precision and mean recall.
"""

import re
from collections import Counter
from collections.abc import Iterable
from statistics import fmean

_WORD = re.compile(r"\w+")
_RUN = 4

Scores = tuple[float, float]
"""Precision and recall of one page, 0 to 1."""


def precision_and_recall(text: str, truth: str) -> Scores:
    """Return how much of a text is in the truth, and of the truth in the text."""
    found, wanted = _runs(text), _runs(truth)
    common = (found & wanted).total()
    return common / (found.total() or 1), common / (wanted.total() or 1)


def f1(scores: Iterable[Scores]) -> float:
    """Return F1 of the mean precision and the mean recall; 0 for nothing."""
    listed = list(scores)
    if not listed:
        return 0.0
    precision, recall = fmean(one for one, _ in listed), fmean(other for _, other in listed)
    return 2 * precision * recall / (precision + recall or 1)


def _runs(text: str) -> Counter[tuple[str, ...]]:
    words = _WORD.findall(text)
    if len(words) < _RUN:
        return Counter([tuple(words)] if words else [])
    return Counter(zip(*(words[start:] for start in range(_RUN)), strict=False))
