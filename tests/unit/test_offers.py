"""Offers: what fronts, sections, feeds and sitemaps give the frontier, and what they do not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.core import urls
from crawler.core.listings import Listed, Listing, ListKind
from crawler.core.offers import (
    BACKFILL,
    FEED_PATHS,
    SITEMAP_PATHS,
    Found,
    Ground,
    Kind,
    Offer,
    list_offers,
    page_offers,
    seed_kind,
)
from crawler.core.values import Link, PageReading, Signals

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
OLD, FRESH = NOW - timedelta(days=31), NOW - timedelta(days=29)
HOME = "https://paper.example/"
STORY = "https://paper.example/world/council-votes-for-new-harbour-wall"
SECTION = "https://paper.example/world"


def ground(kind: Kind = Kind.FRONT, **changes: Any) -> Ground:
    plain = Ground(
        url=HOME,
        kind=kind,
        now=NOW,
        scope=urls.Scope(hosts=("paper.example",)),
        horizon=timedelta(days=30),
    )
    return replace(plain, **changes)


def page(*links: Link, feeds: tuple[Link, ...] = ()) -> PageReading:
    return PageReading(signals=Signals(), links=links, feeds=feeds)


def sitemap(*entries: Listed, lists: tuple[Listed, ...] = (), kind: str = "sitemap") -> Listing:
    return Listing(kind=ListKind(kind), entries=entries, lists=lists)


def listed(url: str = STORY, **told: Any) -> Listed:
    return Listed(url=url, **told)


def one(found: tuple[Offer, ...]) -> Offer:
    (offer,) = found
    return offer


def addresses(found: tuple[Offer, ...], kind: Kind | None = None) -> list[str]:
    return [offer.url for offer in found if kind in {None, offer.kind}]


# Pages ------------------------------------------------------------------------------------------


def test_a_front_offers_sections_and_articles() -> None:
    """A front page gives sections to be read for more, and articles with their anchors."""
    links = (
        Link(url=SECTION, text="World"),
        Link(url=STORY, text="Council votes"),
        Link(url=f"{HOME}about", text="About us"),
    )
    assert page_offers(page(*links), ground()) == (
        Offer(url=SECTION, headline="World", kind=Kind.SECTION),
        Offer(url=STORY, headline="Council votes"),
    )


def test_a_section_offers_articles_only() -> None:
    """A section's sections, feeds and usual places are not followed: the crawl stays shallow."""
    links = (Link(url=f"{HOME}sport", text="Sport"), Link(url=STORY))
    feeds = (Link(url=f"{HOME}world.rss"),)
    found = page_offers(page(*links, feeds=feeds), ground(Kind.SECTION, is_first=True))
    assert found == (Offer(url=STORY),)


def test_sections_are_bounded_and_articles_are_not() -> None:
    """At most so many sections of one front page; every article."""
    sections = [Link(url=f"{HOME}s{n}x", text=f"Part {n}") for n in range(60)]
    stories = [Link(url=f"{STORY}-{n}") for n in range(60)]
    found = page_offers(page(*sections, *stories), ground(sections=5))
    assert len(addresses(found, Kind.SECTION)) == 5
    assert len(addresses(found, Kind.PAGE)) == 60


def test_links_to_other_hosts_are_not_offered() -> None:
    """What lies on another host is not the site's, however much it looks like an article."""
    links = (
        Link(url="https://other.example/world/council-votes-for-new-harbour-wall"),
        Link(url="https://sub.paper.example/world/council-votes-for-new-harbour-wall"),
        Link(url="https://www.paper.example/world/council-votes-for-new-harbour-wall"),
    )
    found = page_offers(page(*links), ground())
    assert addresses(found) == [links[2].url]


def test_named_feeds_are_taken_and_none_is_guessed() -> None:
    """A feed named in the head may lie on any host; then no usual place of feeds is tried."""
    feeds = (Link(url="https://feeds.example/paper", text="All"),)
    found = page_offers(page(feeds=feeds), ground(is_first=True, sitemaps=("/map.xml",)))
    assert found == (
        Offer(url="https://feeds.example/paper", headline="All", kind=Kind.FEED),
        Offer(url=f"{HOME}map.xml", kind=Kind.SITEMAP, how=Found.ROBOTS),
    )


def test_usual_places_are_guessed_on_first_contact_only() -> None:
    """A front page that names nothing has the usual places tried, once."""
    first = page_offers(page(), ground(is_first=True, url=f"{HOME}en/"))
    assert addresses(first, Kind.FEED) == [f"https://paper.example{path}" for path in FEED_PATHS]
    assert addresses(first, Kind.SITEMAP) == [
        f"https://paper.example{path}" for path in SITEMAP_PATHS
    ]
    assert {offer.how for offer in first} == {Found.GUESS}
    assert page_offers(page(), ground()) == ()


