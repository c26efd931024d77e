"""Little news sites of a test's own on `support.wire`: a front page, stories, lists of them."""

import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from email.utils import format_datetime
from html import escape

from crawler.demo.pages import plain_article, stamp
from crawler.demo.prose import Story, numbers_in, story
from support.crawls import LONG_AGO, Home
from support.lists import item, rss, urlset
from support.wire import Route, Talk, page

HTML = "text/html; charset=utf-8"
XML = "application/xml; charset=utf-8"


def stories(count: int, start: int = 0) -> list[Story]:
    """Return so many English stories; their paths are plain ASCII."""
    numbers = numbers_in("en", 5 * (start + count) + 5)
    return [story(number) for number in numbers[start : start + count]]


def printed(told: Iterable[Story], below: str = "") -> dict[str, Route]:
    """Return the pages of stories, by path; `below` goes before each path."""
    return {below + one.path: _story(one) for one in told}


def _story(told: Story) -> Route:
    return made(lambda origin: plain_article(told, origin + told.path, 0))


def linked(told: Iterable[Story], below: str = "") -> list[tuple[str, str]]:
    """Return the links to stories, as `front` takes them."""
    return [(below + one.path, one.headline) for one in told]


def front(links: Iterable[tuple[str, str]] = (), head: str = "") -> Route:
    """Return a page of links, each an address as written and its words."""
    rows = "".join(
        f'<li class="card"><a href="{escape(href)}"><h3>{escape(words)}</h3></a></li>\n'
        for href, words in links
    )
    html = f"<!DOCTYPE html><html lang=en><head><title>Paper</title>{head}</head>"
    return page(f"{html}<body><ul>{rows}</ul></body></html>".encode(), Content_Type=HTML)


def feed_link(href: str) -> str:
    """Return what names a feed in a page's head."""
    return f'<link rel="alternate" type="application/rss+xml" href="{href}">'


def made(build: Callable[[str], bytes], media_type: str = HTML) -> Route:
    """Return a route whose body is built for the origin that was asked: scheme, host, port."""

    def answer(talk: Talk) -> None:
        talk.reply(200, build(f"http://{talk.headers['host']}"), Content_Type=media_type)

    return answer


def feed(told: Iterable[Story], origin: str | None = None) -> Route:
    """Return an RSS feed of stories, here or of another origin."""

    def build(here: str) -> bytes:
        items = "".join(
            item(
                f"<title>{escape(one.headline)}</title>"
                f"<pubDate>{format_datetime(one.published)}</pubDate>",
                link=(origin or here) + one.path,
            )
            for one in told
        )
        return rss(items).encode()

    return made(build, XML)


def sitemap(paths: Iterable[str], lastmod: Callable[[int], str | None] = lambda _: None) -> Route:
    """Return a sitemap of paths; `lastmod` gives what is said of the n-th, if anything."""

    def build(origin: str) -> bytes:
        rows = "".join(
            f"<url><loc>{origin}{path}</loc>{_lastmod(lastmod(n))}</url>\n"
            for n, path in enumerate(paths)
        )
        return urlset(rows).encode()

    return made(build, XML)


def dated(told: Iterable[Story]) -> Callable[[int], str]:
    """Return what a sitemap says of when each of these stories was changed."""
    stamps = [stamp(one.modified) for one in told]
    return stamps.__getitem__


def robots(*sitemaps: str) -> Route:
    """Return a robots.txt that allows everything and names sitemaps by path."""
    return made(
        lambda origin: "".join(f"Sitemap: {origin}{path}\n" for path in sitemaps).encode(),
        "text/plain",
    )


def _lastmod(at: str | None) -> str:
    return f"<lastmod>{at}</lastmod>" if at else ""


def make_lists_due(home: Home) -> None:
    """Let the time pass after which lists are read again, and no more than that."""
    with closing(sqlite3.connect(home.path / "newsmorgue.db")) as database:
        database.execute("UPDATE frontier SET due_at = ? WHERE purpose = 'discover'", [LONG_AGO])
        database.execute("UPDATE lane SET next_due_at = ?", [LONG_AGO])
        database.commit()
