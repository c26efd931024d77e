"""What recovery left in the database, read by plain drivers, by address."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import dict_row

Row = Mapping[str, Any]
Ask = Callable[[str], Sequence[Row]]

_ARTICLES = "SELECT url, text, memento_url, memento_datetime FROM articles"
_LOOKUPS = (
    "SELECT url, archive, answer, memento_url, refused, ask_again_at FROM archive_lookups "
    "ORDER BY asked_at"
)
_VISITS = (
    "SELECT url, purpose, outcome, problem, truncated, started_at, ended_at FROM visit ORDER BY id"
)
_PENDING = (
    "SELECT resource.url AS url, frontier.purpose AS purpose, frontier.due_at AS due_at "
    "FROM frontier JOIN resource ON resource.id = frontier.resource_id "
    "WHERE frontier.purpose IN ('lookup', 'replay')"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """The rows of one database, by address."""

    articles: Mapping[str, Sequence[Row]]
    lookups: Mapping[str, Sequence[Row]]
    visits: Mapping[str, Sequence[Row]]
    pending: Mapping[str, Sequence[Row]]


def read(place: str) -> Left:
    """Return what a database holds: a path of SQLite, or an address of Postgres."""
    if place.startswith("postgresql"):
        with psycopg.connect(place, row_factory=dict_row) as server:
            return _left(lambda query: list(server.execute(query.encode())))
    with closing(sqlite3.connect(f"file:{place}?mode=ro", uri=True)) as database:
        database.row_factory = sqlite3.Row
        return _left(lambda query: [dict(row) for row in database.execute(query)])


def _left(ask: Ask) -> Left:
    return Left(
        articles=_by_url(ask(_ARTICLES)),
        lookups=_by_url(ask(_LOOKUPS)),
        visits=_by_url(ask(_VISITS)),
        pending=_by_url(ask(_PENDING)),
    )


def _by_url(rows: Sequence[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["url"], []).append(row)
    return found
