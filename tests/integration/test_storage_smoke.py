"""One page from a seed to its rows, by the session alone, on both engines."""

import asyncio
from pathlib import Path

from support.databases import Database
from support.records import limits, record

from storage.records import Seed
from storage.runs import Closing
from storage.session import Session, Terms


def test_a_seed_becomes_a_proven_row(database: Database, tmp_path: Path) -> None:
    """A recorded page has its visit, text, state, next due time and change, and its bytes kept."""
    terms = Terms(warc_directory=tmp_path / "warc", user_agent="tests")
    session = Session.open(database.engine(), terms)

    async def crawl() -> None:
        assert await session.add_seeds([Seed(url="http://paper.example/story")]) == 1
        [claim] = await session.claim(limits())
        await session.record(record(claim))
        assert await session.claim(limits()) == []

    asyncio.run(crawl())
    session.close(Closing(reason="finished", exit_code=0))
    assert database.rows("SELECT outcome, liveness FROM visits") == [("fetched", "alive")]
    assert database.rows("SELECT title, version, state, source FROM articles") == [
        ("Council meets", 1, "alive", "live")
    ]
    assert database.rows("SELECT seq, kind FROM changes") == [(1, "new")]
    assert database.rows("SELECT finish_reason, exit_code, still_due FROM harvests") == [
        ("finished", 0, 0)
    ]
    [file] = (tmp_path / "warc").iterdir()
    assert database.one("SELECT warc_file FROM visits") == file.name
