"""The frontier: add entries, claim what is due, finish, postpone, release.

Lanes come before entries. A claim picks lanes that have something due and are free, takes at most
`per_host` entries from the head of each, and so costs the same whether a host has two entries due
or a million. `lane.next_due_at` is a lower bound that every function here keeps: adding lowers
it, claiming makes it exact again.

Every function takes a connection inside a transaction and leaves the commit to the caller.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import product
from typing import Any

from sqlalchemy import (
    BindParameter,
    Connection,
    ScalarSelect,
    Select,
    Update,
    and_,
    bindparam,
    case,
    delete,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
    update,
)

from crawler.core.words import Purpose
from storage.dialect import batches, insert_into, insert_many, is_among
from storage.records import ArchivePace, Limits
from storage.schema import frontier, harvest, lane, resource

URGENT, NORMAL, BACKFILL = 0, 1, 2
PRIORITIES = (URGENT, NORMAL, BACKFILL)
_HOST, _ARCHIVE = "host:", "archive:"
_BATCH = 1000


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
    return f"{_HOST}{host}"


def archive_lane(archive: str, purpose: Purpose) -> str:
    """Return the lane of an archive's lookups or replays: the two have budgets of their own."""
    return f"{_ARCHIVE}{archive}:{purpose.value}"


def add(connection: Connection, entries: Sequence[Entry], *, hasten: bool = False) -> int:
    """Add entries; return how many are new.

    An entry that exists already keeps its due time; with `hasten`, an unclaimed one is brought
    forward (never put off) and takes the new payload.
    """
    new = 0
    for batch in batches(list(entries), _BATCH):
        new += _insert(connection, batch)
        if hasten:
            _hasten(connection, batch)
    lower(connection, [(entry.lane, entry.due_at) for entry in entries])
    return new


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


def _hasten(connection: Connection, entries: Sequence[Entry]) -> None:
    for entry in entries:
        # A bare value inside CASE would not know its type, and SQLite would keep another text.
        due_at = literal(entry.due_at, frontier.c.due_at.type)
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


def claim(connection: Connection, run_id: int, limits: Limits, now: datetime) -> list[int]:
    """Give a run entries that are due, and return their ids.

    Host lanes: at most `limits.per_host` in the run's hands each, none from a lane that another
    run holds. Archive entries are the caller's matter (`claim_from_archive`).
    """
    in_hand = _in_hand(connection, run_id)
    _leave_idle_lanes(connection, run_id, set(in_hand) | limits.borrowed, limits, now)
    if not limits.entries:
        return []
    full = [name for name, count in in_hand.items() if count >= limits.per_host]
    heads = _heads(connection, run_id, full, limits, now)
    picked: list[int] = []
    taken: list[str] = []
    for name, ids in heads.items():
        room = min(limits.per_host - in_hand.get(name, 0), limits.entries - len(picked))
        if room > 0 and ids:
            picked += ids[:room]
            taken.append(name)
    _take(connection, run_id, picked, taken)
    # A lane of which nothing was taken keeps its bound, unless that turned out to be too early.
    _settle(connection, [*taken, *(name for name, ids in heads.items() if not ids)])
    return picked


def claim_from_archive(
    connection: Connection, run_id: int, pace: ArchivePace, now: datetime
) -> int | None:
    """Give a run the archive's next entry; None when nothing is due or enough is in hand.

    Call it only with a budget token for the archive taken in the same transaction, and with the
    lane locked: an archive's lane is everybody's.
    """
    name = archive_lane(pace.archive, pace.purpose)
    if _in_hand(connection, run_id).get(name, 0) >= pace.in_hand:
        return None
    ids = _heads_of(connection, [name], 1, now).get(name, [])
    _take(connection, run_id, ids, [])
    _settle(connection, [name])
    return ids[0] if ids else None


def lock_lane(connection: Connection, name: str) -> None:
    """Make other runs' claims on a lane, and new entries for it, wait for this transaction."""
    connection.execute(select(lane.c.name).where(lane.c.name == name).with_for_update())


