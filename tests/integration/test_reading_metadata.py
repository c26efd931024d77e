"""Links, feeds, dates, authors and fingerprints of pages."""

import json
from datetime import UTC, datetime

import pytest
from support.reading import ARTICLE, html, missing, read

from crawler.core.words import DateSource, Precision
from crawler.reading.article import EXTRACTOR_VERSION


def test_links_are_absolute_and_each_once() -> None:
    """From <base href>, http and https only, with the first words they were offered under."""
    offers = (
        "<a href='b?x=1#f'>One  <i>link</i></a><a href='b?x=1'>again</a><a href='//h.example/c'>"
        "<img></a><a href='javascript:x'>j</a><a href='mailto:a@b'>m</a><a href='#top'>t</a>"
        "<a href='http://[bad'>b</a><a href='file:///etc/hostname'>f</a>"
    )
    head = (
        "<base href='https://other.example/a/'>"
        "<link rel=alternate type=application/rss+xml href=/feed title=News>"
    )
    reading = read(html(ARTICLE + offers, head))
    assert [(link.url, link.text) for link in reading.links] == [
        ("https://other.example/a/b?x=1", "One link"), ("https://h.example/c", ""),
    ]  # fmt: skip
    assert [(feed.url, feed.text) for feed in reading.feeds] == [
        ("https://other.example/feed", "News")
    ]


def ld(**values: object) -> str:
    data = json.dumps({"@type": "NewsArticle", **values})
    return f"<script type='application/ld+json'>{data}</script>"


MAIL_DATE = "<meta property='article:published_time' content='Wed, 06 May 2020 10:00:00 GMT'>"


@pytest.mark.parametrize(
    ("head", "hour", "source", "precision"),
    [
        (ld(datePublished="2020-05-06T10:00:00+02:00"), 8, DateSource.JSON_LD, Precision.SECOND),
        (ld(datePublished="2020-05-06"), 0, DateSource.JSON_LD, Precision.DAY),
        (MAIL_DATE, 10, DateSource.META, Precision.SECOND),
        ("", 0, DateSource.URL, Precision.DAY),
        (ld(datePublished="soon"), 0, DateSource.URL, Precision.DAY),
        (ld(datePublished="20200506T101500Z"), 10, DateSource.JSON_LD, Precision.SECOND),
    ],
)
def test_date_comes_from_the_best_source(
    head: str, hour: int, source: DateSource, precision: Precision
) -> None:
    """JSON-LD, then meta, then the address; in UTC, with its source and precision."""
    article = read(html(head=head)).article
    assert article is not None
    assert article.published is not None
    found = article.published
    assert found.at.replace(minute=0) == datetime(2020, 5, 6, hour, tzinfo=UTC)
    assert (found.source, found.precision) == (source, precision)


def test_date_in_a_time_element_and_in_the_text() -> None:
    """A marked <time> counts, a teaser's does not; htmldate looks last."""
    url = "https://times.example/lighthouse"
    marked = read(
        html("<time itemprop=datePublished datetime=2020-05-06T10:00Z>x</time>" + ARTICLE), url=url
    )
    assert marked.article is not None
    assert marked.article.published is not None
    assert marked.article.published.source is DateSource.TIME_ELEMENT
    bare = read(html("<p class='date'>Published on 2020-05-06</p>" + ARTICLE), url=url).article
    assert bare is not None
    assert bare.published is None or bare.published.source is DateSource.HTMLDATE


def test_metadata_is_taken_from_what_the_page_states() -> None:
    """Headline and authors from JSON-LD, cleaned; the language is that of the text."""
    head = ld(
        headline="Light &amp; shade",
        author=["By Ann Example", {"name": ["Bo Sample"]}, {"url": "x"}],
    )
    page = html(head=head).replace("lang='en'", "lang='fr'").replace("<h1>Old", "<h1>Why")
    article = read(page.replace("<h1>Why lighthouse shines again</h1>", "")).article
    assert article is not None
    assert (article.title, article.authors, article.language) == (
        "Light & shade",
        ("Ann Example", "Bo Sample"),
        "en",
    )


