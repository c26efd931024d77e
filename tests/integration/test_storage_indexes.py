"""What readers ask of the views is answered by an index, on both engines."""

import pytest
from support.databases import Database

LONG = "https://paper.example/" + "long/" * 2_400  # 12 KB: more than Postgres's btree takes

_RESOURCE = """
INSERT INTO resource (id, key, url, surt, host, found_how, first_seen_at)
VALUES (?, ?, ?, 'example,paper)/', 'paper.example', 'seed', '2026-05-04T03:02:01.000000Z')
"""


def seed(database: Database, *urls: str) -> None:
    """Put resources into the table, as rows only."""
    for number, url in enumerate(urls, start=1):
        database.execute(_RESOURCE, [number, number.to_bytes(16), url])


def plan(database: Database, statement: str) -> str:
    """Return how the engine means to answer a statement, as text."""
    if database.is_sqlite:
        return "\n".join(row[3] for row in database.rows(f"EXPLAIN QUERY PLAN {statement}"))
    with database.plain() as connection:
        # A table of a few rows is read whole whatever index there is.
        connection.execute("SET enable_seqscan = off")
        return "\n".join(row[0] for row in connection.execute(f"EXPLAIN {statement}"))


@pytest.mark.parametrize("view", ["articles", "link_health", "archive_lookups"])
def test_one_url_is_found_by_its_index(database: Database, view: str) -> None:
    """A reader's question for one URL does not read every resource."""
    seed(database, *(f"https://paper.example/{n}" for n in range(50)))
    found = plan(database, f"SELECT * FROM {view} WHERE url = 'https://paper.example/7'")
    assert "ix_resource_url" in found
    assert "SCAN resource" not in found
    assert "Seq Scan on resource" not in found


def test_an_url_of_any_length_can_be_indexed(database: Database) -> None:
    """A 12 KB URL is kept whole and found, also where a btree would refuse it."""
    seed(database, LONG, LONG + "b", "https://paper.example/")
    assert database.rows("SELECT resource_id FROM link_health WHERE url = ?", [LONG]) == [(1,)]
    assert database.rows("SELECT resource_id FROM link_health WHERE url = ?", [LONG + "b"]) == [
        (2,)
    ]


def test_a_url_that_is_no_key_may_stand_twice(database: Database) -> None:
    """The index is no constraint: what makes a resource is its key."""
    seed(database, LONG, LONG)
    assert len(database.rows("SELECT resource_id FROM link_health WHERE url = ?", [LONG])) == 2
