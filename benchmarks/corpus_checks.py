"""What a crawl of the real pages left in its database, read by sqlite3 or psycopg, and judged.

`Ledger` is what was read. `faults()` names everything that is wrong; `tally()` counts what the
judge said of living and of lost pages.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import psycopg
from corpus_case import Page, stamp
from corpus_score import precision
from psycopg.rows import dict_row

ARCHIVE = "corpus-archive"
DEAD = frozenset({"gone", "soft_gone", "withdrawn", "host_gone", "parked"})
GOOD = frozenset({"alive", "paywalled", "moved"})
_RIGHT_PAGE = 0.3  # a recovered text of which less is in the article is another page's

Row = Mapping[str, Any]

_VISITS = (
    "SELECT url, purpose, source, outcome, liveness, reason, problem, evidence, http_status, "
    "started_at, ended_at FROM visit ORDER BY id"
)
_ARTICLES = (
    "SELECT url, title, text, text_sha256, published_at, source, memento_url, memento_datetime, "
    "captured_at, state, is_partial FROM articles"
)
_HEALTH = "SELECT url, state, liveness, recovered FROM link_health"
_LOOKUPS = "SELECT url, archive, answer, rows_seen, memento_url, refused FROM archive_lookups"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The rows of one database, by address."""

    engine: str
    live: Mapping[str, list[Row]]  # visits to the page itself
    replays: Mapping[str, list[Row]]
    lookups: Mapping[str, list[Row]]
    articles: Mapping[str, list[Row]]
    health: Mapping[str, list[Row]]
    outcomes: Counter[str] = field(default_factory=Counter)


