"""The change feed: numbered in the order of commits on both engines.

The counter is one row that every writer updates as the last thing of its transaction: the row
lock makes the next writer wait for the commit, so a reader that asks for `seq > N` misses nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, update

from crawler.core.words import ChangeKind
from storage.dialect import insert_many
from storage.schema import change, change_counter


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing a downstream reader is told."""

    kind: ChangeKind
    resource_id: int
    url: str
    version: int | None = None
    reading: int | None = None


def write(connection: Connection, changes: Sequence[Change], now: datetime) -> None:
    """Number and insert the changes of a transaction. Call it last."""
    if not changes:
        return
    top = connection.execute(
        update(change_counter)
        .values(value=change_counter.c.value + len(changes))
        .returning(change_counter.c.value)
    ).scalar_one()
    first = top - len(changes) + 1
    rows = [
        {
            "seq": seq,
            "at": now,
            "kind": item.kind,
            "resource_id": item.resource_id,
            "url": item.url,
            "version": item.version,
            "reading": item.reading,
        }
        for seq, item in enumerate(changes, start=first)
    ]
    statement, values = insert_many(connection, change, rows)
    connection.execute(statement, values)
