"""The sites of `crawl.py`: which real page lies on which host, and all that leads to it.

Each host is a news site of its own: a front page with teasers and sections, a feed, robots.txt
that names a sitemap index with a news sitemap and a plain one. A third of the pages is on the
front page or in a section, and in the news sitemap; a third is in the feed only, a third in the
plain sitemap only.
"""

import gzip
import json
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

from corpus_case import Truth, read_corpus

from crawler.core.urls import canonicalize, identity

HOSTS = tuple(f"127.0.41.{number}" for number in range(1, 13))
ORIGIN = "@origin@"
"""Stands for a site's base address in what `crawl_serve` sends: the port is known only then."""
SEED = 41
_ON_FRONT, _IN_SECTION = 20, 12  # articles
_SECTIONS = (
    "politics", "business", "culture", "sport", "science", "health", "travel", "education",
    "technology", "economy", "cities", "climate", "cinema", "music", "books", "football",
    "energy", "law", "society", "food",
)  # fmt: skip
_TEASER = 160  # characters
_UNDATED = "2023-06-01"
_XML, _RSS, _HTML = "application/xml", "application/rss+xml", "text/html"
_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
_NEWS = "http://www.google.com/schemas/sitemap-news/0.9"


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A page of the corpus at one of its addresses."""

    truth: Truth
    host: str
    target: str  # path and query
    copy: int  # 0 is the page as it was fetched

    @property
    def prefix(self) -> str:
        """The part of the corpus it belongs to, such as `aed-`."""
        return f"{self.truth.id.partition('-')[0]}-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A page or file that leads to others; its text has `ORIGIN` for the site's base address."""

    host: str
    target: str
    media_type: str
    text: str


def chosen(folder: Path, sample: int | None) -> list[Truth]:
    """Return the pages of a corpus, or a seeded choice of so many."""
    truths = read_corpus(folder)
    if sample is None or sample >= len(truths):
        return truths
    return sorted(random.Random(SEED).sample(truths, sample), key=lambda truth: truth.id)


def place(truths: Sequence[Truth], copies: int) -> list[Placed]:
    """Return each page at so many hosts. The pages of one publisher share theirs."""
    taken: set[str] = {f"{host}/" for host in HOSTS}
    sizes = Counter(map(_publisher, truths))
    homes = {name: turn for turn, (name, _) in enumerate(sizes.most_common())}
    placed = []
    for truth in truths:
        target, used = _target(truth), set[str]()
        for copy in range(copies):
            first = homes[_publisher(truth)] + copy * max(1, len(HOSTS) // copies)
            host = _free_host(first, target, used, taken)
            used.add(host)
            taken.add(identity(f"http://{host}{target}"))
            placed.append(Placed(truth=truth, host=host, target=target, copy=copy))
    return placed


def _free_host(first: int, target: str, used: set[str], taken: set[str]) -> str:
    turned = (HOSTS[(first + step) % len(HOSTS)] for step in range(len(HOSTS)))
    return next(
        host
        for host in turned
        if host not in used and identity(f"http://{host}{target}") not in taken
    )


def _publisher(truth: Truth) -> str:
    return urlsplit(truth.url or "").netloc


def _target(truth: Truth) -> str:
    """Return path and query of the page's own address; a front page's says what it is about."""
    parts = urlsplit(canonicalize(truth.url or "http://unknown.invalid/"))
    if parts.path == "/" and not parts.query:
        return f"/{_day(truth).replace('-', '/')}/{truth.id}.html"
    return parts.path + (f"?{parts.query}" if parts.query else "")


def listings(pages: Sequence[Placed]) -> Iterator[Listing]:
    """Yield all that leads to these pages, site by site."""
    for host in HOSTS:
        yield from _site(host, [page for page in pages if page.host == host])


def _site(host: str, pages: Sequence[Placed]) -> Iterator[Listing]:
    linked = pages[::3]
    starts = range(_ON_FRONT, len(linked), _IN_SECTION)
    inside = [linked[start : start + _IN_SECTION] for start in starts]
    sections = dict(zip(_SECTIONS, inside, strict=False))
    if len(sections) < len(inside):
        raise ValueError(f"{len(pages)} pages are too many for one site of this benchmark")
    made = {
        "/": (_HTML, _front(host, linked[:_ON_FRONT], list(sections))),
        "/feed.xml": (_RSS, _feed(host, pages[1::3])),
        "/robots.txt": ("text/plain", f"User-agent: *\nAllow: /\nSitemap: {ORIGIN}/sitemap.xml\n"),
        "/sitemap.xml": (_XML, _index("/sitemap-news.xml", "/sitemap-pages.xml")),
        "/sitemap-news.xml": (_XML, _sitemap(linked, with_news=True)),
        "/sitemap-pages.xml": (_XML, _sitemap(pages[2::3], with_news=False)),
        **{f"/{name}/": (_HTML, _section(name, held)) for name, held in sections.items()},
    }
    for target, (media_type, text) in made.items():
        yield Listing(host=host, target=target, media_type=media_type, text=text)


def _front(host: str, pages: Sequence[Placed], sections: Sequence[str]) -> str:
    links = "".join(f'<li><a href="/{name}/">{name.title()}</a></li>' for name in sections)
    feed = '<link rel="alternate" type="application/rss+xml" title="All" href="/feed.xml">'
    return _document(f"The {host} Gazette", feed, f"<nav><ul>{links}</ul></nav>", pages)


def _section(name: str, pages: Sequence[Placed]) -> str:
    return _document(name.title(), "", '<nav><a href="/">Home</a></nav>', pages)


def _document(title: str, head: str, navigation: str, pages: Sequence[Placed]) -> str:
    teasers = "".join(
        f'<article class="card"><h3><a href="{escape(page.target)}">{_title(page)}</a></h3>'
        f"<p>{escape(page.truth.body[:_TEASER])}</p></article>\n"
        for page in pages
    )
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>{head}'
        f"</head><body><h1>{title}</h1>{navigation}<main>\n{teasers}</main></body></html>"
    )


