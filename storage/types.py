"""Column types that mean the same on SQLite and on Postgres.

`UtcDateTime` stores instants, `SafeText` and `SafeJson` are the text border (what Postgres cannot
hold is replaced here for both engines), `word()` stores enums by value.
"""

import json
import math
import re
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Enum, Integer, LargeBinary, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

# NUL cannot stand in a Postgres text; a lone surrogate cannot be encoded as UTF-8 on either engine.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

BigId = BigInteger().with_variant(Integer, "sqlite")
"""A 64-bit surrogate key; SQLite only autoincrements a column called INTEGER."""

Key = LargeBinary(16)
"""A 128-bit hash of a resource's identity (`crawler.core.urls.url_key`)."""


def storable(text: str) -> str:
    """Return the text with NUL and lone surrogates replaced by U+FFFD."""
    return _UNSTORABLE.sub(REPLACEMENT, text)


def storable_json(value: Any) -> Any:
    """Return a JSON value whose strings are storable and whose floats are finite (else null)."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {storable(str(key)): storable_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [storable_json(item) for item in value]
    return value


class SafeText(TypeDecorator[str]):
    """Text of any length, passed through `storable()` on its way in."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Replace what one of the engines could not hold."""
        return None if value is None else storable(value)


class SafeJson(TypeDecorator[Any]):
    """JSON (JSONB on Postgres), passed through `storable_json()` on its way in."""

    impl = JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Use JSONB where it exists, so that readers may index and query it."""
        return dialect.type_descriptor(
            JSONB(none_as_null=True) if dialect.name == "postgresql" else JSON(none_as_null=True)
        )

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002 - SQLAlchemy's signature
        """Replace what one of the engines could not hold."""
        return storable_json(value)


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: timestamptz on Postgres, fixed-width ISO text with Z on SQLite.

    Raises ValueError for a naive datetime: SQLAlchemy's own type would store 02:00+02:00 as 02:00
    on SQLite. The fixed width makes the text sort as the instants do.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Keep text on SQLite, which has no type for instants."""
        native = dialect.name == "postgresql"
        return dialect.type_descriptor(DateTime(timezone=True) if native else String(27))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Refuse naive values; convert the rest to UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}: give it a time zone")
        utc = value.astimezone(UTC)
        return utc if dialect.name == "postgresql" else utc_text(utc)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Return an aware datetime in UTC."""
        if value is None:
            return None
        if isinstance(value, str):
            return datetime.fromisoformat(value)
        return value.astimezone(UTC) if isinstance(value, datetime) else None


def utc_text(at: datetime) -> str:
    """Return an instant as 27 characters, e.g. 2016-02-06T15:20:00.000000Z."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0")


def word(words: type[StrEnum]) -> Enum:
    """Return the column type of a closed word list: the value as text, no native enum.

    The database does not check the list: a newer version adds words without a table rewrite.
    """
    return Enum(
        words,
        native_enum=False,
        length=24,
        create_constraint=False,
        values_callable=lambda kind: [member.value for member in kind],
    )


def dump_json(value: Any) -> str:
    """Return compact JSON for a value that passed the text border."""
    return json.dumps(storable_json(value), ensure_ascii=False, separators=(",", ":"))


class db_now(FunctionElement[datetime]):  # noqa: N801 - reads as the SQL function it is
    """The database's own clock, as a `UtcDateTime`; two machines agree on it."""

    type = UtcDateTime()
    inherit_cache = True


@compiles(db_now, "sqlite")
def _sqlite_now(_element: Any, _compiler: Any, **_options: Any) -> str:
    return "strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')"


@compiles(db_now, "postgresql")
def _postgres_now(_element: Any, _compiler: Any, **_options: Any) -> str:
    return "clock_timestamp()"
