"""Claiming: which entries a run takes into its hands.

Lanes come before entries. A claim picks lanes that have something due and are free, takes at most
`per_host` entries from the head of each, and so costs the same whether a host has two entries due
or a million. Afterwards the bounds of the lanes it looked at are exact again.

Every function takes a connection inside a transaction and leaves the commit to the caller.
"""

from collections.abc import Collection, Sequence
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
    func,
    or_,
    select,
    union_all,
    update,
)

from storage.dialect import batches, is_among
from storage.frontier import BATCH, HOST_PREFIX, PRIORITIES, archive_lane, is_rested
from storage.records import ArchivePace, Limits
from storage.schema import frontier, lane, resource


def claim(connection: Connection, run_id: int, limits: Limits, now: datetime) -> list[int]:
    """Give a run entries that are due, and return their ids.

    Host lanes: at most `limits.per_host` in the run's hands each, none from a lane that another
    run holds. Archive entries are the caller's matter (`claim_from_archive`).
    """
    in_hand = _in_hand(connection, run_id)
    _leave_idle_lanes(connection, run_id, set(in_hand) | limits.borrowed, limits, now)
    if not limits.entries:
        return []
    full = {name for name, count in in_hand.items() if count >= limits.per_host} | limits.spent
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
        .where(frontier.c.run_id == run_id, frontier.c.attempts > 0)  # not those done with
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
            or_(
                lane.c.next_due_at.is_(None),
                lane.c.next_due_at > now,
                lane.c.name.in_(limits.spent),
            ),
            lane.c.name.not_in(busy),
        )
        .values(run_id=None, free_at=now + timedelta(seconds=limits.host_delay))
    )


def _heads(
    connection: Connection, run_id: int, full: Collection[str], limits: Limits, now: datetime
) -> dict[str, list[int]]:
    """Return the first entries due of each lane that this run may use, by lane."""
    free = or_(lane.c.run_id == run_id, and_(lane.c.run_id.is_(None), is_rested(now)))
    names = connection.execute(
        select(lane.c.name)
        .where(
            lane.c.next_due_at <= now,
            lane.c.name.startswith(HOST_PREFIX, autoescape=True),
            lane.c.name.not_in(full),
            free,
        )
        .order_by(lane.c.next_due_at)
        .limit(limits.entries)
        .with_for_update(skip_locked=True)
    ).scalars()
    return _heads_of(connection, list(names), limits.per_host, now)


def _heads_of(
    connection: Connection, names: Sequence[str], depth: int, now: datetime
) -> dict[str, list[int]]:
    """Return up to `depth` due entries of each priority, most urgent first, by lane.

    Scalar subqueries, because both engines run them as one index probe each.
    """
    query = _heads_query(connection.dialect.name, depth)
    found: dict[str, list[int]] = {name: [] for name in names}
    for batch in batches(list(names), BATCH):
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
