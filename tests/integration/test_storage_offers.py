"""Offers in the ledger: entries for what is followed, hints learned, the skipped taken up."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from support.databases import Database
from support.ledgers import Ledger, opened
from support.offered import (
    ENTRY,
    HOME,
    STORY,
    add,
    listing,
    make_sites,
    offer,
    seed_and_claim,
    skipped,
)
from support.records import AT, after, limits, record

from crawler.core.offers import BACKFILL, Found, Front, Kind
from crawler.core.words import Purpose
from storage import offers, resources
from storage.frontier import BACKFILL as LAST
from storage.frontier import NORMAL
from storage.records import Seed


def hints(database: Database) -> tuple[str | None, datetime | None]:
    [[headline, at]] = database.rows("SELECT headline, published_hint FROM resource")
    return headline, database.instant(at)


# What is followed -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", Kind)
def test_an_offer_gets_the_entry_of_its_kind(
    database: Database, tmp_path: Path, kind: Kind
) -> None:
    """Pages are visited, lists and sections discovered from, each in its own host's lane."""
    ledger = Ledger(database, tmp_path)
    url = "http://www.feeds.example:8080/paper"
    assert add(ledger, offer(url, kind=kind, how=Found.ROBOTS), depth=3) == 1
    assert database.rows(ENTRY) == [(url, kind.purpose.value, "host:feeds.example", NORMAL)]
    assert database.rows("SELECT kind, found_how, found_on, depth, skipped FROM resource") == [
        (kind.value, "robots", 5, 3, None)
    ]
    assert ledger.next_due(kind.purpose) == AT


def test_what_is_late_comes_after_all_else(database: Database, tmp_path: Path) -> None:
    """A late offer is claimed last, though it was found first."""
    ledger = Ledger(database, tmp_path)
    add(ledger, offer(f"{STORY}/old", is_late=True), offer(f"{STORY}/new"))
    assert [priority for *_rest, priority in database.rows(ENTRY)] == [NORMAL, LAST]
    claimed = [of.url for of in ledger.claim(limits(per_host=2))]
    assert claimed == [f"{STORY}/new", f"{STORY}/old"]


def test_an_offer_keeps_headline_date_and_site(database: Database, tmp_path: Path) -> None:
    """What a list tells of a page stands on its resource, and in the claim's history."""
    ledger = Ledger(database, tmp_path)
    site = make_sites(ledger, "paper")["paper"]
    add(ledger, offer(headline="Wall\x00 voted", published=after(days=-1)), site_id=site)
    [of] = ledger.claim()
    assert (of.site_id, of.depth, of.found_how) == (site, 1, Found.LINK)
    assert of.history.published_hint == after(days=-1)
    assert of.history.headline is not None
    assert "\x00" not in of.history.headline


def test_the_most_telling_offer_of_an_address_counts(database: Database, tmp_path: Path) -> None:
    """Of spellings of one address on a page the followed one counts, then the dated one."""
    ledger = Ledger(database, tmp_path)
    found = (
        skipped(f"{STORY}#a", published=after(days=-90)),
        offer(f"{STORY}?utm_source=x", headline="Plain"),
        offer("http://www.paper.example/story", headline="Dated", published=after(days=-2)),
        offer(headline="Later", published=after(days=-3)),
    )
    assert add(ledger, *found) == 1
    assert hints(database) == ("Dated", after(days=-2))
    assert database.rows("SELECT skipped FROM resource") == [(None,)]


# Hints ------------------------------------------------------------------------------------------


def test_a_known_page_learns_what_it_lacked(database: Database, tmp_path: Path) -> None:
    """A page found by a bare link takes headline and date from the feed that lists it later."""
    ledger = Ledger(database, tmp_path)
    add(ledger, offer())
    assert add(ledger, offer(headline="Wall", published=after(days=-1), how=Found.FEED)) == 0
    assert hints(database) == ("Wall", after(days=-1))
    assert database.one("SELECT found_how FROM resource") == "link"


@pytest.mark.parametrize(
    ("known", "told", "expected"),
    [
        (("First", -1), ("Second", -2), ("First", -1)),
        (("First", None), ("Second", -2), ("First", -2)),
        ((None, -1), ("Second", -2), ("Second", -1)),
        (("First", -1), (None, None), ("First", -1)),
        (("First", None), (None, -2), ("First", -2)),
        ((None, None), (None, -2), (None, -2)),
    ],
)
def test_a_hint_is_never_overwritten(
    database: Database,
    tmp_path: Path,
    known: tuple[str | None, int | None],
    told: tuple[str | None, int | None],
    expected: tuple[str | None, int | None],
) -> None:
    """Only what is missing is learned; what was told first stays."""
    ledger = Ledger(database, tmp_path)
    for headline, days in (known, told):
        at = None if days is None else after(days=days)
        add(ledger, offer(headline=headline, published=at))
    at = None if expected[1] is None else after(days=expected[1])
    assert hints(database) == (expected[0], at)


