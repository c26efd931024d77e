"""What came of looking for pages in web archives, page by page, and what is still to be asked.

Answers are frozen values of plain types. Nothing in here writes.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Boolean, Connection, Row, or_, select, text

from crawler.core.urls import url_key
from crawler.core.words import Answer, Purpose, State
from storage.records import LIVE
from storage.schema import (
    alias,
    archive_lookup,
    frontier,
    resource,
    site,
    visit,
)
from storage.types import SafeText, UtcDateTime
from storage.warc import WarcError, read_exchange

Result = Literal["recovered", "held", "waiting", "has_not", "refused", "excluded", "could_not_ask"]
"""What came of a page. recovered: a copy was proved and its text is held. held: the live page's
own text is. waiting: not asked yet, or its copies are still to be fetched. refused: archives have
copies, and none is the page. The others are the archives' answers."""

_TEXT = text(
    "SELECT source, is_partial, title, published_at, memento_url, memento_datetime"
    " FROM articles WHERE resource_id = :id"
).columns(
    source=SafeText,
    is_partial=Boolean,
    title=SafeText,
    published_at=UtcDateTime,
    memento_url=SafeText,
    memento_datetime=UtcDateTime,
)
# Copies that were refused for what the index says of them: they were never fetched.
_UNTRIED = re.compile(
    r"status_|other_page|junk_original|empty_body|not_html|bad_timestamp|after_first_bad"
    r"|tiny|same_digest|over_limit"
)
_DAY = 86_400  # seconds
_SOON = timedelta(days=1)  # any time after now


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What came of one page. `url` is as it was asked for; times are aware."""

    url: str
    result: Result
    answer: str | None = None  # of the archive asked last, or of the one that had the copy
    archive: str | None = None
    memento_url: str | None = None
    memento_datetime: datetime | None = None
    original: str | None = None  # the address as the archive spells it
    title: str | None = None
    distance_days: float | None = None  # from the known publication date to the copy
    tries: int = 0  # copies that were fetched
    refused: tuple[Mapping[str, Any], ...] = ()  # {memento, reason}
    problem: str | None = None
    asked_at: datetime | None = None
    ask_again_at: datetime | None = None
    state: str | None = None  # of the live page
    is_partial: bool = False  # only the beginning of the text is held

    @property
    def is_settled(self) -> bool:
        """Whether asking on would bring nothing: a text is held, or every archive has answered."""
        return self.result not in {"waiting", "could_not_ask"}


def find(
    connection: Connection, urls: Sequence[str], warc_directory: Path, now: datetime
) -> Iterator[Finding]:
    """Yield what came of each of these addresses, aliases included, in their order."""
    for url in urls:
        page = _page(connection, url_key(url))
        if page is None:
            yield Finding(url=url, result="waiting")
        else:
            yield _finding(connection, url, page, warc_directory, now)


def lost_pages(connection: Connection, left_alone: Collection[str]) -> list[str]:
    """Return the addresses of all pages that are lost: not alive, and no complete text is held.

    Pages of the sites `left_alone` (names) are left out, those never visited too.
    """
    named = select(site.c.id).where(site.c.name.in_(left_alone))
    return list(
        connection.execute(
            select(resource.c.url)
            .where(
                resource.c.kind == "page",
                resource.c.has_complete_version.is_(False),
                resource.c.state.not_in([State.ALIVE, State.MOVED, State.UNVISITED]),
                or_(resource.c.site_id.is_(None), resource.c.site_id.not_in(named)),
            )
            .order_by(resource.c.id)
        ).scalars()
    )


def _page(connection: Connection, key: bytes) -> Row[Any] | None:
    """Return a resource by its key, or the one that the key is an alias of."""
    found = connection.execute(select(resource).where(resource.c.key == key)).one_or_none()
    if found is not None:
        return found
    return connection.execute(
        select(resource)
        .join(alias, alias.c.resource_id == resource.c.id)
        .where(alias.c.key == key)
        .order_by(alias.c.id.desc())
        .limit(1)
    ).one_or_none()


def _finding(
    connection: Connection, url: str, page: Row[Any], warc: Path, now: datetime
) -> Finding:
    held = connection.execute(_TEXT, {"id": page.id}).one_or_none()
    lookups = connection.execute(
        select(archive_lookup)
        .where(archive_lookup.c.resource_id == page.id)
        .order_by(archive_lookup.c.id)
    ).all()
    if held is not None and held.source == LIVE and not held.is_partial:
        return Finding(url=url, result="held", title=held.title, state=page.state.value)
    if held is not None and held.source != LIVE:
        return _recovery(connection, url, page, held, lookups, warc)
    return _answered(connection, url, page, lookups, now)


def _recovery(  # noqa: PLR0917 - one page and all that is known of it
    connection: Connection,
    url: str,
    page: Row[Any],
    held: Row[Any],
    lookups: Sequence[Row[Any]],
    warc: Path,
) -> Finding:
    """Return the finding of a page whose text is an archive's copy."""
    said = next((row for row in reversed(lookups) if row.memento_url == held.memento_url), None)
    refused = tuple(said.refused or ()) if said is not None else ()
    published = page.published_hint or held.published_at
    distance = (held.memento_datetime - published) if published else None
    return Finding(
        url=url,
        result="recovered",
        answer=Answer.HAS.value,
        archive=held.source,
        memento_url=held.memento_url,
        memento_datetime=held.memento_datetime,
        original=_original(connection, page.id, held.memento_url, warc),
        title=held.title,
        distance_days=round(distance.total_seconds() / _DAY, 1) if distance is not None else None,
        tries=1 + _tried(refused),
        refused=refused,
        asked_at=said.asked_at if said is not None else None,
        ask_again_at=said.ask_again_at if said is not None else None,
        state=page.state.value,
        is_partial=held.is_partial,
    )


