"""What a front page, a section, a feed or a sitemap offers for the frontier, and what it does not.

Pure decisions: which links are articles, which pages and lists are read for more of them, what is
older than the site's horizon and only recorded.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import islice
from urllib.parse import urlsplit

from crawler.core import paths, shapes, urls
from crawler.core.listings import Listed, Listing, ListKind
from crawler.core.shapes import Shape, shape_of
from crawler.core.values import PageReading, Signals
from crawler.core.words import Purpose

FEED_PATHS = ("/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/feed.json")
"""Where feeds are when no page names one: the usual defaults of publishing systems."""
SITEMAP_PATHS = ("/sitemap.xml", "/sitemap_index.xml", "/news-sitemap.xml")
"""Where sitemaps are when robots.txt names none."""
BACKFILL = "backfill"
"""Why an address was not followed: it is older than the site's horizon."""

_LONG_LIST = 1_000  # undated addresses; a list that long is an archive, not news
_MOST_FEEDS, _MOST_SITEMAPS = 50, 500  # that one site may name, on whatever host they lie
_DEEPEST_LIST = 4  # lists below lists; the standard allows an index and its sitemaps
_CARDS, _PROSE = 8, 3  # teaser cards that make a list; paragraphs that make an article
_SEVERAL = 2
_FIRST_PAGES = frozenset({"index", "default", "home", "homepage"})  # of a folder
_ARTICLE_TYPES = ("Article", "BlogPosting", "Report", "Review")


class Kind(StrEnum):
    """What a resource is read as. All but pages are read for what they list."""

    PAGE = "page"
    FRONT = "front"
    SECTION = "section"
    FEED = "feed"
    SITEMAP = "sitemap"

    @property
    def is_list(self) -> bool:
        """Whether it is a file of addresses, no web page."""
        return self in {Kind.FEED, Kind.SITEMAP}

    @property
    def purpose(self) -> Purpose:
        """What an entry for it is for."""
        return Purpose.VISIT if self is Kind.PAGE else Purpose.DISCOVER


