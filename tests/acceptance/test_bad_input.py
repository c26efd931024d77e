"""What can be wrong before and around a crawl: one clear sentence, the documented exit code.

Nothing is lost by any of it: once the cause is gone, the same command does its work.
"""

import resource
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from support.cli import Ran, newsmorgue
from support.crawls import Home
from support.databases import Database

from crawler.demo.launch import NewspaperServer
from crawler.errors import ExitCode

STORY = "/article/1/council-votes-for-new-harbour-wall"
ROOM = "1m"  # of the disk that gets full


def assert_told(ran: Ran, code: ExitCode, *words: str) -> None:
    """Assert one sentence on standard error with these words, and the exit code."""
    told = [line for line in ran.err.splitlines() if line.startswith("error: ")]
    assert ran.code == code, ran.err
    assert len(told) == 1, ran.err
    assert "Traceback" not in ran.err
    for word in words:
        assert word in told[0]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with a configuration and no archive."""
    home = Home(tmp_path)
    home.configure()
    return home


def test_a_host_that_is_not_there(home: Home) -> None:
    """Nothing could be fetched: code 3, the outcome named, and the page is due again."""
    ran = home.crawl("http://no-such-paper.invalid/story")
    assert_told(ran, ExitCode.FAILURES, "nothing could be fetched", "dns_failed", "show URL")
    assert home.harvest()["exit_code"] == ExitCode.FAILURES
    assert "visit" in home.due("http://no-such-paper.invalid/story")
    shown = home.run("show", "http://no-such-paper.invalid/story")
    assert "does not resolve" in shown.out


def test_a_port_that_refuses_and_then_serves(
    home: Home, fresh_newspaper: Callable[..., NewspaperServer]
) -> None:
    """A refused connection is code 3; when the paper is back the same command fetches."""
    paper = fresh_newspaper()
    paper.refuse()
    ran = home.crawl(paper.url(STORY))
    assert_told(ran, ExitCode.FAILURES, "connect_failed")
    paper.accept()
    home.pass_time()
    assert home.crawl(paper.url(STORY)).code == ExitCode.DONE
    assert len(home.articles(paper.url(STORY))) == 1


def test_pages_that_are_gone_are_a_result(home: Home, newspaper: NewspaperServer) -> None:
    """A list of dead links is no failure of the crawl: code 0."""
    ran = home.crawl(newspaper.url("/gone404/1/x-story"), newspaper.url("/gone410/1/y-story"))
    assert ran.code == ExitCode.DONE
    assert ran.err == ""


def test_a_home_that_is_a_file(tmp_path: Path, newspaper: NewspaperServer) -> None:
    """Found out before any work: code 4, the path named, no request made."""
    (tmp_path / "morgue").write_text("mine")
    before = len(newspaper.requests())
    for place in ("morgue", "morgue/below"):
        ran = newsmorgue("crawl", newspaper.url(STORY), "--home", tmp_path / place)
        assert_told(ran, ExitCode.CONFIG, place, "cannot be written", "--home")
    assert (tmp_path / "morgue").read_text() == "mine"
    assert len(newspaper.requests()) == before


def test_a_database_at_another_schema(sqlite_database: Database) -> None:
    """Newer or older: code 6 with what to do, and not a row is touched."""
    home = Home(Path(sqlite_database.place).parent)
    home.configure()
    for revision, advice in (("9999", "Upgrade Newsmorgue"), ("0001", "newsmorgue db upgrade")):
        sqlite_database.execute("UPDATE alembic_version SET version_num = ?", [revision])
        ran = home.crawl("http://paper.invalid/")
        assert_told(ran, ExitCode.DATABASE, "schema", revision, advice)
        assert home.rows("SELECT * FROM harvest") == []
        assert home.one("SELECT version_num FROM alembic_version") == revision


def test_another_programs_database(home: Home) -> None:
    """Code 6, its tables named; not a byte of it is changed."""
    path = home.path / "newsmorgue.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE bookmarks (url)")
        database.commit()
    before = path.read_bytes()
    ran = home.crawl("http://paper.invalid/")
    assert_told(ran, ExitCode.DATABASE, "another program", "bookmarks", "Name an empty database")
    assert path.read_bytes() == before


def test_a_file_that_is_no_database(home: Home) -> None:
    """Code 6, the file named; not a byte of it is changed."""
    path = home.path / "newsmorgue.db"
    path.write_bytes(b"notes to myself " * 300)
    ran = home.crawl("http://paper.invalid/")
    assert_told(ran, ExitCode.DATABASE, "newsmorgue.db", "not a database", "another folder")
    assert path.read_bytes() == b"notes to myself " * 300


def test_a_warc_directory_that_is_a_file(home: Home, newspaper: NewspaperServer) -> None:
    """The WARC's place is named, not the database; nothing is fetched that could not be kept."""
    (home.path / "warc").write_text("mine")
    ran = home.crawl(newspaper.url(STORY))
    assert_told(ran, ExitCode.ERROR, "WARC", str(home.path / "warc"))
    assert (home.path / "warc").read_text() == "mine"
    (home.path / "warc").unlink()
    assert home.crawl(newspaper.url(STORY)).code == ExitCode.DONE
    assert len(home.articles(newspaper.url(STORY))) == 1


