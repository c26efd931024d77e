"""The read side: everything that commands, reports and exports ask of a morgue.

Answers are frozen values of plain types. Nothing in here writes.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Connection, Engine, func, select, text

from crawler.core.urls import url_key
from crawler.errors import UsageError
from storage import asking, findings, frontier, upgrade
from storage.asking import Asked
from storage.engine import open_engine, opening, reading
from storage.findings import Finding
from storage.fixity import Audit
from storage.schema import (
    alias,
    archive_lookup,
    article_version,
    change,
    harvest,
    quarantine,
    resource,
    site,
    visit,
)
from storage.schema import frontier as entries

_PAGES = text(
    "SELECT h.url, h.state, h.liveness, h.reason, a.source, a.is_partial FROM link_health AS h"
    " LEFT JOIN articles AS a ON a.resource_id = h.resource_id"
    " WHERE h.kind = 'page' ORDER BY h.resource_id"
)
_RECENT = 5  # harvests that `status` names


@dataclass(frozen=True, slots=True, kw_only=True)
class HarvestRow:
    """One run as its row tells it."""

    harvest_id: int
    started_at: datetime
    ended_at: datetime | None  # None while it runs
    finish_reason: str | None
    exit_code: int | None
    discovered: int
    still_due: int | None
    tally: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusReport:
    """What a morgue holds and what is to come."""

    pages: Mapping[str, int]  # by state
    articles: Mapping[str, int]  # by source: live, or an archive's name
    archive_lookups: Mapping[str, int]  # by answer
    changes: Mapping[str, int]  # by kind
    quarantined: int
    due_now: int
    next_due_at: datetime | None
    harvests: tuple[HarvestRow, ...]  # the latest first


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceLife:
    """One resource's life, with the evidence."""

    page: Mapping[str, Any]
    due: tuple[Mapping[str, Any], ...]
    aliases: tuple[Mapping[str, Any], ...]
    visits: tuple[Mapping[str, Any], ...]
    versions: tuple[Mapping[str, Any], ...]
    archive_lookups: tuple[Mapping[str, Any], ...]
    changes: tuple[Mapping[str, Any], ...]  # what readers of the change feed were told of it


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRow:
    """One page, as the public views show it. `source` is that of the text held, if any is."""

    url: str
    state: str
    liveness: str | None
    reason: str | None
    source: str | None
    is_partial: bool | None


