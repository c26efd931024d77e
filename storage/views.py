"""The public views: the contract with downstream readers. Columns are only ever added.

Each view is written as one SELECT over the internal tables and means the same on both engines.
`VIEWS` is what the migrations create, what the reference documents, and what a test compares.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ScalarSelect, Select, func, or_, select

from crawler.core.offers import Found
from crawler.core.words import Purpose
from storage.schema import (
    alias,
    archive_lookup,
    article_version,
    change,
    frontier,
    harvest,
    resource,
    site,
    visit,
)


def _shown() -> ScalarSelect[int]:
    """The id of the text that a resource shows, for the row of `article_version` around it."""
    other = article_version.alias("other")
    return (
        select(other.c.id)
        .where(
            other.c.resource_id == article_version.c.resource_id,
            other.c.retracted_at.is_(None),
        )
        .order_by(
            other.c.is_partial,
            other.c.captured_at.desc(),
            other.c.version.desc(),
            other.c.reading.desc(),
        )
        .limit(1)
        .correlate(article_version)
        .scalar_subquery()
    )


def _articles() -> Select[*tuple[Any, ...]]:
    """The newest text of each resource by capture time, never a partial one over a complete one.

    What was taken back is not there.
    """
    text = article_version.c
    return (
        select(
            text.resource_id,
            site.c.name.label("site"),
            resource.c.url,
            text.title,
            text.authors,
            text.published_at,
            text.published_at_source,
            text.modified_at,
            text.language,
            text.text,
            text.version,
            text.reading,
            text.source,
            text.memento_url,
            text.memento_datetime,
            text.captured_at,
            resource.c.state,
            text.is_partial,
            text.has_removed_notice,
            text.text_sha256,
            text.extractor_version,
            text.id.label("rowid"),  # what the full-text index of SQLite knows a text by
            text.published_at_precision,
            text.published_at_confidence,
            text.published_before,
            text.modified_at_source,
            text.modified_at_precision,
            text.modified_at_confidence,
            text.date_evidence,
            text.title_source,
            text.title_confidence,
            text.authors_source,
            text.authors_confidence,
            text.section,
            text.section_source,
            text.section_confidence,
            text.language_source,
            text.canonical_url,
            text.lead_image,
            text.is_free,
        )
        .join(resource, resource.c.id == text.resource_id)
        .outerjoin(site, site.c.id == resource.c.site_id)
        .where(text.id == _shown())
    )


def _link_health() -> Select[*tuple[Any, ...]]:
    """Each page's and list's state and what is to come."""
    live = frontier.c.purpose.in_((Purpose.VISIT, Purpose.DISCOVER))
    due = select(func.min(frontier.c.due_at)).where(frontier.c.resource_id == resource.c.id, live)
    return (
        select(
            resource.c.id.label("resource_id"),
            site.c.name.label("site"),
            resource.c.url,
            resource.c.state,
            resource.c.liveness,
            resource.c.outcome,
            resource.c.reason,
            resource.c.http_status,
            resource.c.consecutive_failures,
            resource.c.first_failed_at,
            resource.c.last_ok_at,
            resource.c.last_visited_at,
            due.scalar_subquery().label("next_due_at"),
            resource.c.recovered,
            resource.c.kind,
            resource.c.skipped,
        )
        .outerjoin(site, site.c.id == resource.c.site_id)
        # A feed that was looked for in a usual place, and never was there, is no link of anyone's.
        .where(or_(resource.c.found_how != Found.GUESS.value, resource.c.last_ok_at.is_not(None)))
    )


def _visits() -> Select[*tuple[Any, ...]]:
    """Every attempt, live or in an archive."""
    return select(
        visit.c.id.label("visit_id"),
        visit.c.harvest_id,
        visit.c.resource_id,
        visit.c.url,
        visit.c.purpose,
        visit.c.source,
        visit.c.started_at,
        visit.c.outcome,
        visit.c.liveness,
        visit.c.confidence,
        visit.c.reason,
        visit.c.http_status,
        visit.c.final_url,
        visit.c.bytes,
        visit.c.truncated,
        visit.c.content_sha256,
        visit.c.warc_file,
        visit.c.warc_offset,
    )


def _archive_lookups() -> Select[*tuple[Any, ...]]:
    """Every question put to an archive, with its answer and the candidates refused."""
    return select(
        archive_lookup.c.resource_id,
        resource.c.url,
        archive_lookup.c.archive,
        archive_lookup.c.asked_at,
        archive_lookup.c.answer,
        archive_lookup.c.rows_seen,
        archive_lookup.c.memento_url,
        archive_lookup.c.refused,
        archive_lookup.c.ask_again_at,
    ).join(resource, resource.c.id == archive_lookup.c.resource_id)


def _aliases() -> Select[*tuple[Any, ...]]:
    """Other addresses of a resource."""
    return select(alias.c.url, alias.c.resource_id, alias.c.why, alias.c.since)


def _changes() -> Select[*tuple[Any, ...]]:
    """The change feed, in commit order."""
    return select(
        change.c.seq,
        change.c.at,
        change.c.kind,
        change.c.resource_id,
        change.c.url,
        change.c.version,
        change.c.reading,
    )


def _harvests() -> Select[*tuple[Any, ...]]:
    """Every crawl run."""
    return select(
        harvest.c.id.label("harvest_id"),
        harvest.c.started_at,
        harvest.c.ended_at,
        harvest.c.finish_reason,
        harvest.c.exit_code,
        harvest.c.discovered,
        harvest.c.tally,
        harvest.c.still_due,
    )


VIEWS: Mapping[str, Select[*tuple[Any, ...]]] = {
    "articles": _articles(),
    "link_health": _link_health(),
    "visits": _visits(),
    "archive_lookups": _archive_lookups(),
    "aliases": _aliases(),
    "changes": _changes(),
    "harvests": _harvests(),
}
