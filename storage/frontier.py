"""The frontier: add entries, finish them, put them back, and ask what is due when.

`lane.next_due_at` is a lower bound that every function here keeps: adding lowers it, claiming
(`storage.claims`) makes it exact again.

Every function takes a connection inside a transaction and leaves the commit to the caller.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    case,
    delete,
    func,
    literal,
    null,
    or_,
    select,
    update,
)

from crawler.core.words import Purpose
from storage.dialect import batches, insert_into, insert_many
from storage.schema import frontier, harvest, lane

URGENT, NORMAL, BACKFILL = 0, 1, 2
PRIORITIES = (URGENT, NORMAL, BACKFILL)
LIVE = (Purpose.VISIT, Purpose.DISCOVER)
"""What entries of a page on the live web are for."""
HOST_PREFIX, _ARCHIVE = "host:", "archive:"
BATCH = 1000


Due = tuple[str, datetime]
"""A lane's name and when something in it is due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How an errand in a run's hands ends: `due_at` is when again, None when never."""

    entry_id: int
    lane: str
    due_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A new frontier entry."""

    resource_id: int
    purpose: Purpose
    lane: str
    due_at: datetime
    priority: int = NORMAL
    payload: Any = None


def host_lane(host: str) -> str:
    """Return the lane of a host, named without port and leading `www.`."""
    return f"{HOST_PREFIX}{host}"


def archive_lane(archive: str, purpose: Purpose) -> str:
    """Return the lane of an archive's lookups or replays: the two have budgets of their own."""
    return f"{_ARCHIVE}{archive}:{purpose.value}"


def add(connection: Connection, entries: Sequence[Entry], *, hasten: bool = False) -> int:
    """Add entries; return how many are new.

    An entry that exists already keeps its due time; with `hasten`, an unclaimed one is brought
    forward (never put off) and takes the new payload.
    """
    new = 0
    for batch in batches(list(entries), BATCH):
        new += _insert(connection, batch)
        if hasten:
            _hasten(connection, batch)
    lower(connection, [(entry.lane, entry.due_at) for entry in entries])
    return new


def urge(connection: Connection, entries: Sequence[Entry], *, at_once: Collection[int]) -> None:
    """Put entries that are there, and due, before all else that is due.

    Those of the resources `at_once` are due now, whenever they would have been.
    """
    for entry in entries:
        waits = [] if entry.resource_id in at_once else [frontier.c.due_at <= entry.due_at]
        connection.execute(
            update(frontier)
            .where(
                frontier.c.resource_id == entry.resource_id,
                frontier.c.purpose == entry.purpose,
                frontier.c.run_id.is_(None),
                *waits,
            )
            .values(
                priority=URGENT,
                due_at=case(
                    (frontier.c.due_at > entry.due_at, _instant(entry.due_at)),
                    else_=frontier.c.due_at,
                ),
            )
        )


def _insert(connection: Connection, entries: Sequence[Entry]) -> int:
    rows = [
        {
            "resource_id": entry.resource_id,
            "purpose": entry.purpose,
            "lane": entry.lane,
            "due_at": entry.due_at,
            "priority": entry.priority,
            "payload": entry.payload,
        }
        for entry in entries
    ]
    statement, values = insert_many(connection, frontier, rows)
    missing = statement.on_conflict_do_nothing(index_elements=["resource_id", "purpose"])
    return len(connection.execute(missing.returning(frontier.c.id), values).all())


def _instant(at: datetime) -> ColumnElement[datetime]:
    """Return a time that knows its type: bare in a CASE, SQLite would keep another text."""
    return literal(at, frontier.c.due_at.type)


def _hasten(connection: Connection, entries: Sequence[Entry]) -> None:
    for entry in entries:
        due_at = _instant(entry.due_at)
        connection.execute(
            update(frontier)
            .where(
                frontier.c.resource_id == entry.resource_id,
                frontier.c.purpose == entry.purpose,
                frontier.c.run_id.is_(None),
            )
            .values(
                due_at=case((frontier.c.due_at > due_at, due_at), else_=frontier.c.due_at),
                lane=entry.lane,
                payload=entry.payload,
            )
        )


