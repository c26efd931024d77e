"""What pages and lists offer, as resources and entries: added, taught, taken up when skipped.

The decisions are `crawler.core.offers`'; this module only carries them out.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, or_, select, update

from crawler.core.offers import Front, Kind, Offer
from crawler.core.urls import lane_host
from storage import frontier, resources
from storage.dialect import batches, is_one_of
from storage.resources import BATCH
from storage.schema import resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """An offer with the resource it was made on, and the site it belongs to."""

    offer: Offer
    on: int
    site_id: int | None
    depth: int = 1  # steps from a seed


def add(connection: Connection, found: Iterable[Offered], now: datetime) -> int:
    """Add the resources that are new among these offers, with entries for those to follow.

    Returns the number of new frontier entries. One question for all keys, then only what is new
    is written: nine links in ten are known (measured on news sites).
    """
    keyed = _keyed(found)
    known = _known(connection, list(keyed))
    rows = [
        resources.new_row(item.offer.url, key, item.offer.how, now) | _offered(item)
        for key, item in keyed.items()
        if key not in known
    ]
    new = resources.insert_all(connection, rows)
    _learn(connection, keyed, known)
    wanted = _wanted(connection, keyed, known)
    return frontier.add(
        connection,
        [
            _entry(item.offer, resource_id, now)
            for key, item in keyed.items()
            if item.offer.follow
            for resource_id in filter(None, (new.get(key) or wanted.get(key),))
        ],
    )


def take_up_skipped(
    connection: Connection, why: str, now: datetime, *, site_ids: Collection[int] | None = None
) -> int:
    """Give up to a batch of skipped resources their entries, after all else that is due.

    Only of these sites, or of all. Returns how many; 0 when none is left.
    """
    which = [resource.c.skipped == why]
    if site_ids is not None:
        which.append(resource.c.site_id.in_(site_ids))
    rows = connection.execute(
        select(resource.c.id, resource.c.host, resource.c.kind)
        .where(*which)
        .order_by(resource.c.id)
        .limit(BATCH)
    ).all()
    if not rows:
        return 0
    entries = [
        frontier.Entry(
            resource_id=row.id,
            purpose=Kind(row.kind).purpose,
            lane=frontier.host_lane(row.host),
            due_at=now,
            priority=frontier.BACKFILL,
        )
        for row in rows
    ]
    connection.execute(
        update(resource).where(resource.c.id.in_([row.id for row in rows])).values(skipped=None)
    )
    frontier.add(connection, entries)
    return len(rows)


def fronts_of(
    connection: Connection, site_ids: Collection[int], hosts: Collection[str]
) -> list[Front]:
    """Return the front pages of these sites, and of all sites on these hosts."""
    rows = connection.execute(
        select(resource.c.site_id, resource.c.url)
        .where(
            resource.c.kind == Kind.FRONT.value,
            resource.c.site_id.is_not(None),
            or_(resource.c.site_id.in_(site_ids), resource.c.host.in_(hosts)),
        )
        .order_by(resource.c.id)
    )
    return [Front(site_id=row.site_id, url=row.url) for row in rows]


def _keyed(found: Iterable[Offered]) -> dict[bytes, Offered]:
    """Return the most telling offer of each resource by its key; what is no address is left out."""
    spelled: dict[str, Offered] = {}
    for item in found:  # hashing an address costs ten times this, and sites repeat their links
        _keep_better(spelled, item.offer.url, item)
    keyed: dict[bytes, Offered] = {}
    for url, item in spelled.items():
        key = resources.key_of(url)
        if key is not None:
            _keep_better(keyed, key, item)
    return keyed


def _keep_better(kept: dict[Any, Offered], key: Any, item: Offered) -> None:
    """Keep one offer a key: to follow rather than to skip, with a date rather than without."""
    known = kept.setdefault(key, item)
    if known is item or (known.offer.follow and known.offer.published):
        return
    if _telling(item.offer) > _telling(known.offer):
        kept[key] = item


def _telling(offer: Offer) -> tuple[bool, bool]:
    return offer.follow, offer.published is not None


def _known(connection: Connection, keys: Sequence[bytes]) -> dict[bytes, Any]:
    """Return id, hints and skipping of the resources that are known, by key."""
    known: dict[bytes, Any] = {}
    for batch in batches(list(keys), BATCH):
        rows = connection.execute(
            select(
                resource.c.key,
                resource.c.id,
                resource.c.headline,
                resource.c.headline_how,
                resource.c.published_hint,
                resource.c.published_hint_how,
                resource.c.skipped,
            ).where(is_one_of(connection, resource.c.key, batch))
        )
        known.update((bytes(row.key), row) for row in rows)
    return known


def _offered(item: Offered) -> dict[str, Any]:
    offer = item.offer
    return {
        "found_on": item.on,
        "site_id": item.site_id,
        "kind": offer.kind,
        "headline": offer.headline,
        "headline_how": offer.how if offer.headline else None,
        "published_hint": offer.published,
        "published_hint_how": offer.how if offer.published else None,
        "depth": item.depth,
        "skipped": None if offer.follow else offer.skipped,
    }


def _entry(offer: Offer, resource_id: int, now: datetime) -> frontier.Entry:
    return frontier.Entry(
        resource_id=resource_id,
        purpose=offer.kind.purpose,
        lane=frontier.host_lane(lane_host(offer.url)),
        due_at=now,
        priority=frontier.BACKFILL if offer.is_late else frontier.NORMAL,
    )


def _learn(
    connection: Connection, keyed: Mapping[bytes, Offered], known: Mapping[bytes, Any]
) -> None:
    """Write what a feed or sitemap tells of resources that were found without it."""
    told = [
        {
            "told": row.id,
            "its_headline": row.headline or offer.headline,
            "its_teller": row.headline_how if row.headline else offer.how,
            "its_date": row.published_hint or offer.published,
            "its_dater": row.published_hint_how if row.published_hint else offer.how,
        }
        for key, row in known.items()
        for offer in (keyed[key].offer,)
        if (offer.published and not row.published_hint) or (offer.headline and not row.headline)
    ]
    if told:
        connection.execute(_LEARN, told)


# Made once, since building a statement costs several times its execution.
_LEARN = (
    update(resource)
    .where(resource.c.id == bindparam("told"))
    .values(
        headline=bindparam("its_headline"),
        headline_how=bindparam("its_teller"),
        published_hint=bindparam("its_date"),
        published_hint_how=bindparam("its_dater"),
    )
)


def _wanted(
    connection: Connection, keyed: Mapping[bytes, Offered], known: Mapping[bytes, Any]
) -> dict[bytes, int]:
    """Return the resources that were skipped and are to be followed now; none is skipped after."""
    wanted = {
        key: int(row.id)
        for key, row in known.items()
        if row.skipped is not None and keyed[key].offer.follow
    }
    for batch in batches(list(wanted.values()), BATCH):
        connection.execute(update(resource).where(resource.c.id.in_(batch)).values(skipped=None))
    return wanted
