"""Article versions: when a text is new, an edit, a new reading of the same bytes, or nothing new.

`version` changes with the source's content, `reading` with our extractor or rules. Nothing is
ever overwritten.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Executable, Select, bindparam, func, select

from crawler.core.values import Article, History, Memento, RemovedSpan
from crawler.core.words import ChangeKind, SpanKind
from storage import described
from storage.dialect import insert_many, is_among
from storage.schema import article_version, visit
from storage.types import UtcDateTime, storable

# Made once, since building a statement costs several times its execution.
_UNTIL = bindparam("until", type_=UtcDateTime())
_NEIGHBOUR = (
    select(
        article_version.c.version,
        article_version.c.text_sha256,
        article_version.c.title,
        article_version.c.is_partial,
        visit.c.content_sha256,
    )
    .join(visit, visit.c.id == article_version.c.visit_id)
    .where(
        article_version.c.resource_id == bindparam("resource"),
        article_version.c.retracted_at.is_(None),
    )
    .limit(1)
)
_BEFORE = _NEIGHBOUR.where(article_version.c.captured_at <= _UNTIL).order_by(
    article_version.c.captured_at.desc(),
    article_version.c.version.desc(),
    article_version.c.reading.desc(),
)
_AFTER = _NEIGHBOUR.where(article_version.c.captured_at > _UNTIL).order_by(
    article_version.c.captured_at, article_version.c.version, article_version.c.reading.desc()
)
_CHARS_AT_ONCE = 5_000_000  # of waiting texts; the servers take some hundred million bytes at once
_TOP_VERSION = select(func.max(article_version.c.version)).where(
    article_version.c.resource_id == bindparam("resource")
)


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
    history: History | None = None  # what the ledger knew of the page, its hints among it


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """Which version and reading a text became, and what a reader is to be told of it."""

    kind: ChangeKind
    version: int
    reading: int


def text_digest(text: str) -> str:
    """Return the hex SHA-256 of a text as it is stored (UTF-8, after the text border)."""
    return sha256(storable(text).encode()).hexdigest()


class Shelf:
    """Takes the texts of one transaction and inserts them together. End with `flush()`."""

    def __init__(self, connection: Connection, resource_ids: Collection[int]) -> None:
        """Ask once which of these resources have a text already: most pages of a crawl have none.

        Texts of other resources may be stored too.
        """
        self._connection = connection
        query = _with_texts(connection.dialect.name)
        found = connection.execute(query, {"ids": list(resource_ids)}).scalars()
        self._without = set(resource_ids).difference(found)
        self._first_captures = described.FirstCaptures(connection, resource_ids)
        self._rows: dict[int, dict[str, Any]] = {}  # by resource
        self._chars = 0

    def store(self, text: Text) -> Stored | None:
        """Store a text if it says something new; None when the version before it says the same.

        A live text may come late: a page and a redirect to it are read by two workers. Then the
        version captured next tells as well.
        """
        if text.resource_id in self._rows or self._chars > _CHARS_AT_ONCE:
            self.flush()
        text = replace(text, article=described.in_context(text.article, text.history))
        digest = text_digest(text.article.text)
        is_first = text.resource_id in self._without
        before = None if is_first else _neighbour(self._connection, _BEFORE, text)
        if before is not None and _says_the_same(before, text, digest):
            return None
        if not is_first and text.memento is None:
            after = _neighbour(self._connection, _AFTER, text)
            if after is not None and _says_the_same(after, text, digest):
                return None
        top = 0 if is_first else _top_version(self._connection, text)
        stored = _place(self._connection, text, before, top)
        self._without.discard(text.resource_id)
        first_capture = self._first_captures.of(text.resource_id)
        self._rows[text.resource_id] = _row(text, digest, stored, first_capture)
        self._chars += len(text.article.text)
        return stored

    def flush(self) -> None:
        """Insert what is still waiting."""
        if self._rows:
            rows = list(self._rows.values())
            statement, values = insert_many(self._connection, article_version, rows)
            self._connection.execute(statement, values)
        self._rows.clear()
        self._chars = 0


@cache
def _with_texts(engine: str) -> Select[int]:
    return (
        select(article_version.c.resource_id)
        .where(is_among(engine, article_version.c.resource_id, "ids"))
        .distinct()
    )


def _says_the_same(before: Any, text: Text, digest: str) -> bool:
    title = text.article.title
    if before.text_sha256 != digest or before.title != (title and storable(title)):
        return False
    return bool(before.is_partial <= text.article.is_partial)  # that it is whole now, is new


def _place(connection: Connection, text: Text, before: Any, top: int) -> Stored:
    """Decide which version and reading the text is."""
    if before is not None and _same_bytes(before, text):
        reading = _top_reading(connection, text, before.version) + 1
        return Stored(kind=ChangeKind.REREAD, version=before.version, reading=reading)
    if text.memento is not None:
        kind = ChangeKind.RECOVERED
    else:
        kind = ChangeKind.NEW if before is None else ChangeKind.EDITED
    return Stored(kind=kind, version=top + 1, reading=1)


def _neighbour(connection: Connection, side: Executable, text: Text) -> Any:
    """Return the newest reading of the version captured last before, or next after, a text."""
    which = {"resource": text.resource_id, "until": text.captured_at}
    return connection.execute(side, which).one_or_none()


def _top_version(connection: Connection, text: Text) -> int:
    top: int | None = connection.execute(_TOP_VERSION, {"resource": text.resource_id}).scalar_one()
    return top or 0


def _top_reading(connection: Connection, text: Text, version: int) -> int:
    return connection.execute(
        select(func.max(article_version.c.reading)).where(
            article_version.c.resource_id == text.resource_id,
            article_version.c.version == version,
        )
    ).scalar_one()


def _same_bytes(before: Any, text: Text) -> bool:
    return text.content_sha256 is not None and before.content_sha256 == text.content_sha256


def _row(text: Text, digest: str, stored: Stored, first_capture: datetime | None) -> dict[str, Any]:
    taken_at = text.memento.memento_datetime if text.memento else None
    bounds = [at for at in (first_capture, taken_at) if at is not None]
    return {
        **_provenance(text),
        **described.columns(text.article),
        **described.dates(text.article, text.history, text.captured_at, min(bounds, default=None)),
        "version": stored.version,
        "reading": stored.reading,
        "text_sha256": digest,
        "removed": [
            {"kind": span.kind.value, "place": span.place.value, "text": span.text}
            for span in text.removed
        ],
        "has_removed_notice": any(span.kind is not SpanKind.SKIP_LINK for span in text.removed),
    }


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
