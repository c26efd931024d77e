"""The Internet Archive's dialect: the question we ask, and every answer it is known to give."""

import gzip
import json
import pickle
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing import get_context
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pebble import ProcessPool

from crawler.archives import dialect
from crawler.archives.wayback import FIELDS, Wayback, read_rows
from crawler.core.mementos import choose_mementos
from crawler.core.values import Headers
from crawler.core.words import Answer
from crawler.errors import ConfigError

URL = "https://paper.example/2016/12/aleppo-siege?v=1"
AROUND = datetime(2016, 12, 13, 9, 5, 1, tzinfo=UTC)
KEY = "example,paper)/2016/12/aleppo-siege?v=1"
GOOD = f"{KEY} 20161213120000 {URL} text/html 200 QZ3TQ6BH2L3NWKLMWWZ7N2DUPAX4RZ5K 9120"
REVISIT = f"{KEY} 20170301120000 {URL} warc/revisit - QZ3TQ6BH2L3NWKLMWWZ7N2DUPAX4RZ5K 402"
OUTAGE = b"<!DOCTYPE html>\n<html><head><title>Temporarily Offline</title></head></html>"
EXCLUDED = (
    "org.archive.util.io.RuntimeIOException: "
    "org.archive.wayback.exception.AdministrativeAccessControlException: Blocked Site Error\n"
)


@dataclass(frozen=True)
class Section:
    """An [[archive]] section as the configuration gives it."""

    name: str = "wayback"
    dialect: str = "wayback"
    cdx_url: str = "http://127.0.0.9:8090/cdx/search/cdx"
    replay_url: str = "http://127.0.0.9:8090/web/"
    raw: bool = True


def asked(url: str, around: datetime | None = AROUND) -> dict[str, list[str]]:
    return parse_qs(urlsplit(dialect(Section()).lookup_url(url, around)).query)


def test_the_question_is_one_request_for_the_nearest_good_captures() -> None:
    """A lookup asks for 30 rows of 7 fields, nearest first, without failures and without gzip."""
    assert dialect(Section()).lookup_url(URL, AROUND).startswith(f"{Section.cdx_url}?")
    assert asked(URL) == {
        "url": [URL],
        "sort": ["closest"],
        "closest": ["20161213090501"],
        "filter": ["!statuscode:[345].."],
        "limit": ["30"],
        "fl": ["urlkey,timestamp,original,mimetype,statuscode,digest,length"],
        "gzip": ["false"],
    }


def test_closest_and_sort_go_together() -> None:
    """Without a time neither is sent: one without the other gives rows of another time."""
    assert not {"sort", "closest"} & asked(URL, None).keys()


def test_a_star_in_an_address_is_no_wildcard() -> None:
    """An address that ends in a star asks for itself, never for everything below it."""
    assert asked("https://paper.example/a*")["url"] == ["https://paper.example/a%2A"]


def test_replay_asks_for_the_bytes_as_captured() -> None:
    """The replay address has the id_ modifier and the row's own spelling and digits."""
    (row,) = read_rows(200, (), GOOD.encode()).rows
    assert dialect(Section()).replay_url(row) == f"{Section.replay_url}20161213120000id_/{URL}"


def test_an_unknown_dialect_names_the_known_ones() -> None:
    """A dialect that is not there is a fault of the configuration, told in one sentence."""
    with pytest.raises(
        ConfigError, match=r"'mine' is said to speak 'z39'.*wayback, pywb, timemap, timegate"
    ):
        dialect(Section(name="mine", dialect="z39"))


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_rows_are_read(pack: type[bytes]) -> None:
    """Captures and revisits are read, announced gzip or not; "-" is no status."""
    answer = read_rows(200, (), pack(f"{GOOD}\n{REVISIT}\n".encode()))
    assert (answer.answer, answer.skipped, answer.problem) == (Answer.HAS, 0, None)
    good, revisit = answer.rows
    assert (good.urlkey, good.timestamp, good.original) == (KEY, "20161213120000", URL)
    assert (good.mimetype, good.statuscode, good.length) == ("text/html", 200, 9120)
    assert (revisit.statuscode, revisit.is_revisit, revisit.digest) == (None, True, good.digest)


