"""What came of the demo, page by page, beside the known answer."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from crawler.cli.printing import bold, room
from crawler.cli.progress import tally
from crawler.demo.play import Case
from crawler.errors import ExitCode
from crawler.plans import HarvestReport
from storage.library import PageRow

_NO_TEXT = "none"
_HEADS = ("page", "verdict", "text from", "reason")
_PATHS = range(20, 50)  # characters of a path: by the room there is
_ROOM, _BETWEEN = 100, 6  # columns of a line at most, and of the gaps in it


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One page: what was found, and whether it is what the play says."""

    url: str
    about: str
    verdict: str
    text: str  # where the text held comes from
    reason: str
    is_right: bool


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
        """Return the result for people: each page, the tally, where the files are, what next."""
        return "\n".join(self._told(kept))

    def _told(self, kept: Path | None) -> Iterator[str]:
        yield from _pages(self.lines)
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
    order = list(dict.fromkeys(line.about for line in lines))
    lines.sort(key=lambda line: order.index(line.about))  # alike pages together
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
    )


def _pages(lines: Sequence[Line]) -> Iterator[str]:
    """Yield each page under what befell it: path, verdict, where its text is from, the reason.

    The JSON output has the whole addresses.
    """
    grid = [_HEADS, *(_cells(line) for line in lines)]
    widths = [max(len(row[at]) for row in grid) for at in range(len(_HEADS))]
    path = min(max(min(room(), _ROOM) - sum(widths[1:]) - _BETWEEN, _PATHS.start), widths[0])
    widths[0] = min(path, _PATHS.stop)
    yield bold(_aligned(_HEADS, widths))
    for about, alike in groupby(lines, key=lambda line: line.about):
        yield bold(about)
        yield from (_aligned(_cells(line), widths) for line in alike)


def _cells(line: Line) -> tuple[str, ...]:
    verdict = line.verdict if line.is_right else f"WRONG: {line.verdict}"
    return f"  {unquote(urlsplit(line.url).path)}", verdict, line.text, line.reason


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    first = cells[0] if len(cells[0]) <= widths[0] else f"{cells[0][: widths[0] - 3]}..."
    pairs = zip((first, *cells[1:]), widths, strict=True)
    return "  ".join(cell.ljust(width) for cell, width in pairs).rstrip()


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
