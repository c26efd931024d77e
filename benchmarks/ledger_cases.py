"""The cases of `ledger.py`: each measures one thing on a filled database and checks what came out.

Claims and outcomes go through `storage.session`, as the crawler's do. What is done between two
repeats (recording what was claimed, making records) is outside the stopwatch.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from random import Random

import outcomes as makers
import rows
from filling import Morgue, scalar
from sqlalchemy import text, update
from support import Figure, Sample, Stopwatch, duration, rate, require

from storage import frontier, resources, runs
from storage.engine import reading
from storage.records import Claim, FoundLink, Limits, Record
from storage.retry import transaction
from storage.schema import lane
from storage.session import Session, Terms
from storage.warc import read_exchange, verify

LEAST_RESOURCES = 20_000
CLAIM = Limits(entries=100, per_host=2, host_delay=0.0)
PAGES, LINKS = 50, 100  # one group of the writer; links of one page
NEW_LINKS = 10  # of LINKS: nine in ten are known (measured on news sites)

CLAIM_MS, LINKS_A_SECOND, OUTCOMES_A_SECOND = 50.0, 20_000.0, 300.0

_DONE = runs.Closing(reason="finished", exit_code=0)
_WARC = "warc"


def opening(morgue: Morgue) -> list[Figure]:
    """Opening a run and closing it again: both count what is due."""
    opened, closed = [], []
    for _ in range(3):
        with Stopwatch(cpu=morgue.cpu) as watch:
            session = _open(morgue)
        opened.append(watch.sample)
        with Stopwatch(cpu=morgue.cpu) as watch:
            session.close(_DONE)
        closed.append(watch.sample)
    return [
        duration(morgue.name, "open a run", opened),
        duration(morgue.name, "close a run", closed),
    ]


def claims(morgue: Morgue) -> list[Figure]:
    """Claims of 100 from all hosts, each after the last one's entries were recorded."""

    async def work(session: Session) -> list[Sample]:
        return [await _claim_once(morgue, session) for _ in range(_times(morgue, 20, CLAIM.entries))]

    with _session(morgue) as session:
        samples = asyncio.run(work(session))
    return [duration(morgue.name, "claim 100 entries of 50 hosts", samples, CLAIM_MS)]


def claims_beside_a_flood(morgue: Morgue) -> list[Figure]:
    """Claims when only the largest host is free: another run holds the lanes of all others."""

    async def work(session: Session) -> list[Sample]:
        return [await _claim_from_flood(morgue, session) for _ in range(20)]

    other = transaction(morgue.engine, lambda connection: _hold_all_but_one(connection))
    with _session(morgue) as session:
        samples = asyncio.run(work(session))
    now = _now()
    transaction(morgue.engine, lambda connection: runs.close_run(connection, other, _DONE, now))
    name = f"claim 2 of one host's {morgue.resources // 2:,}, {rows.HOSTS - 1:,} lanes held"
    return [duration(morgue.name, name, samples, CLAIM_MS)]


def links(morgue: Morgue) -> list[Figure]:
    """Link lists of 50 pages in one transaction, and those of one page."""
    fresh = iter(range(morgue.resources + 1, morgue.resources * 2))
    group, share = f"links of {PAGES} pages, {LINKS} each", NEW_LINKS / LINKS
    return [
        rate(
            morgue.name,
            f"{group}, {share:.0%} new",
            [_add_links(morgue, fresh, PAGES, NEW_LINKS) for _ in range(10)],
            LINKS_A_SECOND,
        ),
        rate(
            morgue.name,
            f"{group}, all new",
            [_add_links(morgue, fresh, PAGES, LINKS) for _ in range(5)],
        ),
        rate(
            morgue.name,
            f"links of 1 page, {LINKS}, {share:.0%} new",
            [_add_links(morgue, fresh, 1, NEW_LINKS) for _ in range(20)],
        ),
    ]


def outcomes(morgue: Morgue) -> list[Figure]:
    """Whole outcomes without bytes: visit, article version, resource, frontier, change."""
    return _outcomes(morgue, "outcomes, no WARC", 1_000, makers.article)


def outcomes_with_warc(morgue: Morgue) -> list[Figure]:
    """Whole outcomes whose pages, 40 KB as received, go to the WARC first."""
    return _outcomes(morgue, "outcomes, 40 KB each to the WARC", 500, makers.article_with_page)


