"""Lists are read where pages are: in worker processes, from what a real server sends."""

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from support.lists import URL, located, urlset
from support.servers import get

from crawler.core.listings import Listing, ListKind
from crawler.demo import dialects, prose
from crawler.demo.launch import NewspaperServer
from crawler.discovery.listing import read_listing
from crawler.reading.pool import ReadingPool

Fresh = Callable[..., NewspaperServer]
STORIES = 20
FEEDS = sorted(set(dialects.FEEDS) - {"cut", "empty"})
SITEMAPS = sorted(set(dialects.SITEMAPS) - {"cut"})


@pytest.fixture(scope="module")
def pool() -> Iterator[ReadingPool]:
    with ReadingPool(workers=1, time_limit=30) as running:
        yield running


def fetched(pool: ReadingPool, url: str) -> Listing:
    got = get(url)
    return asyncio.run(pool.run(read_listing, got.body, headers=got.headers, url=url))


@pytest.mark.parametrize("path", [f"/feeds/{one}" for one in FEEDS] + ["/feed.xml"])
def test_every_feed_of_the_newspaper_lists_its_stories(
    fresh_newspaper: Fresh, pool: ReadingPool, path: str
) -> None:
    """Each dialect, sound or broken, gives every story with address, headline and date."""
    paper = fresh_newspaper(articles=STORIES)
    listing = fetched(pool, paper.url(path))
    assert listing.kind == ListKind.FEED
    assert [one.url for one in listing.entries] == paper.urls(STORIES)
    for number, entry in enumerate(listing.entries, 1):
        told = prose.story(number)
        assert entry.headline is not None
        assert entry.headline.removesuffix(" & more") == told.headline
        assert entry.published == told.published
    assert bool(listing.problem) == (path == "/feeds/broken")


@pytest.mark.parametrize("name", SITEMAPS)
def test_every_sitemap_of_the_newspaper_lists_its_stories(
    fresh_newspaper: Fresh, pool: ReadingPool, name: str
) -> None:
    """News, text, packed, feeds and broken ones give every story."""
    paper = fresh_newspaper(articles=STORIES)
    listing = fetched(pool, paper.url(f"/sitemaps/{name}"))
    assert [one.url for one in listing.entries] == paper.urls(STORIES)
    assert bool(listing.problem) == (name == "broken")


@pytest.mark.parametrize("path", ["/feeds/cut", "/sitemaps/cut"])
def test_a_cut_list_of_the_newspaper_gives_its_first_part(
    fresh_newspaper: Fresh, pool: ReadingPool, path: str
) -> None:
    """What comes out of a cut list are true addresses."""
    paper = fresh_newspaper(articles=STORIES)
    listing = fetched(pool, paper.url(path))
    addresses = [one.url for one in listing.entries]
    assert STORIES // 2 < len(addresses) < STORIES
    assert addresses == paper.urls(STORIES)[: len(addresses)]
    assert listing.problem


def test_the_index_of_the_newspaper(fresh_newspaper: Fresh, pool: ReadingPool) -> None:
    """The index lists each sitemap, and each can be fetched."""
    paper = fresh_newspaper(articles=3)
    listing = fetched(pool, paper.url("/sitemaps/index"))
    assert listing.kind == ListKind.SITEMAP_INDEX
    assert len(listing.lists) == len(dialects.SITEMAPS)
    assert all(get(one.url).status == 200 for one in listing.lists)


@pytest.mark.parametrize("path", ["/", "/gone404/x", "/feeds/empty", "/feeds/none", "/sitemaps/x"])
def test_what_is_no_list_is_said_to_be_none(
    fresh_newspaper: Fresh, pool: ReadingPool, path: str
) -> None:
    """A front page, an error page and an empty body are no list, with the reason."""
    listing = fetched(pool, fresh_newspaper(articles=3).url(path))
    assert listing.kind == ListKind.NONE
    assert listing.problem


def test_a_hundred_thousand_addresses_cross_the_border(
    fresh_newspaper: Fresh, pool: ReadingPool
) -> None:
    """A sitemap at the cap is read within the worker's limits and comes back whole."""
    listing = fetched(pool, fresh_newspaper(articles=3).url("/sitemaps/large?n=100000"))
    assert (len(listing.entries), listing.problem) == (100_000, None)
    assert listing.entries[-1].url.endswith("/article/100000/story-100000")


def test_hostile_bytes_stay_within_the_worker(pool: ReadingPool) -> None:
    """A bomb of tags is read within the memory limit, and the worker lives on."""
    body = b"<urlset><url><loc>/1</loc></url>" + b"<a/>" * 6_000_000

    async def both() -> tuple[Listing, Listing]:
        bomb = await pool.run(read_listing, body, headers=(), url=URL)
        sound = urlset(located("/1")).encode()
        return bomb, await pool.run(read_listing, sound, headers=(), url=URL)

    bomb, after = asyncio.run(both())
    assert [one.url for one in bomb.entries] == ["https://times.example/1"]
    assert bomb.was_truncated
    assert bomb.problem == "It has more tags than any list."
    assert after.problem is None


def test_reading_lists_needs_neither_scrapy_nor_database_nor_trafilatura() -> None:
    """Importing the readers of lists brings in no crawler, database or page reader."""
    program = (
        "import sys, crawler.discovery.listing\n"
        "bad = {'scrapy', 'twisted', 'sqlalchemy', 'requests', 'trafilatura'} & set(sys.modules)\n"
        "sys.exit(', '.join(sorted(bad)) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
