"""Caps and broken answers: what came is kept and marked, and the crawl goes on."""

from datetime import datetime

import pytest
from support.routes import MAX_SIZE, READING, TIMEOUT, Crawled

from crawler.demo.packing import bomb

PIECE = 64 * 1024  # bytes that may come at once: a body is over its cap by less


def test_a_page_over_the_cap_is_kept_as_far_as_it_came(every_route: Crawled) -> None:
    """Of 20 MB the first part is in the WARC, marked WARC-Truncated: length; no more was read."""
    visit = every_route.home.visit(every_route.case("bytes", "/big/20").url)
    stored = every_route.home.capture(visit)
    assert stored.truncated == "length"
    assert MAX_SIZE < len(stored.body) < MAX_SIZE + 16 * PIECE
    assert visit["bytes"] == len(stored.body)
    assert "cut short (length)" in visit["problem"]


def test_a_connection_that_breaks_leaves_its_half(every_route: Crawled) -> None:
    """Half of the promised body is kept, marked WARC-Truncated: disconnect."""
    visit = every_route.home.visit(every_route.case("faults", "/partial").url)
    stored = every_route.home.capture(visit)
    assert stored.truncated == "disconnect"
    assert len(stored.body) == visit["bytes"] > 1000
    assert "cut short (disconnect)" in visit["problem"]


def test_a_compressed_body_cut_short_is_no_whole_page(every_route: Crawled) -> None:
    """Half a gzip whose length is right is seen by its missing end; its text is partial."""
    case = every_route.case("bytes", "/encoding/gzip?cut")
    visit = every_route.home.visit(case.url)
    assert visit["truncated"] == 1
    assert all(row["is_partial"] for row in every_route.home.articles(case.url))


@pytest.mark.parametrize(
    ("site", "path"), [("hang", "/hang"), ("hang-body", "/hang-body"), ("drip", "/drip/600")]
)
def test_a_server_that_does_not_finish_is_given_up(
    every_route: Crawled, site: str, path: str
) -> None:
    """Silence, half a page, a drip of bytes: all end as timed_out, and are tried again later."""
    case = every_route.case(site, path)
    visit = every_route.home.visit(case.url)
    assert f"longer than {TIMEOUT}" in visit["problem"]
    assert every_route.home.due(case.url)["visit"]["due_at"] > visit["ended_at"]
    assert every_route.paths(site).count(path) == 1


def test_a_page_that_hangs_its_worker_is_kept_unread(every_route: Crawled) -> None:
    """The worker is ended; the page's bytes are in the WARC, to be read by a better reader."""
    case = every_route.case("reading", "/slow-reading")
    visit = every_route.home.visit(case.url)
    assert f"over {READING} s" in visit["problem"]
    assert every_route.home.payload(visit)[:2] == b"\x1f\x8b"
    assert visit["bytes"] == len(every_route.home.payload(visit))
    assert every_route.home.articles(case.url) == []


def test_other_pages_go_on_beside_a_hanging_worker(every_route: Crawled) -> None:
    """While a worker is lost, pages are read all the same, on the same host and on others."""
    home = every_route.home
    slow = home.visit(every_route.case("reading", "/slow-reading").url)
    article = home.visit(every_route.case("reading", "/article").url)
    assert article["outcome"] == "fetched"
    assert slow["outcome"] == "reading_timed_out"
    later = home.one(
        "SELECT count(*) FROM visit WHERE source = 'live' AND outcome = 'fetched' AND ended_at > ?",
        slow["ended_at"],
    )
    assert later > 0


def test_a_bomb_is_kept_as_the_few_bytes_it_is(every_route: Crawled) -> None:
    """64 MB of zeros stay packed in the crawl's process and in the WARC, and are no article."""
    case = every_route.case("reading", "/bomb")
    visit = every_route.home.visit(case.url)
    assert every_route.home.payload(visit) == bomb("gzip", 64, 1)
    assert every_route.home.articles(case.url) == []


def test_what_is_not_http_is_told_as_that(every_route: Crawled) -> None:
    """Garbage instead of a status line and headers beyond repair are protocol errors."""
    for path in ("/not-http", "/bad-header"):
        visit = every_route.home.visit(every_route.case("faults", path).url)
        assert "not HTTP" in visit["problem"]
        assert visit["warc_file"] is None


def test_nowhere_has_its_own_words(every_route: Crawled) -> None:
    """A name that does not resolve and a port that refuses are told apart, in a sentence each."""
    for start, word in (("http://no-such", "does not resolve"), ("http://127.255", "connection")):
        (case,) = [one for one in every_route.cases if one.url.startswith(start)]
        assert word in every_route.home.visit(case.url)["problem"]


def test_times_are_in_order(every_route: Crawled) -> None:
    """Every visit ends after it began, within the run."""
    harvest = every_route.home.harvest()
    began, ended = (datetime.fromisoformat(harvest[name]) for name in ("started_at", "ended_at"))
    for row in every_route.home.rows("SELECT started_at, ended_at FROM visit"):
        first, last = (datetime.fromisoformat(row[name]) for name in ("started_at", "ended_at"))
        assert began <= first <= last <= ended
