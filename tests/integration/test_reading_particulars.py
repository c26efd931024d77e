"""Bylines, section, canonical address, lead picture, access and language, each with its source."""

import json

import pytest
from support.reading import ARTICLE, LINES, html, read

from crawler.core.values import Article
from crawler.core.words import DateSource, MetadataSource, Precision
from crawler.reading.metadata import told_language

PLAIN = "https://times.example/lighthouse"
AT = "https://times.example/world/lighthouse-shines-again"
M = MetadataSource


def ld(*nodes: object, **values: object) -> str:
    """Return JSON-LD of an article with these values, and of other nodes."""
    data = json.dumps([{"@type": "NewsArticle", **values}, *nodes])
    return f"<script type='application/ld+json'>{data}</script>"


def meta(**values: str) -> str:
    """Return meta elements; a double underscore in a name stands for a colon."""
    return "".join(
        f"<meta property='{name.replace('__', ':')}' content='{value}'>"
        for name, value in values.items()
    )


def article(body: str = "", head: str = "", url: str = AT) -> Article:
    """Return what a page gives with this above its paragraphs."""
    found = read(html(body + ARTICLE, head), url=url).article
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("<p class='byline'>By Ann Example and Bo Sample</p>", ("Ann Example", "Bo Sample")),
        (
            "<div class='post-author'>Por <a rel='author'>Ana Muñoz</a> | 6 mayo</div>",
            ("Ana Muñoz",),
        ),
        ("<p><span itemprop='author'>Zoë de Wit</span>, Utrecht</p>", ("Zoë de Wit",)),
        ("<p class='Article-byline'>Written by Ike Alder, Money Reporter</p>", ("Ike Alder",)),
        ("<p class='author-name'>Ken Yu August 4, 2020</p>", ("Ken Yu",)),
        ("<p class='byline'>6 May 2020</p>", ()),
        ("<p class='byline'>Staff Reporter</p>", ()),
        ("<p class='byline'>Follow Us</p>", ()),
        ("<p class='comment-author'>Al Reader</p>", ()),
        ("<p class='authority'>Port Authority</p>", ()),
        ("<p class='author-bio'>" + "Ann Example has written on the sea. " * 6 + "</p>", ()),
    ],
)
def test_a_byline_names_the_author(line: str, names: tuple[str, ...]) -> None:
    """Where nothing else does: persons' names only, without dates, posts and places."""
    found = article(line)
    assert found.authors == names
    assert (found.authors_by and found.authors_by.source) == (M.BYLINE if names else None)


def test_stated_authors_go_before_the_byline() -> None:
    """JSON-LD before meta before the byline; a meta element that differs lowers the confidence."""
    byline = "<p class='byline'>By Cy Third</p>"
    one = article(byline, ld(author={"name": "Ann Example"}) + meta(author="Ann Example"))
    two = article(byline, ld(author={"name": "Ann Example"}) + meta(author="Bo Sample"))
    three = article(byline, meta(author="Bo Sample"))
    assert (one.authors, two.authors, three.authors) == (
        ("Ann Example",),
        ("Ann Example",),
        ("Bo Sample",),
    )
    assert one.authors_by
    assert two.authors_by
    assert three.authors_by
    assert two.authors_by.confidence < one.authors_by.confidence
    assert (one.authors_by.source, three.authors_by.source) == (M.JSON_LD, M.META)


def trail(*names: str) -> dict[str, object]:
    """Return a breadcrumb list, half of it with the name inside the item."""
    crumbs = [
        {"@type": "ListItem", "name": name} if n % 2 else {"item": {"name": name}}
        for n, name in enumerate(names)
    ]
    return {"@type": "BreadcrumbList", "itemListElement": crumbs}