def _answered(
    connection: Connection, url: str, page: Row[Any], lookups: Sequence[Row[Any]], now: datetime
) -> Finding:
    """Return the finding of a page without an archive's copy: the archives' answers."""
    latest = {row.archive: row for row in lookups}  # of each archive, the last one
    result, said = _concluded(list(latest.values()))
    entries = select(frontier.c.purpose, frontier.c.due_at).where(
        frontier.c.resource_id == page.id,
        frontier.c.purpose.in_([Purpose.LOOKUP, Purpose.REPLAY]),
    )
    due = {purpose: at for purpose, at in connection.execute(entries)}  # noqa: C416 - as above
    is_due = result != "could_not_ask" and due.get(Purpose.LOOKUP, now + _SOON) <= now
    if Purpose.REPLAY in due or is_due:
        result = "waiting"
    refused = tuple(said.refused or ()) if said is not None else ()
    return Finding(
        url=url,
        result=result,
        answer=said.answer.value if said is not None else None,
        archive=said.archive if said is not None else None,
        tries=_tried(refused),
        refused=refused,
        problem=said.problem if said is not None else None,
        asked_at=said.asked_at if said is not None else None,
        ask_again_at=min(due.values(), default=None) if said is not None else None,
        state=page.state.value,
    )


def _concluded(latest: Sequence[Row[Any]]) -> tuple[Result, Row[Any] | None]:
    """Return what the archives' last answers come to, and the answer that decides it.

    One that could not be asked owes an answer: there is no absence before it has given one.
    """
    by_answer = {row.answer: row for row in latest}
    results: tuple[tuple[Answer, Result], ...] = (
        (Answer.COULD_NOT_ASK, "could_not_ask"),
        (Answer.HAS, "refused"),
        (Answer.EXCLUDED, "excluded"),
        (Answer.HAS_NOT, "has_not"),
    )
    for answer, result in results:
        if answer in by_answer:
            return result, by_answer[answer]
    return "waiting", None


def _tried(refused: Sequence[Mapping[str, Any]]) -> int:
    return sum(not _UNTRIED.match(str(one.get("reason"))) for one in refused)


def _original(
    connection: Connection, resource_id: int, memento_url: str | None, warc: Path
) -> str | None:
    """Return the address that an accepted copy's record in the WARC says it is a copy of."""
    place = connection.execute(
        select(visit.c.warc_file, visit.c.warc_offset)
        .where(
            visit.c.resource_id == resource_id,
            visit.c.memento_url == memento_url,
            visit.c.warc_file.is_not(None),
        )
        .order_by(visit.c.id.desc())
        .limit(1)
    ).one_or_none()
    if place is None:
        return None
    try:
        origin = read_exchange(warc, place.warc_file, place.warc_offset).origin
    except (WarcError, ValueError):
        return None  # `verify` says what is wrong with it
    return origin.original or None if origin is not None else None