def _in_hand(connection: Connection, run_id: int) -> dict[str, int]:
    rows = connection.execute(
        select(frontier.c.lane, func.count())
        .where(frontier.c.run_id == run_id)
        .group_by(frontier.c.lane)
    )
    return {name: count for name, count in rows}  # noqa: C416 - dict() of typed rows confuses mypy


def _leave_idle_lanes(
    connection: Connection, run_id: int, busy: Collection[str], limits: Limits, now: datetime
) -> None:
    """Let go of lanes with nothing in hand and nothing due; the next holder keeps the delay."""
    connection.execute(
        update(lane)
        .where(
            lane.c.run_id == run_id,
            or_(lane.c.next_due_at.is_(None), lane.c.next_due_at > now),
            lane.c.name.not_in(busy),
        )
        .values(run_id=None, free_at=now + timedelta(seconds=limits.host_delay))
    )


def _heads(
    connection: Connection, run_id: int, full: Collection[str], limits: Limits, now: datetime
) -> dict[str, list[int]]:
    """Return the first entries due of each lane that this run may use, by lane."""
    free = or_(lane.c.run_id == run_id, and_(lane.c.run_id.is_(None), _rested(now)))
    names = connection.execute(
        select(lane.c.name)
        .where(
            lane.c.next_due_at <= now,
            lane.c.name.startswith(_HOST, autoescape=True),
            lane.c.name.not_in(full),
            free,
        )
        .order_by(lane.c.next_due_at)
        .limit(limits.entries)
        .with_for_update(skip_locked=True)
    ).scalars()
    return _heads_of(connection, list(names), limits.per_host, now)


def _rested(now: datetime) -> Any:
    return or_(lane.c.free_at.is_(None), lane.c.free_at <= now)


def _heads_of(
    connection: Connection, names: Sequence[str], depth: int, now: datetime
) -> dict[str, list[int]]:
    """Return up to `depth` due entries of each priority, most urgent first, by lane.

    Scalar subqueries, because both engines run them as one index probe each.
    """
    query = _heads_query(connection.dialect.name, depth)
    found: dict[str, list[int]] = {name: [] for name in names}
    for batch in batches(list(names), _BATCH):
        for name, *ids in connection.execute(query, {"names": batch, "due_by": now}):
            found[name] = [entry for entry in ids if entry is not None]
    return found


@cache
def _heads_query(engine: str, depth: int) -> Select[*tuple[Any, ...]]:
    places = product(PRIORITIES, range(depth))
    columns = [_entry_at(priority, offset) for priority, offset in places]
    return select(lane.c.name, *columns).where(is_among(engine, lane.c.name, "names"))


def _entry_at(priority: int, offset: int) -> ScalarSelect[int]:
    return (
        select(frontier.c.id)
        .where(
            frontier.c.lane == lane.c.name,
            frontier.c.run_id.is_(None),
            frontier.c.priority == priority,
            frontier.c.due_at <= bindparam("due_by", type_=frontier.c.due_at.type),
        )
        .order_by(frontier.c.due_at, frontier.c.id)  # two probes must see one order
        .limit(1)
        .offset(offset)
        .correlate(lane)
        .scalar_subquery()
    )


def _take(connection: Connection, run_id: int, ids: Sequence[int], lanes: Sequence[str]) -> None:
    take_lanes, take_entries = _taking(connection.dialect.name)
    if lanes:
        connection.execute(take_lanes, {"run": run_id, "names": list(lanes)})
    if ids:
        connection.execute(take_entries, {"run": run_id, "ids": list(ids)})


@cache
def _taking(engine: str) -> tuple[Update, Update]:
    run: BindParameter[int] = bindparam("run")
    lanes = update(lane).where(is_among(engine, lane.c.name, "names")).values(run_id=run)
    entries = (
        update(frontier)
        .where(is_among(engine, frontier.c.id, "ids"))
        .values(run_id=run, attempts=frontier.c.attempts + 1)
    )
    return lanes, entries


def _settle(connection: Connection, names: Sequence[str]) -> None:
    """Make the next due time of these lanes exact."""
    if not names:
        return
    connection.execute(_settling(connection.dialect.name), {"names": list(names)})