@pytest.mark.parametrize("body", [b"", b"\n", b"[]", b" [] \n", gzip.compress(b"", mtime=0)])
def test_only_an_empty_200_means_not_held(body: bytes) -> None:
    """An empty answer with status 200 is has_not."""
    assert read_rows(200, (), body).answer is Answer.HAS_NOT


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (200, (), OUTAGE),
        (200, (("content-type", "text/html"),), b"\n <html>"),
        (200, (), b"rate limit exceeded"),
        (200, (), b"\x00\xff\xfe garbage \x85\x1d\n\x0c"),
        (200, (), gzip.compress(GOOD.encode())[:-12]),
        (200, (), b"\x1f\x8b" + b"\x00" * 40),
        (200, (), gzip.compress(b" " * 9_000_000)),
        (200, (("content-length", "512"),), b""),
        (400, (), b"Bad Request"),
        (403, (), b""),
        (403, (), b"<html>Forbidden</html>"),
        (404, (), b""),
        (429, (), b""),
        (500, (), b""),
        (503, (), OUTAGE),
        (504, (), b""),
        (302, (("location", "https://login.example/"),), b""),
        (204, (), b""),
    ],
)
def test_anything_else_is_no_answer(status: int, headers: Headers, body: bytes) -> None:
    """A refusal, an outage, a page, a broken or cut body is could_not_ask, with a sentence."""
    answer = read_rows(status, headers, body)
    assert answer.answer is Answer.COULD_NOT_ASK
    assert answer.rows == ()
    assert answer.problem


def test_retry_after_is_carried_in_both_forms() -> None:
    """A 429 carries how long to wait, from seconds or from a date."""
    assert read_rows(429, (("retry-after", "90"),), b"").retry_after == 90.0
    past = (("retry-after", "Sun, 01 Mar 2015 00:01:00 GMT"),)
    assert read_rows(503, past, b"").retry_after == 0.0
    assert read_rows(429, (), b"").retry_after is None


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (
            403,
            (
                (
                    "x-archive-wayback-runtime-error",
                    "AdministrativeAccessControlException: Blocked Site Error",
                ),
            ),
            b"",
        ),
        (403, (("x-archive-wayback-runtime-error", "RobotAccessControlException: x"),), b""),
        (403, (), EXCLUDED.encode()),
        (200, (), EXCLUDED.encode()),
    ],
)
def test_an_exclusion_is_final(status: int, headers: Headers, body: bytes) -> None:
    """What the archive holds back for the owner or for robots is excluded, not absent."""
    assert read_rows(status, headers, body).answer is Answer.EXCLUDED


def test_an_address_cannot_fake_an_exclusion() -> None:
    """A page whose own address spells the exception is a row as any other."""
    row = GOOD.replace("?v=1", "?q=org.archive.wayback.exception.AdministrativeAccessControl")
    assert read_rows(200, (), row.encode()).answer is Answer.HAS


@pytest.mark.parametrize(
    "bad",
    [
        GOOD.replace(URL, "https://paper.example/aleppo siege"),
        GOOD.replace("20161213120000", "20161399120000"),
        GOOD.replace("20161213120000", "-"),
        GOOD.replace("20161213120000", "2016"),
        GOOD.rsplit(" ", 2)[0],
        f"{KEY} 20161213120000 - text/html 200 DIGEST 1",
        f"{KEY} 20161213120000 http://mailto:desk@paper.example text/html 200 DIGEST 1",
        f"{KEY} 20161213120000 mailto:desk@paper.example text/html 200 DIGEST 1",
        f"{KEY} 20161213120000 data:image/png;base64,{'A' * 20_000} image/png 200 DIGEST 1",
        f"{KEY} 20161213120000 ../siege text/html 200 DIGEST 1",
        f"{KEY} 20161213120000 https://paper.example/\ufffd text/html 200 DIGEST 1",
        GOOD.replace(" 200 ", " 2OO "),
        "x" * 5000,
        "",
    ],
)
def test_a_bad_row_costs_only_itself(bad: str) -> None:
    """A row that cannot be used is counted, and the rows around it are read."""
    answer = read_rows(200, (), f"{GOOD}\n{bad}\n{REVISIT}\n".encode())
    assert answer.answer is Answer.HAS
    assert [row.timestamp for row in answer.rows] == ["20161213120000", "20170301120000"]
    assert answer.skipped == (1 if bad else 0)


