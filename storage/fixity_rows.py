"""What the ledger says of the bytes: which visits rest on which WARC file, which texts on a visit.

Each function takes one short look: a long one would keep SQLite's log growing beside a crawl.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, or_, select

from crawler.core.words import Outcome
from storage.dialect import batches
from storage.schema import article_version, change, change_counter, harvest, resource, visit

AT_ONCE = 200  # visits or texts asked for at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A visit with bytes, as its row has them."""

    id: int
    resource_id: int
    harvest_id: int
    url: str
    final_url: str | None
    source: str
    outcome: Outcome
    ended_at: datetime
    memento_url: str | None
    memento_datetime: datetime | None
    content_sha256: str | None
    payload_digest: str | None
    warc_file: str
    warc_offset: int
    warc_length: int
    payload_file: str
    payload_offset: int

    @property
    def is_revisit(self) -> bool:
        """Whether its payload lies in an earlier record."""
        return (self.payload_file, self.payload_offset) != (self.warc_file, self.warc_offset)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRow:
    """An article version's text with its digest."""

    id: int
    url: str
    text: str
    text_sha256: str


_HELD = select(
    *(visit.c[name] for name in Held.__dataclass_fields__),
).where(visit.c.warc_file.is_not(None))


def runs_by_file(connection: Connection) -> dict[str, set[int]]:
    """Return for each WARC file that visits name the runs whose visits do."""
    found: dict[str, set[int]] = {}
    for files in (visit.c.warc_file, visit.c.payload_file):
        query = select(files, visit.c.harvest_id).where(files.is_not(None)).distinct()
        for file, run_id in connection.execute(query):
            found.setdefault(str(file), set()).add(run_id)
    return found


def visits_on(connection: Connection, file: str, run_ids: Collection[int]) -> list[Held]:
    """Return the visits of these runs whose record or payload lies in a file."""
    query = _HELD.where(
        visit.c.harvest_id.in_(run_ids),
        or_(visit.c.warc_file == file, visit.c.payload_file == file),
    )
    return _held(connection, query)


def chosen_visits(connection: Connection, site_id: int | None, sample: int | None) -> list[Held]:
    """Return the visits of a site, or `sample` of them (or of all) taken by chance."""
    query = _HELD
    if site_id is not None:
        query = query.join(resource, resource.c.id == visit.c.resource_id).where(
            resource.c.site_id == site_id
        )
    if sample is not None:
        query = query.order_by(func.random()).limit(sample)
    return sorted(_held(connection, query), key=lambda row: (row.warc_file, row.warc_offset))


def _held(connection: Connection, query: Select[*tuple[Any, ...]]) -> list[Held]:
    return [Held(**row) for row in connection.execute(query).mappings()]


def versions_on(connection: Connection, visits: Sequence[Held]) -> list[tuple[int, str]]:
    """Return (id, url) of the article versions that were read from the bytes of these visits."""
    found: list[tuple[int, str]] = []
    for batch in batches(list(visits), AT_ONCE):
        query = (
            select(article_version.c.id, resource.c.url)
            .join(resource, resource.c.id == article_version.c.resource_id)
            .where(*_read_from(batch))
            .order_by(article_version.c.id)
        )
        found += [(row.id, row.url) for row in connection.execute(query)]
    return found


_TEXT = select(
    article_version.c.id,
    resource.c.url,
    article_version.c.text,
    article_version.c.text_sha256,
).join(resource, resource.c.id == article_version.c.resource_id)


def texts_after(connection: Connection, last: int, site_id: int | None) -> list[TextRow]:
    """Return the next texts after a version's id, of a site or of all."""
    query = _TEXT.where(article_version.c.id > last).order_by(article_version.c.id).limit(AT_ONCE)
    if site_id is not None:
        query = query.where(resource.c.site_id == site_id)
    return [TextRow(**row) for row in connection.execute(query).mappings()]


def texts_from(connection: Connection, visits: Sequence[Held]) -> list[TextRow]:
    """Return the texts that were read from the bytes of these visits."""
    query = _TEXT.where(*_read_from(visits)).order_by(article_version.c.id)
    return [TextRow(**row) for row in connection.execute(query).mappings()]


def _read_from(visits: Sequence[Held]) -> tuple[ColumnElement[bool], ...]:
    return (  # the index is by resource
        article_version.c.resource_id.in_({held.resource_id for held in visits}),
        article_version.c.visit_id.in_([held.id for held in visits]),
    )


def missing_changes(connection: Connection) -> Iterator[str]:
    """Yield in words which change numbers are missing, and a counter that is not the last one."""
    following = func.lead(change.c.seq).over(order_by=change.c.seq)
    steps = select(change.c.seq, following.label("following")).subquery()
    gaps = select(steps.c.seq, steps.c.following).where(steps.c.following > steps.c.seq + 1)
    first, last = connection.execute(select(func.min(change.c.seq), func.max(change.c.seq))).one()
    if (first or 1) > 1:
        yield f"change numbers 1 to {first - 1} are missing"
    for seq, after in connection.execute(gaps.order_by(steps.c.seq)):
        yield f"change numbers {seq + 1} to {after - 1} are missing"
    counter: int | None = connection.execute(select(change_counter.c.value)).scalar_one_or_none()
    if (counter or 0) != (last or 0):
        yield f"the counter of changes is at {counter}, the last change is {last}"


def endings(connection: Connection) -> Mapping[int, str | None]:
    """Return for each run how it ended; None while it is open."""
    rows = connection.execute(select(harvest.c.id, harvest.c.ended_at, harvest.c.finish_reason))
    return {run_id: None if ended_at is None else reason or "" for run_id, ended_at, reason in rows}
