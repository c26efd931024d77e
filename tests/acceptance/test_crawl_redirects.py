"""Redirects: a visit follows its own hops, each through robots and the address guard."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote

import pytest
from support.cli import Ran
from support.crawls import Home
from support.routes import Crawled
from support.servers import fresh_hosts
from support.warcs import records

from crawler.demo.launch import NewspaperServer, start_newspaper

ENCODINGS = ("127.0.0.1", "127.1", "2130706433", "0x7f.1", "localhost", "0", "[::ffff:127.0.0.1]")


@pytest.mark.parametrize(
    ("path", "status", "on_the_way"),
    [
        ("/moved/6", 301, ()),
        ("/redirect-chain", 302, ("/redirect-chain/2", "/redirect-chain/1")),
        ("/login-redirect", 302, ()),
    ],
)
def test_the_chain_tells_every_hop(
    every_route: Crawled, path: str, status: int, on_the_way: tuple[str, ...]
) -> None:
    """The visit row has each redirect in order, the address that answered last, and its page."""
    case = every_route.case("walls" if "login" in path else "hops", path)
    visit = every_route.home.visit(case.url)
    urls = [hop["url"] for hop in visit["chain"]]
    base = every_route.paper.base_url(every_route.host(case.site))
    assert urls == [case.url, *(base + hop for hop in on_the_way)]
    assert [hop["location"] for hop in visit["chain"]] == [*urls[1:], visit["final_url"]]
    assert {hop["status"] for hop in visit["chain"]} == {status}
    assert visit["http_status"] == 200


def test_every_hop_is_in_the_warc(every_route: Crawled) -> None:
    """The redirects' own answers are kept beside the page they led to."""
    kept = {
        record.fields["WARC-Target-URI"]
        for path in (every_route.home.path / "warc").iterdir()
        for record in records(path)
        if record.kind in {"response", "revisit"}
    }
    for case in every_route.cases:
        chain = every_route.home.visit(case.url)["chain"]
        assert {hop["url"] for hop in chain} <= kept


@pytest.mark.parametrize("path", ["/redirect-loop", "/redirect-loop/self", "/redirect-endless"])
def test_an_endless_redirect_ends(every_route: Crawled, path: str) -> None:
    """Five hops are followed, then the visit ends in one outcome that says so."""
    (case,) = [
        one
        for one in every_route.cases
        if one.path in {path, f"{path}/1"} and one.path != "/redirect-loop/b"
    ]
    visit = every_route.home.visit(case.url)
    assert visit["problem"] == "more than 5 redirects"
    assert len(visit["chain"]) == 6
    assert every_route.home.due(case.url)["visit"]["attempts"] == 0
    asked = [one for one in every_route.paths("hops") if one.startswith(path)]
    assert len(asked) <= 6 * (2 if path == "/redirect-loop" else 1)


def test_a_moved_page_is_stored_where_it_went(every_route: Crawled) -> None:
    """`moved` stores under the target and leaves an alias; the old address is left in peace."""
    home, case = every_route.home, every_route.case("hops", "/moved")
    visit = home.visit(case.url)
    (article,) = home.articles(visit["final_url"])
    assert home.articles(case.url) == []
    assert article["resource_id"] != visit["resource_id"]
    assert home.rows("SELECT resource_id, why FROM aliases WHERE url = ?", case.url) == [
        {"resource_id": article["resource_id"], "why": "moved"}
    ]
    state = "SELECT state FROM link_health WHERE url = ?"
    assert home.one(state, case.url) == "moved"
    assert home.one(state, visit["final_url"]) == "alive"
    assert home.due(case.url) == {}
    assert home.due(visit["final_url"])["visit"]["due_at"] > visit["ended_at"]


def test_a_hop_to_another_host_asks_its_robots_first(every_route: Crawled) -> None:
    """The other host's rules are read before its page is; its lane is free in the end."""
    home = every_route.home
    assert [path.partition("/article")[0] for path in every_route.paths("other")] == [
        "/robots.txt",
        "",
    ]
    assert home.rows("SELECT name FROM lane WHERE run_id IS NOT NULL") == []


@pytest.mark.parametrize("address", ["10.0.0.1", "169.254.169.254"])
def test_a_redirect_to_a_private_address_is_refused(every_route: Crawled, address: str) -> None:
    """A page cannot send the crawler into a network that was not opened to it."""
    case = every_route.case("hops", f"/redirect-to?url=http%3A%2F%2F{address}")
    visit = every_route.home.visit(case.url)
    assert visit["outcome"] == "refused_address"
    assert address in visit["problem"]
    assert visit["warc_file"] is not None  # the redirect itself was answered


def test_a_redirect_off_the_web_reads_nothing(every_route: Crawled) -> None:
    """file: and ftp: targets end the visit with the target named, and no file was read."""
    for scheme in ("file", "ftp"):
        case = every_route.case("hops", f"/redirect-to?url={scheme}")
        visit = every_route.home.visit(case.url)
        assert visit["chain"][-1]["location"].startswith(f"{scheme}://")
        assert every_route.home.articles(case.url) == []
        assert socket.gethostname().encode() not in every_route.home.payload(visit)


@pytest.fixture(scope="module")
def tricked(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Home, Ran, NewspaperServer]]:
    """A crawl that may fetch from one address only; its pages point to a canary on 127.0.0.1."""
    home = Home(tmp_path_factory.mktemp("guard"))
    with ExitStack() as stack:
        paper = stack.enter_context(start_newspaper(fresh_hosts(1), robots={}))
        canary = stack.enter_context(start_newspaper(("127.0.0.1",)))
        home.configure(allow=[f"{next(iter(paper.hosts))}/32"])
        port = canary.base_url().rpartition(":")[2]
        targets = [f"http://{host}:{port}/secret" for host in ENCODINGS]
        hops = [paper.url(f"/redirect-to?url={quote(target, safe='')}") for target in targets]
        ran = home.crawl_list([*targets, *hops, paper.url("/article/1/story")])
        yield home, ran, canary


def test_no_spelling_of_an_inner_address_is_reached(
    tricked: tuple[Home, Ran, NewspaperServer],
) -> None:
    """Seven ways to write loopback, as seeds and as redirects: not one request arrives."""
    home, ran, canary = tricked
    assert canary.requests() == []
    outcomes = {row["outcome"] for row in home.rows("SELECT * FROM visit WHERE url LIKE '%secret'")}
    assert outcomes <= {"refused_address", "dns_failed"}
    assert home.one("SELECT count(*) FROM visit WHERE outcome = 'refused_address'") >= 10
    assert home.one("SELECT count(*) FROM articles") == 1
    assert ran.code == 0


def test_the_guard_is_closed_by_default(tmp_path: Path, newspaper: NewspaperServer) -> None:
    """Without `allow_private` nothing inside one's own network is fetched; that ends in code 3."""
    home = Home(tmp_path)
    home.configure(allow=())
    before = len(newspaper.requests())
    ran = home.crawl(newspaper.url("/article/1/story"))
    assert ran.code == 3
    assert "refused_address" in ran.err
    assert len(newspaper.requests()) == before
