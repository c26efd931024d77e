"""What one errand writes: versions of texts, states, aliases, next due times, changes."""

from dataclasses import replace
from pathlib import Path

import pytest
from support.databases import Database
from support.ledgers import Ledger
from support.records import (
    AT,
    URL,
    after,
    article,
    bad_record,
    exchange,
    page_reading,
    record,
    verdict,
    visit,
)

from crawler.core.lifecycle import HTTP_410
from crawler.core.offers import Kind, Offer
from crawler.core.values import RemovedSpan
from crawler.core.words import Liveness, Place, Purpose, SpanKind
from storage.records import Claim, Record

NEW_URL = "http://paper.example/2026/story"
WEEK = 7


def reading_of(text: str, **changes: object) -> Record:
    """Return a record's changes for a page with this text."""
    return replace(page_reading(text), **changes)


def next_claim(ledger: Ledger) -> Claim:
    """Wait a month and claim the one entry that is due."""
    ledger.wait(days=31)
    [of] = ledger.claim()
    return of


def seen(ledger: Ledger, *texts: str) -> None:
    """Visit a page once for each text, a month apart."""
    if not ledger.entries():
        ledger.seed(URL)
    for text in texts:
        of = next_claim(ledger)
        answer = exchange(URL, fetched_at=ledger.now)
        ledger.write(record(of, reading=page_reading(text), exchanges=(answer,)))


def versions(ledger: Ledger) -> list[tuple[int, int, str]]:
    """Return version, reading and text of all stored texts, in order of writing."""
    return ledger.database.rows("SELECT version, reading, text FROM article_version ORDER BY id")


def test_a_first_text_is_version_one(database: Database, tmp_path: Path) -> None:
    """A page seen alive for the first time is one version, told as new, and due in a week."""
    ledger = Ledger(database, tmp_path)
    seen(ledger, "A")
    assert versions(ledger) == [(1, 1, "A")]
    assert ledger.changes() == ["new"]
    assert ledger.next_due() == ledger.now + ledger.rules.policy.revisit_alive
    assert database.rows("SELECT state, liveness, outcome, recovered FROM link_health")[0][:3] == (
        "alive",
        "alive",
        "fetched",
    )


def test_the_same_text_is_no_new_version(database: Database, tmp_path: Path) -> None:
    """A page whose text did not change is a visit more and nothing else."""
    ledger = Ledger(database, tmp_path)
    seen(ledger, "A", "A", "A")
    assert versions(ledger) == [(1, 1, "A")]
    assert ledger.changes() == ["new"]
    assert database.one("SELECT count(*) FROM visits") == 3


def test_a_title_that_no_engine_can_hold_is_no_new_version(
    database: Database, tmp_path: Path
) -> None:
    """Texts are compared as they are stored: a NUL in the title does not make it new each time."""
    ledger = Ledger(database, tmp_path)
    ledger.seed(URL)
    for _ in range(2):
        reading = page_reading(article=article(title="Council\x00 meets"))
        ledger.write(record(next_claim(ledger), reading=reading))
    assert len(versions(ledger)) == 1


def test_a_changed_text_is_an_edit(database: Database, tmp_path: Path) -> None:
    """A text that changed is a new version beside the old one; readers see the new one."""
    ledger = Ledger(database, tmp_path)
    seen(ledger, "A", "B")
    assert versions(ledger) == [(1, 1, "A"), (2, 1, "B")]
    assert ledger.changes() == ["new", "edited"]
    assert database.rows("SELECT version, text FROM articles") == [(2, "B")]


def test_a_text_that_comes_back_is_a_third_version(database: Database, tmp_path: Path) -> None:
    """A, B, A are three versions: the ledger tells what stood there when."""
    ledger = Ledger(database, tmp_path)
    seen(ledger, "A", "B", "A")
    assert versions(ledger) == [(1, 1, "A"), (2, 1, "B"), (3, 1, "A")]
    assert ledger.changes() == ["new", "edited", "edited"]


def test_the_same_bytes_read_otherwise_are_a_reading(database: Database, tmp_path: Path) -> None:
    """Another text from equal bytes is our doing, not the source's: the version stays."""
    ledger = Ledger(database, tmp_path)
    ledger.seed(URL)
    body = b"<p>the same bytes</p>"
    for text in ("skip to content A", "A", "A, read better"):
        of = next_claim(ledger)
        answer = exchange(URL, body=body, fetched_at=ledger.now)
        ledger.write(record(of, reading=page_reading(text), exchanges=(answer,)))
    assert versions(ledger) == [
        (1, 1, "skip to content A"),
        (1, 2, "A"),
        (1, 3, "A, read better"),
    ]
    assert ledger.changes() == ["new", "reread", "reread"]
    assert database.rows("SELECT version, reading, text FROM articles") == [
        (1, 3, "A, read better")
    ]


