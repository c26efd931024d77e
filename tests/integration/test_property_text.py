"""Text of any kind at the storage border: both engines give the same back."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select
from support.databases import Database
from support.records import AT

from crawler.core.urls import surt, url_key
from storage.schema import resource
from storage.types import storable, storable_json, utc_text

URL = "http://paper.example/{}"
PIECE = 0x1000  # code points that stand in one row
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=40)


def _stored(database: Database, texts: list[str]) -> list[str]:
    """Store texts as headlines and return them as our own engine and the plain driver read them."""
    rows = [
        {
            "key": url_key(URL.format(n)),
            "url": URL.format(n),
            "surt": surt(URL.format(n)),
            "host": "paper.example",
            "found_how": "link",
            "first_seen_at": AT,
            "headline": text,
        }
        for n, text in enumerate(texts)
    ]
    engine = database.engine()
    with engine.begin() as connection:
        connection.execute(insert(resource), rows)
        read = connection.execute(select(resource.c.headline).order_by(resource.c.id))
        found = [row.headline for row in read]
    assert [row[0] for row in database.rows("SELECT headline FROM resource ORDER BY id")] == found
    database.execute("DELETE FROM resource")
    engine.dispose()
    return found


def test_all_of_unicode_comes_out_the_same(database: Database) -> None:
    """Every code point but NUL and the surrogates is stored as it is; those as U+FFFD, one each."""
    pieces = ["".join(map(chr, range(start, start + PIECE))) for start in range(0, 0x110000, PIECE)]
    lost = {0, *range(0xD800, 0xE000)}
    wanted = [
        "".join("\ufffd" if ord(sign) in lost else sign for sign in piece) for piece in pieces
    ]
    assert _stored(database, pieces) == wanted


@settings(derandomize=True, max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(texts=st.lists(ANY_TEXT, min_size=20, max_size=60))
def test_any_mixture_comes_out_the_same(database: Database, texts: list[str]) -> None:
    """Whatever stands beside whatever, a text comes back as the border left it."""
    assert _stored(database, texts) == [storable(text) for text in texts]


_LEAF = st.none() | st.booleans() | st.floats() | st.integers() | ANY_TEXT
_JSON = st.recursive(
    _LEAF, lambda inner: st.lists(inner) | st.dictionaries(ANY_TEXT, inner), max_leaves=12
)


@settings(derandomize=True, max_examples=100, deadline=None)
@given(_JSON)
def test_json_is_storable_once_and_for_all(value: object) -> None:
    """What the border made of a value it leaves alone, and it encodes as strict UTF-8."""
    once = storable_json(value)
    assert repr(storable_json(once)) == repr(once)
    repr(once).encode("utf-8", "surrogatepass").decode("utf-8")


@settings(derandomize=True, max_examples=100, deadline=None)
@given(st.datetimes(timezones=st.timezones()))
def test_instants_sort_as_their_text(at: object) -> None:
    """The text of an instant has one width, so that SQLite compares it as time."""
    try:
        told = utc_text(at)  # type: ignore[arg-type]
    except OverflowError:  # beyond the year 1 or 9999 in UTC
        return
    assert len(told) == 27
    assert told.endswith("Z")
