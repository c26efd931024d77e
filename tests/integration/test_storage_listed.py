"""A list of lost pages that is given again goes on where it was."""

import asyncio
from pathlib import Path

from support.databases import Database
from support.ledgers import opened
from support.records import limits, record

from storage.records import Seed
from storage.session import Session

HELD, WAITING, NEW = (f"http://paper.example/{name}" for name in ("held", "waiting", "new"))
WAITS = "SELECT url, due_at FROM frontier JOIN resource ON resource.id = resource_id"


def test_what_is_settled_of_a_list_is_not_asked_again(database: Database, tmp_path: Path) -> None:
    """A page that is held is passed over, a question put off stays put off, a new one is asked."""
    with opened(database, tmp_path) as session:
        asyncio.run(_held_and_waiting(session))
        database.execute("UPDATE frontier SET due_at = '2099-01-01T00:00:00.000000Z'")
        asked = asyncio.run(session.ask_archives([HELD, WAITING, NEW], anew=False))
    assert asked == 2
    questions = dict(database.rows(f"{WAITS} WHERE purpose = 'lookup'"))
    assert questions.keys() == {WAITING, NEW}
    assert str(questions[WAITING]) > "2098" > str(questions[NEW])


def test_who_names_a_page_asks_anew(database: Database, tmp_path: Path) -> None:
    """A question that was put off is due at once, and a page that is held is asked for as well."""
    with opened(database, tmp_path) as session:
        asyncio.run(_held_and_waiting(session))
        database.execute("UPDATE frontier SET due_at = '2099-01-01T00:00:00.000000Z'")
        assert asyncio.run(session.ask_archives([HELD, WAITING])) == 2
    questions = dict(database.rows(f"{WAITS} WHERE purpose = 'lookup'"))
    assert questions.keys() == {WAITING, HELD}
    assert str(questions[WAITING]) < "2098"


async def _held_and_waiting(session: Session) -> None:
    await session.add_seeds([Seed(url=HELD)])
    [claim] = await session.claim(limits(10))
    await session.record(record(claim))
    await session.ask_archives([WAITING])
