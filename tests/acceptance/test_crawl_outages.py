"""A whole host that is down and comes back, a page that dies and lives again."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.crawls import Home
from support.papers import printed, stories
from support.servers import fresh_hosts
from support.wire import Route, Wire, not_found, page

PAGES = 6


@pytest.fixture
def routes() -> dict[str, Route]:
    """The routes of a little paper, to be changed by the test."""
    return {"/robots.txt": not_found, **printed(stories(PAGES))}


@pytest.fixture
def server(routes: dict[str, Route]) -> Iterator[Wire]:
    """Serve the paper as it is now."""
    with Wire(routes, host=fresh_hosts()[0]) as running:
        yield running


def crawled(home: Home, *urls: str) -> None:
    """Let all be due, and crawl."""
    if urls:
        home.configure(judge={"probe": False})
        assert home.crawl_list(urls).code == 0
        return
    home.pass_time()
    home.crawl()


def states(home: Home) -> list[str]:
    """Return the states of all pages."""
    return [row["state"] for row in home.rows("SELECT state FROM link_health ORDER BY url")]


@pytest.mark.parametrize("status", [404, 503])
def test_a_host_that_is_down_loses_no_page(
    tmp_path: Path, server: Wire, routes: dict[str, Route], status: int
) -> None:
    """All pages fail in one run: each visit says so, no page stays suspected; all come back.

    What was told before half of them had failed is told to be over.
    """
    home = Home(tmp_path)
    paths = [path for path in routes if path != "/robots.txt"]
    crawled(home, *(server.url(path) for path in paths))
    assert states(home) == ["alive"] * PAGES
    up = dict(routes)
    routes.update(dict.fromkeys(paths, page(b"<p>down</p>", status)))
    crawled(home)
    assert states(home) == ["alive"] * PAGES
    failed = home.one("SELECT count(*) FROM visits WHERE http_status = ?", status)
    assert failed == PAGES
    assert home.one("SELECT count(*) FROM articles") == PAGES
    routes.update(up)
    crawled(home)
    assert states(home) == ["alive"] * PAGES
    told = home.rows("SELECT count(*) AS n FROM changes WHERE kind = 'state' GROUP BY url")
    assert {row["n"] for row in told} <= {2}


def test_a_dead_page_that_lives_again_is_told(
    tmp_path: Path, server: Wire, routes: dict[str, Route]
) -> None:
    """A page gone for good by a 410 is alive at its last recheck, and `show` tells both."""
    home = Home(tmp_path)
    paths = [path for path in routes if path != "/robots.txt"]
    crawled(home, *(server.url(path) for path in paths))
    up = routes[paths[0]]
    routes[paths[0]] = page(b"<p>gone</p>", 410)
    crawled(home)
    assert states(home).count("dead") == 1
    routes[paths[0]] = up
    crawled(home)
    assert states(home) == ["alive"] * PAGES
    url = server.url(paths[0])
    kinds = home.rows("SELECT kind FROM changes WHERE url = ? ORDER BY seq", url)
    assert [row["kind"] for row in kinds] == ["new", "state", "state"]
    shown = home.run("show", url).out
    assert shown.count("  state, change ") == 2
