"""Time lines of a host's pages, as the benchmark replays them."""

import sys
from pathlib import Path

# They are measured by a benchmark, and lie with it.
sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))

from fates import KINDS, LASTING, Timeline
from hostlives import Fate, Page, play

__all__ = ["KINDS", "LASTING", "Fate", "Page", "Timeline", "play"]
