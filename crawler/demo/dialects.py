"""The same stories listed in every dialect of feeds and sitemaps, sound and broken."""

import gzip
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email.utils import format_datetime
from xml.sax.saxutils import escape as xml

from crawler.demo.pages import stamp
from crawler.demo.prose import Story

_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_NEWS = "http://www.google.com/schemas/sitemap-news/0.9"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_DECLARED = '<?xml version="1.0" encoding="UTF-8"?>\n'
_XML = "application/xml; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """What a list says of its paper. `origin` is scheme, host and port."""

    origin: str
    title: str
    stories: Sequence[Story]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How a list is written, and the media type it goes by."""

    write: Callable[[Paper], bytes]
    media_type: str = _XML


def rss(paper: Paper) -> str:
    """RSS 2.0."""
    items = "".join(
        f"<item><title>{xml(one.headline)}</title><link>{paper.origin}{one.path}</link>"
        f"<guid>{paper.origin}{one.path}</guid><pubDate>{format_datetime(one.published)}</pubDate>"
        f"<description>{xml(one.standfirst)}</description></item>\n"
        for one in paper.stories
    )
    return (
        f'{_DECLARED}<rss version="2.0"><channel><title>{paper.title}</title>'
        f"<link>{paper.origin}/</link>\n<description>News</description>\n{items}</channel></rss>\n"
    )


def atom(paper: Paper) -> str:
    """Atom 1.0, with relative links and an xml:base."""
    entries = "".join(
        f"<entry><title>{xml(one.headline)}</title><link href='{one.path.removeprefix('/')}'/>"
        f"<id>urn:story:{one.number}</id><published>{stamp(one.published)}</published>"
        f"<updated>{stamp(one.modified)}</updated></entry>\n"
        for one in paper.stories
    )
    head = f"<title>{paper.title}</title><id>urn:paper</id>"
    return (
        f'{_DECLARED}<feed xmlns="http://www.w3.org/2005/Atom" xml:base="{paper.origin}/">{head}\n'
        f"{entries}</feed>\n"
    )


def rdf(paper: Paper) -> str:
    """RSS 1.0."""
    items = "".join(
        f'<item rdf:about="{paper.origin}{one.path}"><title>{xml(one.headline)}</title>'
        f"<link>{paper.origin}{one.path}</link><dc:date>{stamp(one.published)}</dc:date></item>\n"
        for one in paper.stories
    )
    return (
        f'{_DECLARED}<rdf:RDF xmlns:rdf="{_RDF}" xmlns="http://purl.org/rss/1.0/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<channel rdf:about="{paper.origin}/"><title>{paper.title}</title></channel>\n'
        f"{items}</rdf:RDF>\n"
    )


def json_feed(paper: Paper) -> str:
    """JSON Feed 1.1."""
    items = [
        {
            "id": str(one.number),
            "url": paper.origin + one.path,
            "title": one.headline,
            "date_published": stamp(one.published),
        }
        for one in paper.stories
    ]
    version = "https://jsonfeed.org/version/1.1"
    return json.dumps({"version": version, "title": paper.title, "items": items})


def news(paper: Paper) -> str:
    """A news sitemap: headline, date and language of each story."""
    rows = "".join(
        f"<url><loc>{paper.origin}{one.path}</loc><news:news><news:publication><news:name>"
        f"{paper.title}</news:name><news:language>{one.language}</news:language>"
        f"</news:publication><news:publication_date>{stamp(one.published)}</news:publication_date>"
        f"<news:title>{xml(one.headline)}</news:title></news:news></url>\n"
        for one in paper.stories
    )
    return f'{_DECLARED}<urlset xmlns="{_SITEMAP}" xmlns:news="{_NEWS}">\n{rows}</urlset>\n'


def text(paper: Paper) -> str:
    """One address a line."""
    return "".join(f"{paper.origin}{one.path}\n" for one in paper.stories)


def _broken(written: str) -> str:
    """Warnings before, bare ampersands, entries without end, a page after."""
    for tag in ("item", "url"):
        written = written.replace(f"</{tag}>", "")
    written = written.replace("</title>", " & more</title>")
    return (
        f"<br />\n<b>Warning</b>: cache is cold<br />\n{written}<div>&copy; us</div></body></html>"
    )


def _cut(written: str) -> str:
    """Break off in the middle of an address, two thirds of the way."""
    return written[: written.index("/article/", len(written) * 2 // 3) + 9]


_RSS_TYPE = "application/rss+xml; charset=utf-8"
FEEDS = {
    "rss": Dialect(write=lambda paper: rss(paper).encode(), media_type=_RSS_TYPE),
    "atom": Dialect(write=lambda paper: atom(paper).encode(), media_type="application/atom+xml"),
    "rdf": Dialect(write=lambda paper: rdf(paper).encode(), media_type="application/rdf+xml"),
    "json": Dialect(
        write=lambda paper: json_feed(paper).encode(), media_type="application/feed+json"
    ),
    "utf-16": Dialect(write=lambda paper: rss(paper).encode("utf-16")),
    "mislabelled": Dialect(
        write=lambda paper: rss(paper).encode(), media_type="text/html; charset=iso-8859-1"
    ),
    "broken": Dialect(write=lambda paper: _broken(rss(paper)).encode(), media_type=_RSS_TYPE),
    "cut": Dialect(write=lambda paper: _cut(rss(paper)).encode(), media_type=_RSS_TYPE),
    "empty": Dialect(write=lambda _: b"", media_type=_RSS_TYPE),
}
SITEMAPS = {
    "news": Dialect(write=lambda paper: news(paper).encode()),
    "text": Dialect(write=lambda paper: text(paper).encode(), media_type="text/plain"),
    "gz": Dialect(
        write=lambda paper: gzip.compress(news(paper).encode(), mtime=0),
        media_type="application/gzip",
    ),
    "rss": FEEDS["rss"],
    "atom": FEEDS["atom"],
    "broken": Dialect(write=lambda paper: _broken(news(paper)).encode()),
    "cut": Dialect(write=lambda paper: _cut(news(paper)).encode()),
}
