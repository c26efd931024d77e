"""Waits of nothing: a page is due again at once, and no run visits it twice for that."""

from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.databases import Database
from support.ledgers import Ledger, another_run
from support.records import URL, bad_record, record

from crawler.core.lifecycle import LifecyclePolicy
from crawler.core.words import Liveness
from storage import runs
from storage.runs import Closing

_BUILT_IN = LifecyclePolicy()
ZEROS = replace(
    _BUILT_IN,
    **{
        one.name: timedelta(0)
        for one in fields(_BUILT_IN)
        if isinstance(getattr(_BUILT_IN, one.name), timedelta)
    },
)


def closed(ledger: Ledger) -> None:
    """End a ledger's run as a crawl does."""
    with ledger.begin() as connection:
        runs.close_run(
            connection, ledger.run_id, Closing(reason="finished", exit_code=0), ledger.now
        )


@pytest.mark.parametrize("liveness", [Liveness.ALIVE, Liveness.GONE, Liveness.THROTTLED])
def test_no_wait_is_no_second_visit_in_a_run(
    database: Database, tmp_path: Path, liveness: Liveness
) -> None:
    """With every wait 0 a run visits a page once, and the next run visits it again."""
    ledger = Ledger(database, tmp_path, policy=ZEROS, first_archive=None)
    ledger.seed(URL)
    [of] = ledger.claim()
    alive = liveness is Liveness.ALIVE
    ledger.write(record(of) if alive else bad_record(of, liveness))
    assert ledger.claim() == []
    ledger.wait(hours=1)
    assert ledger.claim() == []
    closed(ledger)
    other = another_run(ledger, tmp_path)
    assert [claim.url for claim in other.claim()] == [URL]


def test_a_wait_that_is_over_is_a_second_visit(database: Database, tmp_path: Path) -> None:
    """A run that lasts longer than the shortest wait visits a page again when it is due."""
    policy = replace(ZEROS, revisit_alive=timedelta(minutes=5))
    ledger = Ledger(database, tmp_path, policy=policy, first_archive=None)
    ledger.seed(URL)
    [of] = ledger.claim()
    ledger.write(record(of))
    ledger.wait(minutes=6)
    assert [claim.url for claim in ledger.claim()] == [URL]


def test_a_killed_run_keeps_nothing(database: Database, tmp_path: Path) -> None:
    """What a run has done with and is due at once is free when the run is found dead."""
    ledger = Ledger(database, tmp_path, policy=ZEROS, first_archive=None)
    ledger.seed(URL)
    [of] = ledger.claim()
    ledger.write(record(of))
    with ledger.begin() as connection:
        runs.close_run(
            connection, ledger.run_id, Closing(reason=runs.KILLED, exit_code=1), ledger.now
        )
    other = another_run(ledger, tmp_path)
    assert [claim.url for claim in other.claim()] == [URL]
