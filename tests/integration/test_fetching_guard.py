"""The address guard in a real crawl: canaries on loopback count who reaches them."""

import json
from contextlib import ExitStack

import pytest
from support.fetch_run import outcomes, run
from support.wire import Wire, page, redirect

CANARY_FORMS = [
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
    "localhost",
    "LOCALHOST",
    "①②⑦.0.0.1",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[::]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
]
ONLY_PAPER = {"NEWSMORGUE_ALLOW_PRIVATE": ["127.0.0.2/32"]}  # it plays the public internet
PLAIN = {**ONLY_PAPER, "NEWSMORGUE_ROBOTS_ENABLED": False}


def test_no_spelling_of_loopback_is_reached() -> None:
    """Every way to write a refused address ends as refused_address, and the canary is not hit."""
    with Wire({"*": page()}) as canary, Wire({"*": page()}, host="::1", port=canary.port) as six:
        urls = [canary.url("/", form) for form in CANARY_FORMS]
        answer = run(urls, settings=PLAIN, scheduled=urls[:2])
        assert outcomes(answer) == ["refused_address"] * (len(urls) + 2)
        assert (canary.connections, six.connections) == (0, 0)
    assert answer["stats"]["guard/refused"] == len(urls) + 2
    assert answer["stats"]["guard/refused/loopback"] > 0


def test_a_refusal_says_which_address_and_why() -> None:
    """The problem names host, address and reason: the operator can open that network, or not."""
    (result,) = run(["http://2130706433/"], settings=PLAIN)["results"]
    told = "2130706433 is at 127.0.0.1, which is refused: loopback; allow_private opens a network"
    assert result["problem"] == told


def test_redirect_hops_are_vetted() -> None:
    """A permitted site that sends elsewhere opens no door, whatever the spelling."""
    with Wire({"*": page()}) as canary, ExitStack() as stack:
        targets = [canary.url("/", form) for form in CANARY_FORMS if not form.startswith("①")]
        routes = {f"/{number}": redirect(target) for number, target in enumerate(targets)}
        paper = stack.enter_context(Wire(routes, host="127.0.0.2"))
        answer = run([paper.url(path) for path in routes], settings=PLAIN, follow=True)
        assert outcomes(answer) == ["refused_address"] * len(targets)
        assert canary.connections == 0


def test_the_robots_fetch_is_vetted_and_so_are_its_redirects() -> None:
    """Neither a page's own robots.txt nor one it redirects to is asked for at a refused address."""
    with (
        Wire({"*": page()}) as canary,
        Wire({"/robots.txt": redirect(canary.url("/robots.txt"))}, host="127.0.0.2") as paper,
    ):
        answer = run([paper.url("/a"), canary.url("/a")], settings=ONLY_PAPER)
        assert outcomes(answer) == ["refused_address", "refused_address"]
        assert canary.connections == 0
        assert paper.paths() == ["/robots.txt"]


@pytest.mark.parametrize("cached", [True, False])
def test_a_name_that_turns_to_loopback_is_not_followed(*, cached: bool) -> None:
    """Rebinding: only vetted addresses are dialled, on the first lookup and on later ones."""
    with (
        Wire({"*": page()}, host="127.0.0.2") as paper,
        Wire({"*": page()}, port=paper.port) as canary,
    ):
        url = f"http://paper.example:{paper.port}/"
        answer = run(
            [url],
            [url],
            [url],
            settings={**PLAIN, "DNSCACHE_ENABLED": cached},
            names={"paper.example": [["127.0.0.2"], ["127.0.0.1"]]},
        )
        later = 200 if cached else "refused_address"
        assert outcomes(answer) == [200, later, later]
        assert canary.connections == 0


def test_an_answer_is_looked_up_again_after_its_time() -> None:
    """A cached address is kept for NEWSMORGUE_DNS_TTL; Scrapy alone would keep it for ever."""
    with (
        Wire({"*": page(b"old")}, host="127.0.0.2") as old,
        Wire({"*": page(b"new")}, host="127.0.0.3", port=old.port),
    ):
        url = f"http://paper.example:{old.port}/"
        answer = run(
            [url],
            [url],
            settings={"NEWSMORGUE_ROBOTS_ENABLED": False, "NEWSMORGUE_DNS_TTL": 0},
            names={"paper.example": [["127.0.0.2"], ["127.0.0.3"]]},
        )
    assert [result["head"] for result in answer["results"]] == ["old", "new"]


def test_of_a_mixed_answer_only_the_permitted_addresses_are_used() -> None:
    """A name at a refused and a permitted address is fetched from the permitted one."""
    with (
        Wire({"*": page(b"paper")}, host="127.0.0.2") as paper,
        Wire({"*": page(b"canary")}, port=paper.port) as canary,
    ):
        answer = run(
            [f"http://paper.example:{paper.port}/"],
            settings=PLAIN,
            names={"paper.example": [["127.0.0.1", "127.0.0.2", "::1"]]},
        )
        assert answer["results"][0]["head"] == "paper"
        assert answer["results"][0]["peer"] == "127.0.0.2"
        assert canary.connections == 0


def test_no_scheme_but_the_web_is_read() -> None:
    """Local files, data and ftp addresses are out of scope, by link and by redirect."""
    targets = ["file:///etc/hostname", "data:text/html,x", "ftp://127.0.0.1/x", "s3://bucket/x"]
    routes = {f"/{number}": redirect(target) for number, target in enumerate(targets)}
    with Wire(routes, host="127.0.0.2") as paper:
        answer = run(targets, [paper.url(path) for path in routes], settings=PLAIN, follow=True)
    assert outcomes(answer) == ["out_of_scope"] * 8
    assert "head" not in json.dumps(answer["results"])
