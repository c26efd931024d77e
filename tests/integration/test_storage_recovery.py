"""Lost pages: a question, its answer, the copies proved; no answer is never an absence."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from support.databases import Database
from support.ledgers import Ledger, opened
from support.records import (
    AT,
    CANDIDATE,
    LOOKUPS,
    REPLAYS,
    URL,
    after,
    article,
    bad_record,
    limits,
    lookup_record,
    memento,
    page_reading,
    record,
    replay_record,
    verdict,
)

from crawler.core.asking import Round
from crawler.core.values import Refusal
from crawler.core.words import Answer, Liveness, Purpose
from storage import budgets
from storage.records import ArchivePace, Claim, LookupResult, Seed
from storage.session import Session

QUARTER = 90


def lost(ledger: Ledger) -> Claim:
    """Visit a page that is gone, and claim the question it leads to."""
    ledger.seed(URL)
    [of] = ledger.claim()
    ledger.write(bad_record(of, Liveness.GONE))
    question = ledger.claim_archive(LOOKUPS)
    assert question is not None
    return question


def found(ledger: Ledger) -> Claim:
    """Have the archive answer that it has a copy, and claim its replay."""
    ledger.write(lookup_record(lost(ledger), Answer.HAS, rows_seen=3, candidates=(CANDIDATE,)))
    copy = ledger.claim_archive(REPLAYS)
    assert copy is not None
    return copy


def refused(copy: Claim, **result: Any) -> Any:
    """Return the record of a replay of which no copy was fit."""
    answer = LookupResult(archive="wayback", answer=Answer.HAS_NOT, **result)
    why = (Refusal(memento=CANDIDATE["memento_url"], reason="soft_gone"),)
    return replay_record(copy, None, lookup=answer, refused=why)


def test_a_copy_that_is_listed_is_fetched_next(database: Database, tmp_path: Path) -> None:
    """The answer's transaction puts the replay in the question's place, with its candidates."""
    ledger = Ledger(database, tmp_path)
    copy = found(ledger)
    assert copy.payload == {"candidates": [CANDIDATE], "attempts": 0}
    assert (copy.purpose, copy.lane) == (Purpose.REPLAY, "archive:wayback:replay")
    assert [purpose for purpose, _lane in ledger.entries()] == ["replay", "visit"]
    assert database.rows("SELECT answer, rows_seen, memento_url FROM archive_lookups") == [
        ("has", 3, None)
    ]


def test_a_proved_copy_is_the_article(database: Database, tmp_path: Path) -> None:
    """An accepted copy is stored with its provenance, told as recovered, and nothing stays due."""
    ledger = Ledger(database, tmp_path)
    copy = found(ledger)
    ledger.write(replay_record(copy, memento()))
    [(text, source, at_url, at, captured, state)] = database.rows(
        "SELECT text, source, memento_url, memento_datetime, captured_at, state FROM articles"
    )
    assert (text, source, at_url) == ("The text of 2018.", "wayback", CANDIDATE["memento_url"])
    assert database.instant(at) == memento().memento_datetime == database.instant(captured)
    assert state == "suspected"
    assert bool(database.one("SELECT recovered FROM link_health"))
    assert ledger.changes() == ["state", "recovered"]
    assert [purpose for purpose, _lane in ledger.entries()] == ["visit"]
    assert database.one("SELECT memento_url FROM archive_lookups") == CANDIDATE["memento_url"]
    assert database.rows("SELECT source, purpose FROM visits ORDER BY visit_id") == [
        ("live", "visit"),
        ("wayback", "lookup"),
        ("wayback", "replay"),
    ]


def test_what_was_recovered_is_not_looked_for_again(database: Database, tmp_path: Path) -> None:
    """With a whole copy held, the next witness of the page's end asks no archive."""
    ledger = Ledger(database, tmp_path)
    ledger.write(replay_record(found(ledger), memento()))
    ledger.wait(days=3)
    [of] = ledger.claim()
    ledger.write(bad_record(of, Liveness.GONE))
    assert [purpose for purpose, _lane in ledger.entries()] == ["visit"]


def test_a_partial_copy_does_not_end_the_search(database: Database, tmp_path: Path) -> None:
    """The beginning of a text from an archive leaves the page one to be looked for."""
    ledger = Ledger(database, tmp_path)
    partial = page_reading(article=article("The te", is_partial=True))
    ledger.write(replay_record(found(ledger), memento(), reading=partial))
    assert not database.one("SELECT has_complete_version FROM resource")


def test_an_old_copy_never_hides_a_newer_text(database: Database, tmp_path: Path) -> None:
    """Readers see the text captured last, not the text stored last."""
    ledger = Ledger(database, tmp_path)
    copy = found(ledger)
    ledger.wait(days=3)
    [of] = ledger.claim()
    ledger.write(record(of, reading=page_reading("The text of today.")))
    ledger.write(replay_record(copy, memento()))
    assert database.rows("SELECT version, source, text FROM articles") == [
        (1, "live", "The text of today.")
    ]
    assert database.one("SELECT count(*) FROM article_version") == 2
    assert ledger.changes()[-1] == "recovered"
    assert database.one("SELECT state FROM link_health") == "alive"