def lower(connection: Connection, dues: Iterable[Due]) -> None:
    """Make each lane's next due time no later than the times that are given with it."""
    earliest: dict[str, datetime] = {}
    for name, due_at in dues:
        earliest[name] = min(due_at, earliest.get(name, due_at))
    if not earliest:
        return
    # One order for all writers: two that lock the same lanes crosswise would deadlock.
    rows = [{"name": name, "next_due_at": earliest[name]} for name in sorted(earliest)]
    statement, values = insert_many(connection, lane, rows)
    sooner = or_(lane.c.next_due_at.is_(None), statement.excluded.next_due_at < lane.c.next_due_at)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["name"],
            set_={
                "next_due_at": case(
                    (sooner, statement.excluded.next_due_at), else_=lane.c.next_due_at
                )
            },
        ),
        values,
    )


def finish(
    connection: Connection, entry_id: int, due_at: datetime | None, *, payload: Any = None
) -> None:
    """End an errand: the entry is due again at `due_at`, or is done with for good (None)."""
    if due_at is None:
        connection.execute(_DELETE, {"entry": entry_id})
        return
    again = {"due_at": due_at, "attempts": 0, "priority": NORMAL, "payload": payload}
    _put_back(connection, frontier.c.id == entry_id, again)


def finish_all(connection: Connection, endings: Sequence[Ending], now: datetime) -> None:
    """End the errands of a group as `finish` does, without a payload.

    What is due again at once stays in the run's hands, with no attempt, until the run is over:
    else a wait of 0 would let it visit the same page for ever.
    """
    gone = [{"entry": item.entry_id} for item in endings if item.due_at is None]
    dues = [(item, item.due_at) for item in endings if item.due_at is not None]
    again = [(item, due_at) for item, due_at in dues if due_at > now]
    kept = [(item, due_at) for item, due_at in dues if due_at <= now]
    if gone:
        connection.execute(_DELETE, gone)
    for statement, some in ((_AGAIN, again), (_KEEP, kept)):
        if some:
            values = [{"entry": item.entry_id, "again_at": due_at} for item, due_at in some]
            connection.execute(statement, values)
    lower(connection, [(item.lane, due_at) for item, due_at in again])


# Made once, since building a statement costs several times its execution.
_DELETE = delete(frontier).where(frontier.c.id == bindparam("entry"))
_AGAIN = (
    update(frontier)
    .where(frontier.c.id == bindparam("entry"))
    .values(
        run_id=None,
        attempts=0,
        priority=NORMAL,
        due_at=bindparam("again_at"),
        payload=null(),
    )
)
_KEEP = (
    update(frontier)
    .where(frontier.c.id == bindparam("entry"))
    .values(attempts=0, priority=NORMAL, due_at=bindparam("again_at"), payload=null())
)


def release(connection: Connection, entry_ids: Collection[int]) -> None:
    """Put claimed entries back as they were: due at once, with no outcome."""
    _put_back(connection, frontier.c.id.in_(entry_ids), {})


def release_strays(connection: Connection, run_id: int, known: Collection[int]) -> None:
    """Put back what a run holds without knowing: a claim whose commit was never confirmed."""
    stray = and_(frontier.c.run_id == run_id, frontier.c.id.not_in(known), frontier.c.attempts > 0)
    _put_back(connection, stray, {})


def release_run(connection: Connection, run_id: int, free_at: datetime) -> None:
    """Put back all entries of a run and let go of its lanes, to be used from `free_at` on."""
    _put_back(connection, frontier.c.run_id == run_id, {})
    connection.execute(
        update(lane).where(lane.c.run_id == run_id).values(run_id=None, free_at=free_at)
    )