def test_a_row_of_the_year_2000_keeps_its_digits() -> None:
    """A row with day 00 is kept under the archive's own digits, which its replay needs."""
    (row,) = read_rows(200, (), GOOD.replace("20161213120000", "20000800241623").encode()).rows
    assert row.timestamp == "20000800241623"


def test_only_unusable_captures_are_as_good_as_none() -> None:
    """If no listed capture can be used the answer is has_not, and it says so."""
    spaced = GOOD.replace(URL, "https://paper.example/aleppo siege")
    answer = read_rows(200, (), f"{spaced}\n{spaced}\n".encode())
    assert (answer.answer, answer.skipped) == (Answer.HAS_NOT, 2)
    assert answer.problem == "it lists 2 captures, and none can be used"


@given(st.integers(100, 599), st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_no_answer_raises(status: int, body: bytes) -> None:
    """Whatever bytes come, they end in one of the four answers."""
    answer = read_rows(status, (), body)
    assert answer.answer in Answer
    assert bool(answer.rows) == (answer.answer is Answer.HAS)


def test_rows_are_read_in_a_worker_process() -> None:
    """The reader and its answer cross to a killable process and back."""
    reader = dialect(Section()).read_rows
    with ProcessPool(max_workers=1, context=get_context("spawn")) as pool:
        job = pool.schedule(reader, args=(200, (), GOOD.encode()), timeout=60)
        assert job.result() == read_rows(200, (), GOOD.encode())


def test_a_dialect_is_a_plain_value() -> None:
    """A dialect is pickled whole and equals its copy."""
    wayback = dialect(Section())
    assert isinstance(wayback, Wayback)
    assert pickle.loads(pickle.dumps(wayback)) == wayback  # noqa: S301


def test_more_rows_and_other_spellings_are_one_question_each() -> None:
    """The wider question drops repeated bodies; the other goes by what all spellings begin with."""
    wayback = dialect(Section())
    wider = parse_qs(urlsplit(wayback.wider_url(URL, AROUND) or "").query)
    assert (wider["limit"], wider["collapse"], wider["sort"]) == (["150"], ["digest"], ["closest"])
    others = parse_qs(urlsplit(wayback.variants_url(f"{URL}&x=2") or "").query)
    assert (others["url"], others["matchType"]) == ([URL.partition("?")[0]], ["prefix"])
    assert wayback.variants_url("https://paper.example/?p=5") is None


def test_rows_as_json_and_with_a_header_are_read() -> None:
    """A JSON table and a file's header row are understood; a row listed twice is one."""
    table = [FIELDS, GOOD.split(" "), GOOD.split(" "), REVISIT.split(" "), "junk", [1, 2]]
    answer = read_rows(200, (), json.dumps(table).encode())
    assert [row.timestamp for row in answer.rows] == ["20161213120000", "20170301120000"]
    assert answer.skipped == 2
    head = " CDX N b a m s k S\n"
    assert len(read_rows(200, (), f"{head}{GOOD}\n{GOOD}\n".encode()).rows) == 1


def test_an_answer_leads_to_candidates() -> None:
    """From question to candidates: the capture is chosen, its revisit is not tried again."""
    wayback = dialect(Section())
    rows = wayback.read_rows(200, (), f"{REVISIT}\n{GOOD}\n".encode()).rows
    choice = choose_mementos(
        rows, url=URL, target=AROUND, archive=wayback.name, replay_url=wayback.replay_url
    )
    assert [candidate.memento_url for candidate in choice.candidates] == [
        f"{Section.replay_url}20161213120000id_/{URL}"
    ]
    assert [refusal.reason for refusal in choice.refused] == ["same_digest"]


@pytest.mark.parametrize(
    ("module", "is_there"), [("crawler.archives.base", False), ("crawler.archives.wayback", True)]
)
def test_only_the_wayback_module_brings_waybackpy(module: str, *, is_there: bool) -> None:
    """With warnings as errors all imports; only archives.wayback loads waybackpy and requests."""
    code = (
        f"import sys; sys.path[:0] = {sys.path!r}; import {module}; "
        "print('waybackpy' in sys.modules, 'requests' in sys.modules)"
    )
    probe = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert probe.returncode == 0, probe.stderr
    assert probe.stdout.split() == [str(is_there)] * 2
