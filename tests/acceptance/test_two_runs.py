"""Two runs on one database: hosts are shared out, none is crawled by both, the dead make room.

The newspaper is stopped in its tracks while runs claim, so that who holds what is certain.
"""

from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from support.databases import Database
from support.killing import Crawl, frozen, until
from support.morgues import Morgue, check_ledger, check_warcs

from crawler.demo.launch import NewspaperServer
from crawler.demo.server import Asked

PAGES = 4  # on each host
FreshNewspaper = Callable[..., NewspaperServer]


def _start(morgue: Morgue, name: str, source: Path, *more: object) -> Crawl:
    """Start a crawl that calls itself by name in its User-Agent."""
    env = {"NEWSMORGUE_CONTACT": f"https://{name}.example/"}
    return Crawl(morgue.home, "crawl", "--json", "--from", source, *more, env=env)


def _crawler(asked: Asked) -> str:
    """Return the name of the run that sent a request."""
    return (asked.user_agent or "").partition("https://")[2].partition(".example")[0]


def _pages(paper: NewspaperServer) -> list[Asked]:
    return [asked for asked in paper.requests() if asked.path != "/robots.txt"]


def _listed(paper: NewspaperServer) -> list[str]:
    return [url for host in paper.hosts for url in paper.urls(PAGES, "article", host)]


def _check_all_once(paper: NewspaperServer) -> None:
    """Assert that each address listed was fetched, and none twice."""
    fetched = Counter(paper.hosts[asked.host] + asked.path for asked in _pages(paper))
    assert fetched == Counter(_listed(paper))


def test_two_runs_share_the_hosts(
    fresh_newspaper: FreshNewspaper, empty_database: Database, tmp_path: Path
) -> None:
    """Two runs started together fetch every page once between them, each host by one of them."""
    paper, morgue = fresh_newspaper(hosts=12, articles=PAGES), Morgue(tmp_path, empty_database)
    morgue.configure(fetch={"concurrency": 6})  # twelve entries, two a host: six hosts a run
    source = morgue.write_list("urls.txt", _listed(paper))
    with (
        frozen(paper) as thaw,
        _start(morgue, "one", source) as one,
        _start(morgue, "two", source) as two,
    ):
        until(lambda: sorted(morgue.in_hand().values()) == [12, 12], "both runs to claim")
        thaw()
        assert (one.code(), two.code()) == (0, 0), one.err + two.err
    _check_all_once(paper)
    crawlers = {host: set[str]() for host in paper.hosts}
    for asked in paper.requests():
        crawlers[asked.host].add(_crawler(asked))
    assert Counter(map(tuple, crawlers.values())) == {("one",): 6, ("two",): 6}
    tallies = [run.report()["tally"]["fetched"] for run in (one, two)]
    assert sum(tallies) == 12 * PAGES
    check_ledger(empty_database)
    check_warcs(morgue)


def test_a_run_without_a_free_host_says_who_is_held(
    fresh_newspaper: FreshNewspaper, empty_database: Database, tmp_path: Path
) -> None:
    """When another run holds every host, a run ends in 5, names them and leaves them alone."""
    paper, morgue = fresh_newspaper(hosts=2, articles=PAGES), Morgue(tmp_path, empty_database)
    morgue.configure()
    source = morgue.write_list("urls.txt", _listed(paper))
    with frozen(paper) as thaw, _start(morgue, "one", source) as one:
        until(lambda: morgue.in_hand().total() == 4, "the first run to hold both hosts")
        with _start(morgue, "two", source) as two:
            assert two.code() == 5, two.err
        thaw()
        assert one.code() == 0, one.err
    assert two.report()["lanes_held"] == list(paper.hosts)
    [told] = [line for line in two.err.splitlines() if line.startswith("error:")]
    assert told == (
        f"error: nothing could be crawled: another run holds {', '.join(paper.hosts)}."
        " One host is crawled by one run at a time."
        " Wait until it ends (`newsmorgue status` shows it), or name other sites."
    )
    _check_all_once(paper)
    assert {_crawler(asked) for asked in paper.requests()} == {"one"}
    check_ledger(empty_database)