class Found(StrEnum):
    """How an address came to be known."""

    SEED = "seed"
    LINK = "link"
    FEED = "feed"
    SITEMAP = "sitemap"
    ROBOTS = "robots"
    GUESS = "guess"  # one of the usual places; nobody named it
    REDIRECT = "redirect"


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """A page where the crawl of a site begins."""

    site_id: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """An address worth keeping: `follow` gives it a frontier entry of its own."""

    url: str
    headline: str | None = None
    published: datetime | None = None
    kind: Kind = Kind.PAGE
    how: Found = Found.LINK
    follow: bool = True
    skipped: str | None = None  # why it is not followed, when it may be later
    is_late: bool = False  # after everything else that is due


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Where offers are made: the page or list, its site, and how far back the site is crawled."""

    url: str  # the address that answered
    kind: Kind
    now: datetime
    scope: urls.Scope
    depth: int = 0  # steps from a seed
    is_first: bool = False  # never read before
    sitemaps: tuple[str, ...] = ()  # as robots.txt names them
    horizon: timedelta | None = None  # None: everything is followed, however old
    sections: int = 40  # at most, of one front page


def page_offers(reading: PageReading, ground: Ground) -> tuple[Offer, ...]:
    """Return what a front or section page offers: articles, and from a front what lists more."""
    links = [
        (link, shape_of(link.url, link.text))
        for link in reading.links
        if urls.in_scope(link.url, ground.scope) is None
    ]
    articles = [
        Offer(url=link.url, headline=link.text or None)
        for link, shape in links
        if shape is Shape.ARTICLE
    ]
    if ground.kind is not Kind.FRONT:
        return tuple(articles)
    sections = (
        Offer(url=link.url, headline=link.text or None, kind=Kind.SECTION)
        for link, shape in links
        if shape is Shape.SECTION
    )
    return (
        *_lists(reading, ground),
        *islice(sections, ground.sections),
        *articles,
    )


def list_offers(listing: Listing, ground: Ground) -> tuple[Offer, ...]:
    """Return what a feed or sitemap offers: its pages, and the lists it names."""
    how = Found.FEED if listing.kind is ListKind.FEED else Found.SITEMAP
    mine = [
        (one, _issued(one))
        for one in listing.entries
        if urls.in_scope(one.url, ground.scope) is None
    ]
    too_many = sum(at is None for _one, at in mine) > _LONG_LIST
    pages = (
        _page(one, at, how, ground, too_many=too_many)
        for one, at in mine
        if not shapes.is_file(one.url)
    )
    return (*_further(listing, how, ground), *pages)


def reads_as_list(signals: Signals, url: str) -> bool:
    """Whether a page is no article but a list of them: many teasers, next to no prose, no date.

    An address that is an article's speaks for itself: an announcement of two lines is one, too.
    """
    return (
        signals.teaser_cards >= _CARDS
        and signals.prose_blocks < _PROSE
        and not signals.has_published_date
        and not _says_article(signals)
        and shape_of(url) is not Shape.ARTICLE
    )


def reads_as_article(signals: Signals) -> bool:
    """Whether what was taken for a section is an article, by its own word and its prose."""
    return _says_article(signals) and signals.prose_blocks >= _PROSE


def site_of(url: str, fronts: Collection[Front], otherwise: int | None) -> int | None:
    """Return the site an address belongs to, where several share its host.

    It is the one whose front page lies nearest above the address; `otherwise`, the site that
    found it, when none or no other does.
    """
    if len({front.site_id for front in fronts}) < _SEVERAL:
        return otherwise
    above = [
        (near, front.site_id == otherwise, front.site_id)
        for front in fronts
        if (near := nearness(url, front.url))
    ]
    return max(above)[2] if above else otherwise


def nearness(url: str, front: str) -> int:
    """Return how much of an address's path a front page above it covers, in characters.

    0 when it does not lie above. /en and /en/index.html stand above /en/x as /en/ does. Raises
    `BadUrl`.
    """
    (host, path), (its_host, its_path) = _place(url), _place(front)
    head, _, last = its_path.rpartition("/")
    folder = f"{head if '.' in last or last in _FIRST_PAGES else its_path.rstrip('/')}/"
    return len(folder) if host == its_host and f"{path}/".startswith(folder) else 0


def seed_kind(url: str) -> Kind:
    """Return what an address given by a user is: a front page, a feed, a sitemap, else a page.

    Raises `BadUrl`.
    """
    url = urls.canonicalize(url)
    last = next(reversed([part for part in urlsplit(url).path.lower().split("/") if part]), "")
    name, _, ending = last.removesuffix(".gz").rpartition(".")
    if "sitemap" in last and ending in {"xml", "txt"}:
        return Kind.SITEMAP
    is_feed = ending in {"rss", "atom", "rdf"} or last in {"feed", "rss", "atom", "feed.json"}
    if is_feed or (ending == "xml" and name):  # before the front page: /index.xml is a feed
        return Kind.FEED
    return Kind.FRONT if paths.is_front(url) else Kind.PAGE


def _lists(reading: PageReading, ground: Ground) -> Iterator[Offer]:
    """Yield the feeds and sitemaps of a site: those named, else, once, the usual places."""
    for feed in reading.feeds[:_MOST_FEEDS]:
        yield Offer(url=feed.url, headline=feed.text or None, kind=Kind.FEED)
    for sitemap in _absolute(ground.sitemaps[:_MOST_SITEMAPS], ground.url):
        yield Offer(url=sitemap, kind=Kind.SITEMAP, how=Found.ROBOTS)
    if not ground.is_first:
        return
    guesses = [(path, Kind.FEED) for path in FEED_PATHS if not reading.feeds]
    guesses += [(path, Kind.SITEMAP) for path in SITEMAP_PATHS if not ground.sitemaps]
    for path, kind in guesses:
        for url in _absolute((path,), ground.url):
            yield Offer(url=url, kind=kind, how=Found.GUESS)


def _absolute(addresses: Iterable[str], base: str) -> Iterator[str]:
    yield from filter(None, (urls.join(base, address) for address in addresses))


def _further(listing: Listing, how: Found, ground: Ground) -> Iterator[Offer]:
    """Yield the lists of its own site that a list names, to a depth no honest site has.

    The standard lets an index name its own site only; a hostile one could send us to anybody.
    """
    if ground.depth >= _DEEPEST_LIST:
        return
    for one in (one for one in listing.lists if urls.in_scope(one.url, ground.scope) is None):
        is_old = _is_old(one.modified or _issued(one), ground)
        yield Offer(
            url=one.url,
            kind=ground.kind,
            how=how,
            published=one.published,
            follow=not is_old,
            skipped=BACKFILL if is_old else None,
        )


def _page(one: Listed, at: datetime | None, how: Found, ground: Ground, *, too_many: bool) -> Offer:
    is_undated_archive = at is None and too_many and ground.horizon is not None
    is_old = how is Found.SITEMAP and (_is_old(at, ground) or is_undated_archive)
    return Offer(
        url=one.url,
        headline=one.headline,
        published=one.published,
        how=how,
        follow=not is_old,
        skipped=BACKFILL if is_old else None,
        is_late=how is Found.SITEMAP and (at is None or ground.horizon is None),
    )


def _is_old(at: datetime | None, ground: Ground) -> bool:
    return at is not None and ground.horizon is not None and at < ground.now - ground.horizon


def _issued(one: Listed) -> datetime | None:
    """Return when a page came out. Its lastmod comes last: some sitemaps date all of it today."""
    return one.published or shapes.date_in(one.url) or one.modified


@lru_cache(maxsize=1024)
def _place(url: str) -> tuple[str, str]:
    """Return host and path. An address is held against every front of its host in turn."""
    return urls.lane_host(url), urlsplit(urls.canonicalize(url)).path


def _says_article(signals: Signals) -> bool:
    types = signals.jsonld_types
    return signals.og_type == "article" or any(kind.endswith(_ARTICLE_TYPES) for kind in types)
