"""The poison row: an errand that the database would not take, kept aside with its bytes."""

import traceback
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Connection, insert, update

from crawler.core.values import Visit
from crawler.core.words import Outcome, Purpose
from storage import frontier, visits
from storage.records import Record
from storage.schema import quarantine, resource

AGAIN_AFTER = timedelta(days=1)
REASON = "quarantined"


def write(
    connection: Connection, run_id: int, record: Record, error: Exception, now: datetime
) -> None:
    """Write the errand's outcome as an internal error, its raw bytes, and a later due time."""
    visit_id = visits.add(connection, run_id, _bare(record, error), None)
    connection.execute(
        insert(quarantine).values(
            at=now,
            harvest_id=run_id,
            resource_id=record.claim.resource_id,
            visit_id=visit_id,
            error="".join(traceback.format_exception(error)),
            error_digest=digest(error),
            raw=record.exchanges[-1].body if record.exchanges else b"",
        )
    )
    if record.claim.purpose not in {Purpose.LOOKUP, Purpose.REPLAY}:
        connection.execute(
            update(resource)
            .where(resource.c.id == record.claim.resource_id)
            .values(
                outcome=Outcome.INTERNAL_ERROR,
                reason=REASON,
                visits=resource.c.visits + 1,
                last_visited_at=now,
            )
        )
    frontier.finish(
        connection, record.claim.entry_id, now + AGAIN_AFTER, payload=record.claim.payload
    )


def digest(error: BaseException) -> str:
    """Return a hex SHA-256 that is equal for errors raised at the same lines of code."""
    frames = traceback.extract_tb(error.__traceback__)
    trail = [f"{frame.name}:{frame.line}" for frame in frames]
    return sha256("\n".join([type(error).__name__, *trail]).encode()).hexdigest()


def _bare(record: Record, error: Exception) -> Record:
    """Return the record without anything that could be the poison."""
    url = record.claim.url
    problem = f"the ledger refused what this visit found ({type(error).__name__}); see quarantine"
    return replace(
        record,
        visit=Visit(url=url, final_url=url, outcome=Outcome.INTERNAL_ERROR, problem=problem),
        verdict=None,
        reading=None,
        exchanges=(),
        links=(),
        memento=None,
        refused=(),
    )
