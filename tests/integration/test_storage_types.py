"""Column types: the same value in, the same bytes out of both engines, seen by plain drivers."""

import json
import math
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, insert, select
from sqlalchemy.exc import StatementError
from support.databases import Database
from support.ledgers import Ledger
from support.records import AT, bad_record

from crawler.core.words import Liveness, Outcome, State
from storage.schema import harvest, host
from storage.types import db_now, storable, utc_text

BIT_BY_BIT = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
INSTANTS = st.datetimes(
    min_value=datetime(1, 1, 2),  # noqa: DTZ001 - the zone comes with it
    max_value=datetime(9999, 12, 30),  # noqa: DTZ001
    timezones=st.sampled_from([timezone(timedelta(minutes=shift)) for shift in (-720, 0, 95, 840)]),
)
ANY_TEXT = st.text(st.characters(min_codepoint=0, max_codepoint=0x10FFFF, exclude_categories=()))


PLAIN = {
    "started_at": AT,
    "heartbeat_at": AT,
    "machine": "",
    "pid": 1,
    "software": "text",
    "settings": {},
}


def put(engine: Engine, *rows: dict[str, Any]) -> None:
    """Write rows of a table that has a text, a JSON value and an instant."""
    with engine.begin() as connection:
        connection.execute(insert(harvest), [PLAIN | row for row in rows])


def both(first: Database, second: Database, row: dict[str, Any], column: str) -> list[Any]:
    """Write a row to two engines and return what the plain drivers read of a column."""
    found = []
    for database in (first, second):
        put(shared_engine(database), row)
        query = f"SELECT {column} FROM harvest ORDER BY id DESC LIMIT 1"
        found.append(database.one(query))
    return found


_engines: dict[str, Engine] = {}


def shared_engine(database: Database) -> Engine:
    """Return one engine for all examples of a property."""
    if database.url not in _engines:
        _engines[database.url] = database.engine()
        database.closers.append(lambda: _engines.pop(database.url).dispose())
    return _engines[database.url]


def test_a_naive_time_is_refused(database: Database) -> None:
    """A datetime without a zone never reaches the database."""
    with pytest.raises(StatementError, match="naive datetime"):
        put(database.engine(), {"started_at": datetime(2026, 1, 1)})  # noqa: DTZ001 - the point
    assert database.rows("SELECT * FROM harvest") == []


def test_sqlite_keeps_fixed_width_utc(sqlite_database: Database) -> None:
    """On SQLite an instant is 27 characters in UTC with a Z, whatever zone it came in."""
    paris = timezone(timedelta(hours=2))
    put(sqlite_database.engine(), {"started_at": datetime(2016, 2, 6, 2, tzinfo=paris)})
    assert sqlite_database.one("SELECT started_at FROM harvest") == "2016-02-06T00:00:00.000000Z"


@BIT_BY_BIT
@given(first=INSTANTS, second=INSTANTS)
def test_instants_sort_as_text_as_they_do_in_time(first: datetime, second: datetime) -> None:
    """The order of the stored texts is the order of the instants, back to the year 1."""
    assert (utc_text(first) < utc_text(second)) == (first < second)
    assert len(utc_text(first)) == 27


@BIT_BY_BIT
@given(at=INSTANTS)
def test_an_instant_comes_back_equal_from_both(
    sqlite_database: Database, postgres_database: Database, at: datetime
) -> None:
    """What goes in as an instant comes out as the same instant in UTC, on both engines."""
    for database in (sqlite_database, postgres_database):
        engine = shared_engine(database)
        put(engine, {"started_at": at})
        with engine.connect() as connection:
            newest = select(harvest.c.started_at).order_by(harvest.c.id.desc()).limit(1)
            back = connection.execute(newest).scalar_one()
        assert back == at
        assert back.tzinfo is UTC


