"""docs/reference/tables.md, made from storage/schema.py so that it cannot drift from it.

`python -m support.table_docs` in `tests/` prints the page, with the project on PYTHONPATH; a test
compares it with the file.
"""

import inspect
import re
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Boolean, Column, Enum, Float, Integer, LargeBinary, Table
from sqlalchemy.types import TypeEngine

from storage import schema
from storage.types import Key, SafeJson, UtcDateTime

_HEAD = """\
# The tables

They are internal and may change with any version: whoever reads the database uses the
[public views](views.md). This page is for those who work on Newsmorgue, and for those who must
look closer.

An *instant* is UTC: `timestamptz` on Postgres, text of fixed width with Z on SQLite. *JSON* is
`jsonb` on Postgres and text on SQLite. A *key* is 16 bytes: a hash of an address, or a random
token. A type that is a link holds one word of a closed list.

<!-- Made by `python -m support.table_docs`; edit the words in storage/schema.py. -->
"""

_COMMENT = re.compile(r"^    (\w+): Named\[[^#\n]*(?:# (.*))?$", re.MULTILINE)
_WORDS = re.compile(r"^offers\.(\w+)$")
_KINDS: Mapping[type[TypeEngine[Any]], str] = {
    SafeJson: "JSON",
    UtcDateTime: "instant",
    Boolean: "boolean",
    Float: "number",
    Integer: "integer",
    LargeBinary: "bytes",
}


def tables_reference() -> str:
    """Return the whole page as Markdown."""
    return "\n".join([_HEAD, *(_section(table) for table in schema.metadata.tables.values())])


def _section(table: Table[Any]) -> str:
    """Return one table's heading, words and columns."""
    columns = _columns_class(table)
    comments = dict(_COMMENT.findall(inspect.getsource(columns)))
    words = "\n".join(line.strip() for line in (columns.__doc__ or "").strip().splitlines())
    rows = "".join(_row(column, comments[column.name]) for column in table.columns)
    unique = "".join(f"\nUnique: {', '.join(names)}.\n" for names in _unique(table))
    return (
        f"## {table.name}\n\n{words}\n\n| column | type | meaning |\n|---|---|---|\n{rows}{unique}"
    )


def _columns_class(table: Table[Any]) -> type:
    """Return the class whose annotations are the table's columns."""
    name = "".join(part.capitalize() for part in table.name.split("_"))
    found: type = getattr(schema, f"{name}Columns")
    return found


def _row(column: Column[Any], comment: str) -> str:
    """Return a column's line: its type with `null` where it may be, its key, its comment."""
    null = " or null" if column.nullable else ""
    told = ["primary key"] * column.primary_key
    told += [f"refers to {key.target_fullname}" for key in column.foreign_keys]
    told += ["unique"] * bool(column.unique)
    told += [_linked(comment)] if comment else []
    return f"| {column.name} | {_kind(column.type)}{null} | {'; '.join(told)} |\n"


def _kind(type_: TypeEngine[Any]) -> str:
    """Return the word for a column's type; a closed list of words is named and linked."""
    if isinstance(type_, Enum):
        return _link(str(type_.enum_class and type_.enum_class.__name__))
    if isinstance(type_, LargeBinary) and type_.length == Key.length:
        return "key"
    return next((word for kind, word in _KINDS.items() if isinstance(type_, kind)), "text")


def _linked(comment: str) -> str:
    """Return a comment; one that only names a list of words becomes its link."""
    name = _WORDS.match(comment)
    return _link(name[1]) if name else comment


def _link(name: str) -> str:
    """Return the glossary's heading for a list of words."""
    return f"[{name}](../glossary.md#{name.lower()})"


def _unique(table: Table[Any]) -> Iterator[list[str]]:
    """Yield the columns of each constraint that spans several, in their order."""
    for constraint in table.constraints:
        names = [column.name for column in getattr(constraint, "columns", ())]
        if constraint.__class__.__name__ == "UniqueConstraint" and len(names) > 1:
            yield names


if __name__ == "__main__":
    sys.stdout.write(tables_reference())