HEADLINE = "Old lighthouse shines again"


@pytest.mark.parametrize(
    ("head", "title", "body", "wanted"),
    [
        (ld(headline="The Gazette"), HEADLINE, f"<h1>{HEADLINE}</h1>", HEADLINE),
        (ld(headline="In the first village " * 20), HEADLINE, f"<h1>{HEADLINE}</h1>", HEADLINE),
        (ld(headline="In the first village " * 20), HEADLINE, "", HEADLINE),
        (ld(headline="The Gazette"), f"{HEADLINE} - The Gazette", "", HEADLINE),
        (ld(headline="Lighthouse: a guide"), HEADLINE, "", "Lighthouse: a guide"),
        (ld(headline="See the lighthouse shine again"), "x", f"<h1>{HEADLINE}</h1>", HEADLINE),
        (ld(headline=HEADLINE), "Opinion | Gazette", "<h1>Opinion</h1>", HEADLINE),
        (ld(headline=HEADLINE), HEADLINE, "<h1>The Gazette</h1><h1>More from us</h1>", HEADLINE),
        ("", "Feuer im Rathaus", "<h1>Feuer im Rathaus gelöscht</h1>", "Feuer im Rathaus gelöscht"),
        ("", "駅前の古い時計台 | 新聞", "<h1>駅前の古い時計台</h1>", "駅前の古い時計台"),
        ("", "Mayor resigns - and then returns", "", "Mayor resigns - and then returns"),
        ("", "", f"<h1>{HEADLINE}</h1>", HEADLINE),
    ],
)  # fmt: skip
def test_the_headline_is_the_one_readers_see(head: str, title: str, body: str, wanted: str) -> None:
    """An h1 that the stated headline bears out, never the site's name, a section or a paragraph."""
    named = f"{head}<meta property='og:site_name' content='The Gazette'>"
    page = f"<html><head><title>{title}</title>{named}</head><body>{body}{ARTICLE}</body></html>"
    article = read(page).article
    assert article is not None
    assert article.title == wanted


@pytest.mark.parametrize(
    ("path", "day"),
    [
        ("/2020/05/lighthouse", 6), ("/news/2020-05/lighthouse", 6), ("/2019/11/lighthouse", None),
        ("/2020/06/lighthouse", None), ("/lighthouse", 6), ("/2020/44/lighthouse", 6),
    ],
)  # fmt: skip
def test_a_date_found_in_the_text_yields_to_the_address(path: str, day: int | None) -> None:
    """What htmldate finds is not the publication if the address names another month.

    Then the month is all that is known.
    """
    body = f"<div class='date'>Published on 6 May 2020</div>{ARTICLE}"
    article = read(html(body), url=f"https://times.example{path}").article
    assert article is not None
    found = article.published
    assert found is not None
    assert (found.at.day if found.precision is Precision.DAY else None) == day


def test_broken_structured_data_is_passed_over() -> None:
    """JSON that is none, nests without end, or says nonsense costs nothing."""
    for script in ("{", "[" * 100_000, '{"@type": 7, "headline": {"a": []}}', "null", '"x"'):
        head = f"<script type='application/ld+json'>{script}</script>"
        assert missing(read(html(head=head))) == []


def test_template_hash_is_the_frames_not_the_contents() -> None:
    """Two articles in one frame share it, an error page has another."""
    other = html(ARTICLE.replace("boats", "sheep")).replace("lighthouse", "windmill")
    error = html("<div class='error'><p>Page not found</p></div>")
    assert read(html()).template_hash == read(other).template_hash != read(error).template_hash


def test_an_edited_article_is_near_by_simhash() -> None:
    """One changed word leaves most bits equal."""
    one, other = read(html()).article, read(html(ARTICLE.replace("11 boats", "12 boats"))).article
    assert one is not None
    assert other is not None
    assert (one.simhash ^ other.simhash).bit_count() < 16


def test_versions_are_named() -> None:
    """Every reading says which extractor and which rules of ours made it."""
    assert read(html()).extractor_version.startswith("trafilatura-")
    assert read(b"").extractor_version == EXTRACTOR_VERSION