def test_plain_drivers_read_the_same_instant(database: Database) -> None:
    """A reader without our code gets the instant, not our machine's local time."""
    put(database.engine(), {"started_at": AT})
    assert database.instant(database.one("SELECT started_at FROM harvest")) == AT


def test_the_databases_clock_is_an_instant(database: Database) -> None:
    """The database's own time is aware, in UTC, and near ours."""
    with database.engine().connect() as connection:
        found = connection.execute(select(db_now())).scalar_one()
    assert abs(found - datetime.now(UTC)) < timedelta(minutes=5)
    assert found.tzinfo is UTC


def test_words_are_stored_by_value(database: Database, tmp_path: Path) -> None:
    """A plain driver reads 'soft_gone', never 'SOFT_GONE'."""
    ledger = Ledger(database, tmp_path)
    ledger.seed("http://paper.example/story")
    [of] = ledger.claim()
    ledger.write(bad_record(of, Liveness.SOFT_GONE))
    assert database.rows("SELECT outcome, liveness, purpose FROM visit") == [
        (Outcome.FETCHED.value, "soft_gone", "visit")
    ]
    assert database.rows("SELECT state, liveness FROM link_health") == [
        (State.SUSPECTED.value, "soft_gone")
    ]


@BIT_BY_BIT
@given(text=ANY_TEXT)
def test_any_text_comes_out_the_same_of_both(
    sqlite_database: Database, postgres_database: Database, text: str
) -> None:
    """Any string, NUL and lone surrogates included, is the same text in both databases."""
    assert (
        both(sqlite_database, postgres_database, {"software": text}, "software")
        == [storable(text)] * 2
    )


def test_every_character_comes_out_the_same_of_both(
    sqlite_database: Database, postgres_database: Database
) -> None:
    """All of U+0000 to U+10FFFF, one plane a row: only NUL and surrogates are replaced."""
    planes = ["".join(map(chr, range(n << 16, (n + 1) << 16))) for n in range(17)]
    kept = [storable(planes[0]), *planes[1:]]
    assert kept[0].count("\ufffd") == 1 + 2048 + 1  # NUL, the surrogates, and itself
    for database in (sqlite_database, postgres_database):
        put(database.engine(), *({"software": plane} for plane in planes))
        assert database.rows("SELECT software FROM harvest ORDER BY id") == [(k,) for k in kept]


def test_length_counts_past_a_nul(database: Database) -> None:
    """The database itself sees the whole text: SQLite would stop counting at a NUL."""
    put(database.engine(), {"software": "a\x00bc"})
    assert database.one("SELECT length(software) FROM harvest") == 4


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=8,
)


@BIT_BY_BIT
@given(value=st.dictionaries(ANY_TEXT, JSON_VALUES, max_size=3))
def test_any_json_means_the_same_in_both(
    sqlite_database: Database, postgres_database: Database, value: dict[str, Any]
) -> None:
    """NaN, infinities, NULs and surrogates in JSON are storable, and equal on both engines."""
    as_text = both(
        sqlite_database, postgres_database, {"settings": value}, "CAST(settings AS TEXT)"
    )
    # jsonb writes 6e16 without its point: as a number it is the same.
    on_sqlite, on_postgres = (json.loads(text, parse_int=float) for text in as_text)
    assert on_sqlite == on_postgres


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_no_number_is_not_a_number(database: Database, number: float) -> None:
    """What JSON cannot say is null: neither engine's readers meet a bare NaN."""
    put(database.engine(), {"settings": {"size": number, "deep": [number]}})
    found = database.one("SELECT settings FROM harvest")
    assert (json.loads(found) if isinstance(found, str) else found) == {
        "size": None,
        "deep": [None],
    }


def test_no_json_is_null(database: Database) -> None:
    """A JSON column without a value is SQL's NULL on both engines, not JSON's."""
    with database.engine().begin() as connection:
        connection.execute(insert(host), [{"name": "paper.example", "error_templates": None}])
    assert database.one("SELECT count(*) FROM host WHERE error_templates IS NULL") == 1
