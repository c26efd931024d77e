"""What the judge has to reach, in one place: the figures of the issue it was built for."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Floor:
    """The least or the most a figure may be."""

    good: Literal["at least", "at most"]
    value: float

    def is_met(self, value: float) -> bool:
        """Whether a figure reaches it."""
        return value >= self.value if self.good == "at least" else value <= self.value


PRECISION = Floor("at least", 0.99)  # of the pages called soft-gone, those that are
RECALL = Floor("at least", 0.97)  # of soft-gone pages that say so
RECALL_NO_PHRASE = Floor("at least", 0.90)  # of soft-gone pages without any such phrase
NOTICED_DEAD = Floor("at most", 0)  # living pages with a notice called dead, as a count
LIVING_OTHER = Floor("at most", 0.003)  # living pages called neither alive nor rightly paywalled
LEFT = Floor("at most", 0.01)  # layouts in which notice or skip link stays in the text
LOST = Floor("at most", 0)  # paragraphs of an article lost by cutting, as a count
STORED = Floor("at most", 0)  # look-alikes stored as an article, as a count
NAMED = Floor("at least", 0.95)  # look-alikes of each kind named right
F1_GAIN = 0.002  # text F1 above stock trafilatura on `aed-`; on other prefixes 0
CPU = Floor("at most", 1.15)  # reading and judging : stock trafilatura with metadata
