"""Lists of URLs that users bring: plain or CSV, from a file or from standard input.

A plain list has one URL a line; `#` starts a comment. A CSV has its URLs in the column headed
`url` (or a word like it), else in the first cell of a row that is a URL. A name that ends in .csv
or .tsv, or a first line that is such a heading, makes it a CSV; otherwise commas belong to the
URL, as at papers that have `/0,1518,1234,00.html`. UTF-8 and UTF-16 with a byte order mark, any
line ends. A line that is no URL is named and left out; it never stops the others.
"""

import codecs
import csv
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from crawler.errors import UsageError

STDIN = "-"
_HEADINGS = frozenset({"url", "urls", "uri", "link", "links", "address", "location", "loc"})
_WITH_URL = re.compile(r"(?:^|[\W_])ur[il](?:$|[\W_])")
_DELIMITERS = re.compile("[\t;,]")
_COMMENT = re.compile(r"(?:^|\s)#.*")
_HAS_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_NAMED = 20  # bad lines told one by one
_SHOWN = 80  # characters of a bad line that are repeated


@dataclass(frozen=True, slots=True, kw_only=True)
class BadLine:
    """A line without a usable URL: its number from 1, what stood there, and why not."""

    number: int
    text: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UrlList:
    """The URLs of a list in order and once each, and the lines that gave none."""

    source: str
    urls: tuple[str, ...]
    bad: tuple[BadLine, ...]

    def complaints(self) -> Iterator[str]:
        """Yield a line of talk for each bad line, the first of them at least."""
        for line in self.bad[:_NAMED]:
            shown = line.text[:_SHOWN].encode("ascii", "backslashreplace").decode()
            yield f"{self.source}:{line.number}: skipped {shown!r}: {line.why}"
        if len(self.bad) > _NAMED:
            yield f"{self.source}: {len(self.bad) - _NAMED} more lines skipped"


def read_list(source: str, tell: Callable[[str], object]) -> tuple[str, ...]:
    """Return the URLs of a file, or of standard input for "-"; `tell` gets the complaints.

    Raises UsageError when it cannot be read or holds no URL at all.
    """
    found = parse_list(_read(source), source if source != STDIN else "standard input")
    for complaint in found.complaints():
        tell(complaint)
    if found.urls:
        return found.urls
    why = "every line was skipped" if found.bad else "it is empty"
    raise UsageError(f"{found.source} names no URL", why, "Write one http or https URL a line")


def parse_list(data: bytes, source: str) -> UrlList:
    """Return the URLs among a list's bytes. `source` is its name, for the talk and its ending."""
    text = _decode(data)
    urls: dict[str, None] = {}
    bad: list[BadLine] = []
    for number, candidate in _csv(text) if _is_csv(text, source) else _plain(text):
        why = objection(candidate)
        if why is None:
            urls[candidate] = None
        else:
            bad.append(BadLine(number=number, text=candidate, why=why))
    return UrlList(source=source, urls=tuple(urls), bad=tuple(bad))


def objection(url: str) -> str | None:
    """Return why a text is no URL that can be crawled, or None if it is one."""
    from crawler.core.urls import BadUrl, canonicalize  # noqa: PLC0415 - not for --help

    if any("\udc80" <= character <= "\udcff" for character in url):
        return "it is not UTF-8"
    if not _HAS_SCHEME.match(url) and "." in url and " " not in url:
        return f"it has no scheme; write https://{url.lstrip('/')}"
    if any(character.isspace() for character in url):
        return "a URL holds no spaces"
    try:
        canonicalize(url)
    except BadUrl as error:
        return error.why
    return None


def _read(source: str) -> bytes:
    """Return a list's bytes."""
    try:
        return sys.stdin.buffer.read() if source == STDIN else Path(source).read_bytes()
    except OSError as error:
        why = error.strerror or str(error)
        raise UsageError(f"the list {source} cannot be read", why, "Check its name") from None


def _decode(data: bytes) -> str:
    """Return the text; bytes that are not UTF-8 stay visible to `objection`."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", errors="replace")
    return data.decode("utf-8-sig", errors="surrogateescape")


def _plain(text: str) -> Iterator[tuple[int, str]]:
    """Yield (line number, text) for each line that is not empty and no comment."""
    for number, line in enumerate(re.split("\r\n|\n|\r", text), start=1):
        candidate = _COMMENT.sub("", line).strip()
        if candidate and not (number == 1 and candidate.casefold() in _HEADINGS):
            yield number, candidate


def _is_csv(text: str, source: str) -> bool:
    """Whether the list's name or its first line says that it is a CSV."""
    first = next((line for _, line in _plain(text[:10_000])), "")
    return source.casefold().endswith((".csv", ".tsv")) or _heading(_cells(first)) is not None


def _cells(line: str) -> list[str]:
    """Return the cells of a heading line."""
    return [cell.strip(" \"'").casefold() for cell in _DELIMITERS.split(line)]


def _heading(cells: list[str]) -> int | None:
    """Return which cell heads the URLs: the bare word, else one that holds it (`Article URL`)."""
    bare = next((at for at, cell in enumerate(cells) if cell in _HEADINGS), None)
    if bare is not None or any(_looks_like_url(cell) for cell in cells):
        return bare
    return next((at for at, cell in enumerate(cells) if _WITH_URL.search(cell)), None)


def _csv(text: str) -> Iterator[tuple[int, str]]:
    """Yield (line number, text) of the cell of each row that is, or should be, a URL."""
    column: int | None = None
    for place, (number, cells) in enumerate(_rows(text)):
        if place == 0 and not any(_looks_like_url(cell) for cell in cells):
            column = _heading([cell.casefold() for cell in cells])
        else:
            yield number, _cell(cells, column)


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield (line number, cells) of each row that is not empty and no comment."""
    first = text.lstrip().split("\n", 1)[0]
    delimiter = next((mark for mark in "\t;," if mark in first), ",")
    reader = csv.reader(re.split("(?<=\n)", text), delimiter=delimiter)
    while True:
        try:
            cells = [cell.strip() for cell in next(reader)]
        except StopIteration:
            return
        except csv.Error as error:
            cells = [f"({error})"]
        if any(cells) and not cells[0].startswith("#"):
            yield reader.line_num, cells


def _cell(cells: list[str], column: int | None) -> str:
    """Return the cell under the heading, else the first that looks like a URL, else the first."""
    if column is not None:
        return cells[column] if column < len(cells) else ""
    return next((cell for cell in cells if _looks_like_url(cell)), cells[0])


def _looks_like_url(cell: str) -> bool:
    """Whether a cell has the scheme of a web address."""
    return cell[:8].casefold().startswith(("http://", "https://"))
