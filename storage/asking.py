"""How far the asking of archives is: what the latest run has asked, and what is due of each."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, or_, select

from crawler.core.words import Purpose
from storage.schema import archive_budget, frontier, harvest, visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """What is due of one archive now, and since when it may be asked again."""

    archive: str
    purpose: Purpose  # lookup or replay
    due: int
    free_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the latest run has asked of archives so far."""

    lookups: int = 0
    replays: int = 0
    recovered: int = 0
    queues: tuple[Queue, ...] = ()


def asked(connection: Connection, now: datetime) -> Asked:
    """Return what the latest run asked of archives, and what is due of them."""
    run_id = connection.execute(select(func.max(harvest.c.id))).scalar_one()
    counts = _counts(connection, run_id)
    return Asked(
        lookups=counts.get(Purpose.LOOKUP, 0),
        replays=counts.get(Purpose.REPLAY, 0),
        recovered=_recovered(connection, run_id),
        queues=tuple(_queues(connection, now)),
    )


def _counts(connection: Connection, run_id: int | None) -> dict[Purpose, int]:
    rows = connection.execute(
        select(visit.c.purpose, func.count())
        .where(visit.c.harvest_id == run_id, visit.c.purpose.in_([Purpose.LOOKUP, Purpose.REPLAY]))
        .group_by(visit.c.purpose)
    )
    return {purpose: count for purpose, count in rows}  # noqa: C416 - dict() of rows confuses mypy


def _recovered(connection: Connection, run_id: int | None) -> int:
    return connection.execute(
        select(func.count()).where(
            visit.c.harvest_id == run_id,
            visit.c.purpose == Purpose.REPLAY,
            visit.c.memento_url.is_not(None),
        )
    ).scalar_one()


def _queues(connection: Connection, now: datetime) -> Iterator[Queue]:
    rows = connection.execute(
        select(frontier.c.lane, frontier.c.purpose, func.count())
        .where(
            frontier.c.purpose.in_([Purpose.LOOKUP, Purpose.REPLAY]),
            or_(frontier.c.due_at <= now, frontier.c.run_id.is_not(None)),
        )
        .group_by(frontier.c.lane, frontier.c.purpose)
        .order_by(frontier.c.lane)
    ).all()
    budgets = connection.execute(
        select(archive_budget.c.archive, archive_budget.c.kind, archive_budget.c.next_free_at)
    )
    free = {(archive, kind): at for archive, kind, at in budgets}
    for lane, purpose, due in rows:
        archive = lane.removeprefix("archive:").removesuffix(f":{purpose.value}")
        yield Queue(archive=archive, purpose=purpose, due=due, free_at=free.get((archive, purpose)))
