"""What came of the demo, page by page, beside the known answer."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from crawler.cli.printing import bold, room, table
from crawler.cli.progress import tally
from crawler.demo.play import Case
from crawler.errors import ExitCode
from crawler.plans import HarvestReport
from storage.library import PageRow

_NO_TEXT = "none"
_PATHS = range(15, 45)  # characters of a path in the table: by the room there is
_ROOM = 100  # columns of the table at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One page: what was found, and whether it is what the play says."""

    url: str
    about: str
    verdict: str
    text: str  # where the text held comes from
    reason: str
    is_right: bool
    is_plain: bool  # nothing befell it: it simply lives


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The whole demo. `faults` are sentences; none means that the known answer was met."""

    lines: tuple[Line, ...]
    faults: tuple[str, ...]
    report: HarvestReport

    @property
    def exit_code(self) -> int:
        """0 only if every page came out as it must."""
        return self.report.exit_code or (ExitCode.ERROR if self.faults else ExitCode.DONE)

    def as_record(self) -> dict[str, Any]:
        """Return the result for programs."""
        return {
            "exit_code": self.exit_code,
            "faults": list(self.faults),
            "tally": dict(_tally(self.lines)),
            "texts": dict(_texts(self.lines)),
            "pages": [
                {
                    "url": line.url,
                    "about": line.about,
                    "liveness": line.verdict,
                    "source": None if line.text == _NO_TEXT else line.text,
                    "reason": line.reason,
                    "as_expected": line.is_right,
                }
                for line in self.lines
            ],
            "harvest": self.report,
        }

    def told(self, kept: Path | None) -> str:
        """Return the result for people: what befell pages, the tally, the files, what next."""
        return "\n".join(self._told(kept))

    def _told(self, kept: Path | None) -> Iterator[str]:
        yield table(_rows(self.lines))
        yield ""
        yield f"{bold('Pages')}  {len(self.lines)}: {tally(_tally(self.lines))}"
        yield f"{bold('Texts')}  {tally(_texts(self.lines))}"
        right = sum(line.is_right for line in self.lines)
        yield f"{bold('Known answer')}  {right} of {len(self.lines)} pages came out as they must"
        yield ""
        yield from _where(kept, self.lines)


def compare(
    pages: Sequence[PageRow], expected: Mapping[str, Case], report: HarvestReport
) -> Result:
    """Hold what the ledger says of each page against the play."""
    found = {page.url: page for page in pages}
    lines = [_line(url, found.get(url), case) for url, case in expected.items()]
    strange = [url for url in found if url not in expected]
    faults = [
        f"{line.url} ({line.about}) came out as {line.verdict}, text: {line.text}"
        for line in lines
        if not line.is_right
    ]
    faults += [f"{url} is a page the paper does not have" for url in strange]
    return Result(lines=tuple(lines), faults=tuple(faults), report=report)


def _line(url: str, page: PageRow | None, case: Case) -> Line:
    verdict = (page and page.liveness) or "never visited"
    source = page.source if page else None
    return Line(
        url=url,
        about=case.about,
        verdict=verdict,
        text=source or _NO_TEXT,
        reason=(page and page.reason) or "",
        is_right=(verdict, source) == (case.liveness.value, case.source),
        is_plain=not (case.path or case.answers),
    )


def _rows(lines: Sequence[Line]) -> list[dict[str, str]]:
    """Return the table: a row for each page that something befell, one a language for the others.

    The JSON output has every page, with its whole address and its reason.
    """
    plain = [line for line in lines if line.is_plain and line.is_right]
    counts = Counter(line.about for line in plain)
    alike = {line.about: _row(line) for line in plain}
    rows = [_row(line) for line in lines if line not in plain]
    rows += [row | {"page": f"{counts[about]} more"} for about, row in alike.items()]
    return [row | {"page": _cut(row["page"], _path_room(rows))} for row in rows]


def _path_room(rows: Sequence[Mapping[str, str]]) -> int:
    """Return how many characters the other columns leave to a path."""
    others = [name for name in rows[0] if name != "page"]
    taken = sum(2 + max(len(name), *(len(row[name]) for row in rows)) for name in others)
    return min(max(min(room(), _ROOM) - taken, _PATHS.start), _PATHS.stop)


def _cut(path: str, width: int) -> str:
    """Return a path as people read it; the whole address stands in the JSON output."""
    return path if len(path) <= width else f"{path[: width - 3]}..."


def _row(line: Line) -> dict[str, str]:
    return {
        "page": unquote(urlsplit(line.url).path),
        "what it is": line.about,
        "verdict": line.verdict if line.is_right else f"WRONG: {line.verdict}",
        "text from": line.text,
    }


def _tally(lines: Sequence[Line]) -> Counter[str]:
    return Counter(line.verdict for line in lines)


def _texts(lines: Sequence[Line]) -> Counter[str]:
    return Counter(line.text for line in lines)


def _where(kept: Path | None, lines: Sequence[Line]) -> Iterator[str]:
    """Yield where the files are, and three commands to go on with."""
    if kept is None:
        yield "The demo's files are gone with it. To keep and look at them:"
        yield "  newsmorgue demo --keep demo"
        yield "For a real paper:"
        yield "  newsmorgue init --site https://www.courier.example/"
        yield "  newsmorgue crawl"
        return
    recovered = next((line.url for line in lines if line.text not in {_NO_TEXT, "live"}), "URL")
    yield f"Ledger: {kept / 'newsmorgue.db'}   raw bytes: {kept / 'warc'}"
    yield "Go on with:"
    yield f"  newsmorgue status --home {kept}"
    yield f"  newsmorgue show {recovered} --home {kept}"
    yield "  newsmorgue crawl https://www.courier.example/"
