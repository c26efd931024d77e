"""robots.txt in a real crawl: what each answer of a server means for its pages."""

import gzip
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from typing import Any

from support.fetch_run import outcomes, run
from support.wire import Route, Talk, Wire, endless, page, raw, redirect

DENY = b"User-agent: *\nDisallow: /secret\n"
BIG = DENY + (b"# " + b"x" * 97 + b"\n") * 60_000 + b"Disallow: /late\n"  # 6 MB
QUICK = {"DOWNLOAD_TIMEOUT": 6}


def chain(length: int) -> dict[str, Route]:
    """Return robots.txt behind so many redirects."""
    names = ["/robots.txt", *(f"/hop{number}" for number in range(1, length)), "/rules"]
    hops = {name: redirect(after) for name, after in pairwise(names)}
    return {**hops, "/rules": page(DENY)}


# What a server does with /robots.txt -> how its pages /secret, /late and /open end.
FREE, RULED, UNREACHABLE = (200,) * 3, ("robots_disallowed", 200, 200), ("robots_unreachable",) * 3
MATRIX: dict[str, tuple[dict[str, Route], tuple[Any, ...]]] = {
    "200": ({"/robots.txt": page(DENY)}, RULED),
    "200 empty": ({"/robots.txt": page(b"")}, FREE),
    "200 html": ({"/robots.txt": page(b"<html><p>Not here</html>")}, FREE),
    "200 bom": ({"/robots.txt": page(b"\xef\xbb\xbf" + DENY)}, RULED),
    "200 utf-16": ({"/robots.txt": page(DENY.decode().encode("utf-16"))}, RULED),
    "200 nul": ({"/robots.txt": page(DENY.replace(b"secret", b"secret\0"))}, RULED),
    "200 huge": ({"/robots.txt": page(BIG)}, RULED),
    "200 endless": ({"/robots.txt": endless}, FREE),
    "200 gzip unasked": (
        {"/robots.txt": page(gzip.compress(DENY), Content_Encoding="gzip")},
        RULED,
    ),
    "200 gzip cut": (
        {"/robots.txt": page(gzip.compress(DENY)[:-12], Content_Encoding="gzip")},
        UNREACHABLE,
    ),
    "200 br unasked": ({"/robots.txt": page(DENY, Content_Encoding="br")}, UNREACHABLE),
    "200 broken off": (
        {"/robots.txt": raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nUser-agent: *\n")},
        UNREACHABLE,
    ),
    "204": ({"/robots.txt": page(b"", 204)}, FREE),
    "301 x 1": (chain(1), RULED),
    "302 x 5": (chain(5), RULED),
    "301 x 6": (chain(6), UNREACHABLE),
    "302 loop": ({"/robots.txt": redirect("/robots.txt")}, UNREACHABLE),
    "302 to a file": ({"/robots.txt": redirect("file:///etc/hostname")}, UNREACHABLE),
    "304": ({"/robots.txt": page(b"", 304)}, UNREACHABLE),
    **{str(status): ({"/robots.txt": page(DENY, status)}, FREE) for status in (401, 403, 404, 410)},
    **{
        str(status): ({"/robots.txt": page(b"", status)}, UNREACHABLE)
        for status in (429, 500, 503, 599)
    },
    "reset": ({"/robots.txt": Talk.reset}, ("connect_failed",) * 3),
    "silence": ({"/robots.txt": Talk.hang}, ("timed_out",) * 3),
    "nonsense": ({"/robots.txt": raw(b"nonsense\r\n\r\n")}, ("protocol_error",) * 3),
}


@contextmanager
def papers(*routes: dict[str, Route]) -> Iterator[list[Wire]]:
    """Serve each set of routes under a host of its own, every other path answering 200."""
    with ExitStack() as stack:
        yield [
            stack.enter_context(Wire({"*": page(), **given}, host=f"127.0.1.{number}"))
            for number, given in enumerate(routes, 1)
        ]


def test_every_answer_has_its_meaning() -> None:
    """The matrix of RFC 9309: rules, free, or not allowed; a failed fetch is the page's failure."""
    with papers(*(routes for routes, _ in MATRIX.values())) as servers:
        urls = [server.url(path) for server in servers for path in ("/secret", "/late", "/open")]
        answer = run(urls, settings=QUICK)
        found = outcomes(answer)
        got = {
            name: tuple(found[3 * number : 3 * number + 3]) for number, name in enumerate(MATRIX)
        }
        assert got == {name: expected for name, (_, expected) in MATRIX.items()}
        asked = dict(zip(MATRIX, (server.paths() for server in servers), strict=True))
        pages = {"/secret", "/late", "/open"}
        not_free = [name for name, (_, expected) in MATRIX.items() if expected not in {FREE, RULED}]
        assert not [name for name in not_free if pages & set(asked[name])]
        assert "/secret" not in asked["200"]


def test_one_fetch_serves_all_who_ask_at_once() -> None:
    """Eight pages of a host and one more later cost one robots.txt, asked for without encoding."""
    with papers({"/robots.txt": page(DENY)}) as (paper,):
        answer = run([paper.url(f"/{number}") for number in range(8)], [paper.url("/9")])
        assert outcomes(answer) == [200] * 9
        assert paper.paths().count("/robots.txt") == 1
        assert paper.hits[0][2]["accept-encoding"] == "identity"
        assert paper.hits[0][2]["user-agent"].startswith("newsmorgue/")
    assert answer["told"] == [[paper.base, "rules", 1]]


def test_authorities_are_asked_one_by_one() -> None:
    """Rules hold for scheme, host and port, not for the host's name."""
    with (
        Wire({"*": page(), "/robots.txt": page(DENY)}, host="127.0.1.1") as one,
        Wire({"*": page()}, host="127.0.1.1") as other,
    ):
        answer = run([one.url("/secret"), other.url("/secret")])
    assert outcomes(answer) == ["robots_disallowed", 200]


def test_an_unreachable_robots_is_asked_again_after_a_while() -> None:
    """A robots.txt that could not be had holds for the retry time, 0 included."""
    with papers({"/robots.txt": page(b"", 503)}, {"/robots.txt": Talk.reset}) as servers:
        groups = [[server.url("/a") for server in servers]] * 3
        held = run(*groups)
        assert [server.paths() for server in servers] == [["/robots.txt"]] * 2
        asked = run(*groups, settings={"NEWSMORGUE_ROBOTS_RETRY": 0})
        assert [len(server.paths()) for server in servers] == [4, 4]
    assert outcomes(held) == outcomes(asked) == ["robots_unreachable", "connect_failed"] * 3


def test_answers_of_an_earlier_run_hold_for_a_day() -> None:
    """A seeded answer younger than 24 hours is used; an older one is asked for again."""
    with papers({}, {}) as (young, old):
        seed = [
            {"authority": young.base, "body": DENY.decode(), "hours_ago": 23.9},
            {"authority": old.base, "body": DENY.decode(), "hours_ago": 24},
        ]
        answer = run([young.url("/secret"), old.url("/secret")], seed=seed)
        assert outcomes(answer) == ["robots_disallowed", 200]
        assert (young.paths(), old.paths()) == ([], ["/robots.txt", "/secret"])


def test_crawl_delay_raises_the_delay_of_the_lane_up_to_a_cap() -> None:
    """The slot of the host waits as long as asked, at most the cap, and other slots do not."""
    asks = [b"User-agent: *\nCrawl-delay: 0.3\n", b"User-agent: *\nCrawl-delay: 1e9\n", b""]
    with papers(*({"/robots.txt": page(body)} for body in asks)) as servers:
        answer = run(
            [server.url("/a") for server in servers],
            settings={"DOWNLOAD_DELAY": 0.1, "NEWSMORGUE_MAX_CRAWL_DELAY": 0.5},
        )
    assert outcomes(answer) == [200] * 3
    assert answer["delays"] == {"127.0.1.1": 0.3, "127.0.1.2": 0.5, "127.0.1.3": 0.1}
    assert answer["stats"]["robots/crawl_delay_capped"] == 1


def test_requests_marked_so_pass_unasked() -> None:
    """Archive requests carry skip_robots and cost no robots.txt."""
    with papers({"/robots.txt": page(b"User-agent: *\nDisallow: /\n")}) as (paper,):
        answer = run([paper.url("/a")], meta={"skip_robots": True})
        assert outcomes(answer) == [200]
        assert paper.paths() == ["/a"]


def test_a_page_through_the_scheduler_is_asked_for_too() -> None:
    """Disallowed pages reach the errback: no request ends without a word."""
    with papers({"/robots.txt": page(DENY)}) as (paper,):
        answer = run(scheduled=[paper.url("/secret"), paper.url("/open")])
    assert sorted(map(str, outcomes(answer))) == ["200", "robots_disallowed"]
    assert answer["stats"]["robots/disallowed"] == 1