def test_a_live_text_after_an_old_copy_is_compared_with_the_live_ones(
    database: Database, tmp_path: Path
) -> None:
    """A copy of 2018 between two visits does not make the second an edit."""
    ledger = Ledger(database, tmp_path)
    copy = found(ledger)
    ledger.wait(days=3)
    [of] = ledger.claim()
    ledger.write(record(of))
    ledger.write(replay_record(copy, memento()))
    ledger.wait(days=8)
    [of] = ledger.claim()
    ledger.write(record(of))
    assert database.one("SELECT count(*) FROM article_version") == 2


def test_copies_that_are_no_article_are_asked_for_again_later(
    database: Database, tmp_path: Path
) -> None:
    """All refused: each with its reason on the answer, and the archive is asked in 90 days."""
    ledger = Ledger(database, tmp_path)
    copy = found(ledger)
    ledger.write(refused(copy, ask_again_at=after(days=QUARTER)))
    assert ledger.next_due(Purpose.LOOKUP) == after(days=QUARTER)
    assert ledger.next_due(Purpose.REPLAY) is None
    assert database.rows("SELECT * FROM articles") == []
    reasons = database.one("SELECT refused FROM archive_lookups")
    parsed = json.loads(reasons) if isinstance(reasons, str) else reasons
    assert parsed == [{"memento": CANDIDATE["memento_url"], "reason": "soft_gone"}]


def test_the_next_archive_is_asked_at_once(database: Database, tmp_path: Path) -> None:
    """When one archive's copies are no article, the next in line is asked without waiting."""
    ledger = Ledger(database, tmp_path)
    copy = found(ledger)
    ledger.write(refused(copy, next_archive="other", ask_again_at=after(days=QUARTER)))
    assert ledger.next_due(Purpose.LOOKUP) == AT
    assert ("lookup", "archive:other:lookup") in ledger.entries()


def test_an_archive_that_has_not_hands_on(database: Database, tmp_path: Path) -> None:
    """From an archive that has nothing the question goes to the next, at once."""
    ledger = Ledger(database, tmp_path)
    question = lost(ledger)
    ledger.write(lookup_record(question, Answer.HAS_NOT, next_archive="other"))
    assert ("lookup", "archive:other:lookup") in ledger.entries()
    assert ledger.next_due(Purpose.LOOKUP) == AT


@pytest.mark.parametrize("answer", [Answer.HAS_NOT, Answer.EXCLUDED])
def test_the_last_archive_that_has_not_is_asked_again(
    database: Database, tmp_path: Path, answer: Answer
) -> None:
    """Captures surface months later: what is not there today is asked for again."""
    ledger = Ledger(database, tmp_path)
    ledger.write(lookup_record(lost(ledger), answer, ask_again_at=after(days=QUARTER)))
    assert ledger.next_due(Purpose.LOOKUP) == after(days=QUARTER)
    assert database.one("SELECT answer FROM archive_lookups") == answer.value


def test_not_to_have_been_asked_is_no_answer(database: Database, tmp_path: Path) -> None:
    """A question that failed stays due after a pause, counts its attempts, and is never absence."""
    ledger = Ledger(database, tmp_path)
    question = lost(ledger)
    ledger.write(
        lookup_record(
            question,
            Answer.COULD_NOT_ASK,
            attempts=1,
            problem="timed out",
            ask_again_at=after(seconds=120),
        )
    )
    assert ledger.next_due(Purpose.LOOKUP) == after(seconds=120)
    assert database.one("SELECT answer FROM archive_lookups") == "could_not_ask"
    ledger.wait(seconds=120)
    again = ledger.claim_archive(LOOKUPS)
    assert again is not None
    assert again.payload == {"attempts": 1}


def test_a_question_that_is_owed_is_not_forgotten(database: Database, tmp_path: Path) -> None:
    """The next archive is asked meanwhile, and its errand knows who still owes an answer."""
    ledger = Ledger(database, tmp_path)
    ledger.write(
        lookup_record(
            lost(ledger),
            Answer.COULD_NOT_ASK,
            attempts=2,
            next_archive="other",
            round=Round(owed=("wayback",)),
            ask_again_at=after(seconds=120),
        )
    )
    assert ledger.next_due(Purpose.LOOKUP) == AT
    other = ledger.claim_archive(replace(LOOKUPS, archive="other"))
    assert other is not None
    assert other.payload == {"attempts": 2, "owed": ["wayback"]}


def test_the_rest_of_an_index_is_asked_for_with_what_was_tried(
    database: Database, tmp_path: Path
) -> None:
    """When more is listed than was looked at, the next question is for it and knows those."""
    ledger = Ledger(database, tmp_path)
    copy = found(ledger)
    tried = ({"memento": CANDIDATE["memento_url"], "reason": "soft_gone"},)
    ledger.write(refused(copy, next_archive="wayback", wide=True, tried=tried))
    again = ledger.claim_archive(LOOKUPS)
    assert again is not None
    assert again.payload == {"attempts": 0, "wide": True, "tried": list(tried)}


