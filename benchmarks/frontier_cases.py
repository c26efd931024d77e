"""Claims and link upserts on a filled database; each case checks what came out.

What is done between two repeats, such as recording what was claimed, is outside the stopwatch.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from random import Random

import outcomes
import rows
from filling import Morgue, scalar
from sessions import DONE, open_session, record_all, session_on
from sqlalchemy import Connection, update
from support import Figure, Sample, Stopwatch, duration, rate, require

from crawler.core.offers import Offer
from storage import frontier, offers, runs
from storage.records import Claim, Limits
from storage.retry import transaction
from storage.schema import lane
from storage.session import Session

LIMITS = Limits(entries=100, per_host=2, host_delay=0.0)
PAGES, LINKS = 50, 100  # one group of the writer; the links of one page
NEW_LINKS = 10  # of LINKS: nine in ten are known (measured on news sites)
CLAIM_MS, LINKS_A_SECOND = 50.0, 20_000.0


def opening(morgue: Morgue) -> list[Figure]:
    """Opening a run and closing it again: both count what is due."""
    opened, closed = [], []
    for _ in range(3):
        with Stopwatch(cpu=morgue.cpu) as watch:
            session = open_session(morgue)
        opened.append(watch.sample)
        with Stopwatch(cpu=morgue.cpu) as watch:
            session.close(DONE)
        closed.append(watch.sample)
    return [
        duration(morgue.name, "open a run", opened),
        duration(morgue.name, "close a run", closed),
    ]


def claims(morgue: Morgue) -> list[Figure]:
    """Claims of 100 from all hosts, each after the last one's entries were recorded."""

    async def work(session: Session) -> list[Sample]:
        return [await _claim(morgue, session, LIMITS.entries) for _ in range(morgue.times(20))]

    with session_on(morgue) as session:
        samples = asyncio.run(work(session))
    return [duration(morgue.name, "claim 100 entries, 2 a host", samples, CLAIM_MS)]


def claims_beside_a_flood(morgue: Morgue) -> list[Figure]:
    """Claims when only the largest host is free: another run holds the lanes of all others."""

    async def work(session: Session) -> list[Sample]:
        return [await _claim(morgue, session, LIMITS.per_host) for _ in range(morgue.times(20))]

    other = transaction(morgue.engine, _hold_small_hosts)
    with session_on(morgue) as session:
        samples = asyncio.run(work(session))
    now = datetime.now(UTC)
    transaction(morgue.engine, lambda connection: runs.close_run(connection, other, DONE, now))
    what = f"claim 2 of a host with {morgue.resources // 2:,} due, all other hosts held"
    return [duration(morgue.name, what, samples, CLAIM_MS)]


def links(morgue: Morgue) -> list[Figure]:
    """Link lists of 50 pages in one transaction, and those of one page."""
    fresh = iter(range(morgue.resources + 1, morgue.resources * 2))
    group, share = f"links, {PAGES} pages with {LINKS}", f"{NEW_LINKS / LINKS:.0%} new"
    few_new = [_add_links(morgue, fresh, PAGES, NEW_LINKS) for _ in range(morgue.times(10))]
    all_new = [_add_links(morgue, fresh, PAGES, LINKS) for _ in range(morgue.times(5))]
    one_page = [_add_links(morgue, fresh, 1, NEW_LINKS) for _ in range(morgue.times(20))]
    return [
        rate(morgue.name, f"{group}, {share}", few_new, LINKS_A_SECOND),
        rate(morgue.name, f"{group}, all new", all_new),
        rate(morgue.name, f"links, 1 page with {LINKS}, {share}", one_page),
    ]


def page_links(morgue: Morgue, fresh: Iterator[int], new: int, random: Random) -> tuple[Offer, ...]:
    """Return the links of a page: so many new ones, the others to any known resource."""
    known = random.sample(range(1, morgue.resources + 1), LINKS - new)
    numbers = [*known, *(next(fresh) for _ in range(new))]
    return tuple(
        Offer(url=rows.page(number).url, headline=rows.headline(number)) for number in numbers
    )


async def _claim(morgue: Morgue, session: Session, wanted: int) -> Sample:
    with Stopwatch(cpu=morgue.cpu) as watch:
        claimed = await session.claim(LIMITS)
    _check_claims(claimed, wanted)
    await record_all(session, [outcomes.bare(claim) for claim in claimed])
    return watch.sample


def _check_claims(claimed: Sequence[Claim], wanted: int) -> None:
    require(len({claim.entry_id for claim in claimed}), wanted, "different entries in a claim")
    most = max(Counter(claim.lane for claim in claimed).values())
    require(min(most, LIMITS.per_host), most, "entries of one host in a claim")


def _hold_small_hosts(connection: Connection) -> int:
    """Give all lanes but that of host 0 to a run of its own; return its id."""
    now = datetime.now(UTC)
    run_id = runs.open_run(connection, {runs.HOST_DELAY: 0.0}, now)
    free = frontier.host_lane(rows.host_name(0))
    connection.execute(update(lane).where(lane.c.name != free).values(run_id=run_id))
    return run_id


def _add_links(morgue: Morgue, fresh: Iterator[int], pages: int, new: int) -> Sample:
    random = Random(next(fresh))
    found = [
        offers.Offered(offer=link, on=on, site_id=1)
        for on in range(1, pages + 1)
        for link in page_links(morgue, fresh, new, random)
    ]
    before = _counts(morgue)
    with Stopwatch(items=len(found), cpu=morgue.cpu) as watch:
        now = datetime.now(UTC)
        added = transaction(morgue.engine, lambda connection: offers.add(connection, found, now))
    require(added, pages * new, "new entries")
    require(_counts(morgue), tuple(count + added for count in before), "resources and entries")
    return watch.sample


def _counts(morgue: Morgue) -> tuple[int, int]:
    return (
        scalar(morgue.engine, "SELECT count(*) FROM resource"),
        scalar(morgue.engine, "SELECT count(*) FROM frontier"),
    )
