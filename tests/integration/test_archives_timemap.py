"""Memento's dialect (RFC 7089): TimeMaps whole and broken, in parts, and TimeGates."""

import pickle
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.archives import dialect
from crawler.archives.base import Part, RowsAnswer
from crawler.config.sections import Archive
from crawler.core.values import Headers
from crawler.core.words import Answer

URL = "https://paper.example/2016/12/the-siege-of-aleppo"
AROUND = datetime(2016, 12, 13, 9, 5, 1, tzinfo=UTC)
WEB = "https://archive.example/web/"
INDEX = f"{WEB}timemap/link/"
SECTION = Archive(name="mine", dialect="timemap", cdx_url=INDEX, replay_url=WEB)
DATE = "Tue, 13 Dec 2016 12:00:00 GMT"
COPY = f"{WEB}20161213120000/{URL}"
FRAME = (
    f'<{URL}>; rel="original",\n'
    f'<{INDEX}{URL}>; rel="self"; type="application/link-format"; from="{DATE}",\n'
    f'<{WEB}{URL}>; rel="timegate",\n'
)
MEMENTO = f'<{COPY}>; rel="first memento"; datetime="{DATE}"'
LINK_FORMAT = (("content-type", "application/link-format"),)


def read(text: str, status: int = 200, headers: Headers = LINK_FORMAT) -> RowsAnswer:
    return dialect(SECTION).read_rows(status, headers, text.encode())


def test_the_question_is_the_pages_timemap() -> None:
    """The address is appended as it is; no time goes with it, since pywb cuts the map there."""
    mine = dialect(SECTION)
    assert mine.lookup_url(f"{URL}?v=1", AROUND) == f"{INDEX}{URL}?v=1"
    assert "Accept-Datetime" not in mine.headers(AROUND)
    assert mine.wider_url(URL, AROUND) is None
    assert mine.variants_url(f"{URL}/index.html?x=1") == f"{INDEX}{URL}"
    assert mine.variants_url(URL) is None


def test_a_timegate_is_asked_with_the_time() -> None:
    """It goes by Accept-Datetime; of a page without a date the first copy is asked for."""
    gate = dialect(SECTION.model_copy(update={"dialect": "timegate", "cdx_url": WEB}))
    assert gate.lookup_url(URL, AROUND) == f"{WEB}{URL}"
    assert gate.headers(AROUND) == {"Accept-Datetime": "Tue, 13 Dec 2016 09:05:01 GMT"}
    assert gate.headers(None) == {"Accept-Datetime": "Mon, 01 Jan 1996 00:00:00 GMT"}


def test_copies_are_listed_with_their_times_and_nothing_else() -> None:
    """Original and time come from the copy's address; no status, digest or length is known."""
    answer = read(f'{FRAME}{MEMENTO},\n<{COPY}>; rel="memento"; datetime="{DATE}"\n')
    (row,) = answer.rows
    assert (row.timestamp, row.original, row.memento) == ("20161213120000", URL, COPY)
    assert (row.statuscode, row.digest, row.length) == (None, "-", None)
    assert answer.parts == ()


def test_a_copy_is_asked_for_as_captured_where_the_archive_can() -> None:
    """With id_ after the timestamp; or as it is shown, if the configuration says so."""
    (row,) = read(FRAME + MEMENTO).rows
    assert dialect(SECTION).replay_url(row) == f"{WEB}20161213120000id_/{URL}"
    shown = dialect(SECTION.model_copy(update={"raw": False}))
    assert shown.replay_url(row) == COPY


def test_an_address_that_tells_nothing_is_taken_with_the_maps_words() -> None:
    """A copy under an opaque address has the map's original and the link's time."""
    (row,) = read(f'{FRAME}<{WEB}ABCD-1234>; rel=memento; datetime="{DATE}"').rows
    assert (row.timestamp, row.original) == ("20161213120000", URL)
    assert dialect(SECTION).replay_url(row) == f"{WEB}ABCD-1234"


@pytest.mark.parametrize(
    "bad",
    [
        f'<https://other.example/web/20161213120000/{URL}>; rel="memento"; datetime="{DATE}"',
        f'<{WEB}ABCD-1234>; rel="memento"',
        f'<{WEB}ABCD-1234>; rel="memento"; datetime="yesterday"',
        f'<{WEB}20169913120000/{URL}>; rel="memento"',
        f'<{WEB}20161213120000/mailto:desk@paper.example>; rel="memento"; datetime="{DATE}"',
    ],
)
def test_a_link_that_is_no_copy_of_this_archive_costs_only_itself(bad: str) -> None:
    """Elsewhere, without a time, without a page: counted, and the rows around it are read."""
    answer = read(f"{FRAME}{bad},\n{MEMENTO}")
    assert [row.memento for row in answer.rows] == [COPY]
    assert answer.skipped == 1