def test_many_pages_learn_in_one_go(database: Database, tmp_path: Path) -> None:
    """Of seven thousand known addresses each learns its own hint, whatever the batches are."""
    ledger = Ledger(database, tmp_path)
    addresses = [f"{STORY}/{n}" for n in range(7_000)]
    assert add(ledger, *map(offer, addresses)) == 7_000
    told = [offer(url, headline=url[-4:]) for url in addresses]
    assert add(ledger, *told) == 0
    assert all(url.endswith(h) for url, h in database.rows("SELECT url, headline FROM resource"))


# Skipped ----------------------------------------------------------------------------------------


def test_the_skipped_are_kept_without_an_entry(database: Database, tmp_path: Path) -> None:
    """What is not followed is a resource that says why, with its hints, and is never due."""
    ledger = Ledger(database, tmp_path)
    assert add(ledger, skipped(headline="Old wall", published=after(days=-90))) == 0
    assert ledger.entries() == []
    assert database.rows("SELECT url, skipped FROM link_health") == [(STORY, BACKFILL)]
    assert hints(database) == ("Old wall", after(days=-90))


def test_a_skipped_page_is_followed_when_it_is_offered_anew(
    database: Database, tmp_path: Path
) -> None:
    """A front page that links to an old story makes it due, and it is skipped no more."""
    ledger = Ledger(database, tmp_path)
    add(ledger, skipped())
    assert add(ledger, skipped()) == 0
    assert add(ledger, offer()) == 1
    assert database.rows(ENTRY) == [(STORY, "visit", "host:paper.example", NORMAL)]
    assert database.rows("SELECT skipped FROM resource") == [(None,)]
    assert add(ledger, offer()) == 0


def test_a_followed_page_is_not_skipped_later(database: Database, tmp_path: Path) -> None:
    """A sitemap that calls it old takes nothing from a page that is due already."""
    ledger = Ledger(database, tmp_path)
    add(ledger, offer())
    add(ledger, skipped())
    assert database.rows("SELECT skipped FROM resource") == [(None,)]
    assert len(ledger.entries()) == 1


def test_what_was_skipped_is_not_once_it_is_asked_for_by_name(
    database: Database, tmp_path: Path
) -> None:
    """A seed gives a skipped page its entry, and nothing says any more that it was left out."""
    ledger = Ledger(database, tmp_path)
    assert add(ledger, skipped()) == 0
    assert ledger.seed(STORY) == 1
    assert database.rows("SELECT skipped FROM link_health") == [(None,)]


def take_up(ledger: Ledger, site_ids: Sequence[int] | None = None) -> int:
    with ledger.begin() as connection:
        return offers.take_up_skipped(connection, BACKFILL, ledger.now, site_ids=site_ids)


def test_the_skipped_are_taken_up_once(database: Database, tmp_path: Path) -> None:
    """A backfill gives each skipped page and list its entry, last in line, and only once."""
    ledger = Ledger(database, tmp_path)
    add(ledger, skipped(), skipped(f"{HOME}map.xml", kind=Kind.SITEMAP), offer(f"{STORY}/new"))
    assert take_up(ledger) == 2
    assert take_up(ledger) == 0
    assert [(url, purpose, last) for url, purpose, _lane, last in database.rows(ENTRY)] == [
        (f"{HOME}map.xml", "discover", LAST),
        (STORY, "visit", LAST),
        (f"{STORY}/new", "visit", NORMAL),
    ]
    for of in ledger.claim(limits(per_host=5)):
        ledger.write(record(of) if of.purpose is Purpose.VISIT else listing(of))
    assert take_up(ledger) == 0


def test_the_skipped_of_one_site_are_taken_up_alone(database: Database, tmp_path: Path) -> None:
    """A backfill of a site leaves the others' skipped pages where they are."""
    ledger = Ledger(database, tmp_path)
    known = make_sites(ledger, "one", "two")
    add(ledger, skipped(f"{STORY}/1"), site_id=known["one"])
    add(ledger, skipped(f"{STORY}/2"), site_id=known["two"])
    add(ledger, skipped(f"{STORY}/3"))
    assert take_up(ledger, [known["two"]]) == 1
    assert [url for url, *_ in database.rows(ENTRY)] == [f"{STORY}/2"]
    assert take_up(ledger, []) == 0
    assert take_up(ledger) == 2