def test_a_server_that_is_not_there(home: Home) -> None:
    """A Postgres that does not answer: code 6 with advice, and the password is not repeated."""
    url = "postgresql://archivist:geheim@127.0.0.1:1/morgue?connect_timeout=5"
    ran = home.crawl("http://paper.invalid/", env={"NEWSMORGUE_DATABASE": url})
    assert_told(ran, ExitCode.DATABASE, "127.0.0.1:1", "server runs")
    assert "geheim" not in ran.err + ran.out


def test_a_typo_a_stranger_and_an_empty_list(home: Home) -> None:
    """Code 4 for a key that is none; code 2 for a site that is none and a list without a URL."""
    assert_told(home.crawl("courier"), ExitCode.USAGE, "no site named 'courier'")
    assert_told(home.crawl_list([]), ExitCode.USAGE, "list.txt names no URL")
    assert_told(home.crawl_list(["not a url"]), ExitCode.USAGE, "list.txt names no URL")
    home.configure(fetch={"dely": 1})
    assert_told(home.crawl("http://paper.invalid/"), ExitCode.CONFIG, "`dely`", "`delay`")
    assert not (home.path / "newsmorgue.db").exists()


@contextmanager
def small_disk(path: Path) -> Iterator[bool]:
    """Put a tiny disk over a directory; give False where this system does not allow it."""
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", path],
        capture_output=True,
        check=False,
    )
    try:
        yield mounted.returncode == 0
    finally:
        if mounted.returncode == 0:
            subprocess.run(["umount", "-l", path], check=True)


@contextmanager
def small_files() -> Iterator[None]:
    """Limit the files that processes started here may write."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (900_000, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def enlarge(path: Path) -> None:
    """Give the tiny disk room."""
    subprocess.run(["mount", "-o", "remount,size=64m", path], check=True)


def test_a_disk_that_gets_full(tmp_path: Path, newspaper: NewspaperServer) -> None:
    """Code 8 (6 where only file sizes can be limited); with room again the rest is crawled."""
    urls = newspaper.urls(24)
    with small_disk(tmp_path) as mounted:
        home = Home(tmp_path)
        home.configure()
        if mounted:
            assert_told(home.crawl_list(urls), ExitCode.DISK_FULL, "disk is full", "Free some")
            enlarge(tmp_path)
        else:
            with small_files():
                ran = home.crawl_list(urls)
            assert ran.code in {ExitCode.DISK_FULL, ExitCode.DATABASE}
        committed = home.one("SELECT count(*) FROM visit")
        assert committed < len(urls)
        assert home.crawl_list(urls).code == ExitCode.DONE
        visits = home.rows("SELECT url, count(*) AS n FROM visit GROUP BY url")
        assert {row["url"]: row["n"] for row in visits} == dict.fromkeys(urls, 1)
        assert home.one("PRAGMA integrity_check") == "ok"
        assert home.rows("SELECT id FROM frontier WHERE run_id IS NOT NULL") == []
