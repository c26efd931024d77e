"""Resources: find or add them by key, add the links of many pages at once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from crawler.core.offers import Kind
from crawler.core.urls import BadUrl, canonicalize, lane_host, surt, url_key
from crawler.core.words import Outcome, Purpose, State
from storage import frontier
from storage.dialect import batches, insert_into, insert_many, is_one_of
from storage.records import Seed
from storage.schema import alias, resource, visit

BATCH = 5_000  # keys in one question; SQLite takes 32,766 parameters a statement
_INSERT_BATCH = 1_000


def get_or_add(
    connection: Connection,
    url: str,
    found_how: str,
    now: datetime,
    *,
    kind: Kind = Kind.PAGE,
    site_id: int | None = None,
    depth: int = 0,
) -> int:
    """Return the id of the resource with this identity, adding it if it is new.

    Raises `BadUrl`.
    """
    key = url_key(url)
    known = find(connection, key)
    if known is not None:
        return known
    named = {"kind": kind, "site_id": site_id, "depth": depth}
    insert_all(connection, [new_row(url, key, found_how, now) | named])
    found = find(connection, key)
    if found is None:  # pragma: no cover - inserted above in this transaction
        raise LookupError(url)
    return found


def find(connection: Connection, key: bytes) -> int | None:
    """Return the id of a resource by its key."""
    return connection.execute(
        select(resource.c.id).where(resource.c.key == key)
    ).scalar_one_or_none()


def add_seeds(
    connection: Connection, seeds: Sequence[Seed], site_ids: dict[str, int], now: datetime
) -> int:
    """Put seeds into the frontier, due at once and urgent; return how many entries are new.

    A seed that is known keeps its own due time, before all else that is due then, and becomes
    what the seed says it is; one our settings refused to fetch is due at once. One whose
    errands have ended for good, because it moved or is dead, is not begun anew.
    """
    keyed = {url_key(seed.url): seed for seed in seeds}
    rows = [
        new_row(seed.url, key, "seed", now)
        | {"kind": seed.kind, "site_id": site_ids.get(seed.site or ""), "headline": seed.headline}
        | {"headline_how": "seed" if seed.headline else None}
        for key, seed in keyed.items()
    ]
    _insert_missing(connection, rows)
    _name(connection, rows)
    _no_longer_skipped(connection, list(keyed))
    ids = _ids(connection, list(keyed))
    ended = _ended(connection, list(keyed))
    entries = [
        frontier.Entry(
            resource_id=ids[key],
            purpose=seed.purpose,
            lane=frontier.host_lane(lane_host(seed.url)),
            due_at=now,
            priority=frontier.URGENT,
        )
        for key, seed in keyed.items()
        if (ids[key], seed.purpose) not in ended
    ]
    frontier.urge(connection, entries, at_once=_refused_by_us(connection, list(ids.values())))
    return frontier.add(connection, entries)


def _refused_by_us(connection: Connection, ids: Sequence[int]) -> set[int]:
    """Return those that our own settings refused to fetch: the settings may be others now."""
    found: set[int] = set()
    for batch in batches(list(ids), BATCH):
        found.update(
            connection.execute(
                select(resource.c.id).where(
                    resource.c.id.in_(batch), resource.c.outcome == Outcome.REFUSED_ADDRESS
                )
            ).scalars()
        )
    return found


def _name(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Write site and kind on seeds that were found as mere links before."""
    named = [
        {"seed": row["key"], "a_kind": row["kind"], "a_site": row["site_id"]}
        for row in rows
        if row["site_id"] is not None or row["kind"] != Kind.PAGE
    ]
    if named:
        connection.execute(
            update(resource)
            .where(resource.c.key == bindparam("seed"))
            .values(
                kind=bindparam("a_kind"),
                site_id=func.coalesce(bindparam("a_site"), resource.c.site_id),
            ),
            named,
        )


def _no_longer_skipped(connection: Connection, keys: Sequence[bytes]) -> None:
    """Take the mark from what was skipped and is asked for by name now."""
    for batch in batches(list(keys), BATCH):
        connection.execute(
            update(resource)
            .where(is_one_of(connection, resource.c.key, batch), resource.c.skipped.is_not(None))
            .values(skipped=None)
        )


def add_alias(connection: Connection, url: str, resource_id: int, why: str, now: datetime) -> None:
    """Remember another address of a resource."""
    connection.execute(
        insert_into(connection, alias)
        .values(key=url_key(url), url=url, resource_id=resource_id, why=why, since=now)
        .on_conflict_do_nothing()
    )


def key_of(url: str) -> bytes | None:
    """Return the key of an address; None for what is no address."""
    try:
        return url_key(url)
    except BadUrl:
        return None


def new_row(url: str, key: bytes, found_how: str, now: datetime) -> dict[str, Any]:
    """Return the row of a resource that was never seen. Raises `BadUrl`."""
    return {
        "key": key,
        "url": canonicalize(url),
        "surt": surt(url),
        "host": lane_host(url),
        "found_how": found_how,
        "found_on": None,
        "first_seen_at": now,
        "kind": "page",
        "site_id": None,
        "headline": None,
        "headline_how": None,
        "published_hint": None,
        "published_hint_how": None,
        "depth": 0,
        "skipped": None,
    }


def _ids(connection: Connection, keys: Sequence[bytes]) -> dict[bytes, int]:
    known: dict[bytes, int] = {}
    for batch in batches(list(keys), BATCH):
        rows = connection.execute(
            select(resource.c.key, resource.c.id).where(
                is_one_of(connection, resource.c.key, batch)
            )
        )
        known.update((bytes(key), resource_id) for key, resource_id in rows)
    return known


def _ended(connection: Connection, keys: Sequence[bytes]) -> set[tuple[int, Purpose]]:
    """Return the errands on these resources after which none is due, or only at its own time."""
    ended: set[tuple[int, Purpose]] = set()
    for batch in batches(list(keys), BATCH):
        rows = connection.execute(
            select(visit.c.resource_id, visit.c.purpose)
            .join(resource, resource.c.id == visit.c.resource_id)
            .where(
                is_one_of(connection, resource.c.key, batch),
                resource.c.state.in_((State.MOVED, State.DEAD)),
            )
            .distinct()
        )
        ended.update((row.resource_id, row.purpose) for row in rows)
    return ended


def _insert_missing(connection: Connection, rows: Sequence[dict[str, Any]]) -> dict[bytes, int]:
    """Insert the rows whose key is not known yet; return their ids by key."""
    known = _ids(connection, [row["key"] for row in rows])
    return insert_all(connection, [row for row in rows if row["key"] not in known])


def insert_all(connection: Connection, rows: Sequence[dict[str, Any]]) -> dict[bytes, int]:
    """Insert rows whose key is new; return their ids by key."""
    new: dict[bytes, int] = {}
    # Sorted, so that two writers insert equal keys in one order and wait instead of deadlocking.
    for batch in batches(sorted(rows, key=lambda row: row["key"]), _INSERT_BATCH):
        statement, values = insert_many(connection, resource, batch)
        missing = statement.on_conflict_do_nothing(index_elements=["key"])
        inserted = connection.execute(missing.returning(resource.c.key, resource.c.id), values)
        new.update((bytes(key), resource_id) for key, resource_id in inserted)
    return new
