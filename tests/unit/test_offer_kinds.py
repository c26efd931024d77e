"""Kinds of resources and the sites they belong to: seeds, fronts above, lists that are none."""

from dataclasses import replace

import pytest

from crawler.core.offers import (
    Front,
    Kind,
    nearness,
    reads_as_article,
    reads_as_list,
    seed_kind,
    site_of,
)
from crawler.core.values import Signals
from crawler.core.words import Purpose

HOME = "https://paper.example/"
STORY = f"{HOME}world/council-votes-for-new-harbour-wall"
SECTION = f"{HOME}world"


@pytest.mark.parametrize("kind", Kind)
def test_lists_and_fronts_are_read_for_more(kind: Kind) -> None:
    """Pages are visited; all else is discovered from. Only feeds and sitemaps are no web pages."""
    assert (kind.purpose is Purpose.VISIT) is (kind is Kind.PAGE)
    assert kind.is_list is (kind in {Kind.FEED, Kind.SITEMAP})


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("", Kind.FRONT),
        ("/", Kind.FRONT),
        ("/en", Kind.FRONT),
        ("/pt-br/", Kind.FRONT),
        ("/index.html", Kind.FRONT),
        ("/#top", Kind.FRONT),
        ("/feed", Kind.FEED),
        ("/de/feed/", Kind.FEED),
        ("/rss.xml", Kind.FEED),
        ("/index.xml", Kind.FEED),
        ("/index.rdf", Kind.FEED),
        ("/home.rss", Kind.FEED),
        ("/news/atom.xml", Kind.FEED),
        ("/top.rss?edition=uk", Kind.FEED),
        ("/feed.json", Kind.FEED),
        ("/sitemap.xml", Kind.SITEMAP),
        ("/Sitemap_Index.xml", Kind.SITEMAP),
        ("/maps/news-sitemap.xml.gz", Kind.SITEMAP),
        ("/sitemap.txt", Kind.SITEMAP),
        ("/sport", Kind.PAGE),
        ("/world/council-votes-for-new-harbour-wall", Kind.PAGE),
        ("/?p=12", Kind.PAGE),
        ("/rss/about", Kind.PAGE),
        ("/.xml", Kind.PAGE),
    ],
)
def test_a_seed_is_what_its_address_says(path: str, kind: Kind) -> None:
    """A first page, a feed, a sitemap by its usual name; everything else is a page."""
    assert seed_kind(f"https://paper.example{path}") is kind


def front(site_id: int, path: str, host: str = "paper.example") -> Front:
    return Front(site_id=site_id, url=f"https://{host}{path}")


@pytest.mark.parametrize(
    ("path", "site"),
    [
        ("/en/world/story", 1),
        ("/en", 1),
        ("/fr/monde/story", 2),
        ("/fr", 2),
        ("/fr/sports/story", 3),
        ("/french/story", 9),
        ("/story", 9),
    ],
)
@pytest.mark.parametrize("slash", ["", "/"])
def test_the_nearest_front_above_owns_an_address(path: str, site: int, slash: str) -> None:
    """Of sites on one host the deepest front above decides, with or without its last slash."""
    fronts = [front(1, f"/en{slash}"), front(2, f"/fr{slash}"), front(3, f"/fr/sports{slash}")]
    assert site_of(f"https://www.paper.example{path}", fronts, 9) == site


def test_a_front_at_the_root_owns_the_rest() -> None:
    """A site whose front is the host's first page has all that no other site has."""
    fronts = [front(1, "/"), front(2, "/blog/"), front(7, "/", "other.example")]
    assert site_of(f"{HOME}story", fronts, 2) == 1
    assert site_of(f"{HOME}blog/story", fronts, 1) == 2
    assert site_of("https://other.example/story", fronts, 2) == 7
    assert site_of("https://third.example/story", fronts, 2) == 2


@pytest.mark.parametrize("otherwise", [1, 2])
def test_equal_claims_stay_with_the_site_that_found_it(otherwise: int) -> None:
    """Two sites with one front page: an address is the site's on whose page it was found."""
    fronts = [front(1, "/index.html"), front(2, "/")]
    assert site_of(f"{HOME}story", fronts, otherwise) == otherwise


def test_one_site_owns_all_it_finds() -> None:
    """Where only one site has a front, however many pages, what is found is the finder's."""
    assert site_of(f"{HOME}x", [front(1, "/a/"), front(1, "/b/")], 5) == 5
    assert site_of(f"{HOME}x", [], None) is None


def test_nearness_counts_whole_segments() -> None:
    """/en is above /en/x and not above /english; a page in a folder stands for its folder."""
    assert nearness(f"{HOME}en/x", f"{HOME}en") == len("/en/")
    assert nearness(f"{HOME}english", f"{HOME}en") == 0
    assert nearness(f"{HOME}x", f"{HOME}home") == 1
    assert nearness(f"{HOME}de/x", f"{HOME}de/index.html") == len("/de/")
    assert nearness(f"{HOME}fr/x", f"{HOME}de/index.html") == 0
    assert nearness("https://other.example/en/x", f"{HOME}en") == 0
    assert nearness(f"{HOME}новости/x", "https://PAPER.example/новости/") == len(
        "/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D0%B8/"
    )


LIST = Signals(teaser_cards=8, prose_blocks=2)
TOLD = Signals(og_type="article", prose_blocks=3)


@pytest.mark.parametrize(
    ("signals", "expected"),
    [
        (LIST, True),
        (replace(LIST, teaser_cards=7), False),
        (replace(LIST, prose_blocks=3), False),
        (replace(LIST, has_published_date=True), False),
        (replace(LIST, og_type="article"), False),
        (replace(LIST, jsonld_types=("NewsArticle",)), False),
        (replace(LIST, jsonld_types=("CollectionPage", "ItemList")), True),
    ],
)
def test_many_cards_and_no_prose_are_a_list(signals: Signals, *, expected: bool) -> None:
    """A list has teasers, next to no prose, no date, and does not call itself an article."""
    assert reads_as_list(signals, SECTION) is expected


def test_an_articles_address_speaks_for_itself() -> None:
    """A short announcement under an article's address is one, whatever stands around it."""
    assert not reads_as_list(LIST, STORY)


@pytest.mark.parametrize(
    ("signals", "expected"),
    [
        (TOLD, True),
        (replace(TOLD, prose_blocks=2), False),
        (replace(TOLD, og_type="website"), False),
        (replace(TOLD, og_type=None, jsonld_types=("LiveBlogPosting",)), True),
        (replace(TOLD, og_type=None, jsonld_types=("Person",)), False),
    ],
)
def test_a_section_that_is_an_article_says_so(signals: Signals, *, expected: bool) -> None:
    """Its own word and its prose together make an article of what was taken for a section."""
    assert reads_as_article(signals) is expected
