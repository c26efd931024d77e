"""How soon a death is found, and how many are none: `python benchmarks/timelines.py [N] [SEED]`.

N random time lines of each kind (500 if left out), of 12 pages of one host over 60 days, replayed
through `crawler.core.lifecycle` and `crawler.core.hosts`. A false death is a page taken for dead
that is not gone for good. Exit code 1 if there is one, or a death that is not found.
"""

import random
import sys
from statistics import median

from fates import KINDS, LASTING
from hostlives import play


def main(count: int, seed: int) -> int:
    """Print one line a kind; return the exit code."""
    print(f"{count} time lines of each kind, seed {seed}\n")
    print(f"{'kind':32} {'pages':>7} {'visits':>9} {'false':>6} {'missed':>7}  days to find")
    bad = 0
    for build in KINDS:
        rng = random.Random(f"{seed}/{KINDS.index(build)}")
        found: list[float] = []
        false = missed = visits = pages = 0
        for _ in range(count):
            line = build(rng)
            lives, asked = play(line.fates, LASTING)
            visits, pages = visits + asked, pages + len(lives)
            for page, ended in zip(lives, line.ended, strict=True):
                false += len([day for day in page.died if ended is None or day < ended])
                missed += ended is not None and not page.died
                found += [page.died[0] - ended] if ended is not None and page.died else []
        told = f"{min(found):.1f} - {median(found):.1f} - {max(found):.1f}" if found else "-"
        print(f"{line.kind:32} {pages:7} {visits:9} {false:6} {missed:7}  {told}")
        bad += false + missed
    return int(bad > 0)


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:3]]
    sys.exit(main(*([*given, 500, 20260305][:2] if len(given) != 1 else (given[0], 20260305))))
