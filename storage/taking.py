"""Taking errands: entries of hosts and archives, with all that is known of their pages.

One transaction each. `storage.claims` picks entries; here they become `Claim` values, and the
archives' budgets and the sites' bounds are put to them.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select

from crawler.core.offers import Found, Front, Kind
from crawler.core.urls import lane_host
from crawler.core.values import HostFacts
from crawler.core.words import Purpose
from storage import budgets, claims, frontier, hosts, offers, runs, steps
from storage.records import ArchivePace, Claim, Limits
from storage.schema import host


def claim(
    connection: Connection, run_id: int, limits: Limits, known: frozenset[int]
) -> list[Claim]:
    """Take what is due within the limits; `known` are the entries the run knows it holds."""
    runs.check_open(connection, run_id)
    frontier.release_strays(connection, run_id, known)
    now = datetime.now(UTC)
    ids = claims.claim(connection, run_id, limits, now)
    for pace, due in _paces_due(connection, limits):
        if due <= now:
            ids += _claim_from_archive(connection, run_id, pace, now)
    if not ids:
        return []
    rows = claims.claimed_rows(connection, ids)
    facts = _host_facts(connection, {row.host for row in rows})
    fronts = _fronts(connection, rows)
    return [as_claim(row, facts, fronts) for row in rows]


def _claim_from_archive(
    connection: Connection, run_id: int, pace: ArchivePace, now: datetime
) -> list[int]:
    """Claim an archive's next entry together with a budget token, or neither."""
    claims.lock_lane(connection, frontier.archive_lane(pace.archive, pace.purpose))
    free_at = budgets.free_at(connection, pace)
    if free_at is not None and free_at > now:
        return []
    entry = claims.claim_from_archive(connection, run_id, pace, now)
    if entry is None:
        return []
    if budgets.take_token(connection, pace, now) is not None:  # a hop was faster
        frontier.release(connection, [entry])
        return []
    return [entry]


def _paces_due(connection: Connection, limits: Limits) -> list[tuple[ArchivePace, datetime]]:
    """Return the archives' lanes that have an entry, with the time of the first."""
    named = {frontier.archive_lane(pace.archive, pace.purpose): pace for pace in limits.archives}
    due = frontier.next_due_of(connection, list(named)) if named else {}
    return [(pace, due[name]) for name, pace in named.items() if name in due]


def ready_at(connection: Connection, run_id: int, limits: Limits) -> datetime | None:
    """Return when something due now can be claimed; None when nothing is."""
    now = datetime.now(UTC)
    points = [frontier.ready_at(connection, run_id, limits.spent, now)] if limits.entries else []
    for pace, due in _paces_due(connection, limits):
        if due <= now:
            points.append(budgets.free_at(connection, pace) or now)
    return min((at for at in points if at is not None), default=None)


def next_due(connection: Connection, run_id: int, limits: Limits) -> datetime | None:
    """Return when, after now, there is next something to claim; None when never."""
    now = datetime.now(UTC)
    points = [frontier.next_due(connection, run_id, limits.spent, now)]
    for pace, due in _paces_due(connection, limits):
        free_at = budgets.free_at(connection, pace)
        points.append(due if free_at is None else max(due, free_at))
    return min((at for at in points if at is not None and at > now), default=None)


def _host_facts(connection: Connection, names: set[str]) -> dict[str, HostFacts]:
    rows = connection.execute(select(host).where(host.c.name.in_(names)))
    return {row.name: hosts.facts_of(row) for row in rows}


def _fronts(connection: Connection, rows: Sequence[Any]) -> dict[int, tuple[Front, ...]]:
    """Return, for each resource that is read for its links, the front pages that bound it."""
    lists = [row for row in rows if row.purpose is Purpose.DISCOVER]
    if not lists:
        return {}
    site_ids = {row.site_id for row in lists if row.site_id is not None}
    fronts = offers.fronts_of(connection, site_ids, {row.host for row in lists})
    return {
        row.id: tuple(
            front
            for front in fronts
            if front.site_id == row.site_id or lane_host(front.url) == row.host
        )
        for row in lists
    }


def as_claim(
    row: Any,
    facts: Mapping[str, HostFacts],
    fronts: Mapping[int, tuple[Front, ...]],
) -> Claim:
    """Return a claimed row as the errand it asks for."""
    return Claim(
        entry_id=row.entry_id,
        errand=uuid.uuid4().bytes,
        resource_id=row.id,
        site_id=row.site_id,
        kind=Kind(row.kind),
        purpose=row.purpose,
        lane=row.lane,
        url=row.url,
        attempts=row.attempts,
        payload=row.payload,
        history=steps.history_of(row),
        host=facts.get(row.host, HostFacts(name=row.host)),
        found_how=Found(row.found_how),
        depth=row.depth,
        fronts=fronts.get(row.id, ()),
    )