@pytest.mark.parametrize(
    ("head", "url", "section", "source"),
    [
        (ld(articleSection=["Sea &amp; coast", "x"]), AT, "Sea & coast", M.JSON_LD),
        (meta(article__section="Politik"), AT, "Politik", M.META),
        (ld(trail("Home", "Africa", "Old lighthouse shines again")), AT, "Africa", M.BREADCRUMB),
        (ld(trail("Startseite")), AT, "world", M.URL),
        ("", "https://times.example/en/2020/05/06/lighthouse", None, None),
        ("", "https://times.example/en/news/sea-and-air/1234/lighthouse", "sea-and-air", M.URL),
        ("", PLAIN, None, None),
        (ld(articleSection="The Times") + meta(og__site_name="The Times"), PLAIN, None, None),
        (ld(articleSection={"a": 1}) + meta(article__section="x" * 90), PLAIN, None, None),
    ],
)  # fmt: skip
def test_the_section_comes_from_the_best_source(
    head: str, url: str, section: str | None, source: MetadataSource | None
) -> None:
    """Stated, then the breadcrumbs, then the address; never the site itself or a date."""
    found = article(head=head, url=url)
    assert (found.section, found.section_by and found.section_by.source) == (section, source)


@pytest.mark.parametrize(
    ("head", "wanted"),
    [
        ("<link rel=canonical href='/world/lighthouse?id=7'>", "https://times.example/world/lighthouse?id=7"),
        ("<link rel=canonical href='https://www.times.example/a-story'>", "https://www.times.example/a-story"),
        ("<link rel=canonical href='https://times.example/'>", None),
        ("<link rel=canonical href='https://other.example/lighthouse'>", None),
        ("<link rel=canonical href='javascript:x'>", None),
        ("<link rel=canonical href='/'>" + meta(og__url="https://times.example/own"), "https://times.example/own"),
        (meta(og__url="/en/"), None),
        ("", None),
    ],
)  # fmt: skip
def test_the_canonical_address_is_the_articles_own(head: str, wanted: str | None) -> None:
    """Absolute and of the same site; one that points at the front page is none."""
    assert article(head=head).canonical_url == wanted


@pytest.mark.parametrize(
    ("head", "wanted"),
    [
        (ld(image={"url": "/i/boat.jpg", "width": 1200}), "https://times.example/i/boat.jpg"),
        (ld(image=["//cdn.example/a.jpg", "b.jpg"]), "https://cdn.example/a.jpg"),
        (ld(image={"url": "/i/tiny.jpg", "width": "1"}) + meta(og__image="/og.jpg"), "https://times.example/og.jpg"),
        (meta(og__image="/img/site-logo.png", twitter__image="/boat.jpg"), "https://times.example/boat.jpg"),
        (meta(og__image="/a.jpg", og__image__width="40"), None),
        (meta(og__image="data:image/gif;base64,R0lGOD"), None),
        (meta(og__image="/img/placeholder.png"), None),
        (meta(og__image="/img/logan-airport.jpg"), "https://times.example/img/logan-airport.jpg"),
        (ld(image=[{"url": 7}, None, 5]), None),
        ("", None),
    ],
)  # fmt: skip
def test_the_lead_picture_is_the_articles(head: str, wanted: str | None) -> None:
    """An absolute http address: no logo, placeholder, pixel or inline data."""
    assert article(head=head).lead_image == wanted


@pytest.mark.parametrize(
    ("head", "wanted"),
    [
        (ld(isAccessibleForFree=True), True),
        (ld(isAccessibleForFree="False"), False),
        (ld(isAccessibleForFree="http://schema.org/True"), True),
        (ld(isAccessibleForFree=True, hasPart={"isAccessibleForFree": False}), False),
        (ld(hasPart=[{"isAccessibleForFree": "false"}, 3]), False),
        (meta(article__content_tier="free"), True),
        (meta(article__content_tier="metered"), False),
        (meta(article__content_tier="gold"), None),
        ("", None),
    ],
)
def test_free_or_paid_is_what_the_page_states(head: str, *, wanted: bool | None) -> None:
    """A locked part makes it paid; a page that says nothing is neither."""
    assert article(head=head).is_free is wanted


def test_the_title_says_where_it_stands() -> None:
    """An h1 that all bear out is surer than a title alone."""
    full = article(head=ld(headline="Old lighthouse shines again"))
    page = f"<html><head><title>Old lighthouse shines again</title></head><body>{ARTICLE}</body>"
    bare = read(page).article
    assert bare is not None
    assert full.title_by
    assert bare.title_by
    assert (full.title_by.source, bare.title_by.source) == (M.HEADING, M.TITLE_ELEMENT)
    assert bare.title_by.confidence < full.title_by.confidence


