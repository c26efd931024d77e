"""What reading a page costs: `python benchmarks/reading.py FOLDER [--every N] [--json FILE]`.

FOLDER holds `ground-truth.jsonl` and `html/<id>.html.gz`, as for `corpus.py`. In one process, page
by page and in alternating order, `read_page` and stock trafilatura with metadata read the same
bytes; CPU time counts, so that a busy machine changes the figures little. Then the parts of
`read_page` are timed one by one, and text F1 is given beside stock trafilatura set for precision.
"""

import argparse
import gzip
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import corpus_score
from corpus_case import Truth, read_corpus
from support import Figure, amount, machine, print_table, write_json
from trafilatura import bare_extraction

from crawler.core.values import PageReading
from crawler.reading import page as reading
from crawler.reading import warm

UNKNOWN = "http://unknown.invalid/story"
HEADERS = (("content-type", "text/html"), ("content-encoding", "gzip"))
PARTS = (
    "decode_body", "to_text", "is_binary", "parse", "read_structured", "wrap_loose", "split",
    "see", "links_of", "template_hash", "cut", "extract_text", "trim", "title_of", "authors_of",
    "published", "modified", "language_of", "simhash",
)  # fmt: skip

Pages = Sequence[tuple[Truth, bytes]]


def ours(packed: bytes, url: str) -> PageReading:
    """Read a page as a worker does."""
    return reading.read_page(packed, headers=HEADERS, url=url)


def stock(packed: bytes, url: str) -> Any:
    """Extract a page with trafilatura as it comes, metadata included."""
    return bare_extraction(gzip.decompress(packed), url=url, with_metadata=True)


def precise(packed: bytes, url: str) -> Any:
    """Extract a page with trafilatura set for precision."""
    body = gzip.decompress(packed)
    return bare_extraction(body, url=url, favor_precision=True, include_comments=False)


READERS: dict[str, Callable[[bytes, str], Any]] = {
    "read_page": ours,
    "trafilatura with metadata": stock,
    "trafilatura for precision": precise,
}


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    options.add_argument("corpus", type=Path)
    options.add_argument("--every", type=int, default=1, help="take one page in so many")
    options.add_argument("--json", type=Path, help="write the figures to this file as well")
    chosen = options.parse_args()
    pages = load(chosen.corpus)[:: chosen.every]
    warm.warm()
    spent, texts = alternate(pages)
    figures = [*costs(spent, len(pages)), *parts(pages), *quality(pages, texts)]
    print_table(figures)
    print(f"\n{json.dumps(machine())}")
    if chosen.json:
        write_json(chosen.json, " ".join(["python", *sys.argv]), figures)


def load(folder: Path) -> list[tuple[Truth, bytes]]:
    """Return every page with what is known of it, still packed."""
    return [
        (truth, (folder / "html" / f"{truth.id}.html.gz").read_bytes())
        for truth in read_corpus(folder)
    ]


def alternate(pages: Pages) -> tuple[Counter[str], dict[str, list[str]]]:
    """Read each page with each reader, the order turned from page to page."""
    spent, texts = Counter[str](), defaultdict[str, list[str]](list)
    names = list(READERS)
    for number, (truth, packed) in enumerate(pages):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            began = time.process_time()
            found = READERS[name](packed, truth.url or UNKNOWN)
            spent[name] += time.process_time() - began
            texts[name].append(_text(found))
    return spent, texts


def costs(spent: Counter[str], count: int) -> Iterator[Figure]:
    """Yield CPU a page, and the ratio the floor is set for."""
    for name, seconds in spent.items():
        yield amount(name, "CPU a page", "ms", seconds * 1000 / count)
    ratio = spent["read_page"] / spent["trafilatura with metadata"]
    yield amount("read_page", "CPU : trafilatura with metadata", "", ratio)


def parts(pages: Pages) -> Iterator[Figure]:
    """Yield what each part of `read_page` takes. A part within another is counted in both."""
    spent = Counter[str]()
    kept = {owner: dict(vars(owner)) for owner in _owners()}
    for owner, name in _found():
        setattr(owner, name, _timed(name, getattr(owner, name), spent))
    try:
        for truth, packed in pages:
            ours(packed, truth.url or UNKNOWN)
    finally:
        for owner, name in _found():
            setattr(owner, name, kept[owner][name])
    for name in PARTS:
        yield amount("read_page", f"of it {name}", "ms", spent[name] * 1000 / len(pages))


def _owners() -> list[Any]:
    return [reading, reading.blocks, reading.links, reading.metadata, reading.dates]


def _found() -> list[tuple[Any, str]]:
    """Return where each part is called from."""
    return [
        (owner, name)
        for name in PARTS
        for owner in _owners()
        if callable(getattr(owner, name, None))
    ]


def _timed(name: str, function: Callable[..., Any], spent: Counter[str]) -> Callable[..., Any]:
    def call(*given: Any, **named: Any) -> Any:
        began = time.process_time()
        try:
            return function(*given, **named)
        finally:
            spent[name] += time.process_time() - began

    return call


def quality(pages: Pages, texts: dict[str, list[str]]) -> Iterator[Figure]:
    """Yield F1 on each prefix: of the pages' mean precision and recall, and the mean of theirs."""
    for prefix in sorted({truth.id.split("-")[0] for truth, _ in pages}):
        for name, found in texts.items():
            pairs = [
                (text, truth.body)
                for text, (truth, _) in zip(found, pages, strict=True)
                if truth.id.startswith(prefix)
            ]
            yield amount(name, f"text F1, {prefix}-, {len(pairs)} pages", "", _f1(pairs))


def _f1(pairs: Iterable[tuple[str, str]]) -> float:
    listed = list(pairs)
    precision = corpus_score.mean(corpus_score.precision(text, body) for text, body in listed)
    recall = corpus_score.mean(corpus_score.precision(body, text) for text, body in listed)
    return 2 * precision * recall / (precision + recall)


def _text(found: Any) -> str:
    if isinstance(found, PageReading):
        return found.article.text if found.article else ""
    return (found.text or "") if found is not None else ""


if __name__ == "__main__":
    main()