def test_robots_sitemaps_stand_instead_of_guesses() -> None:
    """Sitemaps that robots.txt names are read each time; feeds are still guessed at first."""
    named = ("https://cdn.example/map.xml", "mailto:nobody@paper.example", "http://[bad")
    found = page_offers(page(), ground(is_first=True, sitemaps=named))
    assert addresses(found, Kind.SITEMAP) == [named[0]]
    assert len(addresses(found, Kind.FEED)) == len(FEED_PATHS)
    again = page_offers(page(), ground(sitemaps=named))
    assert addresses(again) == [named[0]]


# Lists ------------------------------------------------------------------------------------------


def test_a_feed_offers_pages_with_headline_and_date() -> None:
    """What a feed tells of its pages goes along; a feed has no horizon."""
    found = list_offers(
        sitemap(listed(headline="Wall", published=OLD), kind="feed"), ground(Kind.FEED)
    )
    assert one(found) == Offer(url=STORY, headline="Wall", published=OLD, how=Found.FEED)


@pytest.mark.parametrize(
    ("told", "is_old"),
    [
        ({"published": OLD}, True),
        ({"published": FRESH}, False),
        ({"modified": OLD}, True),
        ({"modified": FRESH}, False),
        ({"published": OLD, "modified": FRESH}, True),
        ({"published": FRESH, "modified": OLD}, False),
        ({"published": NOW - timedelta(days=30)}, False),
        ({}, False),
        ({"published": NOW + timedelta(days=400)}, False),
    ],
)
def test_older_than_the_horizon_is_backfill(told: dict[str, Any], *, is_old: bool) -> None:
    """Published decides, then lastmod; what is exactly as old as the horizon is not yet old."""
    offer = one(list_offers(sitemap(listed(**told)), ground(Kind.SITEMAP)))
    assert (offer.follow, offer.skipped) == ((False, BACKFILL) if is_old else (True, None))
    assert offer.how is Found.SITEMAP


def test_the_date_in_an_address_goes_before_lastmod() -> None:
    """Some sitemaps date everything today; the date in the address is better known."""
    old = "https://paper.example/2019/05/06/council-votes"
    month = "https://paper.example/2026/02/council-votes"
    found = list_offers(
        sitemap(listed(old, modified=NOW), listed(month, modified=OLD)), ground(Kind.SITEMAP)
    )
    assert [offer.follow for offer in found] == [False, True]


def test_without_a_horizon_all_is_followed_late() -> None:
    """A backfill follows everything a sitemap lists, after all else that is due."""
    entries = (listed(published=OLD), listed(f"{STORY}-2", published=NOW), listed(f"{STORY}-3"))
    found = list_offers(sitemap(*entries), ground(Kind.SITEMAP, horizon=None))
    assert [(offer.follow, offer.is_late) for offer in found] == [(True, True)] * 3


def test_undated_entries_come_late() -> None:
    """Without a date it may be anything: followed, but after what is news."""
    found = list_offers(
        sitemap(listed(), listed(f"{STORY}-2", published=NOW)), ground(Kind.SITEMAP)
    )
    assert [(offer.follow, offer.is_late) for offer in found] == [(True, True), (True, False)]


@pytest.mark.parametrize(("count", "follows"), [(1_000, True), (1_001, False), (5_000, False)])
def test_a_long_undated_list_is_an_archive(count: int, *, follows: bool) -> None:
    """Over a thousand undated addresses are no news: kept as backfill. The dated are followed."""
    undated = [listed(f"{STORY}-{n}x") for n in range(count)]
    dated = listed(f"{STORY}-dated", published=FRESH)
    found = list_offers(sitemap(*undated, dated), ground(Kind.SITEMAP))
    assert len(found) == count + 1
    assert {offer.follow for offer in found[:-1]} == {follows}
    assert {offer.skipped for offer in found[:-1]} == {None if follows else BACKFILL}
    assert found[-1].follow
    everything = list_offers(sitemap(*undated), ground(Kind.SITEMAP, horizon=None))
    assert all(offer.follow for offer in everything)


def test_only_addresses_in_scope_count_as_a_long_list() -> None:
    """Other sites' addresses make no archive of a short list."""
    others = [listed(f"https://other.example/{n}") for n in range(2_000)]
    assert one(list_offers(sitemap(*others, listed()), ground(Kind.SITEMAP))).follow


def test_a_long_undated_feed_is_followed() -> None:
    """A feed is news by what it is, however long and undated."""
    entries = [listed(f"{STORY}-{n}x") for n in range(1_500)]
    found = list_offers(sitemap(*entries, kind="feed"), ground(Kind.FEED))
    assert all(offer.follow and not offer.is_late for offer in found)


def test_files_in_a_list_are_left_out() -> None:
    """Pictures and documents that a sitemap lists are no pages."""
    found = list_offers(
        sitemap(listed(f"{HOME}a.jpg"), listed(f"{HOME}a.pdf"), listed()), ground(Kind.SITEMAP)
    )
    assert addresses(found) == [STORY]


