"""What a crawl of `crawl.py` left in its database, read by sqlite3 or psycopg, and judged."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import psycopg
from crawl_score import Scores, precision_and_recall
from crawl_sites import Placed
from psycopg.rows import dict_row

GOOD = frozenset({"alive", "paywalled", "moved"})
DEAD = frozenset({"gone", "soft_gone", "withdrawn", "host_gone", "parked"})

Row = Mapping[str, Any]
Pages = Mapping[str, Placed]
"""Pages by their canonical address."""

_VISITS = """
    SELECT v.url, v.purpose, v.outcome, v.liveness, v.reason, v.http_status, v.bytes
    FROM visits v WHERE v.source = 'live' ORDER BY v.visit_id"""
_TEXTS = "SELECT url, text FROM articles"
_RESOURCES = "SELECT url, found_how, kind FROM resource"


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """The rows of one database, by address."""

    visits: Mapping[str, list[Row]]  # visits to the address itself
    texts: Mapping[str, str]
    resources: Mapping[str, Row]  # how each was found, and what it is read as
    outcomes: Counter[str]


def read_sqlite(place: str) -> Left:
    """Return what a SQLite file holds."""
    with closing(sqlite3.connect(f"file:{place}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        return _left(lambda statement: [dict(row) for row in connection.execute(statement)])


def read_postgres(place: str) -> Left:
    """Return what a Postgres database holds."""
    with psycopg.connect(place, row_factory=dict_row) as connection:
        return _left(lambda statement: list(connection.execute(statement.encode())))


def _left(ask: Callable[[str], list[Row]]) -> Left:
    rows = ask(_VISITS)
    visits: dict[str, list[Row]] = {}
    for row in rows:
        if row["purpose"] in {"visit", "discover"}:
            visits.setdefault(row["url"], []).append(row)
    return Left(
        visits=visits,
        texts={row["url"]: row["text"] for row in ask(_TEXTS)},
        resources={row["url"]: row for row in ask(_RESOURCES)},
        outcomes=Counter(f"{row['purpose']} {row['outcome']}" for row in rows),
    )


def unaccounted(pages: Pages, left: Left) -> list[str]:
    """Return the pages that have not exactly one visit with an outcome."""
    return [
        f"{page.truth.id} {url}: {len(left.visits.get(url, []))} visits"
        for url, page in pages.items()
        if [row["outcome"] is not None for row in left.visits.get(url, [])] != [True]
    ]


def not_living(pages: Pages, left: Left) -> Iterator[tuple[bool, str]]:
    """Yield each page that was not taken for alive: whether it was declared dead, and why."""
    for url, page in pages.items():
        for row in left.visits.get(url, []):
            if row["liveness"] not in GOOD:
                why = f"{row['outcome']} {row['http_status']}: {row['liveness']}, {row['reason']}"
                yield row["liveness"] in DEAD, f"{page.truth.id} {url} {why}"


def without_text(pages: Pages, left: Left) -> list[str]:
    """Return the pages that the view `articles` has no text of."""
    return [
        f"{page.truth.id} {url}: {left.resources[url]['kind'] if url in left.resources else None}"
        for url, page in pages.items()
        if not left.texts.get(url)
    ]


def scores(pages: Pages, left: Left) -> dict[str, list[Scores]]:
    """Return precision and recall of each page's text, by the corpus' prefixes."""
    found: dict[str, list[Scores]] = {}
    for url, page in pages.items():
        one = precision_and_recall(left.texts.get(url, ""), page.truth.body)
        found.setdefault(page.prefix, []).append(one)
    return found


def ways(pages: Pages, left: Left) -> Counter[str]:
    """Count how the pages came to be known."""
    return Counter(row["found_how"] for url, row in left.resources.items() if url in pages)
