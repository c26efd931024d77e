"""Stock trafilatura on the pages of `crawl.py`: `python crawl_stock.py time|text FOLDER IDS`.

IDS is a file with one page id a line. `time` extracts every page with metadata, as it comes, and
prints one JSON line: pages, CPU and wall seconds, counted once the process is warm. `text` extracts
for precision, without comments, and prints each page's precision and recall by its id.
"""

import gzip
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from corpus_case import Truth, read_corpus
from crawl_score import precision_and_recall
from trafilatura import bare_extraction

WARM_UP = 20  # pages: the first ones load word lists and build tables


def cost(bodies: Sequence[bytes]) -> dict[str, float]:
    """Extract every page; return pages and seconds."""
    for body in bodies[:WARM_UP]:
        bare_extraction(body, with_metadata=True)
    wall, cpu = -time.perf_counter(), -time.process_time()
    for body in bodies:
        bare_extraction(body, with_metadata=True)
    return {
        "pages": len(bodies),
        "cpu": cpu + time.process_time(),
        "wall": wall + time.perf_counter(),
    }


def scores(truths: Sequence[Truth], bodies: Sequence[bytes]) -> dict[str, tuple[float, float]]:
    """Return precision and recall of the text found on each page."""
    found = {}
    for truth, body in zip(truths, bodies, strict=True):
        document: Any = bare_extraction(body, favor_precision=True, include_comments=False)
        text = (document.text or "") if document is not None else ""
        found[truth.id] = precision_and_recall(text, truth.body)
    return found


def main() -> None:
    """Run one mode and print its JSON line."""
    mode, folder, ids = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    wanted = set(ids.read_text(encoding="utf-8").split())
    truths = [truth for truth in read_corpus(folder) if truth.id in wanted]
    files = [folder / "html" / f"{truth.id}.html.gz" for truth in truths]
    bodies = [gzip.decompress(file.read_bytes()) for file in files]
    print(json.dumps(cost(bodies) if mode == "time" else scores(truths, bodies)))


if __name__ == "__main__":
    main()
