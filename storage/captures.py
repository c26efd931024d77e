"""Keeping bytes: every exchange of an errand goes to the WARC, equal payloads as revisits."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, select

from storage.dialect import is_among
from storage.records import LIVE, Record
from storage.schema import visit
from storage.warc import Duplicate, Exchange, Position, WarcWriter, payload_digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """Where an errand's page lies in the WARC, and where its bytes do."""

    position: Position
    payload_file: str
    payload_offset: int


class Keeper:
    """Writes the exchanges of errands and remembers the payloads of the group not yet committed."""

    def __init__(self, warc: WarcWriter) -> None:
        self._warc = warc
        self._fresh: dict[str, Duplicate] = {}
        self._known: dict[str, Duplicate | None] = {}

    def look_up(self, connection: Connection, records: Iterable[Record]) -> None:
        """Ask at once which payloads of a group are held already; `keep` then need not ask."""
        exchanges = (exchange for record in records for exchange in record.exchanges)
        digests = {_digest(exchange) for exchange in exchanges if _may_be_revisit(exchange)}
        self._known = dict.fromkeys(digests)
        self._known |= _stored(connection, digests)

    def keep(self, connection: Connection, record: Record) -> Capture | None:
        """Append an errand's exchanges; None when nothing answered. Raises `WarcError`."""
        capture = None
        for exchange in record.exchanges:
            capture = self._keep(connection, exchange)
        return capture

    def sync(self) -> None:
        """Make what was appended durable; raises `WarcError`."""
        self._warc.sync()
        self._fresh.clear()
        self._known.clear()

    def close(self) -> None:
        """Give the open WARC file its final name; raises `WarcError`."""
        self._warc.close()

    def _keep(self, connection: Connection, exchange: Exchange) -> Capture:
        earlier = self._earlier(connection, exchange)
        position = self._warc.write(exchange, same_as=earlier)
        if earlier is not None:
            return Capture(
                position=position, payload_file=earlier.file, payload_offset=earlier.offset
            )
        self._remember(exchange, position)
        return Capture(
            position=position, payload_file=position.file, payload_offset=position.offset
        )

    def _remember(self, exchange: Exchange, position: Position) -> None:
        if position.payload_digest is not None and _may_be_revisit(exchange):
            self._fresh[position.payload_digest] = Duplicate(
                uri=exchange.url,
                date=exchange.fetched_at,
                file=position.file,
                offset=position.offset,
                record_id=position.record_id,
                payload_digest=position.payload_digest,
            )

    def _earlier(self, connection: Connection, exchange: Exchange) -> Duplicate | None:
        """Return an earlier capture of the live web with the same payload."""
        if not _may_be_revisit(exchange):
            return None
        digest = _digest(exchange)
        if digest not in self._known:
            self._known[digest] = _stored(connection, [digest]).get(digest)
        return self._fresh.get(digest) or self._known[digest]


def _may_be_revisit(exchange: Exchange) -> bool:
    return exchange.archive is None and bool(exchange.body) and not exchange.truncated


def _digest(exchange: Exchange) -> str:
    return payload_digest(exchange.body)


def _stored(connection: Connection, digests: Collection[str]) -> dict[str, Duplicate]:
    """Return the first capture of each payload that the ledger holds."""
    rows = connection.execute(_holding(connection.dialect.name), {"digests": list(digests)})
    found: dict[str, Duplicate] = {}
    for row in rows:
        known = Duplicate(
            uri=row.final_url,
            date=row.ended_at,
            file=row.warc_file,
            offset=row.warc_offset,
            payload_digest=row.payload_digest,
        )
        found.setdefault(row.payload_digest, known)
    return found


@cache
def _holding(engine: str) -> Select[*tuple[Any, ...]]:
    return (
        select(
            visit.c.payload_digest,
            visit.c.final_url,
            visit.c.ended_at,
            visit.c.warc_file,
            visit.c.warc_offset,
        )
        .where(
            is_among(engine, visit.c.payload_digest, "digests"),
            visit.c.warc_file == visit.c.payload_file,
            visit.c.warc_offset == visit.c.payload_offset,
            visit.c.source == LIVE,
            visit.c.truncated.is_(False),
        )
        .order_by(visit.c.id)
    )
