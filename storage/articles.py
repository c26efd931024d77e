"""Article versions: when a text is new, an edit, a new reading of the same bytes, or nothing new.

`version` changes with the source's content, `reading` with our extractor or rules. Nothing is
ever overwritten.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, insert, select

from crawler.core.values import Article, Dated, Memento, RemovedSpan
from crawler.core.words import ChangeKind, SpanKind
from storage.schema import article_version, visit
from storage.types import storable


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """An article with the visit it came from."""

    resource_id: int
    visit_id: int
    source: str
    captured_at: datetime
    article: Article
    removed: tuple[RemovedSpan, ...]
    extractor_version: str
    memento: Memento | None = None
    content_sha256: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """Which version and reading a text became, and what a reader is to be told of it."""

    kind: ChangeKind
    version: int
    reading: int


def text_digest(text: str) -> str:
    """Return the hex SHA-256 of a text as it is stored (UTF-8, after the text border)."""
    return sha256(storable(text).encode()).hexdigest()


def store(connection: Connection, text: Text) -> Stored | None:
    """Store a text if it says something new; None when the version before it says the same."""
    digest = text_digest(text.article.text)
    before = _before(connection, text)
    if before is not None and _says_the_same(before, text, digest):
        return None
    stored = _place(connection, text, before)
    _insert(connection, text, digest, stored)
    return stored


def _says_the_same(before: Any, text: Text, digest: str) -> bool:
    return bool(before.text_sha256 == digest and before.title == text.article.title)


def _place(connection: Connection, text: Text, before: Any) -> Stored:
    """Decide which version and reading the text is."""
    if before is not None and _same_bytes(before, text):
        return Stored(kind=ChangeKind.REREAD, version=before.version, reading=before.reading + 1)
    if text.memento is not None:
        kind = ChangeKind.RECOVERED
    else:
        kind = ChangeKind.NEW if before is None else ChangeKind.EDITED
    return Stored(kind=kind, version=_top_version(connection, text) + 1, reading=1)


def _before(connection: Connection, text: Text) -> Any:
    """Return the newest reading of the version captured last before this text."""
    return connection.execute(
        select(
            article_version.c.version,
            article_version.c.reading,
            article_version.c.text_sha256,
            article_version.c.title,
            article_version.c.extractor_version,
            visit.c.content_sha256,
        )
        .join(visit, visit.c.id == article_version.c.visit_id)
        .where(
            article_version.c.resource_id == text.resource_id,
            article_version.c.captured_at <= text.captured_at,
        )
        .order_by(
            article_version.c.captured_at.desc(),
            article_version.c.version.desc(),
            article_version.c.reading.desc(),
        )
        .limit(1)
    ).one_or_none()


def _top_version(connection: Connection, text: Text) -> int:
    top = connection.execute(
        select(article_version.c.version)
        .where(article_version.c.resource_id == text.resource_id)
        .order_by(article_version.c.version.desc())
        .limit(1)
    ).scalar_one_or_none()
    return top or 0


def _same_bytes(before: Any, text: Text) -> bool:
    return text.content_sha256 is not None and before.content_sha256 == text.content_sha256


def _insert(connection: Connection, text: Text, digest: str, stored: Stored) -> None:
    connection.execute(
        insert(article_version).values(
            **_provenance(text),
            **_contents(text.article),
            version=stored.version,
            reading=stored.reading,
            text_sha256=digest,
            removed=[
                {"kind": span.kind.value, "place": span.place.value, "text": span.text}
                for span in text.removed
            ],
            has_removed_notice=any(span.kind is not SpanKind.SKIP_LINK for span in text.removed),
        )
    )


def _provenance(text: Text) -> dict[str, Any]:
    return {
        "resource_id": text.resource_id,
        "visit_id": text.visit_id,
        "source": text.source,
        "captured_at": text.captured_at,
        "memento_url": text.memento.memento_url if text.memento else None,
        "memento_datetime": text.memento.memento_datetime if text.memento else None,
        "extractor_version": text.extractor_version,
    }


def _contents(article: Article) -> dict[str, Any]:
    return {
        "title": article.title,
        "authors": list(article.authors),
        **_dated("published_at", article.published),
        "modified_at": article.modified.at if article.modified else None,
        "language": article.language,
        "text": article.text,
        "simhash": article.simhash,
        "is_partial": article.is_partial,
    }


def _dated(column: str, date: Dated | None) -> dict[str, Any]:
    if date is None:
        return {}
    return {
        column: date.at,
        f"{column}_source": date.source,
        f"{column}_precision": date.precision,
    }