class Library:
    """A morgue opened for reading. Use it in a `with` block, or `close()` it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, url: str) -> Self:
        """Open a database whose schema is this version's. Raises `DatabaseError` otherwise."""
        engine = open_engine(url)
        with opening(url):
            upgrade.check(engine)
        return cls(engine)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def status(self) -> StatusReport:
        """Return what the morgue holds and what is to come."""
        with reading(self._engine) as connection:
            now = datetime.now(UTC)
            return StatusReport(
                pages=_counts(connection, resource.c.state, resource.c.kind == "page"),
                articles=_articles(connection),
                archive_lookups=_counts(connection, archive_lookup.c.answer),
                changes=_counts(connection, change.c.kind),
                quarantined=_size(connection, quarantine.c.id),
                due_now=frontier.count_due(connection, now),
                next_due_at=_next_due(connection),
                harvests=tuple(
                    _harvest(row)
                    for row in connection.execute(
                        select(harvest).order_by(harvest.c.id.desc()).limit(_RECENT)
                    )
                ),
            )

    def pages(self) -> tuple[PageRow, ...]:
        """Return all pages in the order they were found. Meant for small morgues: all at once."""
        with reading(self._engine) as connection:
            return tuple(PageRow(**row) for row in connection.execute(_PAGES).mappings())

    def without_pages(self, sites: Sequence[str], since: datetime) -> tuple[str, ...]:
        """Return those of these sites, by name, whose front answered since then and led nowhere.

        No page of its host is known, by whichever site it was found.
        """
        if not sites:
            return ()
        page = resource.alias("page")
        has_page = select(page.c.id).where(page.c.host == resource.c.host, page.c.kind == "page")
        barren = select(resource.c.id).where(
            resource.c.site_id == site.c.id,
            resource.c.kind == "front",
            resource.c.http_status.between(200, 299),
            resource.c.last_visited_at >= since,
            ~has_page.exists(),
        )
        statement = select(site.c.name).where(site.c.name.in_(sites), barren.exists())
        with reading(self._engine) as connection:
            return tuple(connection.execute(statement.order_by(site.c.name)).scalars())

    def harvest(self, harvest_id: int) -> HarvestRow:
        """Return one run. Raises `LookupError` for an id that was never given."""
        with reading(self._engine) as connection:
            row = connection.execute(
                select(harvest).where(harvest.c.id == harvest_id)
            ).one_or_none()
        if row is None:
            raise LookupError(f"there is no harvest {harvest_id}")
        return _harvest(row)

    def next_due(self) -> datetime | None:
        """Return when the next entry of the whole frontier is due; None when nothing is."""
        with reading(self._engine) as connection:
            return _next_due(connection)

    def audit(
        self, warc_directory: Path, *, site: str | None = None, sample: int | None = None
    ) -> Audit:
        """Return a look at the fixity of what is held; see `storage.fixity`.

        `sample` is a number of visits. Raises `UsageError` for a site that is not known here.
        """
        try:
            return Audit(self._engine, warc_directory, site=site, sample=sample)
        except LookupError:
            raise UsageError(
                f"this morgue has no site named {site!r}",
                "it was never crawled here",
                "`newsmorgue status` tells what there is",
            ) from None

    def findings(self, urls: Sequence[str], warc_directory: Path) -> tuple[Finding, ...]:
        """Return what came of looking for these addresses in archives. Raises `BadUrl`."""
        with reading(self._engine) as connection:
            return tuple(findings.find(connection, urls, warc_directory, datetime.now(UTC)))

    def lost_pages(self, left_alone: Collection[str] = ()) -> tuple[str, ...]:
        """Return the addresses of all lost pages but those of the sites `left_alone` (names)."""
        with reading(self._engine) as connection:
            return tuple(findings.lost_pages(connection, left_alone))

    def asked(self) -> Asked:
        """Return what the latest run asked of archives so far, and what is due of them."""
        with reading(self._engine) as connection:
            return asking.asked(connection, datetime.now(UTC))

    def show(self, url: str) -> ResourceLife | None:
        """Return the life of the resource behind an address, an alias included.

        None when it is not known. Raises `BadUrl`.
        """
        with reading(self._engine) as connection:
            page = _page(connection, url_key(url))
            return None if page is None else _life(connection, page)


def _counts(connection: Connection, word: Any, *where: Any) -> dict[str, int]:
    rows = connection.execute(
        select(word, func.count()).where(*where).group_by(word).order_by(word)
    )
    return {str(value): count for value, count in rows}


def _size(connection: Connection, column: Any) -> int:
    return connection.execute(select(func.count(column))).scalar_one()


def _articles(connection: Connection) -> dict[str, int]:
    """Return how many resources have a text from each source."""
    rows = connection.execute(
        select(article_version.c.source, func.count(func.distinct(article_version.c.resource_id)))
        .where(article_version.c.retracted_at.is_(None))
        .group_by(article_version.c.source)
        .order_by(article_version.c.source)
    )
    return {source: count for source, count in rows}  # noqa: C416 - dict() of rows confuses mypy


def _next_due(connection: Connection) -> datetime | None:
    at: datetime | None = connection.execute(select(func.min(entries.c.due_at))).scalar_one()
    return at


def _harvest(row: Any) -> HarvestRow:
    return HarvestRow(
        harvest_id=row.id,
        started_at=row.started_at,
        ended_at=row.ended_at,
        finish_reason=row.finish_reason,
        exit_code=row.exit_code,
        discovered=row.discovered,
        still_due=row.still_due,
        tally=row.tally or {},
    )


