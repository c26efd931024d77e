"""robots.txt and the pace of a crawl, as the newspaper's own log saw them."""

import pytest
from support.crawls import assert_paced
from support.routes import SITES, Crawled

CRAWL_DELAY = 1.2  # seconds, as the host "paced" asks for


def test_a_disallowed_page_is_never_asked_for(every_route: Crawled) -> None:
    """robots.txt forbids it: no request, the row says so, and other pages of the host come."""
    assert not [path for path in every_route.paths("news") if path.startswith("/robots-denied")]
    visit = every_route.home.visit(every_route.case("news", "/robots-denied").url)
    assert visit["problem"].endswith("/robots.txt disallows it")
    assert visit["warc_file"] is None
    assert len(every_route.paths("news")) > 5


@pytest.mark.parametrize("site", ["error", "deny", "drop", "silent"])
def test_a_host_without_leave_gets_no_request_but_one_for_robots(
    every_route: Crawled, site: str
) -> None:
    """A 503, a general no, a broken or a silent robots.txt: the page stays unasked."""
    assert every_route.paths(site) == ["/robots.txt"]


def test_a_host_without_rules_is_free(every_route: Crawled) -> None:
    """A robots.txt that is not there forbids nothing."""
    first, second = every_route.paths("missing")
    assert first == "/robots.txt"
    assert second.startswith("/article")


def test_robots_is_asked_once_a_host_and_before_all_else(every_route: Crawled) -> None:
    """One question in a run, whatever the number of pages; the page `/robots.txt` is a page."""
    for site in SITES:
        paths = every_route.paths(site)
        assert paths[0] == "/robots.txt"
        assert paths.count("/robots.txt") == (2 if site == "news" else 1)


def test_a_crawl_delay_is_kept(every_route: Crawled) -> None:
    """Between two pages of a host lies at least what its robots.txt asks for."""
    host = every_route.host("paced")
    pages = [one for one in every_route.asked if one.host == host and one.path != "/robots.txt"]
    assert len(pages) == 4
    assert_paced(pages, CRAWL_DELAY)


def test_the_crawl_says_who_it_is_and_what_it_can_read(every_route: Crawled) -> None:
    """Every request bears our name and the encodings that the readers undo."""
    for asked in every_route.asked:
        assert (asked.user_agent or "").startswith("newsmorgue/")
        encodings = asked.accept_encoding or ""
        assert "gzip" in encodings or (asked.path, encodings) == ("/robots.txt", "identity")
        assert "cookie" not in asked.headers
        assert "referer" not in asked.headers
