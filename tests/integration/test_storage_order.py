"""What must not depend on the order in which errands end, or on seeding twice."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from support.databases import Database
from support.ledgers import Ledger
from support.records import AT, after, bad_record, exchange, record, verdict, visit

from crawler.core.offers import Kind
from crawler.core.words import Liveness
from storage.records import Claim, Record

OLD, NEW = "http://old.example/story", "http://paper.example/2026/story"


def _moved(of: Claim, at: datetime) -> Record:
    there = visit(of.url, final_url=NEW)
    told = record(of, visit=there, verdict=verdict(Liveness.MOVED))
    return replace(told, exchanges=(exchange(NEW, fetched_at=at),))


def _page(of: Claim, at: datetime) -> Record:
    return replace(record(of), exchanges=(exchange(NEW, fetched_at=at),))


@pytest.mark.parametrize("redirect_first", [True, False])
def test_one_text_read_in_any_order_is_one_version(
    database: Database, tmp_path: Path, *, redirect_first: bool
) -> None:
    """A page and a redirect to it, read by two workers: whichever is written first, one "new"."""
    ledger = Ledger(database, tmp_path)
    ledger.seed(OLD, NEW)
    claims = {claim.url: claim for claim in ledger.claim()}
    records = [_page(claims[NEW], AT), _moved(claims[OLD], after(seconds=3))]
    for one in reversed(records) if redirect_first else records:
        ledger.write(one)
    assert database.rows("SELECT version, reading FROM article_version") == [(1, 1)]
    assert sorted(ledger.changes()) == ["new", "state"]


def test_a_moved_page_that_is_seeded_again_is_not_fetched_again(
    database: Database, tmp_path: Path
) -> None:
    """A page that moved has ended for good: a list crawled a second time does not begin it anew."""
    ledger = Ledger(database, tmp_path)
    ledger.seed(OLD)
    [of] = ledger.claim()
    ledger.write(_moved(of, AT))
    assert ledger.seed(OLD) == 0
    assert [purpose for purpose, _ in ledger.entries()] == ["visit"]  # the target's
    assert ledger.seed(OLD, kind=Kind.FRONT) == 1  # that errand it never had


def test_a_dead_page_that_is_seeded_again_keeps_its_own_time(
    database: Database, tmp_path: Path
) -> None:
    """A page that is gone is visited when its witness is due, whatever list it is on."""
    ledger = Ledger(database, tmp_path)
    ledger.seed(OLD)
    [of] = ledger.claim()
    ledger.write(bad_record(of, Liveness.GONE))
    due = ledger.next_due()
    ledger.wait(hours=1)
    assert ledger.seed(OLD) == 0
    assert ledger.next_due() == due