def _page(connection: Connection, key: bytes) -> Any:
    """Return a resource by its key; one that was never visited gives way to what it aliases."""
    row = connection.execute(select(resource).where(resource.c.key == key)).one_or_none()
    if row is not None:
        return row
    return connection.execute(
        select(resource)
        .join(alias, alias.c.resource_id == resource.c.id)
        .where(alias.c.key == key)
        .order_by(alias.c.id.desc())
        .limit(1)
    ).one_or_none()


def _life(connection: Connection, page: Any) -> ResourceLife:
    return ResourceLife(
        page=_without(page, "key", "surt", "site_id"),
        due=_rows(connection, select(*_DUE).where(entries.c.resource_id == page.id)),
        aliases=_rows(connection, select(*_ALIAS).where(alias.c.resource_id == page.id)),
        visits=_rows(
            connection,
            select(*_VISIT).where(visit.c.resource_id == page.id).order_by(visit.c.id),
        ),
        versions=_rows(
            connection,
            select(*_VERSION)
            .where(article_version.c.resource_id == page.id)
            .order_by(article_version.c.version, article_version.c.reading),
        ),
        archive_lookups=_rows(
            connection,
            select(*_LOOKUP)
            .where(archive_lookup.c.resource_id == page.id)
            .order_by(archive_lookup.c.id),
        ),
        changes=_rows(
            connection,
            select(*_CHANGE).where(change.c.resource_id == page.id).order_by(change.c.seq),
        ),
    )


def _rows(connection: Connection, statement: Any) -> tuple[Mapping[str, Any], ...]:
    return tuple(dict(row._mapping) for row in connection.execute(statement))  # noqa: SLF001 - SQLAlchemy's public name for it


def _without(row: Any, *names: str) -> dict[str, Any]:
    return {name: value for name, value in row._mapping.items() if name not in names}  # noqa: SLF001 - as above


_DUE = (entries.c.purpose, entries.c.due_at, entries.c.lane, entries.c.attempts, entries.c.run_id)
_ALIAS = (alias.c.url, alias.c.why, alias.c.since)
_CHANGE = (change.c.seq, change.c.at, change.c.kind, change.c.version, change.c.reading)
_VISIT = (
    visit.c.id,
    visit.c.started_at,
    visit.c.purpose,
    visit.c.source,
    visit.c.outcome,
    visit.c.http_status,
    visit.c.liveness,
    visit.c.confidence,
    visit.c.reasons,
    visit.c.evidence,
    visit.c.problem,
    visit.c.final_url,
    visit.c.chain,
    visit.c.memento_url,
    visit.c.memento_datetime,
    visit.c.warc_file,
    visit.c.warc_offset,
)
_VERSION = (
    article_version.c.version,
    article_version.c.reading,
    article_version.c.source,
    article_version.c.captured_at,
    article_version.c.memento_url,
    article_version.c.title,
    article_version.c.title_source,
    article_version.c.title_confidence,
    article_version.c.authors,
    article_version.c.authors_source,
    article_version.c.authors_confidence,
    article_version.c.published_at,
    article_version.c.published_at_source,
    article_version.c.published_at_precision,
    article_version.c.published_at_confidence,
    article_version.c.published_before,
    article_version.c.modified_at,
    article_version.c.modified_at_source,
    article_version.c.modified_at_precision,
    article_version.c.modified_at_confidence,
    article_version.c.date_evidence,
    article_version.c.section,
    article_version.c.section_source,
    article_version.c.section_confidence,
    article_version.c.language,
    article_version.c.language_source,
    article_version.c.canonical_url,
    article_version.c.lead_image,
    article_version.c.is_free,
    article_version.c.is_partial,
    article_version.c.removed,
    article_version.c.text_sha256,
    article_version.c.extractor_version,
    article_version.c.retracted_at,
    func.length(article_version.c.text).label("text_chars"),
)
_LOOKUP = (
    archive_lookup.c.archive,
    archive_lookup.c.asked_at,
    archive_lookup.c.answer,
    archive_lookup.c.problem,
    archive_lookup.c.rows_seen,
    archive_lookup.c.memento_url,
    archive_lookup.c.refused,
    archive_lookup.c.ask_again_at,
)
