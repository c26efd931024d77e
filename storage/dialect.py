"""The few statements that the two engines spell differently."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Connection, LargeBinary, Table, any_, bindparam
from sqlalchemy.dialects import postgresql, sqlite


def insert_into(connection: Connection, table: Table[Any]) -> postgresql.Insert | sqlite.Insert:
    """Return an INSERT that knows ON CONFLICT, for this connection's engine."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def is_one_of(
    connection: Connection, column: ColumnElement[bytes], keys: Collection[bytes]
) -> ColumnElement[bool]:
    """Return `column IN keys`; one array parameter on Postgres, whatever the number of keys."""
    if connection.dialect.name == "postgresql":
        return column == any_(bindparam(None, list(keys), type_=ARRAY(LargeBinary)))
    return column.in_(list(keys))


def batches(rows: list[Any], size: int) -> list[list[Any]]:
    """Return the rows in lists of at most `size`; SQLite takes 32,766 parameters a statement."""
    return [rows[start : start + size] for start in range(0, len(rows), size)]