def test_a_partial_text_never_hides_a_whole_one(database: Database, tmp_path: Path) -> None:
    """A paywall that came later is kept as a version; readers go on seeing the whole text."""
    ledger = Ledger(database, tmp_path)
    seen(ledger, "The whole story.")
    partial = page_reading(article=article("The wh", is_partial=True))
    of = next_claim(ledger)
    ledger.write(record(of, verdict=verdict(Liveness.PAYWALLED), reading=partial))
    assert len(versions(ledger)) == 2
    assert database.rows("SELECT version, text FROM articles") == [(1, "The whole story.")]


def test_a_partial_text_is_better_than_none(database: Database, tmp_path: Path) -> None:
    """The beginning of a text is shown, marked as partial, until the whole one comes."""
    ledger = Ledger(database, tmp_path)
    ledger.seed(URL)
    partial = page_reading(article=article("The story.", is_partial=True))
    ledger.write(record(next_claim(ledger), reading=partial))
    assert bool(database.one("SELECT is_partial FROM articles"))
    ledger.write(record(next_claim(ledger), reading=page_reading("The story.")))
    assert database.rows("SELECT version, text FROM articles") == [(2, "The story.")]
    assert not database.one("SELECT is_partial FROM articles")


def test_what_was_cut_out_is_on_the_row(database: Database, tmp_path: Path) -> None:
    """A notice that was cut out of the article marks it; a skip link alone does not."""
    ledger = Ledger(database, tmp_path)
    skip = RemovedSpan(kind=SpanKind.SKIP_LINK, place=Place.BEFORE, text="Skip to content")
    notice = RemovedSpan(kind=SpanKind.NOT_FOUND, place=Place.AFTER, text="Page not available")
    ledger.seed("http://a.example/", "http://b.example/")
    for of, removed in zip(ledger.claim(), [(skip,), (skip, notice)], strict=True):
        ledger.write(record(of, reading=page_reading("text", removed=removed)))
    marks = database.rows("SELECT has_removed_notice FROM articles ORDER BY resource_id")
    assert [bool(mark) for (mark,) in marks] == [False, True]


@pytest.mark.parametrize("liveness", [Liveness.GONE, Liveness.SOFT_GONE])
def test_a_missing_page_is_suspected_and_looked_for(
    database: Database, tmp_path: Path, liveness: Liveness
) -> None:
    """One witness makes no death: suspected, no text, asked for at once, seen again in 3 days."""
    ledger = Ledger(database, tmp_path)
    ledger.seed(URL)
    [of] = ledger.claim()
    ledger.write(bad_record(of, liveness, reading=page_reading("We could not find this page.")))
    assert database.rows("SELECT state, liveness FROM link_health") == [("suspected", liveness)]
    assert versions(ledger) == []
    assert ledger.next_due() == after(days=3)
    assert ledger.next_due(Purpose.LOOKUP) == AT
    assert ("lookup", "archive:wayback:lookup") in ledger.entries()
    assert ledger.changes() == ["state"]


def test_three_witnesses_days_apart_make_a_death(database: Database, tmp_path: Path) -> None:
    """A 404 is dead after the third visit; the state is told when it changes, not each time."""
    ledger = Ledger(database, tmp_path)
    ledger.seed(URL)
    states = []
    for _ in range(4):
        [of] = ledger.claim()
        ledger.write(bad_record(of, Liveness.GONE))
        states.append(database.one("SELECT state FROM link_health"))
        ledger.wait(days=3)
    assert states == ["suspected", "suspected", "dead", "dead"]
    assert ledger.changes() == ["state", "state"]


def test_a_page_held_whole_is_not_looked_for(database: Database, tmp_path: Path) -> None:
    """An error after a good text keeps the text and asks no archive."""
    ledger = Ledger(database, tmp_path)
    seen(ledger, "A")
    ledger.write(bad_record(next_claim(ledger), Liveness.GONE))
    assert database.rows("SELECT text, state FROM articles") == [("A", "suspected")]
    assert [purpose for purpose, _lane in ledger.entries()] == ["visit"]


def test_a_page_held_in_part_is_looked_for(database: Database, tmp_path: Path) -> None:
    """The beginning of a text is no reason not to ask for the whole."""
    ledger = Ledger(database, tmp_path)
    ledger.seed(URL)
    partial = page_reading(article=article("The wh", is_partial=True))
    ledger.write(record(next_claim(ledger), reading=partial))
    ledger.write(bad_record(next_claim(ledger), Liveness.GONE))
    assert "lookup" in [purpose for purpose, _lane in ledger.entries()]