def test_an_index_offers_its_sitemaps_before_pages() -> None:
    """The lists of an index are sitemaps; those older than the horizon wait for a backfill."""
    lists = (
        listed(f"{HOME}new.xml", modified=FRESH),
        listed(f"{HOME}old.xml", modified=OLD),
        listed(f"{HOME}sitemap-2019-05.xml"),
        listed(f"{HOME}undated.xml"),
    )
    found = list_offers(sitemap(lists=lists, kind="sitemap_index"), ground(Kind.SITEMAP))
    assert {offer.kind for offer in found} == {Kind.SITEMAP}
    assert [offer.follow for offer in found] == [True, False, False, True]
    assert [offer.skipped for offer in found] == [None, BACKFILL, BACKFILL, None]


def test_a_list_touched_today_is_read_though_it_is_named_by_an_old_date() -> None:
    """Of a list lastmod decides: an old month's sitemap that changed has something new."""
    lists = (listed(f"{HOME}sitemap-2019-05.xml", modified=NOW),)
    found = list_offers(sitemap(lists=lists, kind="sitemap_index"), ground(Kind.SITEMAP))
    assert one(found).follow


def test_a_feeds_next_page_is_a_feed() -> None:
    """A list named by a feed is read as a feed."""
    found = list_offers(
        sitemap(lists=(listed(f"{HOME}feed?page=2"),), kind="feed"), ground(Kind.FEED)
    )
    assert one(found) == Offer(url=f"{HOME}feed?page=2", kind=Kind.FEED, how=Found.FEED)


@pytest.mark.parametrize(("depth", "lists"), [(0, 1), (3, 1), (4, 0), (40, 0)])
def test_lists_below_lists_end(depth: int, lists: int) -> None:
    """Sitemaps that name ever new sitemaps end at a depth no honest site has; pages go on."""
    listing = sitemap(listed(), lists=(listed(f"{HOME}{depth}.xml"),))
    found = list_offers(listing, ground(Kind.SITEMAP, depth=depth))
    assert len(addresses(found, Kind.SITEMAP)) == lists
    assert addresses(found, Kind.PAGE) == [STORY]


# Any page, any list -----------------------------------------------------------------------------

texts = st.text(max_size=30)
strange = st.one_of(
    st.builds(
        "{}://{}/{}".format,
        st.sampled_from(["http", "https", "ftp", "HTTPS", "javascript"]),
        st.sampled_from(["paper.example", "www.paper.example:8080", "[::1]", "[", "x.example", ""]),
        texts,
    ),
    texts,
)
found = strange.map(lambda text: urls.join(HOME, text)).filter(bool)  # as the workers give them
moments = st.none() | st.datetimes(
    datetime(1980, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    datetime(2090, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
entries = st.builds(
    Listed, url=found, headline=st.none() | texts, published=moments, modified=moments
)
listings = st.builds(
    Listing,
    kind=st.sampled_from(list(ListKind)),
    entries=st.lists(entries, max_size=8).map(tuple),
    lists=st.lists(entries, max_size=3).map(tuple),
)
grounds = st.builds(
    ground,
    kind=st.sampled_from(list(Kind)),
    depth=st.integers(0, 6),
    is_first=st.booleans(),
    sitemaps=st.lists(strange, max_size=3).map(tuple),
    horizon=st.none() | st.timedeltas(timedelta(0), timedelta(days=9999)),
)
links = st.lists(st.builds(Link, url=found, text=texts), max_size=8).map(tuple)


@given(listings, grounds)
def test_whatever_a_list_holds_its_pages_are_in_scope(listing: Listing, where: Ground) -> None:
    """No list makes it raise, offers a page of another site, or skips without a reason."""
    for offer in list_offers(listing, where):
        if offer.url not in {one.url for one in listing.lists}:
            assert urls.in_scope(offer.url, where.scope) is None
        assert offer.follow is (offer.skipped is None)
        assert where.horizon is not None or offer.follow


@given(st.builds(PageReading, signals=st.just(Signals()), links=links), grounds)
def test_whatever_a_page_links_to_only_the_sites_own_is_offered(
    reading: PageReading, where: Ground
) -> None:
    """No page makes it raise, or offers a page or section of another site."""
    for offer in page_offers(reading, where):
        assert not offer.skipped
        if offer.kind in {Kind.PAGE, Kind.SECTION}:
            assert urls.in_scope(offer.url, where.scope) is None


@given(strange)
def test_any_address_has_a_kind_or_is_none(url: str) -> None:
    """What is a web address gets a kind, however it is spelled; what is none is a `BadUrl`."""
    try:
        urls.canonicalize(url)
    except urls.BadUrl:
        with pytest.raises(urls.BadUrl):
            seed_kind(url)
    else:
        assert seed_kind(url) in set(Kind)


def test_an_index_leads_to_lists_of_its_own_site_only() -> None:
    """A hostile index that names a hundred thousand addresses of others sends us to none."""
    mine, other = "http://paper.example/sitemap/1.xml", "http://victim.example/sitemap/1.xml"
    index = Listing(kind=ListKind.SITEMAP_INDEX, lists=(Listed(url=mine), Listed(url=other)))
    where = Ground(
        url="http://paper.example/sitemap.xml",
        kind=Kind.SITEMAP,
        now=datetime(2026, 11, 24, tzinfo=UTC),
        scope=urls.Scope(hosts=("paper.example",)),
    )
    assert [offer.url for offer in list_offers(index, where)] == [mine]
