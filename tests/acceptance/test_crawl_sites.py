"""Sites as they come: without feeds, moved, on two hosts, empty, no news, broken, huge, shared."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from support.crawls import Home
from support.papers import (
    feed,
    feed_link,
    front,
    linked,
    make_lists_due,
    printed,
    robots,
    sitemap,
    stories,
)
from support.servers import fresh_hosts
from support.wire import Route, Wire, page, raw, redirect

from crawler.core.offers import FEED_PATHS, SITEMAP_PATHS
from crawler.errors import ExitCode

GUESSES = (*FEED_PATHS, *SITEMAP_PATHS)
TODAY = datetime.now(UTC).strftime("%Y-%m-%d")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with a configuration and no archive."""
    home = Home(tmp_path)
    home.configure()
    return home


@contextmanager
def served(routes: Mapping[str, Route]) -> Iterator[Wire]:
    """Serve a site on a host of its own."""
    with Wire(routes, host=fresh_hosts()[0]) as site:
        yield site


def crawled(home: Home, *arguments: object, code: int = 0) -> dict[str, Any]:
    """Crawl and return the report, with what was said as `err`."""
    ran = home.crawl(*arguments, "--json")
    assert ran.code == code, ran.err
    assert "Traceback" not in ran.err
    return {**json.loads(ran.out), "err": ran.err}


def asked(site: Wire, since: int = 0) -> Counter[str]:
    """Return what was asked of a site, robots.txt left out."""
    return Counter(path for path in site.paths()[since:] if path != "/robots.txt")


def held(home: Home, column: str = "url") -> list[str]:
    """Return the addresses of all articles."""
    return sorted(row["it"] for row in home.rows(f"SELECT {column} AS it FROM articles"))


def test_a_site_that_names_no_feed(home: Home) -> None:
    """The usual places are tried once: the feed that is there is read again, the others never."""
    told = stories(4)
    with served({"/": front(linked(told[:1])), "/feed": feed(told), **printed(told)}) as site:
        crawled(home, site.url())
        assert asked(site) == Counter(["/", *GUESSES, *(one.path for one in told)])
        assert held(home) == sorted(site.url(one.path) for one in told)
        wrong = home.rows("SELECT url FROM link_health WHERE kind <> 'page'")
        assert sorted(row["url"] for row in wrong) == [site.url(), site.url("/feed")]
        make_lists_due(home)
        before = len(site.hits)
        crawled(home)
        assert asked(site, before) == Counter(["/", "/feed"])


def test_a_feed_on_another_host(home: Home) -> None:
    """A feed elsewhere is read, what it lists of the site is fetched, and both are the site's."""
    told = stories(3)
    with served(printed(told)) as site:
        with served({"/paper.rss": feed(told, origin=site.base)}) as feeds:
            home_page = front(head=feed_link(feeds.url("/paper.rss")))
            site.routes = {**site.routes, "/": home_page}
            crawled(home, site.url())
            assert asked(feeds) == Counter(["/paper.rss"])
            assert "/robots.txt" in feeds.paths()
        assert held(home) == sorted(site.url(one.path) for one in told)
        assert set(held(home, "site")) == {site.host}


def test_a_seed_that_sends_to_another_host(home: Home) -> None:
    """A front page that redirects to a new host: that host's lists and stories are the site's."""
    told = stories(3)
    new = {"/": front(linked(told[:2])), "/robots.txt": robots("/map.xml"), **printed(told)}
    mapped = {**new, "/map.xml": sitemap([told[2].path], lambda _: TODAY)}
    with served(mapped) as there, served({"/": redirect(there.url())}) as here:
        crawled(home, here.url())
        assert held(home) == sorted(there.url(one.path) for one in told)
        assert set(held(home, "site")) == {here.host}
        assert asked(here) == Counter(["/"])
        make_lists_due(home)
        before = len(there.hits)
        crawled(home)
        again = asked(there, before)
        assert again["/"] == again["/map.xml"] == 1
        assert again.keys().isdisjoint(one.path for one in told)


@pytest.mark.parametrize(
    ("routes", "code"),
    [
        ({"/": page(b"", Content_Type="text/html")}, ExitCode.DONE),
        ({"/": front()}, ExitCode.DONE),
        ({}, ExitCode.DONE),
        ({"/": page(b"", 204)}, ExitCode.DONE),
        ({"/robots.txt": page(b""), "*": page(b"", 500)}, ExitCode.DONE),
        ({"*": page(b"", 500)}, ExitCode.FAILURES),
        ({"*": raw(b"")}, ExitCode.FAILURES),
    ],
    ids=["no bytes", "no links", "404", "204", "500", "no robots.txt", "no answer"],
)
def test_an_empty_site(home: Home, routes: Mapping[str, Route], code: int) -> None:
    """A site with nothing on it: no article, no crash, nothing asked twice; 3 if it never spoke."""
    with served(routes) as site:
        told = crawled(home, site.url(), code=code)
        assert max(asked(site).values(), default=0) <= 1
    assert held(home) == []
    assert told["finish_reason"] == "finished"