def test_a_question_without_a_time_waits_a_minute(database: Database, tmp_path: Path) -> None:
    """Even a failure that names no time leaves the question due, a minute from now."""
    ledger = Ledger(database, tmp_path)
    ledger.write(lookup_record(lost(ledger), Answer.COULD_NOT_ASK))
    assert ledger.next_due(Purpose.LOOKUP) == after(seconds=60)


def test_a_replay_that_failed_keeps_its_candidates(database: Database, tmp_path: Path) -> None:
    """A copy that could not be fetched is fetched again: the archive is not asked anew."""
    ledger = Ledger(database, tmp_path)
    copy = found(ledger)
    answer = LookupResult(archive="wayback", answer=Answer.COULD_NOT_ASK, attempts=1)
    ledger.write(replay_record(copy, None, lookup=answer))
    assert ledger.next_due(Purpose.REPLAY) == after(seconds=60)
    ledger.wait(seconds=60)
    again = ledger.claim_archive(REPLAYS)
    assert again is not None
    assert again.payload == {"candidates": [CANDIDATE], "attempts": 1}


def test_a_throttled_archive_is_left_alone(database: Database, tmp_path: Path) -> None:
    """A refusal pauses the archive for all runs, at least a minute; an answer forgets it."""
    ledger = Ledger(database, tmp_path)
    question = lost(ledger)
    ledger.write(lookup_record(question, Answer.COULD_NOT_ASK, throttled=True, attempts=1))
    pace = ArchivePace(archive="wayback", purpose=Purpose.LOOKUP, per_minute=24)
    with ledger.begin() as connection:
        assert budgets.free_at(connection, pace) == after(seconds=60)
    ledger.wait(seconds=60)
    again = ledger.claim_archive(LOOKUPS)
    assert again is not None
    ledger.write(lookup_record(again, Answer.HAS_NOT))
    assert database.one("SELECT strikes FROM archive_budget WHERE kind = 'lookup'") == 0


def test_nothing_is_looked_for_where_it_is_not_wanted(database: Database, tmp_path: Path) -> None:
    """A run that recovers nothing puts no question, whatever is missing."""
    ledger = Ledger(database, tmp_path, first_archive=None)
    ledger.seed(URL)
    [of] = ledger.claim()
    ledger.write(bad_record(of, Liveness.GONE))
    assert [purpose for purpose, _lane in ledger.entries()] == ["visit"]


def test_an_archives_page_is_no_capture_of_the_live_web(database: Database, tmp_path: Path) -> None:
    """A live page with the bytes an archive once gave is kept whole, not as its revisit."""
    ledger = Ledger(database, tmp_path)
    copy = found(ledger)
    given = replay_record(copy, None)
    ledger.write(given)
    ledger.wait(days=3)
    [of] = ledger.claim()
    answer = given.exchanges[0]
    ledger.write(record(of, exchanges=(answer,), verdict=verdict()))
    [(payload, own)] = database.rows(
        "SELECT payload_offset, warc_offset FROM visit ORDER BY id DESC LIMIT 1"
    )
    assert payload == own


def test_a_site_that_wants_no_recovery_gets_none(database: Database, tmp_path: Path) -> None:
    """Pages of a site with `recover = "never"` are asked for neither at once nor with the lost."""

    async def lose(session: Session) -> int:
        seeds = [Seed(url=URL, site="quiet"), Seed(url=f"{URL}-of-another", site="loud")]
        await session.add_seeds(seeds)
        for of in await session.claim(limits(2)):
            await session.record(bad_record(of, Liveness.GONE))
        return await session.ask_for_lost()

    sites = {"quiet": {"recover": "never"}, "loud": {"recover": "missing"}}
    with opened(database, tmp_path, sites=sites) as session:
        assert asyncio.run(lose(session)) == 1
    asked = "SELECT url FROM link_health JOIN frontier USING (resource_id) WHERE purpose = 'lookup'"
    assert database.rows(asked) == [(f"{URL}-of-another",)]


def test_asking_anew_goes_on_with_a_round_under_way(database: Database, tmp_path: Path) -> None:
    """A question that some archive still owes is brought forward, and forgets nothing."""
    with opened(database, tmp_path) as session:
        asyncio.run(_owe(session))
        assert asyncio.run(session.ask_for_lost()) == 1
        (asked,) = asyncio.run(session.claim(limits(2, archives=(OTHERS,))))
    assert asked.lane == "archive:other:lookup"
    assert asked.payload == {"attempts": 2, "owed": ["wayback", "other"]}


async def _owe(session: Session) -> None:
    """Lose a page, and have neither archive be asked about it."""
    await session.add_seeds([Seed(url=URL)])
    (of,) = await session.claim(limits(2))
    await session.record(bad_record(of, Liveness.GONE))
    (question,) = await session.claim(limits(2))
    unasked = lookup_record(
        question,
        Answer.COULD_NOT_ASK,
        attempts=2,
        next_archive="other",
        next_at=AT + timedelta(days=40_000),
        round=Round(owed=("wayback", "other")),
    )
    await session.record(unasked)


OTHERS = replace(LOOKUPS, archive="other")
