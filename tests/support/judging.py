"""The measure of the judge on its built-in sample: run once, asked by many tests."""

import sys
from functools import cache
from pathlib import Path

# The measure is a benchmark, and lies with them.
sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))

from judging import figures, floors, surgery, wordings
from judging.cases import Ground, cases_of, survey
from judging.figures import Measure
from judging.layouts import MARKUPS, PLACES
from judging.sample import sample
from judging.trial import Bench
from judging.values import Case, Tried

from crawler.reading import warm

__all__ = [
    "MARKUPS",
    "NOTICED",
    "PLACES",
    "Measure",
    "cases",
    "cases_of",
    "figures",
    "floors",
    "grounds",
    "measures",
    "missed",
    "sample",
    "surgery",
    "tried",
    "wordings",
]

NOTICED = 9  # layouts of a notice tried on each page


@cache
def grounds() -> tuple[Ground, ...]:
    """Return the sample's pages, cut open.

    All with the words for tuning: whoever mends what the gate finds must not see the report's.
    """
    pages = sample()
    cut = (survey(one, pages, noticed=NOTICED, split="tune") for one in pages)
    return tuple(ground for ground in cut if ground is not None)


@cache
def cases() -> tuple[Case, ...]:
    """Return every case of the sample."""
    return tuple(case for ground in grounds() for case in cases_of(ground))


@cache
def tried() -> tuple[Tried, ...]:
    """Read and judge every case of the sample: some seconds of CPU."""
    warm.warm()
    return tuple(one for ground in grounds() for one in Bench(ground).tried(cases_of(ground)))


@cache
def measures() -> tuple[Measure, ...]:
    """Return every figure of the sample."""
    return tuple(figures.measures(tried()))


def missed(kinds: tuple[str, ...]) -> str:
    """Say which cases of some kinds were judged wrong, for the message of a failed test."""
    wrong = [
        f"{one.case.name}: {says(one).liveness.value} {says(one).reasons[0]} ({group})"
        for group, says in figures.SAYINGS.items()
        for one in figures.missed(tried(), says)
        if one.case.kind in kinds
    ]
    return "\n".join(wrong[:40])
