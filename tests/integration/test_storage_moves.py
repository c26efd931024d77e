"""Pages that moved: the target goes on, the old address is remembered as its alias."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from support.databases import Database
from support.ledgers import Ledger
from support.records import AT, URL, bad_record, record, verdict, visit

from crawler.core.offers import Kind
from crawler.core.words import Liveness, Outcome
from storage.records import Claim, Record

NEW_URL = "http://paper.example/2026/story"


def moved(of: Claim, **changes: Any) -> Record:
    """Return the record of a page that answered at its new address."""
    there = visit(of.url, final_url=NEW_URL)
    return replace(record(of, visit=there, verdict=verdict(Liveness.MOVED)), **changes)


def test_a_moved_page_goes_on_under_its_new_address(database: Database, tmp_path: Path) -> None:
    """The text is the target's, the old address its alias, and the target is visited from now."""
    ledger = Ledger(database, tmp_path)
    ledger.seed(URL)
    [of] = ledger.claim()
    ledger.write(moved(of))
    assert database.rows("SELECT url, state FROM link_health ORDER BY resource_id") == [
        (URL, "moved"),
        (NEW_URL, "alive"),
    ]
    [(target, url)] = database.rows("SELECT resource_id, url FROM articles")
    assert url == NEW_URL
    assert target != of.resource_id
    assert database.rows("SELECT url, resource_id, why FROM aliases") == [(URL, target, "moved")]
    assert database.rows("SELECT resource_id, purpose FROM frontier") == [(target, "visit")]
    assert ledger.next_due() == AT + ledger.rules.policy.revisit_alive
    assert database.rows("SELECT kind, resource_id, url FROM changes ORDER BY seq") == [
        ("new", target, NEW_URL),
        ("state", of.resource_id, URL),
    ]


def test_a_page_that_moved_before_is_one_article(database: Database, tmp_path: Path) -> None:
    """Two old addresses of one story give one article with two aliases."""
    ledger = Ledger(database, tmp_path)
    ledger.seed("http://a.example/old", "http://b.example/older")
    for of in ledger.claim():
        ledger.write(moved(of))
    assert database.one("SELECT count(*) FROM articles") == 1
    assert database.one("SELECT count(*) FROM article_version") == 1
    assert database.one("SELECT count(*) FROM aliases") == 2


def test_a_move_is_of_the_same_site_and_kind(database: Database, tmp_path: Path) -> None:
    """A front page that moved is still its site's front page, and read for its links again."""
    ledger = Ledger(database, tmp_path)
    ledger.seed(URL, kind=Kind.FRONT)
    [of] = ledger.claim()
    ledger.write(moved(of))
    assert database.rows("SELECT kind FROM resource WHERE url = ?", [NEW_URL]) == [("front",)]
    assert [purpose for purpose, _lane in ledger.entries()] == ["discover"]
    assert database.rows("SELECT * FROM articles") == []


def test_a_move_shows_that_the_target_lives(database: Database, tmp_path: Path) -> None:
    """A page thought missing that a redirect leads to is alive again, and that is told."""
    ledger = Ledger(database, tmp_path)
    ledger.seed(NEW_URL)
    [of] = ledger.claim()
    ledger.write(bad_record(of, Liveness.GONE))
    ledger.seed(URL)
    [of] = ledger.claim()
    ledger.write(moved(of))
    told = database.rows("SELECT kind, url FROM changes ORDER BY seq")
    assert ("state", NEW_URL) in told[1:]


def test_another_spelling_that_answers_is_no_move(database: Database, tmp_path: Path) -> None:
    """From http to https is the same resource; its address is the spelling that answered last."""
    ledger = Ledger(database, tmp_path)
    ledger.seed(URL)
    [of] = ledger.claim()
    https = URL.replace("http:", "https:")
    ledger.write(record(of, visit=visit(of.url, final_url=https), verdict=verdict(Liveness.MOVED)))
    assert database.rows("SELECT url FROM resource") == [(https,)]
    assert database.rows("SELECT * FROM aliases") == []


def test_a_redirect_into_foreign_hands_gets_its_own_entry(
    database: Database, tmp_path: Path
) -> None:
    """A target that cannot be followed now is due at once by itself, with an alias."""
    ledger = Ledger(database, tmp_path)
    ledger.seed(URL)
    [of] = ledger.claim()
    stopped = visit(of.url, outcome=Outcome.REDIRECTED, status=301)
    ledger.write(
        record(
            of,
            visit=stopped,
            verdict=verdict(Liveness.UNKNOWN),
            reading=None,
            follow_up="http://other.example/story",
        )
    )
    assert ("visit", "host:other.example") in ledger.entries()
    assert database.rows("SELECT url, why FROM aliases") == [(URL, "redirect")]
    assert {claim.url for claim in ledger.claim()} == {"http://other.example/story"}
