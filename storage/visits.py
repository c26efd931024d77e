"""The visit row: what one errand showed, why it was judged so, and where its bytes lie."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, insert, select

from crawler.core.values import Headers
from crawler.core.words import Outcome
from storage.captures import Capture
from storage.dialect import insert_many
from storage.records import LIVE, Record
from storage.schema import visit

# A statement made once is compiled once: building it anew costs four times its execution.
_ADD = insert(visit).returning(visit.c.id)
_HEADER_ROOM = 16_384  # characters of headers kept on the row; the WARC has them whole


def add(connection: Connection, run_id: int, record: Record, capture: Capture | None) -> int:
    """Insert the visit row of an errand and return its id."""
    return connection.execute(_ADD, _row(run_id, record, capture)).scalar_one()


def add_all(
    connection: Connection, run_id: int, kept: Sequence[tuple[Record, Capture | None]]
) -> dict[bytes, int]:
    """Insert the visit rows of a group; return their ids by errand."""
    rows = [_row(run_id, record, capture) for record, capture in kept]
    names = dict.fromkeys(name for row in rows for name in row)
    even = [{name: row.get(name) for name in names} for row in rows]
    statement, values = insert_many(connection, visit, even)
    inserted = connection.execute(statement.returning(visit.c.errand, visit.c.id), values)
    return {bytes(errand): visit_id for errand, visit_id in inserted}


def is_written(connection: Connection, errand: bytes) -> bool:
    """Whether an errand has its row: tells a commit that went through from one that did not."""
    found = connection.execute(select(visit.c.id).where(visit.c.errand == errand))
    return found.one_or_none() is not None


def source_of(record: Record) -> str:
    """Return `live`, or the name of the archive that was asked."""
    if record.lookup is not None:
        return record.lookup.archive
    return record.visit.archive or LIVE


def ended_at(record: Record) -> datetime:
    """Return when the last answer was complete: the WARC-Date of the errand's capture."""
    return record.exchanges[-1].fetched_at if record.exchanges else record.ended_at


def content_sha256(record: Record) -> str | None:
    """Return the hex SHA-256 of the last body as received; None when nothing answered."""
    return sha256(record.exchanges[-1].body).hexdigest() if record.exchanges else None


def _row(run_id: int, record: Record, capture: Capture | None) -> dict[str, Any]:
    row = _errand(run_id, record) | _answer(record) | _judgement(record)
    return row | (_bytes(record, capture) if capture else {})


def _errand(run_id: int, record: Record) -> dict[str, Any]:
    return {
        "errand": record.claim.errand,
        "harvest_id": run_id,
        "resource_id": record.claim.resource_id,
        "purpose": record.claim.purpose,
        "source": source_of(record),
        "started_at": record.started_at,
        "ended_at": ended_at(record),
    }


def _answer(record: Record) -> dict[str, Any]:
    seen = record.visit
    return {
        "url": seen.url,
        "outcome": seen.outcome,
        "problem": seen.problem,
        "http_status": seen.status,
        "headers": _kept(seen.headers),
        "final_url": seen.final_url,
        "chain": [asdict(hop) for hop in seen.chain] or None,
        "etag": seen.header("etag"),
        "last_modified": seen.header("last-modified"),
        "memento_url": record.memento.memento_url if record.memento else None,
        "memento_datetime": record.memento.memento_datetime if record.memento else None,
        "bytes": seen.body_size,
        "truncated": seen.outcome is Outcome.TRUNCATED or _cut_short(record),
    }


def _cut_short(record: Record) -> bool:
    return record.reading is not None and record.reading.was_truncated


def _judgement(record: Record) -> dict[str, Any]:
    verdict, reading = record.verdict, record.reading
    if verdict is None:
        return {}
    return {
        "liveness": verdict.liveness,
        "confidence": verdict.confidence,
        "reason": verdict.reasons[0],
        "reasons": list(verdict.reasons),
        "evidence": [asdict(item) for item in verdict.evidence],
        "rules_version": verdict.rules_version,
        "template_hash": reading.template_hash if reading else None,
    }


def _bytes(record: Record, capture: Capture) -> dict[str, Any]:
    return {
        "content_sha256": content_sha256(record),
        "payload_digest": capture.position.payload_digest,
        "warc_file": capture.position.file,
        "warc_offset": capture.position.offset,
        "warc_length": capture.position.length,
        "payload_file": capture.payload_file,
        "payload_offset": capture.payload_offset,
    }


def _kept(headers: Headers) -> list[list[str]] | None:
    room = _HEADER_ROOM
    kept: list[list[str]] = []
    for name, value in headers:
        room -= len(name) + len(value)
        if room < 0:
            break
        kept.append([name, value])
    return kept or None
