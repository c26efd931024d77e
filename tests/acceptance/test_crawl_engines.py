"""The same crawl on both engines of the ledger, read back by their plain drivers."""

from pathlib import Path

from support.crawls import Home, asks
from support.databases import Database

from crawler.demo.launch import ArchiveServer, NewspaperServer

GOOD = "20200103040506"


def test_a_crawl_is_the_same_on_both_engines(
    tmp_path: Path,
    empty_database: Database,
    newspaper: NewspaperServer,
    archive: ArchiveServer,
) -> None:
    """An empty database gets its tables; living, moved, lost and soft-gone pages are what they are.

    Run on both engines, so that a difference between them is a failure of one.
    """
    paths = {
        "alive": "/founding/end-of-body/en",
        "moved": "/moved/6/council-votes-for-new-harbour-wall",
        "lost": "/gone404/1/harbour-wall-story-of-the-year",
        "soft": "/soft404/founding/en/harbour-wall-story-again",
    }
    urls = {name: newspaper.url(path) for name, path in paths.items()}
    archive.hold(urls["lost"], GOOD, newspaper.page("/article/5/harbour-wall-story-of-the-year"))
    home = Home(tmp_path)
    home.configure(archives=[asks(archive)])
    ran = home.crawl(*urls.values(), env={"NEWSMORGUE_DATABASE": empty_database.url})
    assert (ran.code, ran.err) == (0, "")
    states = dict(empty_database.rows("SELECT url, state FROM link_health"))
    assert [states[url] for url in urls.values()] == ["alive", "moved", "suspected", "suspected"]
    articles = dict(empty_database.rows("SELECT url, source FROM articles"))
    assert articles.pop(newspaper.url("/article/6/council-votes-for-new-harbour-wall")) == "live"
    assert articles == {urls["alive"]: "live", urls["lost"]: "wayback"}
    assert empty_database.rows("SELECT seq FROM changes ORDER BY seq") == [
        (seq,) for seq in range(1, empty_database.one("SELECT count(*) FROM changes") + 1)
    ]
    kinds = [kind for (kind,) in empty_database.rows("SELECT kind FROM changes")]
    assert sorted(kinds) == ["new", "new", "recovered", "state", "state", "state"]
    assert empty_database.one("SELECT count(*) FROM visits") == 4 + 2 + 1
    assert empty_database.rows("SELECT id FROM quarantine") == []