@pytest.mark.parametrize(
    "text",
    [
        FRAME.replace(",\n", " ,") + MEMENTO,
        FRAME.replace(",\n", "\n") + MEMENTO,
        f'{FRAME}<broken; rel="memento", \n<x y>; rel,\n{MEMENTO}',
        f'{FRAME}<{WEB}x>; rel="memento; datetime=never\n,{MEMENTO}',
        f"{FRAME}<{COPY}>;datetime='x';rel=memento",
        f'{FRAME}<{COPY}> ; REL="Memento" ; DATETIME="{DATE}" ; license="a, b; c"',
    ],
)
def test_link_format_is_read_as_far_as_it_goes(text: str) -> None:
    """Missing commas, open quotes, odd spacing and case do not cost the copy."""
    assert COPY in [row.memento for row in read(text).rows]


def test_a_map_in_parts_tells_where_they_are_and_what_they_cover() -> None:
    """Other TimeMaps in link format on the archive's hosts are parts; JSON twins are not."""
    parts = (
        f'<{INDEX}2/{URL}>; rel="timemap"; type="application/link-format"; from="{DATE}"; '
        f'until="Wed, 14 Dec 2016 12:00:00 GMT",\n'
        f'<{WEB}timemap/json/{URL}>; rel="timemap"; type="application/json",\n'
        f'<https://other.example/3/{URL}>; rel="timemap",\n'
        f'<{INDEX}{URL}>; rel="timemap"; type="application/link-format"'
    )
    answer = read(FRAME + parts)
    assert answer.answer is Answer.HAS
    assert answer.parts == (
        Part(
            url=f"{INDEX}2/{URL}",
            since=datetime(2016, 12, 13, 12, tzinfo=UTC),
            until=datetime(2016, 12, 14, 12, tzinfo=UTC),
        ),
    )


@pytest.mark.parametrize(
    ("status", "text"), [(404, "<html>none</html>"), (404, ""), (200, ""), (200, FRAME)]
)
def test_nothing_held_is_a_404_or_a_map_without_copies(status: int, text: str) -> None:
    """Memento says 404 where a TimeMap would be empty; some send the empty map."""
    assert read(text, status).answer is Answer.HAS_NOT


@pytest.mark.parametrize(
    ("status", "text", "headers"),
    [
        (200, "", ()),
        (200, "<html>Welcome</html>", ()),
        (200, "nothing to see", ()),
        (200, f'<https://other.example/1>; rel="memento"; datetime="{DATE}"', LINK_FORMAT),
        (302, "", (("location", "https://login.example/"),)),
        (302, "", ()),
        (429, "", ()),
        (503, "", ()),
        (501, "", ()),
        (200, "the copy", (("memento-datetime", DATE),)),
        (403, "", ()),
    ],
)
def test_anything_else_is_no_answer(status: int, text: str, headers: Headers) -> None:
    """A page, a refusal, copies that all lie elsewhere, a wall: could_not_ask, with a sentence."""
    answer = read(text, status, headers)
    assert (answer.answer, bool(answer.problem)) == (Answer.COULD_NOT_ASK, True)


GATE = ("link", f'<{URL}>; rel="original", <{COPY}>; rel="memento"; datetime="{DATE}"')


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (302, (("location", COPY),)),
        (302, (("location", f"/web/20161213120000/{URL}"), GATE)),
        (200, (("memento-datetime", DATE), ("content-location", COPY))),
        (200, (("memento-datetime", DATE), GATE)),
        (301, (("memento-datetime", DATE), ("content-location", COPY), ("location", "/"))),
    ],
)
def test_a_timegate_gives_the_one_copy_nearest(status: int, headers: Headers) -> None:
    """An archive without TimeMaps answers by a redirect, or with the copy, named in a header."""
    answer = read("the copy's own bytes", status, headers)
    assert [row.memento for row in answer.rows] == [COPY]
    assert answer.rows[0].timestamp == "20161213120000"


@given(st.integers(100, 599), st.text(alphabet='<>;,="relmnto: \n\\/', max_size=200))
def test_no_answer_raises(status: int, text: str) -> None:
    """Whatever comes, it ends in one of the four answers."""
    answer = read(text, status)
    assert bool(answer.rows or answer.parts) == (answer.answer is Answer.HAS)


def test_a_map_of_a_hundred_thousand_links_is_read() -> None:
    """A long map is read at one pass: broken quotes in it do not make it slow."""
    rows = [f'<{WEB}2016{n:010}/{URL}>; rel="memento; datetime=\n' for n in range(100_000)]
    assert read(FRAME + ",".join(rows)).answer in Answer


def test_the_dialect_and_its_reader_are_plain_values() -> None:
    """Both cross to a worker process and back."""
    mine = dialect(SECTION)
    assert pickle.loads(pickle.dumps(mine)) == mine  # noqa: S301
    reader = pickle.loads(pickle.dumps(mine.read_rows))  # noqa: S301
    assert reader(404, (), b"") == RowsAnswer(answer=Answer.HAS_NOT)