FRENCH = (
    "Le conseil municipal s'est réuni lundi soir pour débattre du budget des écoles et du port. "
)


@pytest.mark.parametrize(
    ("text", "page", "wanted"),
    [
        (" ".join(LINES), "fr", ("en", M.TEXT)),
        (FRENCH * 3, "en", ("fr", M.TEXT)),
        ("Kort bericht", "nl-BE", ("nl", M.HTML_LANG)),
        ("Kort bericht", None, (None, None)),
        ("", "x-klingon", (None, None)),
        ("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20", "pt_BR", ("pt", M.HTML_LANG)),
    ],
)  # fmt: skip
def test_the_language_is_the_texts_own(
    text: str, page: str | None, wanted: tuple[str | None, MetadataSource | None]
) -> None:
    """A text that is long enough tells it; a short one leaves it to the page's own word."""
    assert told_language(text, page) == wanted


@pytest.mark.parametrize(
    ("stated", "at", "precision", "has_zone"),
    [
        ("2016-05", "2016-05-01T00:00", Precision.MONTH, False),
        ("2016", "2016-01-01T00:00", Precision.YEAR, False),
        ("2016-05-06T10:00:00", "2016-05-06T10:00", Precision.SECOND, False),
        ("2016-05-06T10:00:00-05:00", "2016-05-06T15:00", Precision.SECOND, True),
        ("2016-05-06T10:00:00+99:00", "2016-05-06T10:00", Precision.SECOND, False),
        ("06 May 2016", "2016-05-06T00:00", Precision.DAY, False),
        ("1462528800", "2016-05-06T10:00", Precision.SECOND, True),
        ("1462528800000", "2016-05-06T10:00", Precision.SECOND, True),
        ("1848-03-18", "1848-03-18T00:00", Precision.DAY, False),
    ],
)
def test_a_stated_date_keeps_its_precision_and_zone(
    stated: str, at: str, precision: Precision, *, has_zone: bool
) -> None:
    """A month stays a month, a time without a zone says so, old papers keep their dates."""
    found = article(head=ld(datePublished=stated), url=PLAIN).published
    assert found is not None
    assert found.at.isoformat().startswith(at)
    assert (found.precision, found.has_zone) == (precision, has_zone)
    assert (found.source, found.stated) == (DateSource.JSON_LD, stated)


@pytest.mark.parametrize("stated", ["0001-01-01", "1604-01-01", "2016-13-45", "x" * 5000, "99999"])
def test_nonsense_is_no_date(stated: str) -> None:
    """Impossible days and years before the first newspaper are passed over."""
    assert article(head=ld(datePublished=stated), url=PLAIN).dates == ()


@pytest.mark.parametrize(
    ("path", "day", "precision"),
    [
        ("/2016/05/06/lighthouse", "2016-05-06", Precision.DAY),
        ("/news/20160506/lighthouse", "2016-05-06", Precision.DAY),
        ("/2016/05/lighthouse", "2016-05-01", Precision.MONTH),
        ("/2016/lighthouse", "2016-01-01", Precision.YEAR),
        ("/20161506/lighthouse", None, None),
    ],
)
def test_an_address_gives_no_more_than_it_names(
    path: str, day: str | None, precision: Precision | None
) -> None:
    """A month or year in an address is kept as that, not as its first day."""
    found = article(url=f"https://times.example{path}").published
    assert (str(found.at.date()) if found else None) == day
    assert (found.precision if found else None) == precision


def test_unmarked_times_are_believed_when_they_name_one_day() -> None:
    """Where all time elements name one day it is the page's; two days may be a teaser's."""
    one = "<time datetime='2016-05-06T10:00Z'>x</time><time datetime='2016-05-06'>y</time>"
    found = article(one, url=PLAIN)
    assert [date.source for date in found.dates] == [DateSource.TEXT]
    other = article(one + "<time datetime='2019-01-01'>z</time>", url=PLAIN)
    assert DateSource.TEXT not in [date.source for date in other.dates]
