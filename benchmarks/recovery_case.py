"""Lost pages and what the archive has of each: see `recovery_situations` for the kinds.

Every page knows which captures are right, and the least number of requests to the archive by
which a client that knew it could bring it back, or prove that it is not there.
"""

import gzip
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

import recovery_bodies
from corpus_absence import NOTICES, generic
from corpus_case import Truth, read_corpus, stamp

from crawler.core.urls import canonicalize

SEED = 5
PAGES = 520
HOSTS = tuple(f"www.paper-{number}.example" for number in range(1, 14))
TEASERS = 12
_MARK = re.compile(r"/(\d{4})n/", re.IGNORECASE)
_FIRST_LINE = 160  # characters
_UNDATED = datetime(2019, 6, 1, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Least:
    """The requests without which the page's fate cannot be known."""

    lookups: int = 1
    replays: int = 1


@dataclass(slots=True, kw_only=True)
class Lost:
    """One lost page. `right`: timestamps at which a capture of the article was taken."""

    truth: Truth
    file: Path  # the article as gzip
    url: str
    situation: str = ""
    is_held: bool = True  # the archive has the article and can be made to give it
    is_asked: bool = True  # the archive can be asked about it at all
    least: Least = field(default_factory=Least)
    right: set[str] = field(default_factory=set)
    captures: list[dict[str, Any]] = field(default_factory=list)
    faults: list[dict[str, Any]] = field(default_factory=list)

    @property
    def mark(self) -> str:
        """What tells this page from all others in any spelling of its address."""
        return mark_of(self.url)

    @property
    def published(self) -> datetime:
        """When the article appeared, at noon."""
        day = self.truth.date
        return datetime.fromisoformat(f"{day}T12:00:00+00:00") if day else _UNDATED


class Scene:
    """Sets one page: its captures in days after publication, its faults, its garbage."""

    def __init__(self, page: Lost, chosen: Random, truths: Sequence[Truth], folder: Path) -> None:
        self.page, self.chosen = page, chosen
        self._truths, self._folder = truths, folder
        self.site = urlsplit(page.truth.url or "//The Gazette").netloc.removeprefix("www.")
        self._n = 0

    def at(self, days: float) -> str:
        """Return the timestamp so many days after publication."""
        return stamp(self.page.published + timedelta(days=days))

    def article(self, days: float, *, edition: int = 0, pack: bool = False, **more: Any) -> None:
        """Hold the article. `edition` makes other bytes of it, `pack` gzips them."""
        body = self.content(edition)
        self.page.right.add(self.at(days))
        self._hold(days, self._packed(body) if pack else body, more)

    def content(self, edition: int = 0) -> bytes:
        """Return the article's bytes; another edition ends in a comment of its own."""
        body = gzip.decompress(self.page.file.read_bytes())
        return body + f"\n<!-- edition {edition} -->".encode() if edition else body

    def again(self, days: float, *, right: bool = True, **more: Any) -> None:
        """Hold a revisit of what was taken last before."""
        if right:
            self.page.right.add(self.at(days))
        self._hold(days, None, {"revisit": True, **more})

    def garbage(self, days: float, body: bytes, **more: Any) -> None:
        """Hold something that is not the article."""
        self._hold(days, body, more)

    def redirect(self, days: float, to: str, **more: Any) -> None:
        """Hold a redirect that the site itself gave."""
        self._hold(days, b"Moved.", {"status": 301, "headers": {"Location": to}, **more})

    def wall(self, days: float, kind: str) -> None:
        """Hold a wall of a kind of `recovery_bodies.WALLS`."""
        self.garbage(days, recovery_bodies.WALLS[kind](self.site, self.chosen))

    def soft(self, days: float) -> None:
        """Hold a not-found page with status 200 and teasers of its own day."""
        notice = self.chosen.choice(NOTICES)
        body = generic(notice, self.site, self.teasers(), headline=self.chosen.random() < 0.5)
        self.garbage(days, body)

    def front(self, days: float) -> None:
        """Hold the site's front page."""
        parts = urlsplit(self.page.url)
        url = f"{parts.scheme}://{parts.netloc}/"
        self.garbage(days, recovery_bodies.home(self.site, self.teasers()), url=url)

    def another(self) -> bytes:
        """Return another article's bytes."""
        truth = next(one for one in self.chosen.sample(self._truths, 2) if one != self.page.truth)
        return gzip.decompress((self.page.file.parent / f"{truth.id}.html.gz").read_bytes())

    def teasers(self) -> list[tuple[str, str]]:
        """Return titles and first lines of other articles."""
        picked = self.chosen.sample(self._truths, TEASERS)
        others = [one for one in picked if one.id != self.page.truth.id]
        return [(one.title, one.body[:_FIRST_LINE].replace("\n", " ")) for one in others]

    def fault(self, on: str, kind: str, **more: Any) -> None:
        """Let requests about this page go wrong; see `recovery_serve`."""
        self.page.faults.append({"on": on, "url": self.page.url, "kind": kind, **more})

    def _packed(self, body: bytes) -> bytes:
        return gzip.compress(body, 6, mtime=0)

    def _hold(self, days: float, body: bytes | None, more: dict[str, Any]) -> None:
        wish = {"url": self.page.url, "timestamp": self.at(days), **more}
        if body is not None:
            self._n += 1
            place = self._folder / f"{self.page.mark}-{self._n}"
            place.write_bytes(body)
            wish["body_file"] = str(place)
        self.page.captures.append(wish)


def mark_of(address: str) -> str:
    """Return the mark that stands in an address, empty if there is none."""
    found = _MARK.search(address)
    return found[1] if found else ""


def lay_out(corpus: Path, count: int) -> list[Lost]:
    """Return so many lost pages, each at an address of its own; nothing is held of them yet."""
    truths = read_corpus(corpus)
    chosen = Random(SEED)
    order = truths[:]
    chosen.shuffle(order)
    pages: list[Lost] = []
    while len(pages) < count:
        turn = len(pages) // len(order)  # a page beyond the corpus is one again, elsewhere
        truth = order[len(pages) % len(order)]
        host = HOSTS[(len(pages) + turn) % len(HOSTS)]
        url = f"https://{host}{_path(truth, len(pages))}"
        pages.append(Lost(truth=truth, file=corpus / "html" / f"{truth.id}.html.gz", url=url))
    return pages


def _path(truth: Truth, number: int) -> str:
    """Return the path of the page's own address, made unlike all others by a folder."""
    parts = urlsplit(canonicalize(truth.url or f"http://unknown.invalid/story/{truth.id}"))
    path = parts.path.rstrip("/") or f"/{truth.id}"
    query = f"?{parts.query}" if parts.query else ""
    return f"/{2000 + number}n{path}{query}"


def write_plan(
    pages: Sequence[Lost], storms: Sequence[dict[str, Any]], folder: Path, name: str
) -> Path:
    """Write what `recovery_serve` holds and what goes wrong there."""
    holdings = folder / f"{name}.holdings.jsonl"
    with holdings.open("w", encoding="utf-8") as lines:
        for page in pages:
            for capture in in_order(page):
                lines.write(json.dumps(capture) + "\n")
    plan = {
        "holdings": str(holdings),
        "faults": [fault for page in pages for fault in page.faults],
        "storms": list(storms),
    }
    place = folder / f"{name}.plan.json"
    place.write_text(json.dumps(plan), encoding="utf-8")
    return place


def in_order(page: Lost) -> Iterator[dict[str, Any]]:
    """Yield the captures of a page oldest first: a revisit needs what it revisits."""
    yield from sorted(page.captures, key=lambda capture: capture["timestamp"])
