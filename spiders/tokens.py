"""Waiting for an archive's budget outside of any download slot."""

import asyncio
from datetime import UTC, datetime

from storage.records import ArchivePace
from storage.session import Session

LONGEST = 120.0
"""Seconds: a longer pause of an archive is not waited out by an errand under way."""


async def wait_for_token(session: Session, pace: ArchivePace) -> None:
    """Return once a token of the archive's budget was given to this run.

    Raises TimeoutError when the archive is paused for longer than an errand may wait.
    """
    while True:
        free_at = await session.take_token(pace)
        if free_at is None:
            return
        wait = (free_at - datetime.now(UTC)).total_seconds()
        if wait > LONGEST:
            raise TimeoutError
        await asyncio.sleep(max(0.0, wait))
