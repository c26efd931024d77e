"""Sitemaps and their indexes, with news, in text, in any namespace, and as feeds."""

import pytest
from support.lists import HEADLINES, atom, item, listed, located, rss, urls, urlset, utc

from crawler.core.listings import ListKind

NEWS = 'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
IMAGE = 'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'
XHTML = 'xmlns:xhtml="http://www.w3.org/1999/xhtml"'


def news(title: str, date: str = "2024-05-06T10:00:00+02:00", language: str = "en") -> str:
    return (
        f"<news:news><news:publication><news:name>The Times</news:name><news:language>{language}"
        f"</news:language></news:publication><news:publication_date>{date}</news:publication_date>"
        f"<news:title>{title}</news:title></news:news>"
    )


@pytest.mark.parametrize("language", HEADLINES)
def test_news_sitemap(language: str) -> None:
    """Headline, date, paper and language of a news sitemap come out in every script."""
    row = f"<url><loc>https://times.example/1</loc>{news(HEADLINES[language], language=language)}"
    listing = listed(urlset(f"{row}<lastmod>2024-05-07</lastmod></url>", attributes=NEWS))
    assert (listing.kind, listing.problem) == (ListKind.SITEMAP, None)
    assert (listing.title, listing.language) == ("The Times", language)
    (entry,) = listing.entries
    assert entry.headline == HEADLINES[language]
    assert (entry.published, entry.modified) == (utc(2024, 5, 6, 8), utc(2024, 5, 7))


def test_a_sitemap_of_two_languages_names_none() -> None:
    """Language and title are the list's only if all its entries agree."""
    rows = "".join(
        f"<url><loc>/{language}</loc>{news('x', language=language)}</url>"
        for language in ("en", "fr")
    )
    listing = listed(urlset(rows, attributes=NEWS))
    assert (listing.title, listing.language) == ("The Times", None)


def test_pictures_and_translations_are_not_the_page() -> None:
    """Titles and addresses of images, videos and xhtml:link alternates are passed over."""
    row = (
        "<url><image:image><image:loc>https://times.example/a.jpg</image:loc><image:title>no"
        '</image:title></image:image><xhtml:link rel="alternate" hreflang="fr" href="/fr/1"/>'
        "<loc>https://times.example/1</loc></url>"
    )
    (entry,) = listed(urlset(row, attributes=f"{IMAGE} {XHTML}")).entries
    assert (entry.url, entry.headline) == ("https://times.example/1", None)


@pytest.mark.parametrize(
    "sitemap",
    [
        "<urlset><url><loc>/1</loc></url></urlset>",
        '<urlset xmlns="http://www.google.com/schemas/sitemap/0.84"><url><loc>/1</loc></url></urlset>',
        '<urlset xmlns="http://a.mistake.example/"><url><loc>/1</loc></url></urlset>',
        '<s:urlset xmlns:s="urn:x"><s:url><s:loc>/1</s:loc></s:url></s:urlset>',
        "<URLSET><URL><LOC>/1</LOC></URL></URLSET>",
        "<urlset><url><loc><![CDATA[ /1 ]]></loc></url></urlset>",
        "<urlset><url><loc>\n  /1\n</loc></url></urlset>",
        "<urlset><!-- <url><loc>/0</loc></url> --><url><loc>/<!-- x -->1</loc></url></urlset>",
        '<?xml-stylesheet type="text/xsl" href="/s.xsl"?><urlset><url><loc>/1</loc></url></urlset>',
    ],
)
def test_any_namespace_or_none(sitemap: str) -> None:
    """Elements are known by their names; namespace, case and CDATA do not matter."""
    listing = listed(sitemap)
    assert (listing.kind, listing.problem) == (ListKind.SITEMAP, None)
    assert urls(listing) == ["https://times.example/1"]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2024", utc(2024, 1, 1)),
        ("2024-05", utc(2024, 5, 1)),
        ("2024-05-06", utc(2024, 5, 6)),
        ("2024-05-06T10:00Z", utc(2024, 5, 6, 10)),
        ("2024-05-06T10:00+05:30", utc(2024, 5, 6, 4, 30)),
        ("2024-05-06T10:00:07+0530", utc(2024, 5, 6, 4, 30, 7)),
        ("2024-05-06T10:00:07.25-08:00", utc(2024, 5, 6, 18, 0, 7, 250_000)),
        ("2024-05-06T10:00:07.123456789Z", utc(2024, 5, 6, 10, 0, 7, 123_456)),
        ("2024-05-06 10:00:07", utc(2024, 5, 6, 10, 0, 7)),
        ("2024-05-06T24:99:00", utc(2024, 5, 6)),
        ("2024-5-6", utc(2024, 5, 6)),
        ("Mon, 06 May 2024 10:00:00 +0200", utc(2024, 5, 6, 8)),
        ("1789-07-14", utc(1789, 7, 14)),
        ("1970-01-01T00:00:00Z", None),
        ("0001-01-01", None),
        ("0000-00-00", None),
        ("2024-13-45", None),
        ("20240506100000123", None),
        ("soon", None),
    ],
)
def test_dates_of_every_precision(written: str, expected: object) -> None:
    """W3C dates of each precision are read to their first moment in UTC; nonsense is dropped."""
    (entry,) = listed(urlset(f"<url><loc>/1</loc><lastmod>{written}</lastmod></url>")).entries
    assert entry.modified == expected


