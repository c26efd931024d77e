"""Asked to stop: at once, whatever hangs, with exit 130 and nothing lost."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from support.databases import Database
from support.killing import Crawl, frozen, lingering, until
from support.morgues import Morgue, check_ledger, check_warcs

from crawler.demo.launch import NewspaperServer

PAGES = 6
NEVER = 3600  # seconds: longer than any test waits
FreshNewspaper = Callable[..., NewspaperServer]


def _check_stopped(crawl: Crawl) -> None:
    assert crawl.code() == 130, crawl.err
    [told] = [line for line in crawl.err.splitlines() if line.startswith("error:")]
    assert told == (
        "error: stopped before the end. An interrupt came."
        " Run the same command again: it goes on where it stopped."
    )
    until(lambda: not lingering([crawl.pid]), "the reading workers to end", 30)


def _check_goes_on(morgue: Morgue, paper: NewspaperServer, source: Path) -> None:
    """Assert that the next crawl does all that is left, and the WARC files are sound."""
    with Crawl(morgue.home, "crawl", "--from", source) as crawl:
        assert crawl.code() == 0, crawl.err
    visited = Counter(url for (url,) in morgue.database.rows("SELECT url FROM visit"))
    assert visited == Counter(paper.urls())
    check_ledger(morgue.database)
    check_warcs(morgue)


def test_a_page_that_hangs_does_not_hold_up_a_stop(
    fresh_newspaper: FreshNewspaper, empty_database: Database, tmp_path: Path
) -> None:
    """After its grace a run gives up requests that do not end; they are due again at once."""
    paper, morgue = fresh_newspaper(articles=PAGES), Morgue(tmp_path, empty_database)
    morgue.configure(fetch={"timeout": NEVER}, run={"grace": 0.1})
    source = morgue.write_list("urls.txt", paper.urls())
    with frozen(paper), Crawl(tmp_path, "crawl", "--from", source) as crawl:
        until(lambda: morgue.in_hand().total() == 2, "pages to be under way")
        crawl.terminate()
        _check_stopped(crawl)
    assert empty_database.rows("SELECT finish_reason, exit_code FROM harvest") == [
        ("interrupted", 130)
    ]
    check_ledger(empty_database)
    _check_goes_on(morgue, paper, source)


def test_a_second_signal_does_not_wait(
    fresh_newspaper: FreshNewspaper, empty_database: Database, tmp_path: Path
) -> None:
    """A second SIGTERM ends the run without its grace, as cleanly as the first would have."""
    paper, morgue = fresh_newspaper(articles=PAGES), Morgue(tmp_path, empty_database)
    morgue.configure(fetch={"timeout": NEVER}, run={"grace": NEVER})
    source = morgue.write_list("urls.txt", paper.urls())
    with frozen(paper), Crawl(tmp_path, "crawl", "--from", source) as crawl:
        until(lambda: morgue.in_hand().total() == 2, "pages to be under way")
        # Two at once may count as one, and none counts after the second.
        until(lambda: crawl.terminate() or crawl.has_ended, "the end")
        _check_stopped(crawl)
    assert empty_database.rows("SELECT finish_reason, exit_code FROM harvest") == [
        ("interrupted", 130)
    ]
    check_ledger(empty_database)
    _check_goes_on(morgue, paper, source)


def test_a_signal_in_startup_is_told_as_well(
    fresh_newspaper: FreshNewspaper, empty_database: Database, tmp_path: Path
) -> None:
    """A SIGTERM before the first request: exit 130, its sentence, and no worker left behind."""
    paper, morgue = fresh_newspaper(articles=PAGES), Morgue(tmp_path, empty_database)
    morgue.configure()
    source = morgue.write_list("urls.txt", paper.urls())
    with frozen(paper), Crawl(tmp_path, "crawl", "--from", source) as crawl:
        until(lambda: morgue.left().open_runs != (), "the run to be opened")
        crawl.terminate()
        _check_stopped(crawl)
    _check_goes_on(morgue, paper, source)
