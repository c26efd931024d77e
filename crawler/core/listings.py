"""What a feed or a sitemap lists: frozen values, free of any format.

A listing comes out of a reading worker (`crawler.discovery`) whatever the file was: RSS, Atom,
JSON Feed, a sitemap, an index of sitemaps, a plain list of addresses.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ListKind(StrEnum):
    """What the bytes of a list turned out to be."""

    FEED = "feed"  # RSS, Atom, RDF, JSON Feed
    SITEMAP = "sitemap"  # a urlset, with or without news entries
    SITEMAP_INDEX = "sitemap_index"
    TEXT = "text"  # one address a line
    NONE = "none"  # anything else: a web page, an image, nothing at all


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One address of a list, absolute, with what the list says of it. Times are aware, UTC."""

    url: str
    headline: str | None = None
    published: datetime | None = None
    modified: datetime | None = None  # a feed's updated, a sitemap's lastmod


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Everything one list gave. A broken list gives what it has, and says so in `problem`."""

    kind: ListKind
    entries: tuple[Listed, ...] = ()  # pages, in the order of the list, each address once
    lists: tuple[Listed, ...] = ()  # further lists: an index's sitemaps, a feed's next page
    title: str | None = None
    language: str | None = None  # BCP 47
    problem: str | None = None  # what was wrong with it, in one sentence
    media_type: str = ""
    decoded_size: int = 0  # bytes
    was_truncated: bool = False  # a cap or a broken content-encoding cut it short


@dataclass(frozen=True, slots=True, kw_only=True)
class ListLimits:
    """Caps inside a reading worker. A sitemap holds 50,000 entries by its standard."""

    decoded_bytes: int = 64 * 1024 * 1024
    entries: int = 100_000
    feed_entries: int = 10_000  # feedparser takes 0.2 ms for each
