"""A host as a whole: outages are no deaths, silence of weeks is one, a success undoes both."""

from pathlib import Path

from support.databases import Database
from support.ledgers import Ledger, another_run
from support.records import bad_record, limits, record

from crawler.core.words import Liveness
from storage import runs
from storage.records import Claim, Record
from storage.runs import Closing

URLS = tuple(f"http://paper.example/story-{number}" for number in range(10))
ALL = limits(per_host=100)


def next_run(ledger: Ledger, folder: Path, **wait: float) -> Ledger:
    """End a run, let time pass, and begin the next one."""
    with ledger.begin() as connection:
        runs.close_run(
            connection, ledger.run_id, Closing(reason="finished", exit_code=0), ledger.now
        )
    ledger.wait(**wait)
    return another_run(ledger, folder / str(ledger.run_id))


def claimed(ledger: Ledger) -> list[Claim]:
    """Claim all that is due, in the order of the addresses."""
    return sorted(ledger.claim(ALL), key=lambda claim: claim.url)


def lived(database: Database, folder: Path) -> Ledger:
    """Return the run after one in which all pages of a host lived."""
    ledger = Ledger(database, folder, first_archive=None)
    ledger.seed(*URLS)
    ledger.write(*(record(of) for of in claimed(ledger)))
    return next_run(ledger, folder, days=8)


def failed(of: Claim, liveness: Liveness = Liveness.GONE) -> Record:
    """Return the record of a visit that found nothing."""
    return bad_record(of, liveness, 404 if liveness is Liveness.GONE else None)


def states(ledger: Ledger) -> list[str]:
    """Return the states of all pages, in the order of the addresses."""
    return [state for (state,) in ledger.database.rows("SELECT state FROM resource ORDER BY url")]


def test_half_of_a_host_is_its_outage(database: Database, tmp_path: Path) -> None:
    """Half of the living pages gone in one run stay alive, those seen first as well; all soon."""
    ledger = lived(database, tmp_path)
    first, *others = claimed(ledger)
    ledger.write(*(failed(of) for of in (first, *others[:3])))
    assert states(ledger).count("suspected") == 4
    ledger.write(failed(others[3]), *(record(of) for of in others[4:]))
    assert states(ledger) == ["alive"] * len(URLS)
    fails = "SELECT count(*) FROM resource WHERE consecutive_failures > 0"
    assert ledger.database.one(fails) == 0
    said = "SELECT count(*) FROM visits WHERE liveness = 'gone'"
    assert ledger.database.one(said) == 5
    soon = next_run(ledger, tmp_path, hours=1)
    assert [of.url for of in claimed(soon)] == list(URLS[:5])
    assert ledger.changes().count("state") == 8  # four were told twice, the fifth never


def test_fewer_than_half_are_judged_one_by_one(database: Database, tmp_path: Path) -> None:
    """Where most pages live, those that fail are suspected."""
    ledger = lived(database, tmp_path)
    every = claimed(ledger)
    ledger.write(*(record(of) for of in every[6:]), *(failed(of) for of in every[:4]))
    assert states(ledger) == ["suspected"] * 4 + ["alive"] * 6


def test_an_outage_that_lasts_is_believed(database: Database, tmp_path: Path) -> None:
    """After `outage_longest` the pages of a host that has lost them die, and come back alive."""
    ledger = lived(database, tmp_path)
    days = 0
    while set(states(ledger)) != {"dead"} and days < 30:
        if due := claimed(ledger):
            ledger.write(*(failed(of) for of in due))
        ledger = next_run(ledger, tmp_path, days=1)
        days += 1
    assert 9 <= days <= 12
    ledger = next_run(ledger, tmp_path, days=3)
    before = len(ledger.changes())
    ledger.write(*(record(of) for of in claimed(ledger)))
    assert states(ledger) == ["alive"] * len(URLS)
    assert ledger.changes()[before:] == ["state"] * len(URLS)


def test_an_outage_of_two_days_leaves_no_trace(database: Database, tmp_path: Path) -> None:
    """Pages that are back after two days were never suspected for longer than a run."""
    ledger = lived(database, tmp_path)
    for _ in range(12):
        if due := claimed(ledger):
            ledger.write(*(failed(of, Liveness.SOFT_GONE) for of in due))
        assert states(ledger) == ["alive"] * len(URLS)
        ledger = next_run(ledger, tmp_path, hours=4)
    ledger = next_run(ledger, tmp_path, days=1)
    ledger.write(*(record(of) for of in claimed(ledger)))
    assert states(ledger) == ["alive"] * len(URLS)
    assert "state" not in ledger.changes()


def test_a_silent_host_dies_with_its_pages(database: Database, tmp_path: Path) -> None:
    """Nothing answers for two weeks: the pages are dead; one answer brings them back to doubt."""
    ledger = lived(database, tmp_path)
    for _ in range(25):
        ledger.write(*(failed(of, Liveness.UNREACHABLE) for of in claimed(ledger)))
        ledger = next_run(ledger, tmp_path, days=1)
    assert set(states(ledger)) == {"dead"}
    assert ledger.database.one("SELECT failing_since IS NOT NULL FROM host") == 1
    first, *_ = claimed(ledger)
    ledger.write(record(first))
    assert ledger.database.one("SELECT failing_since IS NULL FROM host") == 1
    assert states(ledger)[0] == "alive"


def test_a_page_out_of_reach_on_a_host_that_answers_never_dies(
    database: Database, tmp_path: Path
) -> None:
    """Only together with its host does a page die of being out of reach."""
    ledger = lived(database, tmp_path)
    for _ in range(30):
        every = claimed(ledger)
        ledger.write(
            *(failed(of, Liveness.UNREACHABLE) for of in every if of.url == URLS[0]),
            *(record(of) for of in every if of.url != URLS[0]),
        )
        ledger = next_run(ledger, tmp_path, days=1)
    assert states(ledger)[0] == "suspected"


def test_a_parked_host_is_known_as_one(database: Database, tmp_path: Path) -> None:
    """Since when a host is parked is kept, and told with the next claim; a living page ends it."""
    ledger = lived(database, tmp_path)
    since = ledger.now
    ledger.write(*(failed(of, Liveness.PARKED) for of in claimed(ledger)))
    [at] = ledger.database.rows("SELECT parked_since FROM host")[0]
    assert ledger.database.instant(at) == since
    ledger = next_run(ledger, tmp_path, days=1)
    ledger.write(*(record(of) for of in claimed(ledger)))
    assert ledger.database.one("SELECT parked_since IS NULL FROM host") == 1