def _put_back(connection: Connection, which: Any, values: dict[str, Any]) -> None:
    rows = connection.execute(
        update(frontier)
        .where(which)
        .values(run_id=None, **values)
        .returning(frontier.c.lane, frontier.c.due_at)
    )
    lower(connection, [(row.lane, row.due_at) for row in rows])


def is_rested(now: datetime) -> ColumnElement[bool]:
    """Return whether the last holder's delay of a lane is over."""
    return or_(lane.c.free_at.is_(None), lane.c.free_at <= now)


def hold_lane(connection: Connection, run_id: int, name: str, now: datetime) -> bool:
    """Give a run a lane for a redirect's hop; False when another run holds or has just left it."""
    connection.execute(insert_into(connection, lane).values(name=name).on_conflict_do_nothing())
    taken = connection.execute(
        update(lane)
        .where(
            lane.c.name == name,
            or_(lane.c.run_id == run_id, and_(lane.c.run_id.is_(None), is_rested(now))),
        )
        .values(run_id=run_id)
        .returning(lane.c.name)
    )
    return taken.one_or_none() is not None


def count_due(connection: Connection, now: datetime) -> int:
    """Return how many entries are due and not done, claimed or not."""
    return connection.execute(
        select(func.count()).select_from(frontier).where(frontier.c.due_at <= now)
    ).scalar_one()


def count_waiting(connection: Connection, now: datetime) -> int:
    """Return how many entries are due and in nobody's hands."""
    return connection.execute(
        select(func.count())
        .select_from(frontier)
        .where(frontier.c.due_at <= now, frontier.c.run_id.is_(None))
    ).scalar_one()


def ready_at(
    connection: Connection, run_id: int, spent: Collection[str], now: datetime
) -> datetime | None:
    """Return when a host lane with something due now can be used by this run; None if none has.

    Lanes in other runs' hands are left to them, and those this run has spent.
    """
    free = or_(lane.c.run_id == run_id, lane.c.run_id.is_(None))
    rested = case((lane.c.free_at > now, lane.c.free_at), else_=lane.c.next_due_at)
    at: datetime | None = connection.execute(
        select(func.min(rested)).where(
            free,
            lane.c.next_due_at <= now,
            lane.c.name.startswith(HOST_PREFIX, autoescape=True),
            lane.c.name.not_in(spent),
        )
    ).scalar_one()
    return at


def next_due(
    connection: Connection, run_id: int, spent: Collection[str], now: datetime
) -> datetime | None:
    """Return when, after `now`, a host lane this run may use next has something to claim.

    What is due already and was not claimed waits for something else: a full lane, another run.
    """
    free = or_(lane.c.run_id == run_id, lane.c.run_id.is_(None))
    rested = case((lane.c.free_at > lane.c.next_due_at, lane.c.free_at), else_=lane.c.next_due_at)
    at: datetime | None = connection.execute(
        select(func.min(rested)).where(
            free,
            rested > now,
            lane.c.name.startswith(HOST_PREFIX, autoescape=True),
            lane.c.name.not_in(spent),
        )
    ).scalar_one()
    return at


def next_due_of(connection: Connection, names: Collection[str]) -> dict[str, datetime]:
    """Return when each of these lanes has something due; lanes with nothing are left out."""
    rows = connection.execute(
        select(lane.c.name, lane.c.next_due_at).where(
            lane.c.name.in_(names), lane.c.next_due_at.is_not(None)
        )
    )
    return {row.name: row.next_due_at for row in rows}


def held_by_others(connection: Connection, run_id: int, now: datetime) -> list[str]:
    """Return the lanes that have something due but are in another run's hands."""
    return list(
        connection.execute(
            select(lane.c.name)
            .join(harvest, harvest.c.id == lane.c.run_id)
            .where(lane.c.run_id != run_id, lane.c.next_due_at <= now)
            .order_by(lane.c.name)
        ).scalars()
    )
