"""One address of every kind the newspaper has, with what a visit to it must say.

`None` as liveness leaves the judgement to the judge's own tests.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import quote, urlsplit

from crawler.core.words import Liveness, Outcome
from crawler.demo.absence import STYLES
from crawler.demo.founding import LAYOUTS
from crawler.demo.launch import ArchiveServer, NewspaperServer
from crawler.demo.routes_pages import founding_path
from crawler.demo.server import Asked
from support.cli import Ran
from support.crawls import Home

_L, _O = Liveness, Outcome
SLUG = "council-votes-for-new-harbour-wall"
SITES = {  # host -> mode of its robots.txt; hosts are crawled side by side, their pages in turn
    "news": "ok",
    "founding": "ok",
    "absent": "ok",
    "walls": "ok",
    "hops": "ok",
    "bytes": "ok",
    "faults": "ok",
    "hang": "ok",
    "hang-body": "ok",
    "drip": "ok",
    "reading": "ok",
    "other": "ok",
    "error": "error",
    "deny": "deny",
    "missing": "missing",
    "drop": "drop",
    "silent": "hang",
    "paced": "crawl-delay:1.2",
}
MAX_SIZE = 256 * 1024  # bytes of a page in this crawl
TIMEOUT = 5  # seconds of a fetch
READING = 4  # seconds of a reading


@dataclass(frozen=True, slots=True)
class Case:
    """An address and what its visit row must hold. `url` is filled in for a running newspaper."""

    site: str
    path: str
    outcome: Outcome = _O.FETCHED
    liveness: Liveness | None = None
    status: int | None = 200
    hops: int = 0
    truncated: bool = False
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawled:
    """A finished crawl: what was asked of whom, what the command said, and its home."""

    home: Home
    ran: Ran
    paper: NewspaperServer
    archive: ArchiveServer
    cases: list[Case]
    asked: list[Asked]  # what the newspaper itself saw of the crawl

    def case(self, site: str, path: str) -> Case:
        """Return the case of a path that starts so on a site."""
        (found,) = [one for one in self.cases if one.site == site and one.path.startswith(path)]
        return found

    def host(self, site: str) -> str:
        """Return the address of a site."""
        return hosts_of(self.paper)[site]

    def paths(self, site: str) -> list[str]:
        """Return the paths that were asked for on a site, in order."""
        return [one.path for one in self.asked if one.host == self.host(site)]


def hosts_of(paper: NewspaperServer) -> dict[str, str]:
    """Return each site's address."""
    return dict(zip(SITES, paper.hosts, strict=True))


def cases(paper: NewspaperServer) -> list[Case]:
    """Return every case with its absolute address. The newspaper has a host for each of `SITES`."""
    hosts = hosts_of(paper)
    elsewhere = quote(paper.url(f"/article/9/{SLUG}", hosts["other"]), safe="")
    found = [*_pages(), *_absent(), *_walls(), *_hops(elsewhere), *_bytes(), *_faults(), *_robots()]
    known = [replace(one, url=paper.url(one.path, hosts[one.site])) for one in found]
    return [*known, *_nowhere()]


def _pages() -> Iterator[Case]:
    yield Case("news", f"/article/1/{SLUG}", liveness=_L.ALIVE)
    yield Case("news", f"/copy/1/{SLUG}", liveness=_L.ALIVE)
    yield Case("news", f"/edited/2/{SLUG}", liveness=_L.ALIVE)
    yield Case("news", "/etag/5", liveness=_L.ALIVE)
    yield Case("news", f"/robots-denied/{SLUG}", _O.ROBOTS_DISALLOWED, _L.DISALLOWED, None)
    for path in ("/", "/section/world", "/feed.xml", "/sitemap.xml", "/sitemap/1.xml"):
        yield Case("news", path)
    for path in (
        "/news-sitemap.xml",
        "/feeds/atom",
        "/feeds/broken",
        "/sitemaps/news",
        "/sitemaps/gz",
    ):
        yield Case("news", path)
    for path in ("/urls.txt", "/robots.txt", "/robots-elsewhere.txt"):
        yield Case("news", path)
    for layout in LAYOUTS:
        yield Case("founding", founding_path(layout, "en"), liveness=_L.ALIVE)


def _absent() -> Iterator[Case]:
    for style in STYLES:
        yield Case("absent", f"/soft404/{style}/en/{style}-{SLUG}", liveness=_L.SOFT_GONE)
    yield Case("absent", f"/withdrawn/en/{SLUG}", liveness=_L.WITHDRAWN)
    yield Case("absent", f"/gone404/1/{SLUG}", liveness=_L.GONE, status=404)
    yield Case("absent", f"/gone410/1/{SLUG}", liveness=_L.GONE, status=410)


def _walls() -> Iterator[Case]:
    yield Case("walls", f"/paywall/{SLUG}", liveness=_L.PAYWALLED)
    yield Case("walls", f"/consent/{SLUG}", liveness=_L.CONSENT)
    yield Case("walls", f"/challenge/{SLUG}", liveness=_L.BLOCKED, status=403)
    yield Case("walls", f"/login-redirect/{SLUG}", liveness=_L.LOGIN, hops=1)
    yield Case("walls", "/login", liveness=_L.LOGIN)
    yield Case("walls", f"/geo/{SLUG}", liveness=_L.GEO_BLOCKED, status=451)
    yield Case("walls", f"/parked/{SLUG}", liveness=_L.PARKED)
    yield Case("walls", "/shell", liveness=_L.UNKNOWN)


