"""The case that is crawled: which real page lies where, which are lost, what the archive holds.

A tenth of the addresses, by a seeded choice, answer 404, or 200 with a page that is not the
article. The archive has a good copy of each but the last few, and around it what archives really
have: captures of the not-found page itself, revisits, archived errors.
"""

import gzip
import json
import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from corpus_absence import NOTICES, Notice, emptied, generic

from crawler.core.urls import canonicalize
from crawler.demo.urlkey import urlkey

HOSTS = tuple(f"127.0.0.{number}" for number in range(20, 30))
SEED = 20
LOST_SHARE = 10  # one page in so many
UNHELD = 3  # lost pages that no archive holds
TEASERS = 8
_FIRST_LINE = 160  # characters of a teaser
_SLUG = re.compile(r"[^a-z0-9]+")
_UNDATED = datetime(2023, 6, 1, 12, tzinfo=UTC)

Absence = Literal["gone", "emptied", "generic"]
Holding = Literal["plain", "newest-bad", "revisits", "several", "none"]
_ABSENCES: tuple[Absence, ...] = ("gone", "emptied", "generic")
_HOLDINGS: tuple[Holding, ...] = ("plain", "newest-bad", "revisits", "several")


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What is known of a page: checked by hand, by those who made the corpus."""

    id: str
    url: str | None
    title: str
    body: str
    date: str | None  # a day


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """How a page is lost: what its address answers, and what the archive has."""

    absence: Absence
    notice: Notice
    holding: Holding
    answer: bytes  # the body served in its place


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of the corpus at its address. `lost` None: it is alive."""

    truth: Truth
    file: Path  # gzip over the original bytes
    host: str
    target: str  # path and query
    lost: Lost | None = None

    def url(self, bases: Mapping[str, str]) -> str:
        """Return the address, given each host's base URL."""
        return bases[self.host] + self.target

    @property
    def good_capture(self) -> datetime:
        """When the archive took its good copy: some days after publication."""
        day = self.truth.date
        published = datetime.fromisoformat(f"{day}T12:00:00+00:00") if day else _UNDATED
        return published + timedelta(days=3)


def read_corpus(folder: Path) -> list[Truth]:
    """Return the pages of the corpus, sorted. Raises OSError, KeyError or ValueError."""
    text = (folder / "ground-truth.jsonl").read_text(encoding="utf-8")
    rows = (json.loads(line) for line in text.split("\n") if line.strip())
    truths = [
        Truth(
            id=row["id"],
            url=row["url"],
            title=row["title"] or "",
            body=row["body"] or "",
            date=row["date"],
        )
        for row in rows
    ]
    return sorted(truths, key=lambda truth: truth.id)