def _feed(host: str, pages: Sequence[Placed]) -> str:
    items = "".join(
        f"<item><title>{_title(page)}</title><link>{_address(page)}</link>"
        f"<pubDate>{format_datetime(_noon(page.truth))}</pubDate></item>\n"
        for page in pages
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>{host}</title>'
        f"<link>{ORIGIN}/</link>\n{items}</channel></rss>"
    )


def _index(*targets: str) -> str:
    inside = "".join(f"<sitemap><loc>{ORIGIN}{target}</loc></sitemap>" for target in targets)
    return f'<?xml version="1.0"?><sitemapindex xmlns="{_NAMESPACE}">{inside}</sitemapindex>'


def _sitemap(pages: Sequence[Placed], *, with_news: bool) -> str:
    entries = "".join(
        f"<url><loc>{_address(page)}</loc>{_told(page, with_news=with_news)}</url>\n"
        for page in pages
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?><urlset xmlns="{_NAMESPACE}" xmlns:news="{_NEWS}">'
        f"\n{entries}</urlset>"
    )


def _told(page: Placed, *, with_news: bool) -> str:
    if not with_news:
        return f"<lastmod>{_day(page.truth)}</lastmod>"
    return (
        "<news:news><news:publication><news:name>Gazette</news:name><news:language>en"
        "</news:language></news:publication><news:publication_date>"
        f"{_noon(page.truth).isoformat()}</news:publication_date><news:title>{_title(page)}"
        "</news:title></news:news>"
    )


def _address(page: Placed) -> str:
    return escape(f"{ORIGIN}{page.target}")


def _title(page: Placed) -> str:
    return escape(page.truth.title or page.truth.id)


def _day(truth: Truth) -> str:
    return truth.date or _UNDATED


def _noon(truth: Truth) -> datetime:
    return datetime.fromisoformat(f"{_day(truth)}T12:00:00").replace(tzinfo=UTC)


def write_routes(pages: Sequence[Placed], corpus: Path, folder: Path) -> Path:
    """Write what `crawl_serve` serves; the bodies of copies are written into `folder`.

    A copy ends in a comment of its own: equal bytes would be kept once, at no cost.
    """
    routes = folder / "routes.jsonl"
    with routes.open("w", encoding="utf-8") as lines:
        for page in pages:
            file = _body(page, corpus, folder)
            row = {"host": page.host, "target": page.target, "type": _HTML, "file": str(file)}
            lines.write(json.dumps(row) + "\n")
        for one in listings(pages):
            row = {"host": one.host, "target": one.target, "type": one.media_type, "text": one.text}
            lines.write(json.dumps(row) + "\n")
    return routes


def _body(page: Placed, corpus: Path, folder: Path) -> Path:
    original = corpus / "html" / f"{page.truth.id}.html.gz"
    if page.copy == 0:
        return original
    content = gzip.decompress(original.read_bytes()) + f"\n<!-- copy {page.copy} -->\n".encode()
    path = folder / f"{page.truth.id}.{page.copy}.gz"
    path.write_bytes(gzip.compress(content, 6, mtime=0))
    return path


def urls(pages: Sequence[Placed], bases: Mapping[str, str]) -> dict[str, Placed]:
    """Return the pages by their canonical address, given each host's base address."""
    return {canonicalize(bases[page.host] + page.target): page for page in pages}
