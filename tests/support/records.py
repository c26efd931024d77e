"""Small factories of what the ledger takes: each gives a plain case, with keyword overrides."""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from crawler.core.values import (
    Article,
    Evidence,
    History,
    HostFacts,
    Memento,
    PageReading,
    Signals,
    Verdict,
    Visit,
)
from crawler.core.words import Answer, Liveness, Outcome, Purpose
from storage.records import ArchivePace, Claim, Limits, LookupResult, Record
from storage.warc import Exchange

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
"""When the tests' clock starts."""

URL = "http://paper.example/story"
TEXT = "The council met on Monday.\nNothing was decided."

_serial = count(1)


def after(**span: float) -> datetime:
    """Return a time after the clock's start, e.g. `after(days=3)`."""
    return AT + timedelta(**span)


def article(text: str = TEXT, **changes: Any) -> Article:
    """Return an article with a title."""
    return replace(Article(text=text, title="Council meets", language="en"), **changes)


def page_reading(text: str | None = TEXT, **changes: Any) -> PageReading:
    """Return what a page with this text gave; None for a page without an article."""
    reading = PageReading(
        signals=Signals(title="Council meets"),
        article=None if text is None else article(text),
        extractor_version="test 1",
    )
    return replace(reading, **changes)


def verdict(liveness: Liveness = Liveness.ALIVE, **changes: Any) -> Verdict:
    """Return a verdict with one reason and its evidence."""
    plain = Verdict(
        liveness=liveness,
        confidence=0.9,
        reasons=(f"rule_{liveness}",),
        evidence=(Evidence(rule=f"rule_{liveness}", place="title", text="Council meets"),),
        rules_version="test",
    )
    return replace(plain, **changes)


def exchange(url: str = URL, **changes: Any) -> Exchange:
    """Return an answer for the WARC whose body no other exchange has."""
    plain = Exchange(
        url=url,
        status=200,
        reason="OK",
        response_headers=(("content-type", "text/html"),),
        body=f"<p>page {next(_serial)}</p>".encode(),
        fetched_at=AT,
    )
    return replace(plain, **changes)


def claim(url: str = URL, **changes: Any) -> Claim:
    """Return a claim that no frontier knows of."""
    plain = Claim(
        entry_id=0,
        errand=os.urandom(16),
        resource_id=0,
        site_id=None,
        kind="page",
        purpose=Purpose.VISIT,
        lane="host:paper.example",
        url=url,
        attempts=1,
        payload=None,
        history=History(url=url),
        host=HostFacts(name="paper.example"),
    )
    return replace(plain, **changes)


def visit(url: str = URL, **changes: Any) -> Visit:
    """Return a visit that fetched the page at its own address."""
    plain = Visit(url=url, final_url=url, outcome=Outcome.FETCHED, status=200, body_size=20)
    return replace(plain, **changes)


def record(of: Claim, **changes: Any) -> Record:
    """Return the record of a page that was fetched, judged alive and read."""
    plain = Record(
        claim=of,
        started_at=AT,
        ended_at=after(seconds=1),
        visit=visit(of.url),
        verdict=verdict(),
        reading=page_reading(),
        exchanges=(exchange(of.url),),
    )
    return replace(plain, **changes)


def bad_record(of: Claim, liveness: Liveness, status: int | None = 404, **changes: Any) -> Record:
    """Return the record of a page that was judged to be no article."""
    outcome = Outcome.TIMED_OUT if status is None else Outcome.FETCHED
    plain = record(
        of,
        visit=visit(of.url, status=status, outcome=outcome),
        verdict=verdict(liveness),
        reading=None,
        exchanges=() if status is None else (exchange(of.url, status=status),),
    )
    return replace(plain, **changes)


def lookup_record(of: Claim, answer: Answer, **changes: Any) -> Record:
    """Return the record of a question put to the archive `wayback`."""
    outcome = {
        Answer.HAS: Outcome.ARCHIVE_HAS,
        Answer.COULD_NOT_ASK: Outcome.ARCHIVE_COULD_NOT_ASK,
    }.get(answer, Outcome.ARCHIVE_HAS_NOT)
    return Record(
        claim=of,
        started_at=AT,
        ended_at=after(seconds=1),
        visit=visit(of.url, outcome=outcome, archive="wayback"),
        lookup=LookupResult(archive="wayback", answer=answer, **changes),
    )


CANDIDATE = {
    "archive": "wayback",
    "memento_url": f"http://archive.example/web/20180101000000id_/{URL}",
    "memento_datetime": "2018-01-01T00:00:00+00:00",
    "original": URL,
    "digest": "A" * 32,
}


def memento(**changes: Any) -> Memento:
    """Return an accepted copy of 2018."""
    plain = Memento(
        archive="wayback",
        memento_url=CANDIDATE["memento_url"],
        memento_datetime=datetime(2018, 1, 1, tzinfo=UTC),
        original=URL,
        digest="A" * 32,
        tries=1,
    )
    return replace(plain, **changes)


def replay_record(of: Claim, accepted: Memento | None, **changes: Any) -> Record:
    """Return the record of a replay whose copy was accepted, or (None) of one without."""
    answer = Answer.HAS if accepted else Answer.HAS_NOT
    plain = replace(
        lookup_record(of, answer),
        memento=accepted,
        verdict=verdict() if accepted else None,
        reading=page_reading("The text of 2018.") if accepted else None,
        exchanges=(exchange(CANDIDATE["memento_url"]),),
    )
    return replace(plain, **changes)


LOOKUPS = ArchivePace(archive="wayback", purpose=Purpose.LOOKUP, per_minute=0)
REPLAYS = ArchivePace(archive="wayback", purpose=Purpose.REPLAY, per_minute=0)
"""Paces without a pause: the tests that want one set their own."""


def limits(entries: int = 100, **changes: Any) -> Limits:
    """Return limits that let a test claim all that is due, archives included."""
    plain = Limits(entries=entries, host_delay=0.0, archives=(LOOKUPS, REPLAYS))
    return replace(plain, **changes)
