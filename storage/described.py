"""The metadata of an article version, as columns: what was taken, from where, how sure, and why.

The decisions are `crawler.core.dating`'s and `crawler.core.confidence`'s. They are made here,
where the time of the capture, the hints of feeds and sitemaps and an archive's first capture are
all known; a reading worker knows none of them.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, func, select

from crawler.core import dating
from crawler.core.confidence import with_headline
from crawler.core.dating import Dating
from crawler.core.values import Article, Dated, History, Witness
from storage.dialect import is_among
from storage.schema import archive_lookup
from storage.types import utc_text


class FirstCaptures:
    """When archives first had the pages of one transaction, as their lookups told."""

    def __init__(self, connection: Connection, resource_ids: Collection[int]) -> None:
        """Ask once for all of these; other resources are asked for one by one."""
        self._connection = connection
        self._known: dict[int, datetime | None] = dict.fromkeys(resource_ids)
        self._known |= self._ask(resource_ids)

    def of(self, resource_id: int) -> datetime | None:
        """Return the earliest good capture that any archive listed, or None."""
        if resource_id not in self._known:
            self._known[resource_id] = self._ask([resource_id]).get(resource_id)
        return self._known[resource_id]

    def _ask(self, ids: Collection[int]) -> dict[int, datetime]:
        query = _first_captures(self._connection.dialect.name)
        rows = self._connection.execute(query, {"ids": list(ids)})
        return {row.resource_id: row.first_capture_at for row in rows}


@cache
def _first_captures(engine: str) -> Select[*tuple[Any, ...]]:
    earliest = func.min(
        archive_lookup.c.first_capture_at, type_=archive_lookup.c.first_capture_at.type
    )
    return (
        select(archive_lookup.c.resource_id, earliest.label("first_capture_at"))
        .where(
            is_among(engine, archive_lookup.c.resource_id, "ids"),
            archive_lookup.c.first_capture_at.is_not(None),
        )
        .group_by(archive_lookup.c.resource_id)
    )


def in_context(article: Article, history: History | None) -> Article:
    """Return an article with its title weighed against the headline of a feed or sitemap."""
    if history is None:
        return article
    title, by = with_headline(
        article.title, article.title_by, history.headline, history.headline_how
    )
    return replace(article, title=title, title_by=by)


def columns(article: Article) -> dict[str, Any]:
    """Return the columns that need nothing but the article itself."""
    return {
        "title": article.title,
        **_by("title", article.title_by),
        "authors": list(article.authors),
        **_by("authors", article.authors_by),
        "language": article.language,
        "language_source": article.language_by,
        "section": article.section,
        **_by("section", article.section_by),
        "canonical_url": article.canonical_url,
        "lead_image": article.lead_image,
        "is_free": article.is_free,
        "text": article.text,
        "simhash": article.simhash,
        "is_partial": article.is_partial,
    }


def dates(
    article: Article, history: History | None, captured_at: datetime, before: datetime | None
) -> dict[str, Any]:
    """Return the columns of dates, weighed. `before`: an archive had the page then."""
    hint = dating.announced(history) if history else None
    found = article.dates or ((article.published,) if article.published else ())
    changes = article.changes or ((article.modified,) if article.modified else ())
    published = dating.publication(
        (*found, hint) if hint else found, captured_at=captured_at, first_capture=before
    )
    modified = dating.last_change(changes, published.at, captured_at=captured_at)
    return {
        **_dated("published_at", published),
        "published_before": before,
        **_dated("modified_at", modified),
        "date_evidence": [*_evidence("published", published), *_evidence("modified", modified)],
    }


def _by(column: str, witness: Witness | None) -> dict[str, Any]:
    return {
        f"{column}_source": witness.source if witness else None,
        f"{column}_confidence": witness.confidence if witness else None,
    }


def _dated(column: str, dating_: Dating) -> dict[str, Any]:
    date: Dated | None = dating_.at
    return {
        column: date.at if date else None,
        f"{column}_source": date.source if date else None,
        f"{column}_precision": date.precision if date else None,
        f"{column}_confidence": dating_.confidence,
    }


def _evidence(of: str, dating_: Dating) -> Iterator[dict[str, Any]]:
    """Yield each date that was found: what it is of, what became of it, and how it stood there."""
    for one in dating_.weighed:
        yield {
            "of": of,
            "said": one.said.value,
            "at": utc_text(one.date.at),
            "source": one.date.source.value,
            "precision": one.date.precision.value,
            "has_zone": one.date.has_zone,
            "stated": one.date.stated,
        }
