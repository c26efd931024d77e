"""The founding case: an article that ends in "not available" is alive; the notice alone is not."""

import json

import pytest
from support.routes import Crawled

from crawler.demo.absence import STYLES
from crawler.demo.founding import LAYOUTS, notice
from crawler.demo.pages import labels
from crawler.demo.routes_pages import founding_story


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_article_with_a_notice_is_kept_without_it(every_route: Crawled, layout: str) -> None:
    """Stored and alive; the paragraphs are there, and neither the skip link nor the notice is."""
    case = every_route.case("founding", f"/founding/{layout}/")
    (article,) = every_route.home.articles(case.url)
    told, (first, second) = founding_story(layout, "en"), notice("en")
    assert article["state"] == "alive"
    for paragraph in told.paragraphs[1:]:
        assert paragraph in article["text"]
    for foreign in (labels("en")["skip"], first, second):
        assert foreign.casefold() not in article["text"].casefold()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_article_keeps_its_beginning(every_route: Crawled, layout: str) -> None:
    """The first paragraph is there too, also where skip link or notice stand just before it."""
    case = every_route.case("founding", f"/founding/{layout}/")
    (article,) = every_route.home.articles(case.url)
    assert founding_story(layout, "en").paragraphs[0] in article["text"]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_was_cut_out_is_on_the_row(every_route: Crawled, layout: str) -> None:
    """The version keeps the removed words and where they stood; the view says that there are."""
    case = every_route.case("founding", f"/founding/{layout}/")
    (article,) = every_route.home.articles(case.url)
    (version,) = every_route.home.rows(
        "SELECT * FROM article_version WHERE resource_id = ?", article["resource_id"]
    )
    removed = json.loads(version["removed"])
    notices = [span for span in removed if span["kind"] == "not_found"]
    assert article["has_removed_notice"] == 1
    assert any(notice("en")[0].casefold() in span["text"].casefold() for span in notices)
    assert all(span["place"] for span in removed)


@pytest.mark.parametrize("style", STYLES)
def test_a_notice_without_an_article_is_no_article(every_route: Crawled, style: str) -> None:
    """Status 200 and yet gone: no text is stored, the evidence is kept, the archive was asked."""
    case = every_route.case("absent", f"/soft404/{style}/")
    visit = every_route.home.visit(case.url)
    assert (visit["liveness"], visit["http_status"]) == ("soft_gone", 200)
    assert json.loads(visit["evidence"])
    assert every_route.home.articles(case.url) == []
    (lookup,) = every_route.home.lookups(case.url)
    assert (lookup["answer"], lookup["rows_seen"]) == ("has_not", 0)
    health = every_route.home.rows("SELECT * FROM link_health WHERE url = ?", case.url)[0]
    assert (health["state"], health["recovered"]) == ("suspected", 0)