def outcomes_with_links(morgue: Morgue) -> list[Figure]:
    """All that a page leaves behind: bytes, rows, and 100 links of which 10 are new."""
    random = Random(3)
    fresh = iter(range(morgue.resources * 2, morgue.resources * 3))

    def make(claim: Claim) -> Record:
        return makers.with_links(makers.article_with_page(claim), _links(morgue, fresh, random))

    return _outcomes(morgue, "outcomes, WARC and 100 links each", 500, make, floor=None)


def reads(morgue: Morgue) -> list[Figure]:
    """What a reader asks of the public views, and what an operator's status asks."""
    held = [rows.page(number) for number in range(103, 20_003, 2_000)]
    known = {page.url: page.number for page in held}
    queries: list[tuple[str, str, Sequence[dict[str, object]]]] = [
        (
            "articles by url",
            "SELECT resource_id FROM articles WHERE url = :url",
            [{"url": url} for url in known],
        ),
        (
            "articles by resource_id",
            "SELECT resource_id FROM articles WHERE resource_id = :id",
            [{"id": number} for number in known.values()],
        ),
        ("link_health, count", "SELECT count(*) FROM link_health", [{}] * 3),
        (
            "link_health, count of one state",
            "SELECT count(*) FROM link_health WHERE state = 'alive'",
            [{}] * 3,
        ),
        ("articles, count", "SELECT count(*) FROM articles", [{}] * 3),
        ("changes, 1,000 after a number", _FEED, [{"seq": number} for number in range(5)]),
    ]
    figures = [_read(morgue, *query) for query in queries]
    for url, number in known.items():
        found = scalar(morgue.engine, "SELECT resource_id FROM articles WHERE url = :u", u=url)
        require(found, number, f"the article of {url}")
    return figures


_FEED = (
    "SELECT count(*) FROM (SELECT * FROM changes WHERE seq > :seq ORDER BY seq LIMIT 1000) AS feed"
)


def _read(
    morgue: Morgue, name: str, sql: str, parameters: Sequence[dict[str, object]]
) -> Figure:
    samples = []
    for values in parameters:
        with Stopwatch(cpu=morgue.cpu) as watch, reading(morgue.engine) as connection:
            found = connection.execute(text(sql), values).scalar_one()
        samples.append(watch.sample)
        require(found > 0, True, f"{name} finds something")
    return duration(morgue.name, f"view {name}", samples)


def _now() -> datetime:
    return datetime.now(UTC)


def _times(morgue: Morgue, most: int, entries: int) -> int:
    """Return how often a small database bears this many entries being claimed."""
    return max(2, min(most, morgue.resources // 50 // entries))


def _open(morgue: Morgue) -> Session:
    terms = Terms(
        warc_directory=morgue.directory / _WARC,
        user_agent="newsmorgue-benchmark",
        archives=("wayback",),
        settings={runs.HOST_DELAY: 0.0},
    )
    return Session.open(morgue.engine, terms)


@contextmanager
def _session(morgue: Morgue) -> Iterator[Session]:
    session = _open(morgue)
    try:
        yield session
        require(session.quarantined, 0, "errands in quarantine")
    finally:
        session.close(_DONE)


async def _claim_once(morgue: Morgue, session: Session) -> Sample:
    with Stopwatch(cpu=morgue.cpu) as watch:
        claimed = await session.claim(CLAIM)
    _check_claims(claimed, CLAIM.entries)
    require(len({claim.lane for claim in claimed}) >= 50, True, "at least 50 hosts in a claim")
    await _record(session, [makers.bare(claim) for claim in claimed])
    return watch.sample


async def _claim_from_flood(morgue: Morgue, session: Session) -> Sample:
    with Stopwatch(cpu=morgue.cpu) as watch:
        claimed = await session.claim(CLAIM)
    _check_claims(claimed, CLAIM.per_host)
    require({claim.lane for claim in claimed}, {_flooded()}, "the lanes of a claim")
    await _record(session, [makers.bare(claim) for claim in claimed])
    return watch.sample


def _check_claims(claimed: Sequence[Claim], wanted: int) -> None:
    require(len({claim.entry_id for claim in claimed}), wanted, "different entries in a claim")
    most = max(Counter(claim.lane for claim in claimed).values())
    require(most <= CLAIM.per_host, True, "no host has more than its share")


def _flooded() -> str:
    return frontier.host_lane(rows.host_name(0))


def _hold_all_but_one(connection: "object") -> int:
    raise NotImplementedError


async def _record(session: Session, records: Sequence[Record]) -> None:
    await asyncio.gather(*(session.record(record) for record in records))
