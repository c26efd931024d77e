"""pywb's dialect: the question we ask, and the answers pywb and arquivo.pt give."""

import json
import pickle
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.archives import dialect
from crawler.archives.pywb import read_rows
from crawler.config.sections import Archive
from crawler.core.words import Answer

URL = "https://paper.example/2016/12/the-siege-of-aleppo?v=1"
AROUND = datetime(2016, 12, 13, 9, 5, 1, tzinfo=UTC)
SECTION = Archive(
    name="mine",
    dialect="pywb",
    cdx_url="http://127.0.0.9:8090/news/cdx",
    replay_url="http://127.0.0.9:8090/news/",
)
KEY = "example,paper)/2016/12/the-siege-of-aleppo?v=1"
SAID = {"url": URL, "mime": "text/html", "status": "200", "digest": "QZ3T", "length": "912"}
REVISIT = {"url": URL, "mime": "warc/revisit", "digest": "QZ3T", "length": "402", "offset": "9"}


def line(said: dict[str, str], timestamp: str = "20161213120000") -> str:
    """A row as output=json gives it."""
    return json.dumps({"urlkey": KEY, "timestamp": timestamp, **said})


def cdxj(said: dict[str, str], timestamp: str = "20161213120000") -> str:
    """A row as it stands in the index."""
    return f"{KEY} {timestamp} {json.dumps(said)}"


def test_the_question_is_one_request_in_pywbs_own_words() -> None:
    """`closest` alone sorts, a filter's kind is told by a sign, and no field is left out."""
    asked = dialect(SECTION).lookup_url(URL, AROUND)
    assert asked.startswith("http://127.0.0.9:8090/news/cdx?")
    assert parse_qs(urlsplit(asked).query) == {
        "url": [URL],
        "output": ["json"],
        "closest": ["20161213090501"],
        "filter": ["!~status:[345].."],
        "limit": ["30"],
    }
    assert "closest" not in dialect(SECTION).lookup_url(URL, None)
    assert "limit=150" in (dialect(SECTION).wider_url(URL, AROUND) or "")


def test_other_spellings_are_asked_for_by_their_beginning() -> None:
    """One more question covers index pages, AMP twins and queries."""
    asked = parse_qs(urlsplit(dialect(SECTION).variants_url(URL) or "").query)
    assert (asked["url"], asked["matchType"]) == ([URL.partition("?")[0]], ["prefix"])
    assert dialect(SECTION).variants_url("https://paper.example/") is None


@pytest.mark.parametrize("written", [line, cdxj])
def test_rows_are_read_in_either_form(written: type) -> None:
    """A revisit has no status at all; names are pywb's; a row listed twice is one."""
    body = "\n".join([written(SAID), written(SAID), written(REVISIT, "20170301120000")])
    answer = read_rows(200, (), body.encode())
    good, revisit = answer.rows
    assert (good.urlkey, good.original, good.statuscode, good.length) == (KEY, URL, 200, 912)
    assert (revisit.statuscode, revisit.is_revisit, revisit.digest) == (None, True, "QZ3T")
    assert dialect(SECTION).replay_url(revisit) == (
        f"http://127.0.0.9:8090/news/20170301120000id_/{URL}"
    )


@pytest.mark.parametrize(
    "bad",
    [
        line(SAID | {"url": "https://paper.example/a b"}),
        line(SAID | {"url": "mailto:desk@paper.example"}),
        line(SAID | {"url": ""}),
        line(SAID | {"status": "2OO"}),
        line(SAID, "20161399120000"),
        line(SAID, "2016"),
        line(SAID)[:-9],
        "[1, 2]",
        "7",
        "[" * 5000,
        "just words",
    ],
)
def test_a_bad_row_costs_only_itself(bad: str) -> None:
    """A row that cannot be used is counted, and the rows around it are read."""
    body = "\n".join([line(SAID), bad, line(REVISIT, "20170301120000")])
    answer = read_rows(200, (), body.encode())
    assert [row.timestamp for row in answer.rows] == ["20161213120000", "20170301120000"]
    assert answer.skipped == 1


def test_missing_fields_are_not_known() -> None:
    """Without type, length, status or digest a row is still one."""
    (row,) = read_rows(200, (), line({"url": URL}).encode()).rows
    assert (row.mimetype, row.statuscode, row.digest, row.length) == ("-", None, "-", None)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b""),
        (200, b"\n"),
        (404, b'{"message": "No Captures found for: https://paper.example/x"}'),
        (404, b'{"error": "No captures found", "url": "x"}'),
    ],
)
def test_nothing_held_is_said_in_two_ways(status: int, body: bytes) -> None:
    """Empty with 200, or in older versions a 404 that says so in JSON."""
    assert read_rows(status, (), body).answer is Answer.HAS_NOT


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, b"<html>Not Found</html>"),
        (404, b""),
        (404, b'{"message": "no such collection"}'),
        (404, b"[]"),
        (400, b'{"message": "bad"}'),
        (429, b""),
        (403, b"blocked"),
        (503, b""),
        (200, b"<html>Welcome</html>"),
        (200, b"one\ntwo"),
    ],
)
def test_anything_else_is_no_answer(status: int, body: bytes) -> None:
    """A wrong address, a refusal, an outage, a page: could_not_ask, with a sentence."""
    answer = read_rows(status, (), body)
    assert (answer.answer, bool(answer.problem)) == (Answer.COULD_NOT_ASK, True)


@given(st.integers(100, 599), st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_answer_raises(status: int, body: bytes) -> None:
    """Whatever bytes come, they end in one of the four answers."""
    answer = read_rows(status, (), body)
    assert bool(answer.rows) == (answer.answer is Answer.HAS)


def test_the_dialect_is_a_plain_value() -> None:
    """It is pickled whole and equals its copy."""
    mine = dialect(SECTION)
    assert pickle.loads(pickle.dumps(mine)) == mine  # noqa: S301