def read_sqlite(place: str) -> Ledger:
    """Return the rows of a SQLite file."""
    with closing(sqlite3.connect(f"file:{place}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row

        def ask(statement: str) -> list[Row]:
            return [dict(row) for row in connection.execute(statement)]

        return _ledger("sqlite", ask)


def read_postgres(place: str) -> Ledger:
    """Return the rows of a Postgres database."""
    with psycopg.connect(place, row_factory=dict_row) as connection:

        def ask(statement: str) -> list[Row]:
            return list(connection.execute(statement.encode()))

        return _ledger("postgres", ask)


def _ledger(engine: str, ask: Any) -> Ledger:
    visits = ask(_VISITS)
    return Ledger(
        engine=engine,
        live=_by_url(row for row in visits if row["purpose"] == "visit"),
        replays=_by_url(row for row in visits if row["purpose"] == "replay"),
        lookups=_by_url(ask(_LOOKUPS)),
        articles=_by_url(ask(_ARTICLES)),
        health=_by_url(ask(_HEALTH)),
        outcomes=Counter(f"{row['purpose']} {row['outcome']}" for row in visits),
    )


def _by_url(rows: Iterator[Row] | Sequence[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["url"], []).append(row)
    return found


def instant(value: Any) -> datetime | None:
    """Return a time as either driver gives it, in UTC."""
    if value is None:
        return None
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return at.astimezone(UTC)


def word(page: Page, ledger: Ledger, bases: Mapping[str, str]) -> str:
    """Return what the judge made of a page: `alive`, `dead`, or `undecided`."""
    rows = ledger.live.get(page.url(bases), [])
    liveness = rows[0]["liveness"] if rows else None
    if liveness in DEAD:
        return "dead"
    return "alive" if liveness in GOOD else "undecided"


def is_recovered(page: Page, ledger: Ledger, bases: Mapping[str, str]) -> bool:
    """Whether a lost page's article came from the archive."""
    rows = ledger.articles.get(page.url(bases), [])
    return len(rows) == 1 and rows[0]["source"] == ARCHIVE


def faults(pages: Sequence[Page], ledger: Ledger, bases: Mapping[str, str]) -> Iterator[str]:
    """Yield a line for everything that is wrong."""
    known = {page.url(bases) for page in pages}
    for url in (set(ledger.live) | set(ledger.articles)) - known:
        yield f"{url}: a row for an address that nobody asked for"
    for page in pages:
        url = page.url(bases)
        found = [*_outcome_faults(url, ledger), *_page_faults(page, url, ledger)]
        yield from (f"{page.truth.id} {url}: {fault}" for fault in found)


def differences(
    pages: Sequence[Page], one: Ledger, other: Ledger, bases: Mapping[str, str]
) -> Iterator[str]:
    """Yield a line for every page that the two engines tell differently."""
    for page in pages:
        url = page.url(bases)
        first, second = _told(one, url), _told(other, url)
        if first != second:
            yield f"{page.truth.id} {url}: {one.engine} {first}, {other.engine} {second}"


def _outcome_faults(url: str, ledger: Ledger) -> Iterator[str]:
    rows = ledger.live.get(url, [])
    if len(rows) != 1:
        yield f"{len(rows)} live outcomes, not 1"
    for row in rows:
        if row["outcome"] != "fetched":
            yield f"ended as {row['outcome']}: {row['problem']}"
    if len(ledger.health.get(url, [])) != 1:
        yield "no single row in link_health"


def _page_faults(page: Page, url: str, ledger: Ledger) -> Iterator[str]:
    articles = ledger.articles.get(url, [])
    verdict = _verdict(ledger.live.get(url, []))
    for row in articles:
        if row["text_sha256"] != sha256(row["text"].encode()).hexdigest():
            yield "the text's digest is not its digest"
    if page.lost is None:
        if [row["source"] for row in articles] != ["live"]:
            yield f"alive and not stored ({verdict})"
    elif page.lost.holding == "none":
        yield from _unheld_faults(articles, ledger.lookups.get(url, []), verdict)
    else:
        yield from _recovery_faults(page, articles, ledger.lookups.get(url, []), verdict)


def _unheld_faults(articles: Sequence[Row], lookups: Sequence[Row], verdict: str) -> Iterator[str]:
    if articles:
        yield f"lost, held by no archive, and yet an article is stored ({verdict})"
    if [row["answer"] for row in lookups] != ["has_not"]:
        yield f"no archive's `has_not` ({[row['answer'] for row in lookups]}, {verdict})"


def _recovery_faults(
    page: Page, articles: Sequence[Row], lookups: Sequence[Row], verdict: str
) -> Iterator[str]:
    if page.lost is None:
        return
    if [row["source"] for row in articles] != [ARCHIVE]:
        refused = [row["refused"] for row in lookups]
        yield f"lost and not recovered ({verdict}; holding {page.lost.holding}; refused {refused})"
        return
    [row] = articles
    yield from _provenance_faults(page, row)
    if precision(row["text"], page.truth.body) < _RIGHT_PAGE:
        yield f"what was recovered is not the article: {row['text'][:80]!r}"
    for line in (page.lost.notice.heading, page.lost.notice.sentence):
        if line in row["text"]:
            yield f"a notice stands in the text: {line!r}"


def _provenance_faults(page: Page, row: Row) -> Iterator[str]:
    taken = instant(row["memento_datetime"])
    if taken is None or not row["memento_url"]:
        yield "a recovered text without memento_url or memento_datetime"
        return
    if instant(row["captured_at"]) != taken:
        yield "captured_at is not the capture's time"
    if f"/{stamp(taken)}id_/" not in row["memento_url"]:
        yield f"memento_url and memento_datetime disagree: {row['memento_url']} {taken}"
    days = (taken - page.good_capture).days
    if days not in {0, 1, 20, 40}:
        yield f"taken from a capture that is not the article's: {row['memento_url']}"


def _verdict(rows: Sequence[Row]) -> str:
    return ", ".join(f"{row['liveness']} for {row['reason']}" for row in rows) or "no visit"


def _told(ledger: Ledger, url: str) -> list[Any]:
    articles = [
        (row["text_sha256"], row["title"], row["source"], instant(row["memento_datetime"]))
        for row in ledger.articles.get(url, [])
    ]
    verdicts = [
        (row["outcome"], row["liveness"], row["reason"]) for row in ledger.live.get(url, [])
    ]
    states = [(row["state"], bool(row["recovered"])) for row in ledger.health.get(url, [])]
    return [articles, verdicts, states]
