"""Records as the spider makes them of claims: bare, with an article, with the page's bytes."""

from dataclasses import replace
from datetime import UTC, datetime
from random import Random

import rows

from crawler.core.offers import Offer
from crawler.core.values import Article, Dated, Evidence, PageReading, Signals, Verdict, Visit
from crawler.core.words import DateSource, Liveness, Outcome, Precision
from storage.records import Claim, Record
from storage.warc import Exchange

PAGE_BYTES = 40_000
"""Of a page as received: the mean of gzipped news pages is 38 KB."""

_TEXTS = rows.Texts(seed=2)
_BYTES = Random(5)
_ALIVE = Verdict(
    liveness=Liveness.ALIVE,
    confidence=0.95,
    reasons=("article_found",),
    evidence=(Evidence(rule="article_found", place="main", text="1204 characters of prose"),),
    rules_version="1",
)


def bare(claim: Claim) -> Record:
    """Return a page that was fetched and is alive, without text or bytes."""
    now = datetime.now(UTC)
    visit = Visit(
        url=claim.url,
        final_url=claim.url,
        outcome=Outcome.FETCHED,
        status=200,
        headers=rows.HEADERS,
        body_size=PAGE_BYTES,
    )
    return Record(claim=claim, started_at=now, ended_at=now, visit=visit, verdict=_ALIVE)


def article(claim: Claim) -> Record:
    """Return a page with a text of 5 KB that no other page has."""
    record = bare(claim)
    published = Dated(at=rows.EPOCH, source=DateSource.JSON_LD, precision=Precision.SECOND)
    reading = PageReading(
        signals=Signals(title=rows.headline(claim.resource_id)),
        article=Article(
            text=_TEXTS(claim.entry_id),
            title=rows.headline(claim.resource_id),
            authors=("A. Reporter",),
            published=published,
            language="en",
            simhash=claim.resource_id,
        ),
        template_hash=claim.resource_id,
        media_type="text/html",
        charset="utf-8",
        decoded_size=5 * PAGE_BYTES,
        extractor_version="newsmorgue/0.1.0",
    )
    return replace(record, reading=reading)


def article_with_page(claim: Claim) -> Record:
    """Return such a page with its bytes; they do not compress, as gzipped ones do not."""
    record = article(claim)
    exchange = Exchange(
        url=claim.url,
        status=200,
        reason="OK",
        response_headers=rows.HEADERS,
        request_headers=(("User-Agent", "newsmorgue-benchmark"), ("Accept-Encoding", "gzip")),
        body=_BYTES.randbytes(PAGE_BYTES),
        fetched_at=record.ended_at,
    )
    return replace(record, exchanges=(exchange,))


def with_links(record: Record, links: tuple[Offer, ...]) -> Record:
    """Return the record of a page that also has links."""
    return replace(record, links=links)
