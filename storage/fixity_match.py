"""What must be equal in a visit's row and in the record it points to: pure comparisons."""

from collections.abc import Iterator
from datetime import UTC, datetime

from crawler.core.words import Outcome
from storage.fixity_rows import Held
from storage.records import LIVE
from storage.warc.checking import Checked
from storage.warc.text import warc_date, warc_uri

# Only these errands end at the address of their last capture: another may have gone on from it.
_ENDED_THERE = frozenset(
    {Outcome.FETCHED, Outcome.NOT_MODIFIED, Outcome.TRUNCATED, Outcome.ARCHIVE_HAS}
)


def against(found: Checked, row: Held) -> list[str]:
    """Return in words what differs between a visit's row and its own record."""
    return list(_own(found, row))


def behind(found: Checked, row: Held) -> list[str]:
    """Return in words what differs between a revisit's row and the record with its payload."""
    return list(_payload(found, row))


def _own(found: Checked, row: Held) -> Iterator[str]:
    if found.end - found.start != row.warc_length:
        yield "the record's length"
    if _instant(found.fields.get("warc-date")) != row.ended_at:
        yield "the date"
    if row.outcome in _ENDED_THERE and row.final_url and found.url != warc_uri(row.final_url):
        yield "the address"
    if found.kind == "response":
        yield from _payload(found, row)
        if row.is_revisit:
            yield "the place of the payload"
    else:
        yield from _revisit(found, row)
    yield from _provenance(found, row)


def _payload(found: Checked, row: Held) -> Iterator[str]:
    if found.payload_digest != row.payload_digest:
        yield "the payload's digest"
    if found.payload_sha256 != row.content_sha256:
        yield "the payload's SHA-256"


def _revisit(found: Checked, row: Held) -> Iterator[str]:
    said = found.fields.get("warc-payload-digest")
    if said is not None and said != row.payload_digest:
        yield "the payload's digest"
    place = (
        found.fields.get("warc-refers-to-filename"),
        found.fields.get("warc-refers-to-file-offset"),
    )
    if place != (row.payload_file, str(row.payload_offset)):
        yield "the place of the payload"


def _provenance(found: Checked, row: Held) -> Iterator[str]:
    """Yield where row and record do not agree on who gave the bytes."""
    archive = found.fields.get("x-archive")
    if row.source == LIVE:
        if archive is not None:
            yield "the source"
        return
    if archive is None:
        return  # written before records said so; the metadata record beside it does
    if archive != row.source:
        yield "the archive"
    at = found.fields.get("x-memento-datetime")
    if row.memento_datetime is not None and at != warc_date(row.memento_datetime):
        yield "the memento's date"
    source = found.fields.get("warc-source-uri")
    if row.memento_url is not None and source not in {None, warc_uri(row.memento_url)}:
        yield "the memento's address"


def _instant(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text or "").astimezone(UTC)
    except ValueError:
        return None
