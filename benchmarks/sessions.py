"""Runs on a filled database, opened and used as the crawler does."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from filling import Morgue
from support import require

from storage import runs
from storage.records import Record
from storage.session import Session, Terms

DONE = runs.Closing(reason="finished", exit_code=0)


def open_session(morgue: Morgue) -> Session:
    """Open a run that keeps no delays, so that lanes are free again at once."""
    terms = Terms(
        warc_directory=morgue.warc,
        user_agent="newsmorgue-benchmark",
        archives=("wayback",),
        settings={runs.HOST_DELAY: 0.0},
    )
    return Session.open(morgue.engine, terms)


@contextmanager
def session_on(morgue: Morgue) -> Iterator[Session]:
    """Give a run and close it; raises `WrongResult` if anything went to quarantine."""
    session = open_session(morgue)
    try:
        yield session
        require(session.quarantined, 0, "errands in quarantine")
    finally:
        session.close(DONE)


async def record_all(session: Session, records: Sequence[Record]) -> None:
    """Record errands that end at one time; returns when all are committed."""
    await asyncio.gather(*(session.record(record) for record in records))
