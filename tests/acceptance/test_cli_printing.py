"""What is printed: JSON a program can read, text a terminal shows and does not obey."""

import io
import json
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.cli.printing import block, emit, table
from crawler.cli.progress import PlainLines, describe, progress
from crawler.cli.values import cell, plain, to_json, utc
from crawler.core.words import Outcome, State
from crawler.plans import Progress

NOON = datetime(2026, 1, 2, 14, 0, tzinfo=timezone(timedelta(hours=2)))


@dataclass(frozen=True)
class Life:
    """A result as the read side may give it."""

    url: str
    state: State
    seen: datetime
    body: bytes
    secret: str = field(repr=False, default="hidden")
    visits: tuple[dict[str, object], ...] = ()


LIFE = Life(
    url="https://courier.example/a",
    state=State.ALIVE,
    seen=NOON,
    body=b"\x00\x01",
    visits=({"outcome": Outcome.FETCHED, "status": 200}, {"outcome": Outcome.TIMED_OUT}),
)


def test_json_has_utc_times_words_and_no_bytes() -> None:
    """Times end in Z, enums are their words, bytes are only counted, hidden fields stay so."""
    assert json.loads(to_json(LIFE)) == {
        "url": "https://courier.example/a",
        "state": "alive",
        "seen": "2026-01-02T12:00:00Z",
        "body": "<2 bytes>",
        "visits": [{"outcome": "fetched", "status": 200}, {"outcome": "timed_out"}],
    }


def test_odd_values_have_a_form() -> None:
    """Infinity is null, a surrogate is replaced, sets are sorted, durations are seconds."""
    odd = {
        Outcome.FETCHED: float("nan"),
        "text": "a\udce9",
        "set": frozenset({"b", "a"}),
        "wait": timedelta(minutes=1),
        "path": Path("x"),
    }
    told = json.loads(to_json(odd))
    assert told == {"fetched": None, "text": "a?", "set": ["a", "b"], "wait": 60.0, "path": "x"}


def test_a_naive_time_is_refused() -> None:
    """A time without a zone would lie to somebody."""
    with pytest.raises(TypeError):
        utc(datetime(2026, 1, 1))  # noqa: DTZ001 - the point of the test
    with pytest.raises(TypeError):
        plain(object())
    assert utc(datetime(2026, 1, 1, 0, 0, 0, 5000, UTC)) == "2026-01-01T00:00:00.005Z"


@given(st.text())
def test_no_text_can_drive_a_terminal(text: str) -> None:
    """A title with escape sequences or direction marks is one harmless line."""
    shown = cell(text)
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert len(shown.splitlines()) <= 1


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "-"),
        (True, "yes"),
        (1.5, "1.5"),
        (2.0, "2"),
        ("a\n b", "a b"),
        ({"fetched": 3}, "fetched 3"),
        ([], "-"),
        (("a", "b"), "a, b"),
        ("\x1b[31mred", "\ufffd[31mred"),
    ],
)
def test_cells_are_short_and_plain(value: object, shown: str) -> None:
    """Each kind of value has one spelling for people."""
    assert cell(value) == shown


def test_a_table_elsewhere_is_aligned_columns() -> None:
    """Where there is no terminal a table is text whose columns line up; nothing is cut off."""
    url = "https://courier.example/" + "x" * 200
    lines = table([{"url": url, "n": 1}, {"url": "short", "more_of_it": "[bold]"}]).split("\n")
    assert lines[0] == "url".ljust(len(url)) + "  n  more_of_it"
    assert lines[1] == f"{url}  1  -"
    assert lines[2] == "short".ljust(len(url)) + "  -  [bold]"


def test_wide_records_stand_one_below_the_other() -> None:
    """Records of many long fields are blocks, without the fields that hold nothing."""
    wide = {f"field_{n}": "x" * 40 for n in range(6)}
    lines = table([wide | {"empty": None}, {"field_0": "y", "zero": 0}]).split("\n")
    assert lines[:2] == ["field_0  " + "x" * 40, "field_1  " + "x" * 40]
    assert lines[6:] == ["", "field_0  y", "zero     0"]


def test_a_block_lines_its_values_up() -> None:
    """Names stand left, values in one column; a text of several lines stands below its name."""
    assert block({"a": 1, "longer_name": None, "text": "one\ntwo"}) == (
        "a            1\nlonger_name  -\ntext\n    one\n    two"
    )


def test_a_result_is_a_block_and_its_tables(capsys: pytest.CaptureFixture[str]) -> None:
    """Plain fields come first, records as a table under their name; talk is not on stdout."""
    emit(LIFE, as_json=False)
    printed = capsys.readouterr()
    first, second = printed.out.rstrip("\n").split("\n\n")
    assert first.startswith("url    https://courier.example/a\nstate  alive")
    assert second == "visits\noutcome    status\nfetched    200\ntimed_out  -"
    assert printed.err == ""


def test_what_the_terminal_cannot_encode_is_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Output to an ASCII terminal is escaped, not a UnicodeEncodeError."""
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    emit({"title": "Zürich"}, as_json=False)
    assert raw.getvalue() == b"title  Z\\xfcrich\n"


class Terminal(io.StringIO):
    """A stream that calls itself a terminal."""

    def isatty(self) -> bool:
        """Say yes."""
        return True


def at(elapsed: float, done: int = 10) -> Progress:
    tally = {"fetched": done - 2, "timed_out": 2, "dns_failed": 0}
    return Progress(done=done, due=5, in_flight=3, tally=tally, recovered=1, elapsed=elapsed)


def test_a_progress_line_says_what_is_done_and_left() -> None:
    """One line: done, due, in flight, speed, recovered, outcomes by frequency."""
    assert describe(at(4)) == (
        "10 done, 5 due, 3 in flight, 2.5 pages/s, 1 recovered (8 fetched, 2 timed_out)"
    )
    assert "0.0 pages/s" in describe(at(0))


def test_plain_progress_comes_now_and_then() -> None:
    """Where there is no terminal a line comes when `every` seconds of the harvest have passed."""
    stream = io.StringIO()
    with progress(10, stream) as show:
        assert isinstance(show, PlainLines)
        for elapsed in (1, 9, 10, 11, 19.9, 20, 45, 46):
            show(at(elapsed, done=int(elapsed) + 2))
    lines = stream.getvalue().splitlines()
    assert [line.split()[0] for line in lines] == ["12", "22", "47"]
    assert "\x1b" not in stream.getvalue()


def test_a_terminal_gets_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal the bar shows done of all and the outcomes; NO_COLOR takes its colours."""
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    stream = Terminal()
    with progress(10, stream) as show:
        show(at(4))
    assert "10/18" in stream.getvalue()
    assert "8 fetched" in stream.getvalue()
    assert "\x1b[3" not in stream.getvalue()


def test_a_terminal_gets_drawn_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal a long URL is folded, not cut, and markup in a title is only text."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("NO_COLOR", "1")
    drawn = table([{"url": "https://courier.example/" + "x" * 40, "title": "[bold]x"}])
    assert drawn.count("x") >= 41
    assert "[bold]x" in drawn
