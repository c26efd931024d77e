"""Lists in the ledger: due again soon, guesses that were wrong, texts that are no list's, moves."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.databases import Database
from support.ledgers import Ledger
from support.offered import (
    ENTRY,
    HOME,
    STORY,
    add,
    listing,
    make_sites,
    offer,
    seed_and_claim,
)
from support.records import AT, after, bad_record, page_reading, record, verdict, visit

from crawler.core.lifecycle import LifecyclePolicy
from crawler.core.offers import Found, Front, Kind
from crawler.core.values import PageReading, Signals
from crawler.core.words import Liveness, Purpose
from storage import offers, resources
from storage.records import Claim, Seed

SIGNALS = Signals(og_type="article", prose_blocks=4)


# Lists in time ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.PAGE])
def test_a_list_is_due_again_soon(database: Database, tmp_path: Path, kind: Kind) -> None:
    """What lists articles is read again after `revisit_lists`, a page after `revisit_alive`."""
    policy = LifecyclePolicy(revisit_lists=timedelta(minutes=7), revisit_alive=timedelta(days=3))
    ledger = Ledger(database, tmp_path, policy=policy)
    ledger.write(record(seed_and_claim(ledger, kind=kind)))
    assert ledger.next_due(Purpose.DISCOVER) == after(minutes=7)
    ledger.write(record(seed_and_claim(ledger, STORY, Kind.PAGE)))
    assert ledger.next_due() == after(days=3)


def guessed(ledger: Ledger) -> Claim:
    add(ledger, offer(f"{HOME}feed", kind=Kind.FEED, how=Found.GUESS))
    [of] = ledger.claim()
    return of


@pytest.mark.parametrize("liveness", [Liveness.GONE, Liveness.SOFT_GONE, Liveness.UNKNOWN])
def test_a_wrong_guess_ends_for_good(
    database: Database, tmp_path: Path, liveness: Liveness
) -> None:
    """A usual place where no list is, is not asked again, asks no archive, is no lost page."""
    ledger = Ledger(database, tmp_path)
    ledger.write(bad_record(guessed(ledger), liveness))
    assert ledger.entries() == []
    assert database.rows("SELECT * FROM link_health") == []
    assert add(ledger, offer(f"{HOME}feed", kind=Kind.FEED, how=Found.GUESS)) == 0


@pytest.mark.parametrize(
    "liveness", [Liveness.UNREACHABLE, Liveness.THROTTLED, Liveness.BLOCKED, Liveness.DISALLOWED]
)
def test_a_guess_that_got_no_answer_is_asked_again(
    database: Database, tmp_path: Path, liveness: Liveness
) -> None:
    """A refusal or an outage says nothing of what is there."""
    ledger = Ledger(database, tmp_path)
    ledger.write(bad_record(guessed(ledger), liveness, status=None))
    assert ledger.entries() == [("discover", "host:paper.example")]
    due = ledger.next_due(Purpose.DISCOVER)
    assert due is not None
    assert due > AT


def test_a_right_guess_is_a_list_like_any_other(database: Database, tmp_path: Path) -> None:
    """A feed found in a usual place is told in the public view and read again."""
    ledger = Ledger(database, tmp_path)
    ledger.write(listing(guessed(ledger), offer()))
    assert database.rows("SELECT url, kind FROM link_health ORDER BY url") == [
        (f"{HOME}feed", "feed"),
        (STORY, "page"),
    ]
    assert ledger.next_due(Purpose.DISCOVER) == AT + ledger.rules.policy.revisit_lists


def test_a_named_list_that_is_gone_is_a_witness_case(database: Database, tmp_path: Path) -> None:
    """A feed that somebody named is asked again before it counts as dead; no archive is asked."""
    ledger = Ledger(database, tmp_path)
    add(ledger, offer(f"{HOME}feed", kind=Kind.FEED))
    [of] = ledger.claim()
    ledger.write(bad_record(of, Liveness.GONE))
    assert ledger.entries() == [("discover", "host:paper.example")]


# Texts ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "signals", "kept"),
    [
        (Kind.SECTION, SIGNALS, True),
        (Kind.SECTION, replace(SIGNALS, prose_blocks=1), False),
        (Kind.SECTION, replace(SIGNALS, og_type=None), False),
        (Kind.FRONT, SIGNALS, False),
        (Kind.PAGE, Signals(), True),
    ],
)
def test_a_section_that_is_an_article_keeps_its_text(
    database: Database, tmp_path: Path, kind: Kind, signals: Signals, *, kept: bool
) -> None:
    """The text of a section is kept if it is an article by its own word; a front's never is."""
    ledger = Ledger(database, tmp_path)
    of = seed_and_claim(ledger, STORY, kind)
    ledger.write(record(of, reading=page_reading(signals=signals)))
    assert database.one("SELECT count(*) FROM articles") == int(kept)
    held = database.one("SELECT has_complete_version FROM resource")
    assert bool(held) is kept
    assert ledger.changes() == (["new"] if kept else [])


