"""Twelve ways by which a stranger can name an address, for every spelling of a canary's.

The paper and the archive are real servers that play the public internet; the canary listens on
loopback and counts who comes. Each way and spelling has a path of its own at the canary.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from support.crawls import Home
from support.lists import item, located, rss, urlset
from support.wire import Route, Talk, Wire, page, redirect

FORMS = (
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f.1",
    "0x7f000001",
    "017700000001",
    "0177.0.0.01",
    "0",
    "0.0.0.0",
    "127.0.0.1.",
    "%31%32%37.0.0.1",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "①②⑦.0.0.1",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[::]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
)
ENTRIES = (
    "seed",
    "link",
    "hops",
    "refresh",
    "canonical",
    "sitemap",
    "index",
    "feed",
    "item",
    "robots",
    "cdx",
    "replay",
)
HTML, XML = "text/html; charset=utf-8", "application/xml"
_TEXT = "<p>The council voted for the new harbour wall after a long debate on its cost.</p>" * 12


@dataclass(slots=True)
class Trap:
    """The servers of one trial."""

    paper: Wire
    archive: Wire
    canaries: Sequence[Wire]

    def address(self, entry: str, number: int) -> str:
        """Return the canary's address in a spelling, as an entry names it."""
        return f"http://{FORMS[number]}:{self.canaries[0].port}/{entry}/{number}"

    def addresses(self, entry: str) -> list[str]:
        """Return all spellings of it."""
        return [self.address(entry, number) for number in range(len(FORMS))]

    @property
    def reached(self) -> list[str]:
        """The paths at which the canary was asked, robots.txt included."""
        return [path for canary in self.canaries for path in canary.paths()]

    @property
    def connections(self) -> int:
        """How often the canary was so much as connected to."""
        return sum(canary.connections for canary in self.canaries)

    def seeds(self) -> list[str]:
        """Return what the crawl is told to begin with."""
        pages = [
            self.paper.url(f"/{entry}/{number}")
            for entry in ("hops", "refresh", "canonical", "cdx", "replay")
            for number in range(len(FORMS))
        ]
        return [*self.addresses("seed"), *pages]

    def crawl(self, home: Home, *, allow: Sequence[str]) -> int:
        """Crawl all of it into a morgue and return the exit code."""
        archive = {
            "name": "mock",
            "cdx_url": self.archive.url("/cdx"),
            "replay_url": self.archive.url("/web/"),
            "lookups_per_minute": 0,
            "replays_per_minute": 0,
        }
        home.configure(
            allow=allow,
            archives=[archive],
            sites=[{"name": "paper", "seeds": [self.paper.url("/")]}],
            fetch={"timeout": 10},
        )
        return home.crawl_list(self.seeds(), "paper", "--json").code


@contextmanager
def trapped(paper: str, archive: str) -> Iterator[Trap]:
    """Start the servers; `paper` and `archive` are loopback addresses other than 127.0.0.1."""
    with ExitStack() as stack:
        four = stack.enter_context(Wire({"*": _page()}))
        six = stack.enter_context(Wire({"*": _page()}, host="::1", port=four.port))
        routes: dict[str, Route] = {}
        holdings: dict[str, Route] = {"*": _archive(lambda: trap)}
        trap = Trap(
            stack.enter_context(Wire(routes, host=paper)),
            stack.enter_context(Wire(holdings, host=archive)),
            (four, six),
        )
        routes |= _paper(trap)
        yield trap


def _page(head: str = "", body: str = _TEXT) -> Route:
    html = f"<!DOCTYPE html><html lang=en><head><title>Harbour wall</title>{head}</head>"
    return page(f"{html}<body><article>{body}</article></body></html>".encode(), Content_Type=HTML)


def _paper(trap: Trap) -> dict[str, Route]:
    listed = {entry: trap.addresses(entry) for entry in ENTRIES}
    links = "".join(
        f'<h3><a href="{url}">Council votes on harbour wall</a></h3>' for url in listed["link"]
    )
    feeds = "".join(
        f'<link rel="alternate" type="application/rss+xml" href="{url}">'
        for url in (trap.paper.url("/feed.xml"), *listed["feed"])
    )
    robots = "".join(
        f"Sitemap: {url}\n" for url in (trap.paper.url("/index.xml"), *listed["robots"])
    )
    maps = "".join(
        f"<sitemap><loc>{url}</loc></sitemap>"
        for url in (trap.paper.url("/sitemap.xml"), *listed["index"])
    )
    items = "".join(item("<title>Council votes</title>", url) for url in listed["item"])
    routes = {
        "/": _page(feeds, links),
        "/robots.txt": page(robots.encode(), Content_Type="text/plain"),
        "/index.xml": page(urlset(maps, "sitemapindex").encode(), Content_Type=XML),
        "/sitemap.xml": page(urlset(located(*listed["sitemap"])).encode(), Content_Type=XML),
        "/feed.xml": page(rss(items).encode(), Content_Type="application/rss+xml"),
    }
    for number in range(len(FORMS)):
        refresh = f'<meta http-equiv="refresh" content="0; url={listed["refresh"][number]}">'
        canonical = f'<link rel="canonical" href="{listed["canonical"][number]}">'
        routes |= {
            f"/hops/{number}": redirect(f"/hop/{number}"),
            f"/hop/{number}": redirect(_sendable(listed["hops"][number])),
            f"/refresh/{number}": _page(refresh, "<p>Moved.</p>"),
            f"/canonical/{number}": _page(canonical),
        }
    return routes


def _sendable(url: str) -> str:
    """Return an address as a header can carry it."""
    return url.encode().decode("latin-1")


def _archive(trap: Callable[[], Trap]) -> Route:
    """Answer for each lost page: the index sends elsewhere, or the copy does."""

    def answer(talk: Talk) -> None:
        entry, number = _asked_for(talk.path)
        where = _sendable(trap().address(entry, number))
        if talk.path.startswith("/web/") or entry == "cdx":
            redirect(where)(talk)
            return
        url = trap().paper.url(f"/replay/{number}")
        row = f"k 20240101000000 {url} text/html 200 {'A' * 32} 900\n"
        talk.reply(200, row.encode(), Content_Type="text/plain")

    return answer


def _asked_for(path: str) -> tuple[str, int]:
    """Return entry and number of the page an archive is asked about; any page's are at its end."""
    for entry in ("replay", "cdx"):
        for number in range(len(FORMS) - 1, -1, -1):
            if f"/{entry}/{number}" in path or f"%2F{entry}%2F{number}" in path:
                return entry, number
    return "cdx", 0