def test_a_site_that_is_not_news(home: Home) -> None:
    """A shop: its front page and sections are read, nothing is stored, and the call says so."""
    links = [
        ("/brot", "Brot"),
        ("/kuchen", "Kuchen"),
        ("/about", "Über uns"),
        ("/shop/cart", "Warenkorb"),
        ("/impressum", "Impressum"),
        ("https://elsewhere.example/", "Partner"),
    ]
    shop = {"/": front(links), "/brot": front(links[:2]), "/kuchen": front(links[:2])}
    with served(shop) as site:
        told = crawled(home, site.url())
        assert asked(site).keys() == {"/", "/brot", "/kuchen", *GUESSES}
        assert told["barren"] == [site.host]
        assert "nothing there looks like an article" in told["err"]
    assert held(home) == []


@pytest.mark.parametrize(
    "body",
    [b"", b"<rss><channel><item>", b"\x00\xff" * 500, b"<html><p>Sorry</p></html>", b"%PDF-1.4"],
    ids=["empty", "cut", "binary", "page", "pdf"],
)
def test_a_broken_feed(home: Home, body: bytes) -> None:
    """A feed that is none costs the site nothing: its front page's stories are fetched."""
    told = stories(2)
    routes = {
        "/": front(linked(told), feed_link("/feed.xml")),
        "/feed.xml": page(body, Content_Type="application/rss+xml"),
        **printed(told),
    }
    with served(routes) as site:
        crawled(home, site.url())
        assert held(home) == sorted(site.url(one.path) for one in told)
        visit = home.visit(site.url("/feed.xml"))
    assert (visit["outcome"], visit["http_status"]) == ("fetched", 200)
    assert visit["liveness"] in {"alive", "unknown"}


@pytest.mark.parametrize("count", [5_000, pytest.param(100_000, marks=pytest.mark.long)])
def test_a_huge_sitemap(home: Home, count: int) -> None:
    """Every address of it is kept once, the new are due, the bound of the call holds."""
    new = count * 3 // 5
    paths = [f"/news/{n}/council-votes-for-wall-{n}" for n in range(count)]
    big = sitemap(paths, lambda n: TODAY if n < new else "2019-05-06")
    home.configure(discovery={"first_contact": 6})
    routes = {"/": front(), "/robots.txt": robots("/sitemap.xml"), "/sitemap.xml": big}
    with served(routes) as site:
        told = crawled(home, site.url())
        assert asked(site).total() == 6
    assert told["finish_reason"] == "first_contact"
    assert home.one("SELECT count(*) FROM resource WHERE url LIKE '%/news/%'") == count
    assert home.one("SELECT count(*) FROM resource WHERE skipped = 'backfill'") == count - new
    due = "SELECT count(*) FROM frontier f JOIN resource r ON r.id = f.resource_id"
    assert home.one(f"{due} WHERE r.skipped IS NULL AND f.purpose = 'visit'") == new
    assert home.one(f"{due} WHERE r.skipped IS NOT NULL") == 0


@pytest.mark.parametrize("slash", ["", "/"])
def test_two_sites_on_one_host(home: Home, slash: str) -> None:
    """Each site gets what lies below its own front page, whoever links to it, and all once."""
    english, french = stories(3), stories(3, start=3)
    links = [*linked(english, "/en"), *linked(french, "/fr")]
    both = [href for href, _words in links]
    routes: dict[str, Route] = {
        f"/en{slash}": front(links),
        f"/fr{slash}": front(links),
        "/robots.txt": robots("/sitemap.xml"),
        "/sitemap.xml": sitemap(both),
        **printed(english, "/en"),
        **printed(french, "/fr"),
    }
    with served(routes) as site:
        sites = [{"name": name, "seeds": [site.url(f"/{name}{slash}")]} for name in ("en", "fr")]
        home.configure(sites=sites)
        crawled(home)
        lists = [f"/en{slash}", f"/fr{slash}", "/sitemap.xml", *FEED_PATHS]
        assert asked(site) == Counter([*lists, *both])
        rows = home.rows("SELECT site, url FROM articles")
    assert {(row["site"], row["url"]) for row in rows} == {
        (path[1:3], site.url(path)) for path in both
    }


def spellings(site: Wire, path: str) -> list[str]:
    """Return ten addresses of one page, as pages and people write them."""
    return [
        site.url(path),
        site.url(f"{path}#comments"),
        site.url(f"{path}?utm_source=front&utm_medium=card"),
        site.url(f"{path}?fbclid=IwAR0abc"),
        site.url(f"{path}?"),
        site.url(f"/x/..{path}"),
        site.url(f"/.{path}"),
        site.base.replace("http", "HTTP") + path,
        f"  {site.url(path)}\n",
        f"http://{site.host}:0{site.port}{path}",
    ]


@pytest.mark.parametrize("where", ["linked", "named", "listed"])
def test_ten_spellings_of_one_address(home: Home, where: str) -> None:
    """However an address is spelled, on pages, in sitemaps, by users, it is visited once."""
    (told,) = stories(1)
    routes = {**printed([told]), "/robots.txt": robots("/map.xml")}
    with served(routes) as site:
        ten = spellings(site, told.path)
        links = [(one, told.headline) for one in ten] if where == "linked" else []
        routes |= {"/": front(links), "/map.xml": sitemap([])}
        site.routes = routes
        if where == "listed":
            routes["/map.xml"] = sitemap(one.strip().removeprefix(site.base) for one in ten[:7])
        crawled(home, *((one.strip() for one in ten) if where == "named" else [site.url()]))
        assert sum(n for path, n in asked(site).items() if told.path in path) == 1
        assert home.one("SELECT count(*) FROM resource WHERE kind = 'page'") == 1
    assert len(held(home)) == 1
