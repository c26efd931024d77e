"""Waiting for an archive's budget outside of any download slot."""

import asyncio
from datetime import UTC, datetime

from storage.records import ArchivePace
from storage.session import Session


async def wait_for_token(session: Session, pace: ArchivePace) -> None:
    """Return once a token of the archive's budget was given to this run."""
    while True:
        free_at = await session.take_token(pace)
        if free_at is None:
            return
        await asyncio.sleep(max(0.0, (free_at - datetime.now(UTC)).total_seconds()))