def test_an_index_gives_lists() -> None:
    """The sitemaps of an index are lists, not pages, with their dates."""
    rows = (
        "<sitemap><loc>/a.xml</loc><lastmod>2024-05-06</lastmod></sitemap>"
        "<sitemap><loc>/b.xml.gz</loc></sitemap><sitemap>https://times.example/c.xml</sitemap>"
        "<sitemap>c.xml</sitemap><sitemap/>"
    )
    listing = listed(urlset(rows, root="sitemapindex"))
    assert (listing.kind, listing.entries) == (ListKind.SITEMAP_INDEX, ())
    assert [one.url for one in listing.lists] == [
        "https://times.example/a.xml",
        "https://times.example/b.xml.gz",
        "https://times.example/c.xml",
    ]
    assert listing.lists[0].modified == utc(2024, 5, 6)


def test_an_index_that_says_url_for_its_sitemaps_is_understood() -> None:
    """The root counts where <url> stands in an index, the name where <sitemap> stands in a set."""
    index = listed(urlset("<url><loc>/a.xml</loc></url>", root="sitemapindex"))
    assert [one.url for one in index.lists] == ["https://times.example/a.xml"]
    mixed = listed(urlset("<sitemap><loc>/a.xml</loc></sitemap><url><loc>/1</loc></url>"))
    assert [one.url for one in mixed.lists] == ["https://times.example/a.xml"]
    assert urls(mixed) == ["https://times.example/1"]


def test_an_empty_sitemap_is_one() -> None:
    """A set without entries is a sitemap that lists nothing, and no fault."""
    listing = listed("<urlset></urlset>")
    assert (listing.kind, listing.entries, listing.problem) == (ListKind.SITEMAP, (), None)


@pytest.mark.parametrize("kind", ["application/xml", "text/plain", "application/octet-stream"])
@pytest.mark.parametrize(
    "feed",
    [
        rss(item("<title>x</title>")),
        atom('<entry><title>x</title><link href="https://times.example/1"/></entry>'),
    ],
)
def test_a_feed_may_stand_as_sitemap(feed: str, kind: str) -> None:
    """RSS and Atom are read as what they are, wherever they stand and whatever they are called."""
    listing = listed(feed, kind=kind, url="https://times.example/sitemap.xml")
    assert listing.kind == ListKind.FEED
    assert urls(listing) == ["https://times.example/1"]


# Text


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r", "\n\n  \n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_text_sitemap(newline: str, mark: str) -> None:
    """One address a line, with any line ending and byte order mark; each once, in order."""
    lines = ["https://times.example/b", " https://times.example/a ", "https://times.example/b"]
    listing = listed(mark + newline.join(lines), kind="text/html")
    assert (listing.kind, listing.problem) == (ListKind.TEXT, None)
    assert urls(listing) == ["https://times.example/b", "https://times.example/a"]


def test_lines_that_are_no_address_are_counted() -> None:
    """A list may hold junk; prose that holds an address is no list."""
    listing = listed("# ours\nhttps://times.example/1\nhttps://times.example/2\nnot found\n")
    assert len(listing.entries) == 2
    assert listing.problem == "1 of its entries lead to no web page."
    prose = listed("Dear reader,\nplease look at\nhttps://times.example/1\nand tell us.\n")
    assert prose.kind == ListKind.NONE


def test_a_cut_text_sitemap_loses_its_unfinished_line() -> None:
    """Half an address is none."""
    listing = listed("https://times.example/1\nhttps://times.example/2-and-a", truncated=True)
    assert urls(listing) == ["https://times.example/1"]
    assert listing.was_truncated


def test_only_web_addresses_come_out() -> None:
    """Schemes other than http and https, and what does not parse, are refused and counted."""
    bad = ["file:///etc/hostname", "ftp://times.example/x", "javascript:1", "http://", "http://[x"]
    listing = listed(urlset(located("https://times.example/1", *bad, "data:text/html,x")))
    assert urls(listing) == ["https://times.example/1"]
    assert listing.problem == "6 of its entries lead to no web page."
