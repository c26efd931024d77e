"""What came of each page that was looked for: one word, and what it rests on."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from support.databases import Database
from support.ledgers import Ledger
from support.records import (
    CANDIDATE,
    LOOKUPS,
    REPLAYS,
    URL,
    after,
    bad_record,
    lookup_record,
    memento,
    record,
    replay_record,
)

from crawler.core.values import Refusal
from crawler.core.words import Answer, Liveness
from storage import asking, findings
from storage.findings import Finding
from storage.records import Claim, LookupResult


def find(ledger: Ledger, folder: Path, url: str = URL) -> Finding:
    """Return what is known of one page at the ledger's time."""
    with ledger.begin() as connection:
        (found,) = findings.find(connection, [url], folder / "warc", ledger.now)
    return found


def lost(ledger: Ledger) -> Claim:
    """Visit a page that is gone and claim the question it leads to."""
    ledger.seed(URL)
    [of] = ledger.claim()
    ledger.write(bad_record(of, Liveness.GONE))
    question = ledger.claim_archive(LOOKUPS)
    assert question is not None
    return question


def copy_of(ledger: Ledger) -> Claim:
    """Let the archive have a copy and claim it."""
    tiny = Refusal(memento="http://archive.example/tiny", reason="tiny")
    answer = {"rows_seen": 2, "candidates": (CANDIDATE,), "refused": (tiny,)}
    ledger.write(lookup_record(lost(ledger), Answer.HAS, **answer))
    copy = ledger.claim_archive(REPLAYS)
    assert copy is not None
    return copy


def test_a_page_nobody_knows_waits(database: Database, tmp_path: Path) -> None:
    """An address that the ledger does not have was not asked for yet."""
    assert find(Ledger(database, tmp_path), tmp_path) == Finding(url=URL, result="waiting")


@pytest.mark.parametrize(
    ("answer", "more", "result"),
    [
        (Answer.HAS_NOT, {"ask_again_at": after(days=90)}, "has_not"),
        (Answer.EXCLUDED, {"ask_again_at": after(days=365)}, "excluded"),
        (Answer.COULD_NOT_ASK, {"ask_again_at": after(minutes=5), "attempts": 1}, "could_not_ask"),
        (Answer.HAS, {"candidates": (CANDIDATE,)}, "waiting"),
        (Answer.HAS_NOT, {"next_archive": "other"}, "waiting"),
    ],
)
def test_an_archives_answer_is_the_result(
    database: Database, tmp_path: Path, answer: Answer, more: dict[str, Any], result: str
) -> None:
    """The answer, when it is asked again; while a copy or the next archive is to come: waiting."""
    ledger = Ledger(database, tmp_path)
    ledger.write(lookup_record(lost(ledger), answer, **more))
    found = find(ledger, tmp_path)
    assert (found.result, found.answer, found.archive) == (result, answer.value, "wayback")
    assert found.state == "suspected"
    if "ask_again_at" in more:
        assert found.ask_again_at == more["ask_again_at"]


def test_copies_that_are_all_refused_are_no_absence(database: Database, tmp_path: Path) -> None:
    """The page is told as refused, with each copy's reason; only fetched ones count as tries."""
    ledger = Ledger(database, tmp_path)
    why = Refusal(memento=CANDIDATE["memento_url"], reason="known_error_page")
    none = LookupResult(archive="wayback", answer=Answer.HAS_NOT, ask_again_at=after(days=90))
    ledger.write(replay_record(copy_of(ledger), None, lookup=none, refused=(why,)))
    found = find(ledger, tmp_path)
    assert (found.result, found.answer, found.tries) == ("refused", "has", 1)
    assert [one["reason"] for one in found.refused] == ["tiny", "known_error_page"]


def test_a_recovered_page_has_its_copy(database: Database, tmp_path: Path) -> None:
    """Archive, memento, title, tries, and the days from the publication that was known before."""
    ledger = Ledger(database, tmp_path)
    ledger.write(replay_record(copy_of(ledger), memento()))
    found = find(ledger, tmp_path)
    assert (found.result, found.archive, found.tries) == ("recovered", "wayback", 1)
    assert found.memento_url == CANDIDATE["memento_url"]
    assert found.memento_datetime == memento().memento_datetime
    assert found.title == "Council meets"
    assert found.distance_days is None  # nobody knows when it was published
    assert found.is_settled


def test_a_page_whose_text_is_held_needs_no_archive(database: Database, tmp_path: Path) -> None:
    """A living page, and one that died with its text kept, are held; neither counts as lost."""
    ledger = Ledger(database, tmp_path)
    ledger.seed(URL)
    [of] = ledger.claim()
    ledger.write(record(of))
    assert (find(ledger, tmp_path).result, find(ledger, tmp_path).state) == ("held", "alive")
    ledger.now += timedelta(days=60)
    [of] = ledger.claim()
    ledger.write(bad_record(of, Liveness.GONE))
    assert (find(ledger, tmp_path).result, find(ledger, tmp_path).state) == ("held", "suspected")
    with ledger.begin() as connection:
        assert findings.lost_pages(connection, ()) == []


def test_what_is_due_of_an_archive_is_counted(database: Database, tmp_path: Path) -> None:
    """Questions and copies apart, by archive, with what the run has asked so far."""
    ledger = Ledger(database, tmp_path)
    ledger.write(lookup_record(lost(ledger), Answer.HAS, rows_seen=1, candidates=(CANDIDATE,)))
    with ledger.begin() as connection:
        seen = asking.asked(connection, ledger.now)
        lost_ones = findings.lost_pages(connection, ())
    assert (seen.lookups, seen.replays, seen.recovered) == (1, 0, 0)
    assert [(queue.archive, queue.purpose, queue.due) for queue in seen.queues] == [
        ("wayback", "replay", 1)
    ]
    assert lost_ones == [URL]
