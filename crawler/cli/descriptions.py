"""A text's metadata as a person reads it: each piece with its source and how sure it is.

The input is a row of `storage.library.ResourceLife.versions` in its JSON form.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from crawler.cli.values import cell

Row = Mapping[str, Any]

_SHORT = {"day": 10, "month": 7, "year": 4}  # characters of an instant that are meant
_FREE = {True: "free to read", False: "not free, or not all of it"}
_WHAT = {"published": "publication", "modified": "change"}


def described(row: Row) -> dict[str, Any]:
    """Return title, authors, dates, section, language, address, picture; None where unknown."""
    return {
        "title": _told(row, "title"),
        "authors": _told(row, "authors"),
        "published": _date(row, "published_at"),
        "published before": _bound(row),
        "modified": _date(row, "modified_at"),
        "other dates": "\n".join(_others(row)),
        "section": _told(row, "section"),
        "language": f"{row['language']}{_by(row, 'language')}" if row["language"] else None,
        "own address": row["canonical_url"],
        "picture": row["lead_image"],
        "access": None if row["is_free"] is None else _FREE[row["is_free"]],
    }


def _told(row: Row, column: str) -> str | None:
    value = row[column]
    return f"{cell(value)}{_by(row, column)}" if value else None


def _by(row: Row, column: str) -> str:
    """Return where a piece was read and its confidence, in brackets; nothing for old rows."""
    source, confidence = row[f"{column}_source"], row.get(f"{column}_confidence")
    if source is None:
        return ""
    return f" ({source})" if confidence is None else f" ({source}, confidence {cell(confidence)})"


def _date(row: Row, column: str) -> str | None:
    at = row[column]
    if at is None:
        return None
    return f"{_shortened(at, row[f'{column}_precision'])}{_by(row, column)}"


def _shortened(at: str, precision: str | None) -> str:
    """Return what was given of an instant: a month is no day."""
    return at[: _SHORT.get(precision or "", len(at))]


def _bound(row: Row) -> str | None:
    before = row["published_before"]
    return f"{before} (an archive had it then)" if before else None


def _others(row: Row) -> Iterator[str]:
    """Yield the dates that were not taken, and why."""
    for one in row["date_evidence"] or ():
        if one["said"] != "taken":
            at = _shortened(one["at"], one["precision"])
            yield f"{_WHAT[one['of']]} {at} ({one['source']}): {one['said']}"
