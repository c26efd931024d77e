"""`recover` stopped at any time: the next call goes on, and asks nothing that was answered."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from support.crawls import Home, asks
from support.killing import Crawl, until

from crawler.demo.launch import ArchiveServer, NewspaperServer
from crawler.errors import ExitCode

PAGES = 8
GOOD = "20200103040506"
SLOW = {"lookups_per_minute": 90, "replays_per_minute": 600}


def test_a_recovery_that_is_stopped_twice_asks_each_question_once(
    newspaper: NewspaperServer, archive: ArchiveServer, tmp_path: Path
) -> None:
    """SIGTERM, then kill -9, then to the end: all recovered, and one question and one copy each.

    A request that was under way at the kill had no answer written, and may be sent once more.
    """
    home = Home(tmp_path)
    home.configure(archives=[asks(archive, **SLOW)], run={"grace": 5})
    urls = [newspaper.url(f"/gone404/{n}/story-of-the-harbour-wall") for n in range(PAGES)]
    body = newspaper.page("/article/5/story-of-the-harbour-wall")
    for url in urls:
        archive.hold(url, GOOD, body)
    source = tmp_path / "list.txt"
    source.write_text("\n".join(urls), encoding="utf-8")
    command = ("recover", "--from", source, "--json")
    before = len(archive.requests())

    with Crawl(tmp_path, *command) as first:
        until(answered(home, 2), "two answers")
        first.terminate()
        assert first.code() == ExitCode.INTERRUPTED
        results = [json.loads(line) for line in first.out.splitlines()]
    assert [one["url"] for one in results] == urls
    assert {"recovered", "waiting"} >= {one["result"] for one in results} >= {"waiting"}
    assert "run the same command again" in first.err

    with Crawl(tmp_path, *command) as second:
        until(answered(home, 4), "four answers")
        second.kill(whole_group=True)

    ran = home.run(*command)
    assert ran.code == ExitCode.DONE
    assert {json.loads(line)["result"] for line in ran.out.splitlines()} == {"recovered"}
    assert home.one("SELECT count(*) FROM archive_lookups") == PAGES
    asked = Counter(one.path for one in archive.requests()[before:])
    assert len(asked) == 2 * PAGES
    assert asked.total() <= 2 * PAGES + 2  # in hand at the kill: one question, one copy
    assert home.run("verify").code == ExitCode.DONE


def answered(home: Home, count: int) -> Callable[[], bool]:
    """Return whether so many questions have their answer in the ledger."""

    def seen() -> bool:
        if not (home.path / "newsmorgue.db").exists():
            return False
        tables = home.rows("SELECT name FROM sqlite_master WHERE name = 'archive_lookups'")
        return bool(tables) and home.one("SELECT count(*) FROM archive_lookups") >= count

    return seen
