"""Keeping bytes: every exchange of an errand goes to the WARC, equal payloads as revisits."""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from storage.records import Record
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
        if position.payload_digest is not None:
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
        if exchange.archive is not None or not exchange.body or exchange.truncated:
            return None
        digest = payload_digest(exchange.body)
        return self._fresh.get(digest) or _stored(connection, digest)


def _stored(connection: Connection, digest: str) -> Duplicate | None:
    row = connection.execute(
        select(visit.c.final_url, visit.c.ended_at, visit.c.warc_file, visit.c.warc_offset)
        .where(
            visit.c.payload_digest == digest,
            visit.c.warc_file == visit.c.payload_file,
            visit.c.warc_offset == visit.c.payload_offset,
            visit.c.source == LIVE,
            visit.c.truncated.is_(False),
        )
        .order_by(visit.c.id)
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    return Duplicate(
        uri=row.final_url,
        date=row.ended_at,
        file=row.warc_file,
        offset=row.warc_offset,
        payload_digest=digest,
    )