def lay_out(folder: Path) -> list[Page]:
    """Place every page under a host and lose a tenth of them; the same each time."""
    truths = read_corpus(folder)
    pages = list(_placed(truths, folder / "html"))
    chosen = random.Random(SEED)
    turn = chosen.sample(range(len(pages)), len(pages) // LOST_SHARE)
    for number, place in enumerate(turn):
        holding = "none" if number >= len(turn) - UNHELD else _HOLDINGS[number % len(_HOLDINGS)]
        pages[place] = _lose(pages[place], number, holding, truths, chosen)
    return pages


def write_routes(pages: Sequence[Page], folder: Path) -> Path:
    """Write what `serve_corpus` serves. The corpus is read in place, not copied."""
    routes = folder / "routes.jsonl"
    with routes.open("w", encoding="utf-8") as lines:
        for page in pages:
            row = {"host": page.host, "target": page.target, "status": 200, "file": str(page.file)}
            if page.lost is not None:
                row["status"] = 404 if page.lost.absence == "gone" else 200
                row["file"] = str(_kept(folder, f"{page.truth.id}.lost.gz", page.lost.answer))
            lines.write(json.dumps(row) + "\n")
    return routes


def write_holdings(pages: Sequence[Page], bases: Mapping[str, str], folder: Path) -> Path:
    """Write what the archive holds, as `crawler.demo.holdings` reads it."""
    holdings = folder / "holdings.jsonl"
    with holdings.open("w", encoding="utf-8") as lines:
        for page in pages:
            for capture in _captures(page, page.url(bases), folder):
                lines.write(json.dumps(capture) + "\n")
    return holdings


def stamp(at: datetime) -> str:
    """Return a time as archives write it."""
    return at.strftime("%Y%m%d%H%M%S")


def _placed(truths: Sequence[Truth], files: Path) -> Iterator[Page]:
    """Yield pages with an address made from their own. One publisher's pages share a host."""
    sizes = Counter(_publisher(truth) for truth in truths)
    load: Counter[str] = Counter(dict.fromkeys(HOSTS, 0))
    homes: dict[str, str] = {}
    for publisher, size in sizes.most_common():
        homes[publisher] = min(HOSTS, key=lambda host: load[host])
        load[homes[publisher]] += size
    taken: set[str] = set()
    for truth in truths:
        target = _target(truth)
        first = HOSTS.index(homes[_publisher(truth)])
        turned = HOSTS[first:] + HOSTS[:first]
        host = next(name for name in turned if urlkey(f"http://{name}{target}") not in taken)
        taken.add(urlkey(f"http://{host}{target}"))
        yield Page(truth=truth, file=files / f"{truth.id}.html.gz", host=host, target=target)


def _publisher(truth: Truth) -> str:
    return urlsplit(truth.url or "").netloc


def _target(truth: Truth) -> str:
    """Return path and query of the page's own address, or a path made of its title."""
    slug = _SLUG.sub("-", truth.title.lower()).strip("-")
    parts = urlsplit(canonicalize(truth.url or f"http://unknown.invalid/{slug}"))
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _lose(
    page: Page, number: int, holding: Holding, truths: Sequence[Truth], chosen: random.Random
) -> Page:
    absence, notice = _ABSENCES[number % len(_ABSENCES)], NOTICES[number % len(NOTICES)]
    site = _publisher(page.truth).removeprefix("www.") or "The Gazette"
    headline = number % 2 == 0
    others = [truth for truth in chosen.sample(truths, TEASERS) if truth.id != page.truth.id]
    teasers = [(truth.title, truth.body[:_FIRST_LINE].replace("\n", " ")) for truth in others]
    answer = None
    if absence == "emptied":
        notice = NOTICES[0] if number % 4 else NOTICES[-1]  # the chrome's language, English here
        content = gzip.decompress(page.file.read_bytes())
        answer = emptied(content, page.truth.body, notice, site, headline=headline)
    if answer is None:
        absence = "generic" if absence == "emptied" else absence
        answer = generic(notice, site, teasers, headline=headline)
    lost = Lost(absence=absence, notice=notice, holding=holding, answer=answer)
    return Page(truth=page.truth, file=page.file, host=page.host, target=page.target, lost=lost)


def _captures(page: Page, url: str, folder: Path) -> Iterator[dict[str, Any]]:
    """Yield the captures of a page. Half of the bodies are as packed as the site sent them."""
    if page.lost is None or page.lost.holding == "none":
        return
    at = page.good_capture
    bad = _kept(folder, f"{page.truth.id}.bad.html", page.lost.answer, pack=False)
    match page.lost.holding:
        case "plain":
            yield _capture(url, at, _packed(page))
        case "newest-bad":
            yield _capture(url, at, _packed(page))
            yield _capture(url, at + timedelta(days=60), {"body_file": str(bad)})
        case "revisits":
            # The first capture is filed under a type that is none: only its revisits are offered.
            kind = {"Content-Type": "text/html"}
            yield _capture(url, at, _plain(page, folder) | {"mimetype": "unk/x", "headers": kind})
            for days in (20, 40):
                yield _capture(url, at + timedelta(days=days), {"revisit": True})
        case "several":
            yield _capture(url, at, _plain(page, folder))
            yield _capture(url, at + timedelta(days=1), {"revisit": True})
            yield _capture(url, at + timedelta(days=40), {"status": 503, "body": "<h1>Busy</h1>"})
            yield _capture(url, at + timedelta(days=60), {"body_file": str(bad)})
            yield _capture(url, at + timedelta(days=80), {"body_file": str(bad), "status": 404})


def _capture(url: str, at: datetime, more: Mapping[str, Any]) -> dict[str, Any]:
    return {"url": url, "timestamp": stamp(at), **more}


def _packed(page: Page) -> dict[str, Any]:
    return {"body_file": str(page.file), "headers": {"Content-Encoding": "gzip"}}


def _plain(page: Page, folder: Path) -> dict[str, Any]:
    content = gzip.decompress(page.file.read_bytes())
    return {"body_file": str(_kept(folder, f"{page.truth.id}.html", content, pack=False))}


def _kept(folder: Path, name: str, content: bytes, *, pack: bool = True) -> Path:
    path = folder / name
    path.write_bytes(gzip.compress(content, 6, mtime=0) if pack else content)
    return path
