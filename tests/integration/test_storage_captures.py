"""Bytes are kept once, and what an archive gave never stands for a capture of the live web."""

from pathlib import Path
from typing import Any

import pytest
from support.databases import Database
from support.ledgers import Ledger
from support.records import AT, CANDIDATE, URL, claim, exchange, record

from storage.captures import Capture
from storage.records import Record
from storage.warc import ArchiveOrigin, Exchange

BODY = b"<p>one body</p>"
ORIGIN = ArchiveOrigin(
    archive="wayback", original=URL, memento_url=CANDIDATE["memento_url"], memento_datetime=AT
)


def copy(**changes: Any) -> Exchange:
    """Return an archive's copy of the body."""
    return exchange(ORIGIN.memento_url, body=BODY, archive=ORIGIN, **changes)


def kept(ledger: Ledger, *records: Record) -> list[Capture]:
    """Keep the bytes of records as one group and return where each lies."""
    with ledger.begin() as connection:
        ledger.keeper.look_up(connection, records)
        captures = [ledger.keeper.keep(connection, record) for record in records]
        ledger.keeper.sync()
    return [capture for capture in captures if capture is not None]


@pytest.mark.parametrize(
    "first",
    [copy(), exchange(URL, body=BODY, truncated="length")],
    ids=["an archive's copy", "a cut body"],
)
def test_a_live_page_is_no_revisit_of_what_is_no_whole_live_capture(
    database: Database, tmp_path: Path, first: Exchange
) -> None:
    """The bytes of a live page are written though an archive's copy, or a cut body, has them."""
    ledger = Ledger(database, tmp_path)
    live = record(claim(), exchanges=(exchange(body=BODY),))
    captures = kept(ledger, record(claim(), exchanges=(first,)), live, live)
    assert [capture.position.kind for capture in captures] == ["response", "response", "revisit"]
    assert captures[2].payload_offset == captures[1].position.offset


def test_an_archives_copy_is_written_whole(database: Database, tmp_path: Path) -> None:
    """A copy whose bytes a live capture has already is a response of its own all the same."""
    ledger = Ledger(database, tmp_path)
    live = record(claim(), exchanges=(exchange(body=BODY),))
    captures = kept(ledger, live, record(claim(), exchanges=(copy(),)))
    assert [capture.position.kind for capture in captures] == ["response", "response"]
