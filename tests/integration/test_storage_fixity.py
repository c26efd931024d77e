"""Fixity on both engines, beside a run that is still writing."""

from pathlib import Path

from sqlalchemy import update
from support.databases import Database
from support.ledgers import Ledger
from support.records import (
    CANDIDATE,
    LOOKUPS,
    REPLAYS,
    URL,
    bad_record,
    exchange,
    lookup_record,
    memento,
    record,
    replay_record,
)
from support.records import visit as visit_of

from crawler.core.words import Answer, Liveness, Outcome
from storage.fixity import Audit
from storage.fixity_faults import Fault
from storage.schema import article_version, visit
from storage.warc import ArchiveOrigin

OTHER = "http://paper.example/other"


def crawled(database: Database, folder: Path, *, named: bool = True) -> Ledger:
    """Write a living page, and a lost one that came back with the same bytes.

    Without `named` the copy's records are as those of earlier versions.
    """
    ledger = Ledger(database, folder)
    body = b"<p>The council met.</p>"
    ledger.seed(URL, OTHER)
    for of in ledger.claim():
        bad = of.url == URL
        told = bad_record(of, Liveness.GONE) if bad else record(of)
        ledger.write(told if bad else record(of, exchanges=(exchange(of.url, body=body),)))
    question = ledger.claim_archive(LOOKUPS)
    assert question is not None
    ledger.write(lookup_record(question, Answer.HAS, rows_seen=1, candidates=(CANDIDATE,)))
    copy = ledger.claim_archive(REPLAYS)
    assert copy is not None
    accepted = memento()
    origin = ArchiveOrigin(
        archive="wayback",
        original=URL,
        memento_url=accepted.memento_url,
        memento_datetime=accepted.memento_datetime,
    )
    at = accepted.memento_url
    given = exchange(at, body=body, archive=origin if named else None)
    came = visit_of(URL, final_url=at, outcome=Outcome.ARCHIVE_HAS, archive="wayback")
    ledger.write(replay_record(copy, accepted, visit=came, exchanges=(given,)))
    return ledger


def look(database: Database, folder: Path, sample: int | None = None) -> tuple[Audit, list[Fault]]:
    """Return an audit that was carried out, and what it found."""
    audit = Audit(database.engine(), folder / "warc", sample=sample)
    return audit, list(audit.faults())


def test_a_live_runs_file_is_read_as_far_as_it_is_committed(
    database: Database, tmp_path: Path
) -> None:
    """What a run has written and not committed is nobody's yet: no fault, and not looked at."""
    crawled(database, tmp_path)
    (path,) = (tmp_path / "warc").glob("*.open")
    with path.open("ab") as stream:
        stream.write(b"half a rec")
    audit, found = look(database, tmp_path)
    assert (found, audit.remarks) == ([], [])
    assert (audit.tally.files, audit.tally.visits, audit.tally.texts) == (1, 3, 2)
    assert audit.tally.bytes == path.stat().st_size - len(b"half a rec")


def test_rows_that_were_changed_are_found(database: Database, tmp_path: Path) -> None:
    """A text, and a visit's digest: each is named by its row, and so is the text read from it."""
    crawled(database, tmp_path)
    with database.engine().begin() as connection:
        connection.execute(
            update(article_version).where(article_version.c.source == "live").values(text="other")
        )
        connection.execute(
            update(visit).where(visit.c.memento_url.is_not(None)).values(content_sha256="0" * 64)
        )
    _, found = look(database, tmp_path)
    assert [fault.what for fault in found] == [
        "the ledger's row differs in the payload's SHA-256",
        "the text is not that of its digest",
    ]
    assert [row.table for row in found[0].rows] == ["visit", "article_version"]
    assert found[1].url == OTHER
    _, sampled = look(database, tmp_path, sample=1000)
    assert sorted(fault.what for fault in sampled) == sorted(fault.what for fault in found)


def test_a_record_without_its_archives_name_is_not_taken_for_damage(
    database: Database, tmp_path: Path
) -> None:
    """Copies of earlier versions say where they are from in the metadata record alone."""
    crawled(database, tmp_path, named=False)
    _, found = look(database, tmp_path)
    assert found == []
