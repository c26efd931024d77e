"""The tables. They are internal: readers use the views of `storage.views`.

Two engines, one schema. Every column that carries strangers' text is `SafeText` or `SafeJson`,
every instant `UtcDateTime`. A URL is found by its 128-bit key: a 12 KB URL breaks a text index on
Postgres (index row 12032 > 8191, measured).
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Named,
    String,
    Table,
    TypedColumns,
    UniqueConstraint,
    false,
    text,
)

from crawler.core.words import (
    Answer,
    ChangeKind,
    DateSource,
    Liveness,
    MetadataSource,
    Outcome,
    Precision,
    Purpose,
    State,
)
from storage.types import BigId, Key, SafeJson, SafeText, UtcDateTime, word

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class SiteColumns(TypedColumns):
    """A configured news site, as it was when last crawled."""

    id: Named[int] = Column(BigId, primary_key=True)
    name: Named[str] = Column(SafeText, unique=True)
    settings: Named[Any] = Column(SafeJson)
    since: Named[datetime] = Column(UtcDateTime)
    paused_at: Named[datetime | None] = Column(UtcDateTime)


class ResourceColumns(TypedColumns):
    """One original (URI-R) with its present state; the history is in its visits."""

    id: Named[int] = Column(BigId, primary_key=True)
    key: Named[bytes] = Column(Key, unique=True)
    url: Named[str] = Column(SafeText)  # the spelling that last answered
    surt: Named[str] = Column(SafeText)
    host: Named[str] = Column(SafeText)
    kind: Named[str] = Column(String(16), server_default="page")  # offers.Kind
    site_id: Named[int | None] = Column(BigId, ForeignKey("site.id"))
    found_how: Named[str] = Column(String(16))  # offers.Found
    found_on: Named[int | None] = Column(BigInteger)  # the resource that named it
    depth: Named[int] = Column(Integer, server_default="0")  # steps from a seed when found
    skipped: Named[str | None] = Column(String(16))  # why it has no entry, though it could
    headline: Named[str | None] = Column(SafeText)
    headline_how: Named[str | None] = Column(String(16))  # offers.Found: who announced it
    published_hint: Named[datetime | None] = Column(UtcDateTime)
    published_hint_how: Named[str | None] = Column(String(16))  # offers.Found
    first_seen_at: Named[datetime] = Column(UtcDateTime)
    state: Named[State] = Column(word(State), server_default=State.UNVISITED.value)
    liveness: Named[Liveness | None] = Column(word(Liveness))
    outcome: Named[Outcome | None] = Column(word(Outcome))
    reason: Named[str | None] = Column(String(64))
    http_status: Named[int | None] = Column(Integer)
    visits: Named[int] = Column(Integer, server_default="0")
    consecutive_failures: Named[int] = Column(Integer, server_default="0")
    first_failed_at: Named[datetime | None] = Column(UtcDateTime)
    last_ok_at: Named[datetime | None] = Column(UtcDateTime)
    last_visited_at: Named[datetime | None] = Column(UtcDateTime)
    has_complete_version: Named[bool] = Column(Boolean, server_default=false())
    recovered: Named[bool] = Column(Boolean, server_default=false())


class AliasColumns(TypedColumns):
    """Another address of a resource."""

    id: Named[int] = Column(BigId, primary_key=True)
    key: Named[bytes] = Column(Key)
    url: Named[str] = Column(SafeText)
    resource_id: Named[int] = Column(BigId, ForeignKey("resource.id"))
    why: Named[str] = Column(String(16))  # redirect, canonical, moved
    since: Named[datetime] = Column(UtcDateTime)


class FrontierColumns(TypedColumns):
    """One errand that is due, or in the hands of a run."""

    id: Named[int] = Column(BigId, primary_key=True)
    resource_id: Named[int] = Column(BigId, ForeignKey("resource.id"))
    purpose: Named[Purpose] = Column(word(Purpose))
    lane: Named[str] = Column(SafeText)
    priority: Named[int] = Column(Integer, server_default="1")  # see frontier.PRIORITIES
    due_at: Named[datetime] = Column(UtcDateTime)
    attempts: Named[int] = Column(Integer, server_default="0")  # claims since the last outcome
    run_id: Named[int | None] = Column(BigId, ForeignKey("harvest.id"))
    payload: Named[Any] = Column(SafeJson, nullable=True)  # a replay's candidates


class LaneColumns(TypedColumns):
    """A queue that one run holds at a time (a host) or all share (an archive).

    `next_due_at` is never later than the earliest unclaimed entry of the lane: claiming looks at
    lanes first, so a host with a million entries due costs no more than one with two.
    """

    name: Named[str] = Column(SafeText, primary_key=True)
    run_id: Named[int | None] = Column(BigId, ForeignKey("harvest.id"))
    next_due_at: Named[datetime | None] = Column(UtcDateTime, index=True)
    free_at: Named[datetime | None] = Column(UtcDateTime)  # the last holder's delay ends


class HostColumns(TypedColumns):
    """What is known of a host as a whole."""

    name: Named[str] = Column(SafeText, primary_key=True)
    breaker_until: Named[datetime | None] = Column(UtcDateTime)
    robots_status: Named[int | None] = Column(Integer)
    robots_fetched_at: Named[datetime | None] = Column(UtcDateTime)
    honest_404: Named[bool | None] = Column(Boolean)
    probed_at: Named[datetime | None] = Column(UtcDateTime)
    error_templates: Named[Any] = Column(SafeJson, nullable=True)
    probes: Named[Any] = Column(SafeJson, nullable=True)  # values.Probe, the last of each section
    error_pages: Named[Any] = Column(SafeJson, nullable=True)  # values.ErrorPage, newest first
    failing_since: Named[datetime | None] = Column(UtcDateTime)  # nothing answered since
    parked_since: Named[datetime | None] = Column(UtcDateTime)
    outage_since: Named[datetime | None] = Column(UtcDateTime)  # see core.hosts
    run_id: Named[int | None] = Column(BigInteger)  # the run that the two counts are of
    run_alive: Named[int] = Column(Integer, server_default="0")  # alive before, and in this run
    run_failed: Named[int] = Column(Integer, server_default="0")  # alive before, failed in it


class FallColumns(TypedColumns):
    """A resource that was alive and failed in a run: what it was, should its host be down."""

    run_id: Named[int] = Column(BigInteger, primary_key=True)
    resource_id: Named[int] = Column(BigInteger, primary_key=True)
    host: Named[str] = Column(SafeText, index=True)
    failures: Named[int] = Column(Integer)  # in a row, before
    first_failed_at: Named[datetime | None] = Column(UtcDateTime)  # before
    told: Named[bool] = Column(Boolean)  # whether its new state went to the change feed


class HarvestColumns(TypedColumns):
    """One crawl run: who runs it, since when, and how it ended."""

    id: Named[int] = Column(BigId, primary_key=True)
    started_at: Named[datetime] = Column(UtcDateTime)
    ended_at: Named[datetime | None] = Column(UtcDateTime)
    heartbeat_at: Named[datetime] = Column(UtcDateTime)
    machine: Named[str] = Column(SafeText)  # boot id and process namespace
    pid: Named[int] = Column(Integer)
    pid_started: Named[int | None] = Column(BigInteger)  # tells a reused pid
    software: Named[str] = Column(SafeText)
    settings: Named[Any] = Column(SafeJson)
    finish_reason: Named[str | None] = Column(String(32))
    exit_code: Named[int | None] = Column(Integer)
    discovered: Named[int] = Column(Integer, server_default="0")
    still_due: Named[int | None] = Column(Integer)
    tally: Named[Any] = Column(SafeJson, nullable=True)


class VisitColumns(TypedColumns):
    """One attempt on a resource, live or in an archive, with what it showed and why."""

    id: Named[int] = Column(BigId, primary_key=True)
    errand: Named[bytes] = Column(Key, unique=True)  # one random token a claim: no double rows
    harvest_id: Named[int] = Column(BigId, ForeignKey("harvest.id"))
    resource_id: Named[int] = Column(BigId, ForeignKey("resource.id"))
    purpose: Named[Purpose] = Column(word(Purpose))
    source: Named[str] = Column(SafeText)  # live, or the archive's name
    url: Named[str] = Column(SafeText)
    started_at: Named[datetime] = Column(UtcDateTime)
    ended_at: Named[datetime] = Column(UtcDateTime)
    outcome: Named[Outcome] = Column(word(Outcome))
    problem: Named[str | None] = Column(SafeText)
    http_status: Named[int | None] = Column(Integer)
    headers: Named[Any] = Column(SafeJson, nullable=True)
    final_url: Named[str | None] = Column(SafeText)
    chain: Named[Any] = Column(SafeJson, nullable=True)
    liveness: Named[Liveness | None] = Column(word(Liveness))
    confidence: Named[float | None] = Column(Float)
    reason: Named[str | None] = Column(String(64))
    reasons: Named[Any] = Column(SafeJson, nullable=True)
    evidence: Named[Any] = Column(SafeJson, nullable=True)
    rules_version: Named[str | None] = Column(String(32))
    etag: Named[str | None] = Column(SafeText)
    last_modified: Named[str | None] = Column(SafeText)
    memento_url: Named[str | None] = Column(SafeText)
    memento_datetime: Named[datetime | None] = Column(UtcDateTime)
    bytes: Named[int] = Column(BigInteger, server_default="0")
    truncated: Named[bool] = Column(Boolean, server_default=false())
    content_sha256: Named[str | None] = Column(String(64))
    payload_digest: Named[str | None] = Column(String(64))
    template_hash: Named[int | None] = Column(BigInteger)
    warc_file: Named[str | None] = Column(String(128))
    warc_offset: Named[int | None] = Column(BigInteger)
    warc_length: Named[int | None] = Column(BigInteger)  # bytes, compressed
    payload_file: Named[str | None] = Column(String(128))  # where the bytes lie; for a revisit,
    payload_offset: Named[int | None] = Column(BigInteger)  # the record it refers to


class ArticleVersionColumns(TypedColumns):
    """The text of a resource as one capture gave it."""

    id: Named[int] = Column(BigId, primary_key=True)
    resource_id: Named[int] = Column(BigId, ForeignKey("resource.id"))
    version: Named[int] = Column(Integer)  # changes with the source's content
    reading: Named[int] = Column(Integer)  # changes with our rules
    visit_id: Named[int] = Column(BigId, ForeignKey("visit.id"))
    source: Named[str] = Column(SafeText)
    captured_at: Named[datetime] = Column(UtcDateTime)  # memento_datetime for an archive's copy
    memento_url: Named[str | None] = Column(SafeText)
    memento_datetime: Named[datetime | None] = Column(UtcDateTime)
    title: Named[str | None] = Column(SafeText)
    title_source: Named[MetadataSource | None] = Column(word(MetadataSource))
    title_confidence: Named[float | None] = Column(Float)
    authors: Named[Any] = Column(SafeJson)
    authors_source: Named[MetadataSource | None] = Column(word(MetadataSource))
    authors_confidence: Named[float | None] = Column(Float)
    published_at: Named[datetime | None] = Column(UtcDateTime)
    published_at_source: Named[DateSource | None] = Column(word(DateSource))
    published_at_precision: Named[Precision | None] = Column(word(Precision))
    published_at_confidence: Named[float | None] = Column(Float)
    published_before: Named[datetime | None] = Column(UtcDateTime)  # an archive had it then
    modified_at: Named[datetime | None] = Column(UtcDateTime)
    modified_at_source: Named[DateSource | None] = Column(word(DateSource))
    modified_at_precision: Named[Precision | None] = Column(word(Precision))
    modified_at_confidence: Named[float | None] = Column(Float)
    date_evidence: Named[Any] = Column(SafeJson, nullable=True)  # every date found: storage.dated
    language: Named[str | None] = Column(String(16))
    language_source: Named[MetadataSource | None] = Column(word(MetadataSource))
    section: Named[str | None] = Column(SafeText)
    section_source: Named[MetadataSource | None] = Column(word(MetadataSource))
    section_confidence: Named[float | None] = Column(Float)
    canonical_url: Named[str | None] = Column(SafeText)
    lead_image: Named[str | None] = Column(SafeText)
    is_free: Named[bool | None] = Column(Boolean)  # as the page states it
    text: Named[str] = Column(SafeText)
    text_sha256: Named[str] = Column(String(64))
    simhash: Named[int] = Column(BigInteger)
    is_partial: Named[bool] = Column(Boolean)
    removed: Named[Any] = Column(SafeJson)  # [{kind, place, text}]
    has_removed_notice: Named[bool] = Column(Boolean)  # anything but a skip link was cut out
    extractor_version: Named[str] = Column(SafeText)
    retracted_at: Named[datetime | None] = Column(UtcDateTime)  # it was nobody's text


class ArchiveLookupColumns(TypedColumns):
    """One question put to one archive, and what came of it."""

    id: Named[int] = Column(BigId, primary_key=True)
    resource_id: Named[int] = Column(BigId, ForeignKey("resource.id"))
    visit_id: Named[int] = Column(BigId, ForeignKey("visit.id"))
    archive: Named[str] = Column(SafeText)
    asked_at: Named[datetime] = Column(UtcDateTime)
    answer: Named[Answer] = Column(word(Answer))
    problem: Named[str | None] = Column(SafeText)
    rows_seen: Named[int] = Column(Integer)
    first_capture_at: Named[datetime | None] = Column(UtcDateTime)  # the earliest good one listed
    memento_url: Named[str | None] = Column(SafeText)
    refused: Named[Any] = Column(SafeJson)  # [{memento, reason}]
    ask_again_at: Named[datetime | None] = Column(UtcDateTime)


class ArchiveBudgetColumns(TypedColumns):
    """When an archive may be asked next, kept jointly by all runs."""

    archive: Named[str] = Column(SafeText, primary_key=True)
    kind: Named[Purpose] = Column(word(Purpose), primary_key=True)  # lookup or replay
    next_free_at: Named[datetime] = Column(UtcDateTime)
    strikes: Named[int] = Column(Integer, server_default="0")  # refusals in a row


class ChangeColumns(TypedColumns):
    """What a downstream reader is told, in commit order."""

    seq: Named[int] = Column(BigId, primary_key=True, autoincrement=False)
    at: Named[datetime] = Column(UtcDateTime)
    kind: Named[ChangeKind] = Column(word(ChangeKind))
    resource_id: Named[int] = Column(BigId, ForeignKey("resource.id"))
    url: Named[str] = Column(SafeText)
    version: Named[int | None] = Column(Integer)
    reading: Named[int | None] = Column(Integer)


class ChangeCounterColumns(TypedColumns):
    """One row. Its lock orders the commits of all writers."""

    id: Named[int] = Column(Integer, primary_key=True, autoincrement=False)
    value: Named[int] = Column(BigInteger)


class QuarantineColumns(TypedColumns):
    """An errand that could not be written, kept with its bytes."""

    id: Named[int] = Column(BigId, primary_key=True)
    at: Named[datetime] = Column(UtcDateTime)
    harvest_id: Named[int] = Column(BigId, ForeignKey("harvest.id"))
    resource_id: Named[int] = Column(BigId, ForeignKey("resource.id"))
    visit_id: Named[int] = Column(BigId, ForeignKey("visit.id"))
    error: Named[str] = Column(SafeText)
    error_digest: Named[str] = Column(String(64))
    raw: Named[bytes] = Column(LargeBinary)


site = Table("site", metadata, SiteColumns)
resource = Table("resource", metadata, ResourceColumns)
alias = Table("alias", metadata, AliasColumns, UniqueConstraint("key", "resource_id", "why"))
frontier = Table("frontier", metadata, FrontierColumns, UniqueConstraint("resource_id", "purpose"))
lane = Table("lane", metadata, LaneColumns)
host = Table("host", metadata, HostColumns)
fall = Table("fall", metadata, FallColumns)
harvest = Table("harvest", metadata, HarvestColumns)
visit = Table("visit", metadata, VisitColumns)
article_version = Table(
    "article_version",
    metadata,
    ArticleVersionColumns,
    UniqueConstraint("resource_id", "version", "reading"),
)
archive_lookup = Table("archive_lookup", metadata, ArchiveLookupColumns)
archive_budget = Table("archive_budget", metadata, ArchiveBudgetColumns)
change = Table("change", metadata, ChangeColumns)
change_counter = Table("change_counter", metadata, ChangeCounterColumns)
quarantine = Table("quarantine", metadata, QuarantineColumns)

_UNCLAIMED = text("run_id IS NULL")
_CLAIMED = text("run_id IS NOT NULL")
Index(
    "ix_frontier_unclaimed",
    frontier.c.lane,
    frontier.c.priority,
    frontier.c.due_at,
    frontier.c.id,
    sqlite_where=_UNCLAIMED,
    postgresql_where=_UNCLAIMED,
)
Index("ix_frontier_claimed", frontier.c.run_id, sqlite_where=_CLAIMED, postgresql_where=_CLAIMED)
Index("ix_lane_run_id", lane.c.run_id, sqlite_where=_CLAIMED, postgresql_where=_CLAIMED)
Index("ix_visit_resource_id", visit.c.resource_id, visit.c.id)
Index("ix_visit_harvest_id", visit.c.harvest_id, visit.c.outcome)
Index("ix_visit_payload_digest", visit.c.payload_digest)
Index("ix_archive_lookup_resource_id", archive_lookup.c.resource_id)
Index("ix_alias_resource_id", alias.c.resource_id)
# For readers of the views. A hash on Postgres: its btree takes no 12 KB URL (see above).
Index("ix_resource_url", resource.c.url, postgresql_using="hash")
_FRONT = text("kind = 'front'")
Index(
    "ix_resource_front",
    resource.c.host,
    resource.c.site_id,
    sqlite_where=_FRONT,
    postgresql_where=_FRONT,
)
_SKIPPED = text("skipped IS NOT NULL")
Index(
    "ix_resource_skipped",
    resource.c.skipped,
    resource.c.id,
    sqlite_where=_SKIPPED,
    postgresql_where=_SKIPPED,
)