def test_a_page_without_a_text_stores_none(database: Database, tmp_path: Path) -> None:
    """A page that is a list of articles is alive, has no version, and is no lost page."""
    ledger = Ledger(database, tmp_path)
    reading: PageReading = page_reading(None, no_article="list_of_articles")
    ledger.write(record(seed_and_claim(ledger, STORY, Kind.PAGE), reading=reading))
    assert database.one("SELECT count(*) FROM article_version") == 0
    assert database.rows("SELECT state FROM resource") == [("alive",)]
    assert ledger.entries() == [("visit", "host:paper.example")]


# Moves ------------------------------------------------------------------------------------------


def test_a_moved_front_goes_on_with_its_new_host(database: Database, tmp_path: Path) -> None:
    """A front page on a new host is a front of the same site; the next claims have it in scope."""
    ledger = Ledger(database, tmp_path)
    site = make_sites(ledger, "paper")["paper"]
    there = "http://new.example/"
    with ledger.begin() as connection:
        seed = Seed(url=HOME, kind=Kind.FRONT, site="paper")
        resources.add_seeds(connection, [seed], {"paper": site}, AT)
    [of] = ledger.claim()
    moved = record(
        of,
        visit=visit(HOME, final_url=there),
        verdict=verdict(Liveness.MOVED),
        links=(offer(f"{there}story"),),
    )
    ledger.write(moved)
    assert database.rows("SELECT url, kind, site_id, depth FROM resource ORDER BY id") == [
        (HOME, "front", site, 0),
        (there, "front", site, 0),
        (f"{there}story", "page", site, 1),
    ]
    assert [entry[:3] for entry in database.rows(ENTRY)] == [
        (there, "discover", "host:new.example"),
        (f"{there}story", "visit", "host:new.example"),
    ]
    with ledger.begin() as connection:
        fronts = offers.fronts_of(connection, [site], [])
    assert Front(site_id=site, url=there) in fronts
    assert database.rows("SELECT url FROM aliases") == [(HOME,)]


def test_a_front_page_that_moved_is_read_again_as_soon_as_any(
    database: Database, tmp_path: Path
) -> None:
    """Where a front page moved to is a front page: due again as lists are, not as articles are."""
    policy = LifecyclePolicy(revisit_lists=timedelta(minutes=7))
    ledger = Ledger(database, tmp_path, policy=policy)
    ledger.seed(HOME, kind=Kind.FRONT)
    [of] = ledger.claim()
    there = replace(visit(HOME), final_url="http://www.other.example/")
    ledger.write(record(of, visit=there, verdict=verdict(Liveness.MOVED)))
    assert database.rows(ENTRY)[0][:2] == ("http://www.other.example/", "discover")
    assert ledger.next_due(Purpose.DISCOVER) == after(minutes=7)