def _hops(elsewhere: str) -> Iterator[Case]:
    yield Case("hops", f"/moved/6/{SLUG}", liveness=_L.MOVED, hops=1)
    yield Case("hops", f"/redirect-home/{SLUG}", liveness=_L.SOFT_GONE, hops=1)
    yield Case("hops", f"/redirect-section/{SLUG}", hops=1)
    yield Case("hops", "/redirect-chain/3", liveness=_L.MOVED, hops=3)
    yield Case("hops", f"/redirect-to?url={elsewhere}", liveness=_L.MOVED, hops=1)
    yield Case("hops", f"/meta-refresh/{SLUG}?url=/", liveness=_L.SOFT_GONE)
    for path in ("/redirect-loop", "/redirect-loop/self", "/redirect-endless/1"):
        yield Case("hops", path, _O.PROTOCOL_ERROR, _L.UNREACHABLE, 302, hops=6)
    for target in ("http://10.0.0.1/story", "http://169.254.169.254/latest/meta-data"):
        refused = quote(target, safe="")
        yield Case("hops", f"/redirect-to?url={refused}", _O.REFUSED_ADDRESS, _L.UNKNOWN, None, 1)
    for target in ("file:///etc/hostname", "ftp://10.0.0.1/story"):
        unfit = quote(target, safe="")
        yield Case("hops", f"/redirect-to?url={unfit}", _O.OUT_OF_SCOPE, _L.UNKNOWN, 302, 1)


def _bytes() -> Iterator[Case]:
    yield Case("bytes", "/encoding/gzip", liveness=_L.ALIVE)
    yield Case("bytes", "/encoding/br", liveness=_L.ALIVE)
    yield Case("bytes", "/encoding/gzip?cut=50", truncated=True)
    yield Case("bytes", "/charset/windows-1256", liveness=_L.ALIVE)
    yield Case("bytes", "/type?is=image/png", liveness=_L.ALIVE)
    yield Case("bytes", "/big/20", _O.TRUNCATED, _L.ALIVE, truncated=True)
    yield Case("reading", "/bomb/gzip?mb=64", liveness=_L.UNKNOWN, truncated=True)
    yield Case("reading", "/slow-reading/inline", _O.READING_TIMED_OUT, _L.UNKNOWN)
    yield Case("reading", f"/article/3/{SLUG}", liveness=_L.ALIVE)


def _faults() -> Iterator[Case]:
    yield Case("faults", "/drop", _O.CONNECT_FAILED, _L.UNREACHABLE, None)
    yield Case("faults", "/partial", _O.TRUNCATED, _L.ALIVE, truncated=True)
    yield Case("faults", "/delay/0.1", liveness=_L.ALIVE)
    yield Case("faults", "/drip/0.1", liveness=_L.ALIVE)
    yield Case("faults", "/drip-head/0.1", liveness=_L.ALIVE)
    yield Case("faults", "/status/500", liveness=_L.UNREACHABLE, status=500)
    yield Case("faults", "/status/503?retry-after=90000", liveness=_L.UNREACHABLE, status=503)
    yield Case("faults", "/throttle/1?retry-after=3000", liveness=_L.THROTTLED, status=429)
    yield Case("faults", "/fails-then-works/1", liveness=_L.UNREACHABLE, status=503)
    yield Case("faults", "/bad-header", _O.PROTOCOL_ERROR, _L.UNREACHABLE, None)
    yield Case("faults", "/not-http", _O.PROTOCOL_ERROR, _L.UNREACHABLE, None)
    yield Case("hang", "/hang", _O.TIMED_OUT, _L.UNREACHABLE, None)
    yield Case("hang-body", "/hang-body", _O.TIMED_OUT, _L.UNREACHABLE, None)
    yield Case("drip", "/drip/600", _O.TIMED_OUT, _L.UNREACHABLE, None)


def _robots() -> Iterator[Case]:
    path = f"/article/4/{SLUG}"
    yield Case("error", path, _O.ROBOTS_UNREACHABLE, _L.UNREACHABLE, None)
    yield Case("deny", path, _O.ROBOTS_DISALLOWED, _L.DISALLOWED, None)
    yield Case("missing", path, liveness=_L.ALIVE)
    yield Case("drop", path, _O.CONNECT_FAILED, _L.UNREACHABLE, None)
    yield Case("silent", path, _O.TIMED_OUT, _L.UNREACHABLE, None)
    for number in range(1, 5):
        yield Case("paced", f"/article/{number}/{SLUG}", liveness=_L.ALIVE)


def _nowhere() -> Iterator[Case]:
    """Addresses behind which there is no newspaper."""
    for url, outcome, liveness in (
        ("http://no-such-paper.invalid/story", _O.DNS_FAILED, _L.HOST_GONE),
        ("http://127.255.255.1:9/story", _O.CONNECT_FAILED, _L.UNREACHABLE),
        ("http://192.168.7.7/story", _O.REFUSED_ADDRESS, _L.UNKNOWN),
    ):
        yield Case("", urlsplit(url).path, outcome, liveness, None, url=url)
