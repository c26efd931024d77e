"""The few statements that the two engines spell differently."""

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import (
    ARRAY,
    ColumnClause,
    ColumnElement,
    Connection,
    LargeBinary,
    Table,
    any_,
    bindparam,
    column,
    func,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite

T = TypeVar("T")


def insert_into(connection: Connection, table: Table[Any]) -> postgresql.Insert | sqlite.Insert:
    """Return an INSERT that knows ON CONFLICT, for this connection's engine."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def insert_many(
    connection: Connection, table: Table[Any], rows: Sequence[dict[str, Any]]
) -> tuple[postgresql.Insert | sqlite.Insert, Any]:
    """Return an INSERT of many rows that have the same columns, and what to execute it with.

    On Postgres each column goes over as one array: with a parameter for every value the driver's
    parsing of the statement costs more than the server's whole work (measured at 500 rows).
    """
    if connection.dialect.name != "postgresql":
        return sqlite.insert(table), list(rows)
    names = tuple(rows[0])
    return _unnested(table, names), {name: [row[name] for row in rows] for name in names}


@cache
def _unnested(table: Table[Any], names: tuple[str, ...]) -> postgresql.Insert:
    # One dimension, said explicitly: the items of a JSON column may be lists themselves.
    arrays = [bindparam(name, type_=ARRAY(table.c[name].type, dimensions=1)) for name in names]
    columns: list[ColumnClause[Any]] = [column(name) for name in names]
    source = func.unnest(*arrays).table_valued(*columns).render_derived()
    insert = postgresql.insert(table)
    return insert.from_select(names, select(source), include_defaults=False)


def is_among(engine: str, column: ColumnElement[T], parameter: str) -> ColumnElement[bool]:
    """Return `column IN (...)` for a statement made once; the list is given when it is executed.

    `engine` is the dialect's name. On Postgres the list is one array: the text of the statement
    stays the same whatever its length, so that the server's plan is kept too.
    """
    if engine == "postgresql":
        return column == any_(bindparam(parameter, type_=ARRAY(column.type)))
    return column.in_(bindparam(parameter, expanding=True))


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
