"""Caps in a real crawl: what is too long is cut and kept, never thrown away, never silent."""

from support.fetch_run import run
from support.wire import Wire, endless, page, raw

from crawler.fetching.caps import ByteBudget

MIB = 1024 * 1024
PIECE = 256 * 1024  # more than one read of a socket brings
SKIP = {"skip_robots": True}


def test_a_long_page_is_cut_at_the_cap_and_kept() -> None:
    """20 MB with a length and an endless one without both end just over the cap, marked."""
    with Wire({"/long": page(b"x" * 20_000_000), "/endless": endless}) as paper:
        answer = run([paper.url("/long"), paper.url("/endless")], meta=SKIP)
    for result in answer["results"]:
        assert (result["status"], result["truncated"]) == (200, "length")
        assert 5 * MIB < result["size"] < 5 * MIB + PIECE
        assert result["head"] == "x" * 200
    assert answer["stats"]["caps/truncated"] == 2
    assert answer["in_flight"] == 0


def test_the_cap_is_chosen_per_request() -> None:
    """A feed may be longer than a page; 0 is no cap; a body of exactly the cap is whole."""
    with Wire({"*": page(b"x" * 8 * MIB)}) as paper:
        sizes = {}
        for cap in (1 * MIB, 8 * MIB, 0):
            (result,) = run([paper.url("/feed")], meta={**SKIP, "max_size": cap})["results"]
            sizes[cap] = (result["truncated"], result["size"] == 8 * MIB)
    assert sizes == {1 * MIB: ("length", False), 8 * MIB: (None, True), 0: (None, True)}


def test_a_body_that_breaks_off_is_kept_and_marked() -> None:
    """Fewer bytes than announced, or chunks without an end, are kept as cut by disconnection."""
    routes = {
        "/short": raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc"),
        "/chunks": raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"),
        "/close": raw(b"HTTP/1.1 200 OK\r\n\r\nabc"),
        "/more": raw(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdef"),
        "/empty": page(b""),
    }
    with Wire(routes) as paper:
        answer = run([paper.url(path) for path in routes], meta=SKIP)
    got = [(result["truncated"], result["size"]) for result in answer["results"]]
    cut = "disconnect"
    assert got == [(cut, 3), (cut, 3), (None, 3), (None, 3), (None, 0)]


def test_an_encoded_body_stays_as_received() -> None:
    """Bytes are not undone in the crawling process: a bomb stays small."""
    packed = b"\x1f\x8b\x08\x00" + b"not really gzip"
    with Wire({"*": page(packed, Content_Encoding="gzip")}) as paper:
        (result,) = run([paper.url("/")], meta=SKIP)["results"]
    assert result["head"] == packed.decode("latin-1")
    assert ("Content-Encoding", "gzip") in map(tuple, result["response"][1:])


def test_the_budget_counts_what_arrives_and_what_is_held() -> None:
    """In flight is both; it is full at its limit and empty when all have let go."""
    budget = ByteBudget(100)
    budget.add("request", 40)
    with budget.hold(60):
        assert (budget.in_flight, budget.is_full) == (100, True)
    assert budget.add("request", 1) == 41
    budget.drop("request")
    budget.drop("never came")
    assert (budget.in_flight, budget.is_full) == (0, False)
