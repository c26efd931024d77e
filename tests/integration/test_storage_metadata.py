"""Metadata in the ledger: weighed with what is known at writing time, and shown in the view."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from support.databases import Database
from support.ledgers import Ledger
from support.offered import add, offer
from support.records import (
    CANDIDATE,
    LOOKUPS,
    REPLAYS,
    URL,
    after,
    bad_record,
    limits,
    lookup_record,
    memento,
    page_reading,
    record,
    replay_record,
)  # fmt: skip

from crawler.core.offers import Found
from crawler.core.values import Dated, PageReading, Witness
from crawler.core.words import Answer, DateSource, Liveness, MetadataSource, Precision
from storage import upgrade
from storage.records import Claim

FULL = {
    "title_by": Witness(source=MetadataSource.HEADING, confidence=0.8),
    "authors": ("Ann Example",),
    "authors_by": Witness(source=MetadataSource.BYLINE, confidence=0.7),
    "language_by": MetadataSource.TEXT,
    "section": "Africa\x00",
    "section_by": Witness(source=MetadataSource.JSON_LD, confidence=0.9),
    "canonical_url": "http://paper.example/own",
    "lead_image": "http://paper.example/a.jpg",
    "is_free": False,
}


def dated(at: datetime, source: DateSource = DateSource.JSON_LD, **changes: Any) -> Dated:
    """Return a date of a page, exact unless told otherwise."""
    plain = Dated(at=at, source=source, precision=Precision.SECOND, stated=at.isoformat())
    return replace(plain, **changes)


def reading(*dates: Dated, **changes: Any) -> PageReading:
    """Return a reading whose article has these dates."""
    page = page_reading()
    assert page.article is not None
    return replace(page, article=replace(page.article, dates=dates, **changes))


def claimed(ledger: Ledger) -> Claim:
    """Seed a page and claim it."""
    ledger.seed(URL)
    [of] = ledger.claim(limits())
    return of


def shown(database: Database, *columns: str) -> tuple[Any, ...]:
    """Return these columns of the one article."""
    [row] = database.rows(f"SELECT {', '.join(columns)} FROM articles")
    return tuple(row)


def evidence(database: Database) -> list[dict[str, Any]]:
    """Return the dates that were weighed."""
    (found,) = shown(database, "date_evidence")
    return list(json.loads(found) if isinstance(found, str) else found)


def test_every_piece_is_stored_with_its_source(database: Database, tmp_path: Path) -> None:
    """Section, address, picture, access and their sources come out of the view as they went in."""
    ledger = Ledger(database, tmp_path)
    of = claimed(ledger)
    ledger.write(record(of, reading=reading(**FULL)))
    row = shown(
        database,
        "title_source", "title_confidence", "authors_source", "authors_confidence",
        "language_source", "section", "section_source", "section_confidence", "canonical_url",
        "lead_image", "is_free",
    )  # fmt: skip
    assert row[:-1] == (
        "heading", 0.8, "byline", 0.7, "text", "Africa\ufffd", "json_ld", 0.9,
        "http://paper.example/own", "http://paper.example/a.jpg",
    )  # fmt: skip
    assert not row[-1]
    assert row[-1] is not None


def test_a_future_date_is_not_shown(database: Database, tmp_path: Path) -> None:
    """It is judged by the time of the visit, refused, and kept as evidence."""
    ledger = Ledger(database, tmp_path)
    late, true = dated(after(days=3)), dated(after(days=-2), DateSource.URL)
    ledger.write(record(claimed(ledger), reading=reading(late, true)))
    assert shown(database, "published_at_source") == ("url",)
    said = {one["source"]: one["said"] for one in evidence(database)}
    assert said == {"json_ld": "later_than_capture", "url": "taken"}


def test_a_month_is_shown_as_a_month(database: Database, tmp_path: Path) -> None:
    """The precision says that no day is meant."""
    ledger = Ledger(database, tmp_path)
    month = dated(datetime(2016, 5, 1, tzinfo=UTC), DateSource.URL, precision=Precision.MONTH)
    ledger.write(record(claimed(ledger), reading=reading(month)))
    at, precision = shown(database, "published_at", "published_at_precision")
    assert (database.instant(at), precision) == (month.at, "month")


def test_a_feeds_date_fills_and_bears_out(database: Database, tmp_path: Path) -> None:
    """The hint of a feed dates a page that says nothing, and its source is told."""
    ledger = Ledger(database, tmp_path)
    add(ledger, offer(URL, headline="Council meets", published=after(days=-1), how=Found.FEED))
    [of] = [one for one in ledger.claim(limits()) if one.url == URL]
    assert (of.history.headline_how, of.history.published_hint_how) == ("feed", "feed")
    ledger.write(record(of, reading=reading(title_by=FULL["title_by"])))
    at, source = shown(database, "published_at", "published_at_source")
    assert (database.instant(at), source) == (after(days=-1), "feed")


def test_who_told_a_hint_is_remembered(database: Database, tmp_path: Path) -> None:
    """A page found by a link and dated by a sitemap later says sitemap, not link."""
    ledger = Ledger(database, tmp_path)
    add(ledger, offer(URL, headline="Council", how=Found.LINK))
    add(ledger, offer(URL, headline="Other", published=after(days=-1), how=Found.SITEMAP))
    told = "headline, headline_how, published_hint_how"
    [row] = database.rows(f"SELECT {told} FROM resource WHERE url = '{URL}'")
    assert tuple(row) == ("Council", "link", "sitemap")


def lost(ledger: Ledger, first_capture: datetime | None) -> Claim:
    """Lose a page, let an archive list its captures, and claim the replay."""
    ledger.write(bad_record(claimed(ledger), Liveness.GONE))
    question = ledger.claim_archive(LOOKUPS)
    assert question is not None
    answer = lookup_record(
        question, Answer.HAS, candidates=(CANDIDATE,), first_capture=first_capture
    )
    ledger.write(answer)
    copy = ledger.claim_archive(REPLAYS)
    assert copy is not None
    return copy


def test_an_archives_first_capture_bounds_the_date(database: Database, tmp_path: Path) -> None:
    """A date that is later is refused; with no other, the bound is kept as a bound."""
    ledger = Ledger(database, tmp_path)
    bound = datetime(2016, 5, 7, tzinfo=UTC)
    copy = lost(ledger, bound)
    republished = dated(datetime(2017, 3, 1, tzinfo=UTC))
    ledger.write(replay_record(copy, memento(), reading=reading(republished)))
    at, before = shown(database, "published_at", "published_before")
    assert (at, database.instant(before)) == (None, bound)
    assert [one["said"] for one in evidence(database)] == ["later_than_first_capture"]


def test_a_copy_is_a_bound_itself(database: Database, tmp_path: Path) -> None:
    """Without a list of captures, the copy that is read bounds the date; an earlier one holds."""
    ledger = Ledger(database, tmp_path)
    copy = lost(ledger, None)
    late, true = dated(datetime(2018, 1, 1, 5, tzinfo=UTC)), datetime(2016, 5, 6, 9, tzinfo=UTC)
    ledger.write(
        replay_record(copy, memento(), reading=reading(late, dated(true, DateSource.META)))
    )
    at, before = shown(database, "published_at", "published_before")
    assert (database.instant(at), database.instant(before)) == (true, memento().memento_datetime)


def migrate(database: Database, revision: str) -> None:
    """Bring a database to a revision."""
    config = Config()
    config.set_main_option("script_location", str(Path(upgrade.__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    with database.engine().begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def test_rows_of_before_stay_as_they_are(empty_database: Database, tmp_path: Path) -> None:
    """A text written by the schema before is shown with no source, and the search still works."""
    migrate(empty_database, "0005")
    at = "2016-05-06T10:00:00.000000Z"
    empty_database.execute(
        "INSERT INTO harvest (id, started_at, heartbeat_at, machine, pid, software, settings)"
        f" VALUES (900, '{at}', '{at}', 'm', 1, 's', '{{}}')"
    )
    key = "x'00'" if empty_database.is_sqlite else "'\\x00'"
    empty_database.execute(
        "INSERT INTO resource (id, key, url, surt, host, found_how, first_seen_at)"
        f" VALUES (900, {key}, '{URL}', 's', 'paper.example', 'seed', '{at}')"
    )
    empty_database.execute(
        "INSERT INTO visit (id, errand, harvest_id, resource_id, url, purpose, source, started_at,"
        f" ended_at, outcome) VALUES (900, {key}, 900, 900, '{URL}', 'visit', 'live', '{at}',"
        f" '{at}', 'fetched')"
    )
    empty_database.execute(
        "INSERT INTO article_version (id, resource_id, version, reading, visit_id, source,"
        " captured_at, title, authors, text, text_sha256, simhash, is_partial, removed,"
        " has_removed_notice, extractor_version)"
        f" VALUES (900, 900, 1, 1, 900, 'live', '{at}', 'Council meets', '[]', 'Old text', 'x', 0,"
        " false, '[]', false, 'e')"
    )
    migrate(empty_database, "head")
    assert shown(empty_database, "title", "title_source", "is_free") == (
        "Council meets",
        None,
        None,
    )
    ledger = Ledger(empty_database, tmp_path)
    ledger.seed("http://paper.example/new")
    [of] = ledger.claim(limits())
    ledger.write(record(of))
    if empty_database.is_sqlite:
        query = "SELECT count(*) FROM article_search WHERE article_search MATCH 'council'"
        assert empty_database.one(query) == 2