@pytest.mark.parametrize("liveness", [Liveness.BLOCKED, Liveness.THROTTLED])
def test_a_refusal_is_no_death(database: Database, tmp_path: Path, liveness: Liveness) -> None:
    """However often it is refused or throttled, a page is never dead."""
    ledger = Ledger(database, tmp_path)
    ledger.seed(URL)
    for _ in range(6):
        of = next_claim(ledger)
        ledger.write(bad_record(of, liveness, 503))
    assert database.one("SELECT state FROM link_health") != "dead"


def test_a_success_resets(database: Database, tmp_path: Path) -> None:
    """After any good visit nothing of the failures before is left."""
    ledger = Ledger(database, tmp_path)
    ledger.seed(URL)
    ledger.write(bad_record(next_claim(ledger), Liveness.GONE))
    seen(ledger, "A")
    assert database.rows(
        "SELECT state, consecutive_failures, first_failed_at FROM link_health"
    ) == [("alive", 0, None)]
    assert ledger.changes() == ["state", "new", "state"]


def test_withdrawal_is_told_as_such(database: Database, tmp_path: Path) -> None:
    """That an article was withdrawn is a change of its own kind, told once."""
    ledger = Ledger(database, tmp_path)
    seen(ledger, "A")
    ledger.write(bad_record(next_claim(ledger), Liveness.WITHDRAWN, 200))
    ledger.write(bad_record(next_claim(ledger), Liveness.WITHDRAWN, 200))
    assert ledger.changes() == ["new", "withdrawn", "state"]


def test_the_end_of_a_page_is_final(database: Database, tmp_path: Path) -> None:
    """A 410 is checked once more after 30 days; then its entry is done with for good."""
    ledger = Ledger(database, tmp_path)
    ledger.seed(URL)
    [of] = ledger.claim()
    for expected in (after(days=30), None):
        last = verdict(Liveness.GONE, reasons=(HTTP_410,))
        ledger.write(bad_record(of, Liveness.GONE, 410, verdict=last))
        assert ledger.next_due() == expected
        if expected:
            ledger.wait(days=30)
            [of] = ledger.claim()


def test_links_are_written_with_the_page(database: Database, tmp_path: Path) -> None:
    """The links of a page are due in the same transaction, with what the page calls them."""
    ledger = Ledger(database, tmp_path)
    ledger.seed(URL, kind=Kind.FRONT)
    [of] = ledger.claim()
    links = (
        Offer(url=NEW_URL, headline="Council\x00 meets"),
        Offer(url="http://else.example/", follow=False),
    )
    ledger.write(record(of, links=links))
    assert database.rows(
        "SELECT url, headline, found_on FROM resource WHERE found_how = 'link' ORDER BY url DESC"
    ) == [
        (NEW_URL, "Council\ufffd meets", of.resource_id),
        ("http://else.example/", None, of.resource_id),
    ]
    assert [claim.url for claim in ledger.claim()] == [NEW_URL]
    assert database.one("SELECT discovered FROM harvests") == 1


def test_the_visit_says_why(database: Database, tmp_path: Path) -> None:
    """A visit's row has its reasons, evidence, rules, headers and chain beside the verdict."""
    ledger = Ledger(database, tmp_path)
    ledger.seed(URL)
    [of] = ledger.claim()
    answer = visit(of.url, headers=(("etag", '"x"'), ("last-modified", "yesterday")))
    ledger.write(record(of, visit=answer))
    assert database.rows(
        "SELECT reason, confidence, rules_version, etag, last_modified FROM visit"
    ) == [("rule_alive", 0.9, "test", '"x"', "yesterday")]
    assert "Council meets" in str(database.one("SELECT evidence FROM visit"))


def test_equal_bytes_are_kept_once(database: Database, tmp_path: Path) -> None:
    """A body that is held already becomes a revisit record that names where it lies."""
    ledger = Ledger(database, tmp_path)
    ledger.seed("http://a.example/", "http://b.example/", "http://c.example/")
    first, second, third = ledger.claim()
    body = b"<p>one body</p>"
    ledger.write(record(first, exchanges=(exchange(first.url, body=body),)))
    ledger.write(
        record(second, exchanges=(exchange(second.url, body=body),)),
        record(third, exchanges=(exchange(third.url, body=body),)),
    )
    rows = database.rows("SELECT payload_file, payload_offset, warc_offset FROM visit ORDER BY id")
    assert len({row[:2] for row in rows}) == 1
    assert len({row[2] for row in rows}) == 3
    assert rows[0][1] == rows[0][2]
