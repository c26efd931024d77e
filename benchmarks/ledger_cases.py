"""Whole outcomes through the writer thread, and what readers ask; each case checks its results."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

import outcomes as makers
import rows
from filling import Morgue, scalar
from frontier_cases import NEW_LINKS, page_links
from sessions import record_all, session_on
from sqlalchemy import text
from support import Figure, Sample, Stopwatch, WrongResult, duration, rate, require

from storage.engine import reading
from storage.records import Claim, Limits, Record
from storage.session import Session
from storage.warc import read_exchange, verify

OUTCOMES_A_SECOND = 300.0
_READ_BACK = 20  # captures of a case that are read back by their position

Maker = Callable[[Claim], Record]


def outcomes(morgue: Morgue) -> list[Figure]:
    """Whole outcomes without bytes: visit, article version, resource, frontier, change."""
    samples = _outcomes(morgue, 1_000, makers.article)
    return [rate(morgue.name, "outcomes, no WARC", samples, OUTCOMES_A_SECOND)]


def outcomes_with_warc(morgue: Morgue) -> list[Figure]:
    """Whole outcomes whose pages, 40 KB as received, go to the WARC first."""
    samples = _outcomes(morgue, 500, makers.article_with_page)
    _check_captures(morgue)
    return [rate(morgue.name, "outcomes, 40 KB to the WARC", samples, OUTCOMES_A_SECOND)]


def outcomes_with_links(morgue: Morgue) -> list[Figure]:
    """All that a page leaves behind: bytes, rows, and 100 links of which 10 are new."""
    random = Random(3)
    fresh = iter(range(morgue.resources * 2, morgue.resources * 3))

    def make(claim: Claim) -> Record:
        links = page_links(morgue, fresh, NEW_LINKS, random)
        return makers.with_links(makers.article_with_page(claim), links)

    samples = _outcomes(morgue, 500, make)
    return [rate(morgue.name, "outcomes, 40 KB to the WARC and 100 links", samples)]


def reads(morgue: Morgue) -> list[Figure]:
    """What readers ask of the public views."""
    held = [rows.page(number) for number in range(103, rows.HOSTS * 10, rows.HOSTS)]
    by_url = _read(
        morgue,
        "articles, one by url",
        "SELECT resource_id FROM articles WHERE url = :url",
        {page.number: {"url": page.url} for page in held},
    )
    by_id = _read(
        morgue,
        "articles, one by resource_id",
        "SELECT resource_id FROM articles WHERE resource_id = :id",
        {page.number: {"id": page.number} for page in held},
    )
    return [by_url, by_id, *(_count(morgue, name, sql) for name, sql in _COUNTS.items())]


_COUNTS = {
    "articles, count": "SELECT count(*) FROM articles",
    "link_health, count": "SELECT count(*) FROM link_health",
    "link_health, count of one state": "SELECT count(*) FROM link_health WHERE state = 'alive'",
    "changes, the first 1,000": (
        "SELECT count(*) FROM (SELECT * FROM changes WHERE seq > 0 ORDER BY seq LIMIT 1000) AS c"
    ),
}


def _count(morgue: Morgue, name: str, sql: str) -> Figure:
    found = scalar(morgue.engine, sql)
    if not found:
        raise WrongResult(f"{name}: nothing is found")
    return _read(morgue, name, sql, {found: {}}, repeats=3)


def _read(
    morgue: Morgue,
    name: str,
    sql: str,
    answers: Mapping[int, dict[str, Any]],
    repeats: int = 1,
) -> Figure:
    """Ask one query with each set of parameters; the key is the answer it must give."""
    samples = []
    for answer, parameters in [*answers.items()] * repeats:
        with Stopwatch(cpu=morgue.cpu) as watch, reading(morgue.engine) as connection:
            found = connection.execute(text(sql), parameters).scalar_one()
        samples.append(watch.sample)
        require(found, answer, f"the answer of {name}")
    return duration(morgue.name, f"view {name}", samples)


def _outcomes(morgue: Morgue, number: int, make: Maker) -> list[Sample]:
    """Record `number` errands, five times over, and check that each left all its rows."""
    number = morgue.at_most(number)

    async def work(session: Session) -> list[Sample]:
        return [await _record_many(morgue, session, number, make) for _ in range(5)]

    before = _counts(morgue)
    with session_on(morgue) as session:
        samples = asyncio.run(work(session))
        run_id = session.run_id
    wanted = tuple(count + 5 * number for count in before)
    require(_counts(morgue), wanted, "visits, article versions and the change counter")
    seen = scalar(morgue.engine, _OF_RUN, run=run_id)
    require(seen, 5 * number, "visits of the run whose resource is alive and due later")
    return samples


_OF_RUN = (
    "SELECT count(*) FROM visit JOIN link_health ON link_health.resource_id = visit.resource_id"
    " WHERE visit.harvest_id = :run AND link_health.state = 'alive'"
    " AND link_health.next_due_at > visit.ended_at"
)


async def _record_many(morgue: Morgue, session: Session, number: int, make: Maker) -> Sample:
    claimed = await session.claim(Limits(entries=number, per_host=2, host_delay=0.0))
    require(len(claimed), number, "entries claimed")
    records = [make(claim) for claim in claimed]
    with Stopwatch(items=number, cpu=morgue.cpu) as watch:
        await record_all(session, records)
    return watch.sample


def _counts(morgue: Morgue) -> tuple[int, ...]:
    queries = (
        "SELECT count(*) FROM visit",
        "SELECT count(*) FROM article_version",
        "SELECT value FROM change_counter",
    )
    return tuple(scalar(morgue.engine, sql) for sql in queries)


def _check_captures(morgue: Morgue) -> None:
    """Read the last captures back, and verify the files that are closed."""
    require(next(verify(morgue.warc), None), None, "the first thing wrong in the WARC files")
    for row in _last_captures(morgue):
        stored = read_exchange(morgue.warc, row.warc_file, row.warc_offset)
        require((stored.url, len(stored.body)), (row.final_url, row.bytes), "a capture read back")


def _last_captures(morgue: Morgue) -> Sequence[Any]:
    sql = (
        "SELECT final_url, bytes, warc_file, warc_offset FROM visit"
        " WHERE warc_file IS NOT NULL ORDER BY id DESC LIMIT :number"
    )
    with reading(morgue.engine) as connection:
        return connection.execute(text(sql), {"number": _READ_BACK}).all()
