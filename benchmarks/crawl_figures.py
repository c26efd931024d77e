"""The figures of one crawl of `crawl.py`, with the floors that are set for them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import crawl_left
from crawl_cost import Spent
from crawl_left import Left, Pages
from crawl_score import f1
from support import Figure, Floor, amount

CPU_RATIO = 1.15  # to stock trafilatura with metadata, at most
F1_LOSS = 0.002  # to stock trafilatura for precision, at most
PEAK = 300.0  # MiB of the crawling process, at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawl:
    """One crawl: what it cost and what it left. `stock` is ms a page of the passes around it."""

    engine: str
    spent: Spent
    left: Left
    stock: tuple[float, float]


def figures_of(pages: Pages, crawl: Crawl, stock: Mapping[str, float]) -> Iterator[Figure]:
    """Yield the figures of one crawl, floors included."""
    missing = crawl_left.unaccounted(pages, crawl.left)
    dead = sum(is_dead for is_dead, _ in crawl_left.not_living(pages, crawl.left))
    yield amount(crawl.engine, "pages served", "", len(pages))
    yield _bounded(crawl.engine, "pages without one outcome", "", len(missing), _at_most(0))
    yield _bounded(crawl.engine, "pages taken for dead", "", dead, _at_most(0))
    empty = len(crawl_left.without_text(pages, crawl.left))
    yield amount(crawl.engine, "pages without a text", "", empty)
    yield from _costs(crawl, len(pages))
    for prefix, found in sorted(crawl_left.scores(pages, crawl.left).items()):
        name = f"text F1, {prefix}, {len(found)} texts"
        yield amount(crawl.engine, f"stock for precision: {name}", "", stock[prefix])
        floor = Floor(value=stock[prefix] - F1_LOSS, good="at least")
        yield _bounded(crawl.engine, name, "", f1(found), floor)


def _costs(crawl: Crawl, count: int) -> Iterator[Figure]:
    engine, spent = crawl.engine, crawl.spent
    parts = {
        "CPU a page, all processes": spent.total,
        "of it the crawling process": spent.crawler,
        "of it the reading workers": spent.workers,
        "of it the database's processes": spent.database,
    }
    for name, seconds in parts.items():
        yield amount(engine, name, "ms", seconds * 1000 / count)
    yield amount(engine, "stock: CPU a page, before the crawl", "ms", crawl.stock[0])
    yield amount(engine, "stock: CPU a page, after the crawl", "ms", crawl.stock[1])
    ratio = spent.total * 1000 / count / (sum(crawl.stock) / 2)
    yield _bounded(engine, "CPU a page : stock", "", ratio, _at_most(CPU_RATIO))
    yield amount(engine, "start-up and warm-up: CPU", "s", spent.start_up)
    yield amount(engine, "first request to the end: wall", "s", spent.wall)
    yield _bounded(engine, "peak memory, crawling process", "MiB", spent.peak, _at_most(PEAK))
    yield amount(engine, "peak memory, largest worker", "MiB", spent.peak_worker)


def _bounded(group: str, name: str, unit: str, value: float, floor: Floor) -> Figure:
    return replace(amount(group, name, unit, value), floor=floor)


def _at_most(value: float) -> Floor:
    return Floor(value=value, good="at most")


def tell(pages: Pages, crawl: Crawl) -> None:
    """Print the tally, how pages were found, and each page that is missing or not alive."""
    print(f"\n{crawl.engine}: {dict(crawl.left.outcomes)}")
    print(f"pages found by: {dict(crawl_left.ways(pages, crawl.left))}")
    for line in crawl_left.unaccounted(pages, crawl.left):
        print(f"  UNACCOUNTED {line}")
    for is_dead, line in crawl_left.not_living(pages, crawl.left):
        print(f"  {'FALSE DEAD' if is_dead else 'undecided'} {line}")
    for line in crawl_left.without_text(pages, crawl.left):
        print(f"  no text {line}")
