"""Resources: one row for one identity, whatever its spelling and however many writers find it."""

import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from support.databases import Database
from support.ledgers import Ledger
from support.records import AT, limits

from crawler.core.offers import Kind, Offer
from storage import frontier, offers, resources
from storage.records import Seed
from storage.retry import transaction

STORY = "http://paper.example/story"


def found(*urls: str, on: int = 0) -> list[offers.Offered]:
    """Return links as a page gives them."""
    return [offers.Offered(offer=Offer(url=url), on=on, site_id=None) for url in urls]


def test_one_identity_is_one_resource(database: Database, tmp_path: Path) -> None:
    """Scheme, www, fragment and tracking parameters make no second resource or entry."""
    ledger = Ledger(database, tmp_path)
    spellings = (
        STORY,
        "https://www.paper.example/story",
        f"{STORY}#comments",
        f"{STORY}?utm_source=feed",
    )
    assert ledger.link(*spellings) == 1
    assert ledger.link(*spellings) == 0
    assert ledger.seed(spellings[1]) == 0
    assert database.rows("SELECT url, kind, found_how FROM resource") == [(STORY, "page", "link")]


def test_different_queries_are_different_resources(database: Database, tmp_path: Path) -> None:
    """Path, trailing slash and query are kept: they may be other pages."""
    ledger = Ledger(database, tmp_path)
    assert ledger.link(STORY, f"{STORY}/", f"{STORY}?id=1", f"{STORY}?id=2") == 4


def test_a_link_not_to_follow_has_no_entry(database: Database, tmp_path: Path) -> None:
    """A link that is only remembered becomes a resource and is never due by itself."""
    ledger = Ledger(database, tmp_path)
    assert ledger.link(STORY, follow=False) == 0
    assert database.rows("SELECT url, state FROM resource") == [(STORY, "unvisited")]
    assert ledger.entries() == []


def test_only_what_is_new_is_written(database: Database, tmp_path: Path) -> None:
    """Of a page's hundred links, ninety known, ten become resources with entries."""
    ledger = Ledger(database, tmp_path)
    known = [f"{STORY}/{n}" for n in range(90)]
    new = [f"{STORY}/{n}" for n in range(90, 100)]
    assert ledger.link(*known) == 90
    before = database.rows("SELECT id, url FROM resource ORDER BY id")
    assert ledger.link(*known, *new) == 10
    after = database.rows("SELECT id, url FROM resource ORDER BY id")
    assert after[:90] == before
    assert sorted(url for _id, url in after[90:]) == sorted(new)


def test_links_of_no_web_address_are_left_out(database: Database, tmp_path: Path) -> None:
    """A link that is no web address costs the others nothing."""
    ledger = Ledger(database, tmp_path)
    assert ledger.link("mailto:desk@paper.example", "http://[bad", STORY, "javascript:void(0)") == 1


def test_a_very_long_address_is_kept_whole(database: Database, tmp_path: Path) -> None:
    """A 12 KB address that no index could hold is found again by its key on both engines."""
    letters = random.Random(7)  # noqa: S311 - only to be incompressible
    long = f"{STORY}?q={''.join(letters.choices('abcdefghijklmnop0123456789', k=12_000))}"
    ledger = Ledger(database, tmp_path)
    assert ledger.link(long) == 1
    assert ledger.link(long) == 0
    assert database.one("SELECT url FROM resource") == long
    [claim] = ledger.claim()
    assert claim.url == long


def test_a_seed_gives_a_known_link_its_site_and_kind(database: Database, tmp_path: Path) -> None:
    """A page that was only a link before becomes the front page that the configuration says."""
    ledger = Ledger(database, tmp_path)
    ledger.link("http://paper.example/")
    database.execute(
        "INSERT INTO site (id, name, settings, since) VALUES (7, 'paper', '{}', ?)",
        [database.rows("SELECT first_seen_at FROM resource")[0][0]],
    )
    seed = Seed(url="http://paper.example/", kind=Kind.FRONT, site="paper")
    with ledger.begin() as connection:
        assert resources.add_seeds(connection, [seed], {"paper": 7}, AT) == 1
    assert database.rows("SELECT kind, site_id FROM resource") == [("front", 7)]
    with ledger.begin() as connection:
        resources.add_seeds(connection, [Seed(url="http://paper.example/")], {}, AT)
    assert database.rows("SELECT kind, site_id FROM resource") == [("front", 7)]


def test_a_known_seed_keeps_its_due_time(database: Database, tmp_path: Path) -> None:
    """Naming a page again does not make it due before its time."""
    ledger = Ledger(database, tmp_path)
    ledger.seed(STORY)
    [claim] = ledger.claim()
    later = AT.replace(year=2027)
    with ledger.begin() as connection:
        frontier.finish(connection, claim.entry_id, later)
    assert ledger.seed(STORY) == 0
    assert ledger.next_due() == later


def test_two_writers_of_the_same_links_make_no_doubles(database: Database, tmp_path: Path) -> None:
    """Two connections that insert the same links crosswise both end, and nothing is double."""
    engine = Ledger(database, tmp_path).engine
    urls = [f"http://h{n % 7}.example/{n}" for n in range(400)]
    together = Barrier(2)

    def write(order: list[str]) -> int:
        new = 0
        for start in range(0, len(order), 100):
            together.wait(timeout=30)
            batch = found(*order[start : start + 100])
            new += transaction(engine, lambda c, b=batch: offers.add(c, b, AT))
        return new

    with ThreadPoolExecutor(2) as pool:
        counts = list(pool.map(write, [urls, urls[::-1]]))
    assert sum(counts) == 400
    assert database.one("SELECT count(*) FROM resource") == 400
    assert database.one("SELECT count(DISTINCT url) FROM resource") == 400
    assert database.one("SELECT count(DISTINCT resource_id) FROM frontier") == 400


def test_the_links_found_by_two_writers_are_all_due(database: Database, tmp_path: Path) -> None:
    """After two writers met on the same links, every link can be claimed."""
    ledger = Ledger(database, tmp_path)
    urls = [f"http://h{n}.example/" for n in range(60)]
    together = Barrier(2)

    def write(order: list[str]) -> None:
        together.wait(timeout=30)
        transaction(ledger.engine, lambda c: offers.add(c, found(*order), AT))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(write, [urls, urls[::-1]]))
    assert len(ledger.claim(limits(1000))) == 60


def test_a_named_page_comes_first_among_what_is_due(database: Database, tmp_path: Path) -> None:
    """Whoever names a known page gets it before the rest of its host, but not before its time."""
    ledger = Ledger(database, tmp_path)
    host = "http://paper.example"
    ledger.link(f"{host}/a", f"{host}/b", f"{host}/c")
    ledger.seed(f"{host}/c")
    assert [one.url for one in ledger.claim(limits(1))] == [f"{host}/c"]
    ledger.database.execute("UPDATE frontier SET due_at = '2099-01-01T00:00:00.000000Z'")
    ledger.seed(f"{host}/b")
    assert ledger.claim() == []