@cache
def _settling(engine: str) -> Update:
    """Return the statement of `_settle`; one look into the index for each priority."""
    dues = union_all(*(_earliest(priority) for priority in PRIORITIES)).subquery()
    earliest = select(func.min(dues.c.due_at)).correlate(lane).scalar_subquery()
    where = is_among(engine, lane.c.name, "names")
    return update(lane).where(where).values(next_due_at=earliest)


def _earliest(priority: int) -> Select[datetime]:
    return (
        select(func.min(frontier.c.due_at).label("due_at"))
        .where(
            frontier.c.lane == lane.c.name,
            frontier.c.run_id.is_(None),
            frontier.c.priority == priority,
        )
        .correlate(lane)
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


def finish_all(connection: Connection, endings: Sequence[Ending]) -> None:
    """End the errands of a group as `finish` does, without a payload."""
    gone = [{"entry": item.entry_id} for item in endings if item.due_at is None]
    again = [{"entry": item.entry_id, "again_at": item.due_at} for item in endings if item.due_at]
    if gone:
        connection.execute(_DELETE, gone)
    if again:
        connection.execute(_AGAIN, again)
    lower(connection, [(item.lane, item.due_at) for item in endings if item.due_at])


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


def release(connection: Connection, entry_ids: Collection[int]) -> None:
    """Put claimed entries back as they were: due at once, with no outcome."""
    _put_back(connection, frontier.c.id.in_(entry_ids), {})


def release_strays(connection: Connection, run_id: int, known: Collection[int]) -> None:
    """Put back what a run holds without knowing: a claim whose commit was never confirmed."""
    _put_back(connection, and_(frontier.c.run_id == run_id, frontier.c.id.not_in(known)), {})


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


def hold_lane(connection: Connection, run_id: int, name: str, now: datetime) -> bool:
    """Give a run a lane for a redirect's hop; False when another run holds or has just left it."""
    connection.execute(insert_into(connection, lane).values(name=name).on_conflict_do_nothing())
    taken = connection.execute(
        update(lane)
        .where(
            lane.c.name == name,
            or_(lane.c.run_id == run_id, and_(lane.c.run_id.is_(None), _rested(now))),
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


def ready_at(connection: Connection, run_id: int, now: datetime) -> datetime | None:
    """Return when a host lane with something due now can be used by this run; None if none has.

    Lanes in other runs' hands are left to them.
    """
    free = or_(lane.c.run_id == run_id, lane.c.run_id.is_(None))
    rested = case((lane.c.free_at > now, lane.c.free_at), else_=lane.c.next_due_at)
    at: datetime | None = connection.execute(
        select(func.min(rested)).where(
            free, lane.c.next_due_at <= now, lane.c.name.startswith(_HOST, autoescape=True)
        )
    ).scalar_one()
    return at


def next_due(connection: Connection, run_id: int) -> datetime | None:
    """Return when the next host lane this run may use has something due; None if none ever."""
    free = or_(lane.c.run_id == run_id, lane.c.run_id.is_(None))
    rested = case((lane.c.free_at > lane.c.next_due_at, lane.c.free_at), else_=lane.c.next_due_at)
    at: datetime | None = connection.execute(
        select(func.min(rested)).where(free, lane.c.name.startswith(_HOST, autoescape=True))
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


def claimed_rows(connection: Connection, ids: Collection[int]) -> Sequence[Any]:
    """Return claimed entries with their resources, most urgent first."""
    return connection.execute(_claimed(connection.dialect.name), {"ids": list(ids)}).all()


@cache
def _claimed(engine: str) -> Select[*tuple[Any, ...]]:
    return (
        select(
            frontier.c.id.label("entry_id"),
            frontier.c.purpose,
            frontier.c.lane,
            frontier.c.attempts,
            frontier.c.payload,
            *[column for column in resource.c if column.name not in {"key", "surt"}],
        )
        .join(resource, resource.c.id == frontier.c.resource_id)
        .where(is_among(engine, frontier.c.id, "ids"))
        .order_by(frontier.c.priority, frontier.c.due_at)
    )