def test_hosts_nobody_asked_for_hold_nobody_up(
    fresh_newspaper: FreshNewspaper, empty_database: Database, tmp_path: Path
) -> None:
    """A run whose own page is not due ends in 0, whatever hosts another run holds."""
    paper, other = fresh_newspaper(articles=PAGES), fresh_newspaper(articles=1)
    morgue = Morgue(tmp_path, empty_database)
    morgue.configure()
    own = morgue.write_list("own.txt", other.urls(1))
    with _start(morgue, "first", own) as first:
        assert first.code() == 0, first.err
    source = morgue.write_list("urls.txt", _listed(paper))
    with frozen(paper) as thaw, _start(morgue, "one", source) as one:
        until(lambda: morgue.in_hand().total() == 2, "the first run to hold its host")
        with _start(morgue, "two", own) as two:
            assert two.code() == 0, two.err
        thaw()
        assert one.code() == 0, one.err
    assert two.report()["lanes_held"] == []
    assert len(_pages(other)) == 1


def test_a_live_run_takes_over_from_a_killed_one_at_once(
    fresh_newspaper: FreshNewspaper, empty_database: Database, tmp_path: Path
) -> None:
    """What a killed run held is crawled by the other before it ends, not after a minute."""
    paper, morgue = fresh_newspaper(hosts=4, articles=PAGES), Morgue(tmp_path, empty_database)
    # No heartbeat comes to help: the run itself must look before it says that all is held.
    morgue.configure(fetch={"concurrency": 2}, run={"heartbeat": 3600})
    source = morgue.write_list("urls.txt", _listed(paper))
    with frozen(paper) as thaw, _start(morgue, "one", source) as one:
        until(lambda: list(morgue.in_hand().values()) == [4], "the first run to claim")
        with _start(morgue, "two", source) as two:
            until(lambda: sorted(morgue.in_hand().values()) == [4, 4], "both runs to claim")
            one.kill()
            in_flight = Counter(url for url, _ in morgue.left().in_hand)
            thaw()
            assert two.code() == 0, two.err
    visits = empty_database.rows("SELECT url, harvest_id FROM visit")
    assert sorted(url for url, _ in visits) == sorted(_listed(paper))
    assert {run for _, run in visits} == {two.report()["harvest_id"]}
    fetched = Counter(paper.hosts[asked.host] + asked.path for asked in _pages(paper))
    assert fetched - Counter(_listed(paper)) - in_flight == Counter()
    reasons = dict(empty_database.rows("SELECT id, finish_reason FROM harvest"))
    assert sorted(reasons.values()) == ["finished", "killed"]
    check_ledger(empty_database)


def test_the_pause_between_requests_outlives_a_run(
    fresh_newspaper: FreshNewspaper, empty_database: Database, tmp_path: Path
) -> None:
    """A host's next holder keeps the delay from the last one's requests."""
    delay = 2.0
    paper, gate = fresh_newspaper(articles=PAGES), fresh_newspaper(articles=1)
    morgue = Morgue(tmp_path, empty_database)
    morgue.configure(fetch={"delay": delay})
    waiting = morgue.write_list("gate.txt", gate.urls(1))
    source = morgue.write_list("urls.txt", _listed(paper))
    with frozen(gate) as thaw, _start(morgue, "two", waiting) as two:
        until(lambda: morgue.in_hand().total() == 1, "the second run to be busy elsewhere")
        with _start(morgue, "one", source, "--limit", 2) as one:
            assert one.code() == 0, one.err
        thaw()
        assert two.code() == 0, two.err
    _check_all_once(paper)
    pages = _pages(paper)
    assert [_crawler(asked) for asked in pages] == ["one", "one", "two", "two"]
    requests = [asked for asked in paper.requests() if _crawler(asked) == "two"]
    assert requests[0].clock - pages[1].clock >= delay
    # A loaded machine may log a request late, and so shorten the gap to the next one.
    assert all(later.clock - sooner.clock >= delay * 0.8 for sooner, later in pairwise(pages))
