"""Taking back texts that turned out to be nobody's: an error page shown under many addresses.

The rows stay, with their numbers; readers of the view see them no more and are told `withdrawn`.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select, update

from crawler.core.words import ChangeKind
from storage import frontier
from storage.changes import Change
from storage.schema import article_version, resource, visit
from storage.schema import frontier as entries


def retract(connection: Connection, errands: Sequence[bytes], now: datetime) -> list[Change]:
    """Take back the texts that these errands stored, and make their pages due at once.

    Returns what is to be told: one change for each text that a reader may have seen.
    """
    shown = connection.execute(
        select(visit.c.id, visit.c.resource_id).where(visit.c.errand.in_(errands))
    ).all()
    resource_ids = sorted({row.resource_id for row in shown})
    taken = connection.execute(
        update(article_version)
        .where(
            article_version.c.visit_id.in_([row.id for row in shown]),
            article_version.c.retracted_at.is_(None),
        )
        .values(retracted_at=now)
        .returning(
            article_version.c.resource_id, article_version.c.version, article_version.c.reading
        )
    ).all()
    urls = _without_text(connection, resource_ids)
    _make_due(connection, resource_ids, now)
    return [
        Change(
            kind=ChangeKind.WITHDRAWN,
            resource_id=row.resource_id,
            url=urls[row.resource_id],
            version=row.version,
            reading=row.reading,
        )
        for row in sorted(taken, key=tuple)
    ]


def _without_text(connection: Connection, resource_ids: Sequence[int]) -> dict[int, str]:
    """Write on these resources whether a complete text is left; return their addresses."""
    whole = select(article_version.c.id).where(
        article_version.c.resource_id == resource.c.id,
        article_version.c.is_partial.is_(False),
        article_version.c.retracted_at.is_(None),
    )
    connection.execute(
        update(resource)
        .where(resource.c.id.in_(resource_ids))
        .values(has_complete_version=whole.exists())
    )
    named = select(resource.c.id, resource.c.url).where(resource.c.id.in_(resource_ids))
    return {row.id: row.url for row in connection.execute(named)}


def _make_due(connection: Connection, resource_ids: Sequence[int], now: datetime) -> None:
    lanes = connection.execute(
        update(entries)
        .where(
            entries.c.resource_id.in_(resource_ids),
            entries.c.purpose.in_(frontier.LIVE),
            entries.c.run_id.is_(None),
        )
        .values(due_at=now)
        .returning(entries.c.lane)
    ).scalars()
    frontier.lower(connection, [(lane, now) for lane in set(lanes)])
