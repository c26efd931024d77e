"""Where living pages come from: a folder of real ones with their known text."""

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path

from crawler.reading.metadata import language_of
from judging.values import Source

_NOT_A_WORD = re.compile(r"[^\w]+")


def corpus(folder: Path) -> Iterator[Source]:
    """Yield the pages of `ground-truth.jsonl` and `html/<id>.html.gz`, sorted by id.

    Raises OSError, KeyError or ValueError where the folder is not as described in `corpus.py`.
    """
    text = (folder / "ground-truth.jsonl").read_text(encoding="utf-8")
    rows = [json.loads(line) for line in text.split("\n") if line.strip()]
    for row in sorted(rows, key=lambda row: row["id"]):
        title, body = row["title"] or "", row["body"] or ""
        yield Source(
            id=row["id"],
            url=row["url"] or f"http://unknown.invalid/{_NOT_A_WORD.sub('-', title.lower())}",
            body=gzip.decompress((folder / "html" / f"{row['id']}.html.gz").read_bytes()),
            title=title,
            text=body,
            language=(language_of(body, None) or "").split("-")[0],
        )
