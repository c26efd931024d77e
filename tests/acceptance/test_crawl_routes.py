"""A crawl of every route of the newspaper: each ends in one row that tells what happened."""

import json
from collections import Counter
from datetime import datetime, timedelta

import pytest
from support.crawls import sent
from support.routes import Crawled
from support.warcs import records, warcio_kinds

from crawler.core.words import Outcome
from crawler.demo.newspaper import ROUTES
from storage.warc import verify

ONCE_ONLY = ("/throttle", "/fails-then-works")  # they answer otherwise the second time


def test_no_route_is_left_out(every_route: Crawled) -> None:
    """Each route the newspaper has is crawled: a new one needs its expectation."""
    crawled = {case.path.split("?")[0].split("/")[1] for case in every_route.cases if case.site}
    assert crawled == set(ROUTES)


def test_every_address_ends_in_one_visit_that_says_how(every_route: Crawled) -> None:
    """One row a page, whatever befell it: outcome, judgement, status, hops, whether it is whole."""
    found, expected = {}, {}
    for case in every_route.cases:
        visit = every_route.home.visit(case.url)
        liveness = case.liveness and case.liveness.value
        found[case.url] = (
            visit["outcome"],
            visit["liveness"] if liveness else None,
            visit["http_status"],
            len(visit["chain"]),
            bool(visit["truncated"]),
        )
        expected[case.url] = (
            case.outcome.value,
            liveness,
            case.status,
            case.hops,
            case.truncated,
        )
    assert found == expected


def test_every_visit_says_why(every_route: Crawled) -> None:
    """No row without a reason, the deciding one first; a failure has its sentence as well."""
    rows = every_route.home.rows("SELECT * FROM visit WHERE source = 'live'")
    for row in rows:
        reasons = json.loads(row["reasons"])
        assert reasons
        assert row["reason"] == reasons[0]
        assert row["rules_version"]
        assert 0 < row["confidence"] <= 1
        assert (row["problem"] is None) == (row["outcome"] == Outcome.FETCHED)


def test_the_harvest_adds_up(every_route: Crawled) -> None:
    """The tally is the count of visits; all that was discovered has an outcome or is still due."""
    home, harvest = every_route.home, every_route.home.harvest()
    counted = Counter(row["outcome"] for row in home.rows("SELECT outcome FROM visit"))
    assert harvest["tally"] == counted
    later = home.one("SELECT count(*) FROM aliases WHERE why = 'moved'")  # due in a week
    assert harvest["discovered"] == sum(counted.values()) + harvest["still_due"] + later
    assert json.loads(every_route.ran.out)["tally"] == counted
    assert (harvest["finish_reason"], harvest["exit_code"]) == ("finished", 0)
    assert home.rows("SELECT * FROM quarantine") == []


def test_the_command_says_nothing_but_how_far_it_is(every_route: Crawled) -> None:
    """Sixty hostile pages leave no traceback and no warning on standard error; the code is 0."""
    assert every_route.ran.code == 0
    assert all(" done, " in line for line in every_route.ran.err.splitlines())


def test_the_bytes_are_those_the_server_sent(every_route: Crawled) -> None:
    """Each visit's WARC position leads to the very body of its last answer, encoding still on."""
    rows = every_route.home.rows(
        "SELECT * FROM visit WHERE source = 'live' AND warc_file IS NOT NULL AND http_status"
        " NOT BETWEEN 300 AND 399"
    )
    assert len(rows) > 50
    for row in rows:
        if any(once in row["final_url"] for once in ONCE_ONLY):
            continue
        kept, whole = every_route.home.payload(row), sent(row["final_url"])
        assert row["bytes"] == len(kept)
        assert kept == (whole[: len(kept)] if row["outcome"] == "truncated" else whole)
        assert every_route.home.capture(row).status == row["http_status"]


def test_the_warc_is_whole(every_route: Crawled) -> None:
    """The files are closed, sound to two readers, and hold a request beside each capture."""
    folder = every_route.home.path / "warc"
    assert list(verify(folder)) == []
    assert [path.suffix for path in folder.iterdir()] == [".gz"]
    kinds: Counter[str] = Counter()
    for path in folder.iterdir():
        kinds += Counter(record.kind for record in records(path))
        assert warcio_kinds(path)[0] == "warcinfo"
    assert kinds["request"] == kinds["response"] + kinds["revisit"]
    captured = every_route.home.one("SELECT count(*) FROM visit WHERE warc_file IS NOT NULL")
    hops = sum(case.hops for case in every_route.cases)
    assert kinds["request"] >= captured + hops - 6 * 3  # three endless ones end on a hop


def test_equal_bytes_are_kept_once(every_route: Crawled) -> None:
    """A page with the bytes of another is a revisit record that leads to those bytes."""
    home = every_route.home
    pair = [home.visit(every_route.case("news", path).url) for path in ("/article", "/copy")]
    first, second = sorted(pair, key=lambda row: row["warc_offset"])
    assert home.capture(second).kind == "revisit"
    assert home.payload(second) == home.payload(first) != b""
    assert (second["payload_file"], second["payload_offset"]) == (
        first["warc_file"],
        first["warc_offset"],
    )


def test_only_good_pages_have_a_text(every_route: Crawled) -> None:
    """An article row exists exactly for pages judged alive, paywalled or moved, errors never."""
    stored = every_route.home.rows(
        "SELECT v.url, v.liveness FROM article_version a JOIN visit v ON v.id = a.visit_id"
    )
    assert {row["liveness"] for row in stored} == {"alive", "paywalled", "moved"}
    have = {row["url"] for row in stored}
    lack = [
        case.url
        for case in every_route.cases
        if case.liveness in {"alive", "paywalled", "moved"} and case.url not in have
    ]
    assert lack == []


@pytest.mark.parametrize(
    ("site", "path", "partial"),
    [("walls", "/paywall", 1), ("faults", "/partial", 1), ("bytes", "/big", 1), ("news", "/ar", 0)],
)
def test_a_text_that_is_not_whole_says_so(
    every_route: Crawled, site: str, path: str, partial: int
) -> None:
    """The beginning behind a paywall, a page over the cap or broken off: `is_partial`."""
    (article,) = every_route.home.articles(every_route.case(site, path).url)
    assert article["is_partial"] == partial


def test_a_server_that_names_a_time_is_taken_at_its_word(every_route: Crawled) -> None:
    """Retry-After of a 429 or 503 is when the page is due again, not the usual back-off."""
    for path, wait in (("/throttle", 3000), ("/status/503", 86400)):  # longer ones are cut to a day
        url = every_route.case("faults", path).url
        ended = datetime.fromisoformat(every_route.home.visit(url)["ended_at"])
        due = datetime.fromisoformat(every_route.home.due(url)["visit"]["due_at"])
        assert due - ended >= timedelta(seconds=wait)
        assert due - ended < timedelta(seconds=wait + 1000)


def test_pages_that_are_gone_were_asked_for_in_the_archive(every_route: Crawled) -> None:
    """Gone, soft-gone, withdrawn, walled and hostless pages each get one answered lookup."""
    lost = {"gone", "soft_gone", "withdrawn", "host_gone", "parked", "blocked", "login"}
    lost |= {"geo_blocked", "consent"}
    for case in every_route.cases:
        answers = [row["answer"] for row in every_route.home.lookups(case.url)]
        assert answers == (["has_not"] if case.liveness in lost else []), case.url
