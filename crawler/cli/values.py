"""Values on their way out: as JSON for programs, as one safe line for people."""

import dataclasses
import json
import math
import re
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any

# Control characters and the ones that turn the direction of text: a page's title must not be
# able to drive a terminal.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def to_json(value: Any) -> str:
    """Return a value as indented JSON: times in UTC with Z, enums by value, never raw bytes."""
    return json.dumps(plain(value), indent=2, ensure_ascii=False, allow_nan=False)


def plain(value: Any) -> Any:
    """Return what JSON can hold. Dataclasses become objects, bytes only tell their length.

    Raises TypeError for a naive datetime and for kinds it does not know.
    """
    if isinstance(value, Enum):
        return plain(value.value)
    if value is None or isinstance(value, bool | int | str):
        return _scrubbed(value) if isinstance(value, str) else value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in _fields(value)}
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(item) for key, item in value.items()}
    return _plain_other(value)


def _plain_other(value: Any) -> Any:
    """Return the JSON form of times, paths, bytes and collections."""
    if isinstance(value, datetime):
        return utc(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return f"<{len(value)} bytes>"
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, date | Path):
        return str(value)
    if isinstance(value, set | frozenset):
        return sorted(plain(item) for item in value)
    if isinstance(value, Collection):
        return [plain(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no form on the way out")


def _fields(value: Any) -> tuple[dataclasses.Field[Any], ...]:
    """Return a dataclass's fields that are shown."""
    return tuple(field for field in dataclasses.fields(value) if field.repr)


def _scrubbed(text: str) -> str:
    """Return a text that UTF-8 can hold."""
    return text.encode("utf-8", "replace").decode()


def utc(moment: datetime) -> str:
    """Return an aware datetime as ISO 8601 in UTC with Z. Raises TypeError for a naive one."""
    if moment.tzinfo is None:
        raise TypeError("a time without a zone cannot be shown")
    shown = moment.astimezone(UTC).replace(tzinfo=None)
    return f"{shown.isoformat(timespec='milliseconds' if shown.microsecond else 'seconds')}Z"


def cell(value: Any) -> str:
    """Return a value as one line that a terminal shows and does not obey."""
    shown = plain(value)
    if shown is None:
        return "-"
    if isinstance(shown, bool):
        return "yes" if shown else "no"
    if isinstance(shown, float):
        return f"{shown:.3f}".rstrip("0").rstrip(".")
    if isinstance(shown, dict):
        return ", ".join(f"{key} {cell(item)}" for key, item in shown.items()) or "-"
    if isinstance(shown, list):
        return ", ".join(cell(item) for item in shown) or "-"
    return _UNSAFE.sub("\ufffd", " ".join(str(shown).split()))


def paragraph(text: str) -> str:
    """Return a text of several lines, safe for a terminal."""
    return "\n".join(_UNSAFE.sub("\ufffd", line) for line in text.splitlines())