def test_the_skipped_are_taken_up_in_batches(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A session takes up all batches, each in a transaction of its own, by the sites' names."""
    monkeypatch.setattr(offers, "BATCH", 10)
    ledger = Ledger(database, tmp_path)
    site = make_sites(ledger, "paper")["paper"]
    add(ledger, *(skipped(f"{STORY}/{n}") for n in range(25)), site_id=site)
    assert take_up(ledger) == 10

    async def taken() -> tuple[int, int, int]:
        return (
            await session.take_up_skipped(BACKFILL, ["nobody"]),
            await session.take_up_skipped(BACKFILL, ["paper"]),
            await session.take_up_skipped(BACKFILL),
        )

    with opened(database, tmp_path) as session:
        assert asyncio.run(taken()) == (0, 15, 0)
    assert database.one("SELECT count(*) FROM frontier") == 25


# Fronts and sites -------------------------------------------------------------------------------


def test_fronts_are_those_of_the_sites_and_of_their_hosts(
    database: Database, tmp_path: Path
) -> None:
    """Asked for a site and a host: the site's fronts wherever they lie, and all on that host."""
    ledger = Ledger(database, tmp_path)
    ids = make_sites(ledger, "one", "two", "three")
    planted = [
        ("http://paper.example/en/", Kind.FRONT, "one"),
        ("http://other.example/", Kind.FRONT, "one"),
        ("http://paper.example/fr/", Kind.FRONT, "two"),
        ("http://third.example/", Kind.FRONT, "three"),
        ("http://paper.example/feed", Kind.FEED, "one"),
        ("http://paper.example/", Kind.FRONT, None),
    ]
    seeds = [Seed(url=url, kind=kind, site=site) for url, kind, site in planted]
    with ledger.begin() as connection:
        resources.add_seeds(connection, seeds, ids, AT)
        found = offers.fronts_of(connection, [ids["one"]], ["paper.example"])
    assert found == [
        Front(site_id=ids[site], url=url) for url, _kind, site in planted[:3] if site is not None
    ]


def test_what_lists_articles_is_claimed_with_its_fronts(database: Database, tmp_path: Path) -> None:
    """A claim to discover carries the fronts that bound its links; a visit carries none."""
    front = Seed(url=HOME, kind=Kind.FRONT, site="paper")
    feed = Seed(url="http://feeds.example/paper", kind=Kind.FEED, site="paper")
    page = Seed(url=STORY, site="paper")

    async def claimed() -> dict[str, tuple[str, ...]]:
        await session.add_seeds([front, feed, page], {"paper": {}})
        taken = await session.claim(limits())
        await session.release(taken)
        return {of.url: tuple(one.url for one in of.fronts) for of in taken}

    with opened(database, tmp_path) as session:
        assert asyncio.run(claimed()) == {HOME: (HOME,), feed.url: (HOME,), STORY: ()}


def test_offers_go_to_the_site_whose_front_is_nearest(database: Database, tmp_path: Path) -> None:
    """Of two sites on one host, each gets the pages below its own front, whoever found them."""
    ledger = Ledger(database, tmp_path)
    ids = make_sites(ledger, "en", "fr")
    of = seed_and_claim(ledger)
    fronts = tuple(Front(site_id=ids[name], url=f"{HOME}{name}/") for name in ids)
    of = replace(of, site_id=ids["en"], fronts=fronts)
    found = (offer(f"{HOME}fr/a"), offer(f"{HOME}en/a"), offer(f"{HOME}a"))
    ledger.write(record(of, links=found))
    owned = dict(database.rows("SELECT url, site_id FROM resource"))
    assert owned[f"{HOME}fr/a"] == ids["fr"]
    assert owned[f"{HOME}en/a"] == owned[f"{HOME}a"] == ids["en"]


def test_a_step_away_is_counted(database: Database, tmp_path: Path) -> None:
    """What a page at depth two offers is at depth three: lists below lists come to an end."""
    ledger = Ledger(database, tmp_path)
    of = replace(seed_and_claim(ledger), depth=2)
    ledger.write(record(of, links=(offer(),)))
    assert database.one("SELECT depth FROM resource WHERE url = ?", [STORY]) == 3


def test_new_entries_are_counted_and_known_ones_are_not(database: Database, tmp_path: Path) -> None:
    """The harvest's `discovered` is of entries that are new: nothing skipped, nothing twice."""
    ledger = Ledger(database, tmp_path)
    add(ledger, offer(f"{STORY}/known"))
    ledger.seed(HOME, kind=Kind.FRONT)
    [of] = [one for one in ledger.claim() if one.url == HOME]
    found = (offer(f"{STORY}/known"), offer(), offer(f"{STORY}#top"), skipped(f"{STORY}/old"))
    ledger.write(record(of, links=found))
    assert database.one("SELECT discovered FROM harvest") == 1
