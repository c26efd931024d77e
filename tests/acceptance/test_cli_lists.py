"""Lists of URLs as users bring them: every usable line is taken, every other one is named."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.cli import newsmorgue

from crawler.cli.lists import objection, parse_list, read_list
from crawler.errors import ExitCode, UsageError

A, B = "https://courier.example/a", "https://courier.example/b"
SPIEGEL = "http://www.spiegel.de/0,1518,druck-7,00.html"


def urls(data: bytes | str, source: str = "list.txt") -> tuple[str, ...]:
    raw = data.encode() if isinstance(data, str) else data
    return parse_list(raw, source).urls


@pytest.mark.parametrize(
    "data",
    [
        f"{A}\n{B}\n",
        f"{A}\r\n{B}",
        f"{A}\r{B}\r",
        f"\ufeff{A}\n\n  {B}  \n",
        f"# a comment\n{A} # said here\n{B}\t# and here\n",
        f"{A}\n{B}\n{A}\n",
        f"{A}\n{B}".encode("utf-16"),
        f"url\n{A}\n{B}\n",
        f"url,title\n{A},One\n{B},Two\n",
        f"title;URL;year\nOne, two;{A};2014\nTwo;{B};2015\n",
        f"Image,Article URL\nhttps://courier.example/i.png,{A}\nx,{B}\n",
        f'title\tLink\n"One\nmore"\t{A}\nTwo\t"{B}"\n',
    ],
)
def test_all_spellings_of_a_list_are_read(data: bytes | str) -> None:
    """Line ends, byte order marks, comments, blanks, repeats and headed CSVs do not matter."""
    assert urls(data) == (A, B)


@pytest.mark.parametrize("name", ["list.csv", "LIST.CSV"])
def test_a_csv_without_a_heading_gives_its_first_url(name: str) -> None:
    """In a file named .csv the first cell of a row that is a URL is taken."""
    assert urls(f"1,{A},x\n2,{B},https://other.example/\n", name) == (A, B)
    assert urls(f"id,page,x\n1,{A},x\n2,{B},y\n", name) == (A, B)


def test_commas_and_fragments_belong_to_a_url() -> None:
    """A plain list is not taken for a CSV because its URLs hold commas; # in a URL stays."""
    assert urls(f"{SPIEGEL}\n{A}#part\n") == (SPIEGEL, f"{A}#part")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("www.courier.example/a", "write https://www.courier.example/a"),
        ("//courier.example/a", "write https://courier.example/a"),
        ("ftp://courier.example/a", "ftp:"),
        ("mailto:desk@courier.example", "mailto:"),
        ("javascript:alert(1)", "javascript:"),
        ("https://", "https://"),
        ("https://[bad/", "https://[bad/"),
        ("https://courier.example/a b", "spaces"),
        ("a headline", ""),
        (f"{A},One", None),
        ("http://courier.example:99999/", ""),
    ],
)
def test_a_bad_line_says_why(line: str, why: str | None) -> None:
    """Each line that is no URL has its number and a reason; a comma in a path is no fault."""
    found = parse_list(f"{A}\n{line}\n{B}\n".encode(), "list.txt")
    if why is None:
        assert found.bad == ()
        return
    assert found.urls == (A, B)
    (bad,) = found.bad
    assert (bad.number, bad.text) == (2, line)
    assert bad.why
    assert why in f"{bad.why} {bad.text}"


def test_lines_in_other_encodings_are_bad_alone() -> None:
    """A line that is not UTF-8 is named; its neighbours are taken."""
    found = parse_list(f"{A}\n".encode() + b"https://x.example/\xe9\n" + B.encode(), "list.txt")
    assert found.urls == (A, B)
    assert [(bad.number, bad.why) for bad in found.bad] == [(2, "it is not UTF-8")]
    assert "\\udce9" in next(found.complaints())


def test_many_bad_lines_are_counted_not_poured_out() -> None:
    """A thousand bad lines give twenty complaints and a count."""
    found = parse_list(f"{A}\n".encode() + b"bad\n" * 1000, "list.txt")
    told = list(found.complaints())
    assert len(told) == 21
    assert "980 more" in told[-1]


def test_a_broken_csv_row_does_not_stop_the_others() -> None:
    """A cell too big for the reader is a bad line, and reading goes on."""
    huge = "x" * 200_000
    found = parse_list(f"url,title\n{A},One\n{huge},Two\n{B},Three\n".encode(), "list.csv")
    assert found.urls == (A, B)
    assert [bad.number for bad in found.bad] == [3]


@given(st.binary(max_size=300), st.sampled_from(["list.txt", "list.csv", "list.tsv"]))
def test_no_bytes_break_the_reader(data: bytes, source: str) -> None:
    """Whatever the bytes, each line ends as a URL or as a bad line, never as an exception."""
    found = parse_list(data, source)
    assert all(objection(url) is None for url in found.urls)
    assert list(found.complaints()) is not None
    assert all(complaint.isascii() for complaint in found.complaints())


@given(st.lists(st.integers(0, 10_000), min_size=1, unique=True))
def test_good_lines_come_back_in_order(numbers: list[int]) -> None:
    """What was written is what is read."""
    written = tuple(f"https://courier.example/{number}" for number in numbers)
    assert urls("\n".join(written)) == written


@pytest.mark.parametrize("content", ["", "# only this\n", "bad\nworse\n"])
def test_a_list_without_a_url_is_a_usage_error(tmp_path: Path, content: str) -> None:
    """An empty list, or one with bad lines only, is told and not taken for success."""
    path = tmp_path / "list.txt"
    path.write_text(content, encoding="utf-8")
    told: list[str] = []
    with pytest.raises(UsageError, match="names no URL"):
        read_list(str(path), told.append)
    assert len(told) == content.count("bad") + content.count("worse")


def test_the_command_names_the_bad_lines_of_standard_input(tmp_path: Path) -> None:
    """`--from -` reads standard input; with nothing usable the line, the reason and code 2."""
    ran = newsmorgue("crawl", "--from", "-", "--home", tmp_path, stdin=b"# mine\nwww.x.example\n")
    assert ran.code == ExitCode.USAGE
    assert "standard input:2: skipped 'www.x.example'" in ran.err
    assert "https://www.x.example" in ran.err


def test_bad_lines_are_told_also_when_others_are_good(tmp_path: Path) -> None:
    """The bad lines of a list are told on standard error before anything else is refused."""
    (tmp_path / "list.txt").write_text(f"{A}\nnonsense\n", encoding="utf-8")
    (tmp_path / "newsmorgue.db").write_bytes(b"no database at all " * 100)
    ran = newsmorgue("recover", "--from", tmp_path / "list.txt", "--home", tmp_path)
    assert "list.txt:2: skipped 'nonsense'" in ran.err
    assert ran.code != 0
    assert "Traceback" not in ran.err
