"""Feeds of every dialect give the same: addresses, headlines, dates, further pages."""

import json

import pytest
from support.lists import HEADLINES, atom, headlines, item, listed, rss, urls, utc

from crawler.core.listings import ListKind

RDF_SPACES = (
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"'
)
FEEDBURNER = 'xmlns:fb="http://rssnamespace.org/feedburner/ext/1.0"'

DIALECTS = {
    "RSS 2.0": rss(
        "<item><title>{title}</title><link>https://times.example/1</link>"
        "<pubDate>Mon, 06 May 2024 10:00:00 +0200</pubDate></item>",
        "<link>https://times.example/</link><language>{language}</language>",
    ),
    "RSS 0.91": '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" '
    '"http://my.netscape.com/publish/formats/rss-0.91.dtd"><rss version="0.91"><channel>'
    "<title>The Times</title><language>{language}</language><item><title>{title}</title>"
    "<link>https://times.example/1</link><pubDate>Mon, 06 May 2024 08:00:00 GMT</pubDate></item>"
    "</channel></rss>",
    "RSS 1.0": f'<rdf:RDF {RDF_SPACES} xmlns="http://purl.org/rss/1.0/">'
    '<channel rdf:about="https://times.example/"><title>The Times</title>'
    "<dc:language>{language}</dc:language><items><rdf:Seq>"
    '<rdf:li resource="https://times.example/1"/></rdf:Seq></items></channel>'
    '<item rdf:about="https://times.example/1"><title>{title}</title>'
    "<link>https://times.example/1</link><dc:date>2024-05-06T10:00:00+02:00</dc:date></item>"
    "</rdf:RDF>",
    "RSS 0.90": f'<rdf:RDF {RDF_SPACES} xmlns="http://my.netscape.com/rdf/simple/0.9/">'
    "<channel><title>The Times</title><dc:language>{language}</dc:language></channel>"
    "<item><title>{title}</title><link>https://times.example/1</link>"
    "<dc:date>2024-05-06T08:00Z</dc:date></item></rdf:RDF>",
    "Atom 1.0": atom(
        '<entry><title>{title}</title><link href="https://times.example/1"/><id>urn:one</id>'
        "<published>2024-05-06T08:00:00Z</published></entry>",
        attributes='xml:lang="{language}"',
    ),
    "Atom 0.3": '<feed version="0.3" xmlns="http://purl.org/atom/ns#" xml:lang="{language}">'
    '<title>The Times</title><entry><title mode="escaped" type="text/html">{title}</title>'
    '<link rel="alternate" type="text/html" href="https://times.example/1"/>'
    "<issued>2024-05-06T10:00:00+02:00</issued></entry></feed>",
    "Atom, prefixed": '<a:feed xmlns:a="http://www.w3.org/2005/Atom" xml:lang="{language}">'
    '<a:title>The Times</a:title><a:entry><a:title>{title}</a:title><a:link href="/1"/>'
    "<a:published>2024-05-06T08:00:00Z</a:published></a:entry></a:feed>",
    "no namespace": '<feed xml:lang="{language}"><title>The Times</title><entry>'
    '<title>{title}</title><link href="/1"/><published>2024-05-06T08:00:00Z</published></entry>'
    "</feed>",
    "a wrong namespace": '<rss version="2.0" xmlns="http://a.mistake.example/ns" '
    'xmlns:media="http://search.yahoo.com/mrss/"><channel><title>The Times</title>'
    "<language>{language}</language><item><title>{title}</title><media:title>no</media:title>"
    "<link>/1</link><pubDate>Mon, 06 May 2024 08:00:00 GMT</pubDate></item></channel></rss>",
    "JSON Feed": '{{"version": "https://jsonfeed.org/version/1.1", "title": "The Times", '
    '"language": "{language}", "items": [{{"id": "one", "url": "https://times.example/1", '
    '"title": "{title}", "date_published": "2024-05-06T10:00:00+02:00"}}]}}',
}


@pytest.mark.parametrize("language", HEADLINES)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_says_the_same(dialect: str, language: str) -> None:
    """Address, headline, date, title and language come out of each dialect in each script."""
    feed = DIALECTS[dialect].format(title=HEADLINES[language], language=language)
    listing = listed(feed, kind="text/html")
    assert (listing.kind, listing.problem) == (ListKind.FEED, None)
    (entry,) = listing.entries
    assert entry.url == "https://times.example/1"
    assert entry.headline == HEADLINES[language]
    assert entry.published == utc(2024, 5, 6, 8)
    assert (listing.title, listing.language) == ("The Times", language)


# Addresses


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        ("<link>/a</link><guid>https://times.example/g</guid>", "/a"),
        ("<guid>https://times.example/g</guid>", "/g"),
        ('<guid isPermaLink="true">https://times.example/g</guid>', "/g"),
        ("<link>/r</link><fb:origLink>https://times.example/o</fb:origLink>", "/o"),
        ("<fb:origLink>https://times.example/o</fb:origLink><link>/r</link>", "/o"),
        ("<link><![CDATA[\n  https://times.example/c  \n]]></link>", "/c"),
        ("<link>/q?a=1&amp;b=2</link>", "/q?a=1&b=2"),
        ("<link>/q?a=1&amp;amp;b=2</link>", "/q?a=1&b=2"),
        ('<atom:link href="/atom" rel="alternate"/>', "/atom"),
        ('<atom:link href="/self" rel="self"/><link>/a</link>', "/a"),
        ("<link/><guid>https://times.example/g</guid>", "/g"),
        ("<link>/été/日本</link>", "/%C3%A9t%C3%A9/%E6%97%A5%E6%9C%AC"),
    ],
)
def test_which_link_of_an_rss_item_is_its_page(inner: str, expected: str) -> None:
    """Feedburner's original, else the link, else an identifier that is a permanent link."""
    spaces = f'{FEEDBURNER} xmlns:atom="http://www.w3.org/2005/Atom"'
    listing = listed(rss(f"<item><title>x</title>{inner}</item>", attributes=spaces))
    assert urls(listing) == [f"https://times.example{expected}"]


@pytest.mark.parametrize(
    "inner",
    [
        '<guid isPermaLink="false">https://times.example/g</guid>',
        "<guid>4711</guid>",
        "<title>only a title</title>",
        "<link>javascript:alert(1)</link>",
        "<link>file:///etc/hostname</link>",
        "<link>mailto:editor@times.example</link>",
        "<link>http://[broken</link>",
        f"<link>https://times.example/{'a' * 9000}</link>",
        '<enclosure url="https://times.example/a.mp3" type="audio/mpeg" length="1"/>',
    ],
)
def test_an_item_without_a_page_is_counted_and_left_out(inner: str) -> None:
    """What leads to no web page gives no entry, and the problem says how many there were."""
    listing = listed(rss(f"<item>{inner}</item>" + item("<title>x</title>")))
    assert urls(listing) == ["https://times.example/1"]
    assert listing.problem == "1 of its entries lead to no web page."


def test_the_alternate_page_of_an_atom_entry_wins() -> None:
    """Of an entry's links the first alternate that is a page counts; the order does not."""
    links = (
        '<link rel="self" href="/self"/><link rel="enclosure" href="/a.mp3"/>'
        '<link rel="alternate" type="application/json" href="/a.json"/>'
        '<link rel="alternate" type="text/html" hreflang="en" href="/page"/>'
        '<link rel="alternate" type="text/html" hreflang="fr" href="/seite"/>'
        '<link rel="replies" href="/replies"/><id>https://times.example/id</id>'
    )
    source = '<source><title>no</title><link href="/source"/></source>'
    listing = listed(atom(f"<entry>{source}<title>yes</title>{links}</entry>"))
    assert urls(listing) == ["https://times.example/page"]
    assert headlines(listing) == ["yes"]


def test_an_atom_identifier_stands_in_for_a_link_if_it_is_an_address() -> None:
    """An entry without any link is at its id, if that is http or https."""
    entries = (
        "<entry><id>https://times.example/1</id></entry><entry><id>tag:times,2024</id></entry>"
    )
    assert urls(listed(atom(entries))) == ["https://times.example/1"]


@pytest.mark.parametrize(
    ("feed", "expected"),
    [
        (rss("<item><link>a/1</link></item>"), "https://times.example/feeds/a/1"),
        (
            rss("<item><link>a/1</link></item>", "<link>https://news.example/home/</link>"),
            "https://news.example/home/a/1",
        ),
        (
            atom('<entry><link href="a/1"/></entry>', attributes='xml:base="/top/"'),
            "https://times.example/top/a/1",
        ),
        (
            atom(
                '<entry xml:base="deep/"><link xml:base="er/" href="a/1"/></entry>',
                attributes='xml:base="https://news.example/top/"',
            ),
            "https://news.example/top/deep/er/a/1",
        ),
        (
            atom(
                '<entry xml:base="one/"/><entry><link href="a/1"/></entry>',
                attributes='xml:base="/top/"',
            ),
            "https://times.example/top/a/1",
        ),
        (rss("<item><link>//cdn.example/1</link></item>"), "https://cdn.example/1"),
    ],
)
def test_relative_links_start_where_the_feed_says(feed: str, expected: str) -> None:
    """xml:base counts first, then the channel's link, then the feed's own address."""
    assert urls(listed(feed)) == [expected]


def test_each_address_comes_once_and_in_order() -> None:
    """A repeated address keeps its first place and what was first said of it."""
    items = item("<title>first</title>", "/b") + item("", "/a") + item("<title>2</title>", "/b#x")
    listing = listed(rss(items))
    assert urls(listing) == ["https://times.example/b", "https://times.example/a"]
    assert headlines(listing) == ["first", None]


def test_further_pages_of_a_feed_are_lists() -> None:
    """RFC 5005: rel next and prev-archive lead to more of the feed, self and hub do not."""
    head = (
        '<link rel="self" href="/feeds/all.xml"/><link rel="next" href="?page=2"/>'
        '<link rel="prev-archive" href="/2023.xml"/><link rel="hub" href="https://hub.example/"/>'
    )
    found = listed(atom("", head))
    assert [one.url for one in found.lists] == [
        "https://times.example/feeds/all.xml?page=2",
        "https://times.example/2023.xml",
    ]
    space = 'xmlns:atom="http://www.w3.org/2005/Atom"'
    in_rss = listed(rss("", '<atom:link rel="next" href="/feed?paged=2"/>', space))
    assert [one.url for one in in_rss.lists] == ["https://times.example/feed?paged=2"]


# Headlines and dates


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Fish &amp; chips", "Fish & chips"),
        ("Fish &amp;amp; chips", "Fish & chips"),
        ("<![CDATA[Caf&eacute; &amp; bar]]>", "Café & bar"),
        ("A &lt;b&gt;bold&lt;/b&gt;er word", "A bolder word"),
        ("One&lt;br/&gt;two", "One two"),
        ("The <i>Titanic</i> again", "The Titanic again"),
        ("5 &lt; 6 and 7 &gt; 3", "5 < 6 and 7 > 3"),
        ("How &amp;lt;b&amp;gt; works", "How <b> works"),
        ("  a\n\t b\u00a0c\u3000d ", "a b c d"),
        ("x&lt;script&gt;alert(1)&lt;/script&gt;y", "x y"),
        ("&lt;img src=x&gt;", None),
        ("", None),
        ("a" * 5000, "a" * 1000),
    ],
)
def test_titles_become_plain_text(title: str, expected: str | None) -> None:
    """Tags go, entities are undone once, white space is one space, 1000 characters remain."""
    assert headlines(listed(rss(item(f"<title>{title}</title>")))) == [expected]


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("<title>1 &lt;b&gt; 2 &amp;amp; 3</title>", "1 <b> 2 &amp; 3"),
        ('<title type="text">a &lt;b&gt; c</title>', "a <b> c"),
        ('<title type="html">a &lt;b&gt;c&lt;/b&gt; &amp;amp; d</title>', "a c & d"),
        (
            '<title type="xhtml"><div xmlns="urn:x">a <b>b</b>c<br/>d</div></title>',
            "a bc d",
        ),
    ],
)
def test_atom_says_what_its_titles_are(title: str, expected: str) -> None:
    """Plain text is kept to the letter, html and xhtml lose their markup."""
    entry = f'<entry>{title}<link href="/1"/></entry>'
    assert headlines(listed(atom(entry))) == [expected]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Mon, 06 May 2024 10:00:00 +0200", utc(2024, 5, 6, 8)),
        ("Mon, 06 May 2024 10:00:00 EST", utc(2024, 5, 6, 15)),
        ("6 May 24 10:00", utc(2024, 5, 6, 10)),
        ("2024-05-06T10:00:00.123456-05:00", utc(2024, 5, 6, 15)),
        ("2024-05-06", utc(2024, 5, 6)),
        ("2024-05-06 10:00:00 +0200", utc(2024, 5, 6, 8)),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None),
        ("0001-01-01T00:00:00Z", None),
        ("Mon, 01 Jan 0001 00:00:00 +0000", None),
        ("9999-12-31T23:59:59-12:00", None),
        ("yesterday at noon", None),
        ("", None),
    ],
)
def test_dates_are_utc_or_nothing(written: str, expected: object) -> None:
    """Whatever form a date has, it comes out aware and in UTC; the impossible is dropped."""
    (entry,) = listed(rss(item(f"<pubDate>{written}</pubDate>"))).entries
    published = entry.published and entry.published.replace(microsecond=0)
    assert published == expected
    assert entry.modified is None


def test_changed_and_published_are_told_apart() -> None:
    """Atom's updated is a change; it is not taken for the date of publication."""
    both = "<published>2024-05-06T08:00:00Z</published><updated>2024-05-07T08:00:00Z</updated>"
    entries = (
        f'<entry><link href="/1"/>{both}</entry>'
        '<entry><link href="/2"/><updated>2024-05-07T08:00:00Z</updated></entry>'
    )
    first, second = listed(atom(entries)).entries
    assert (first.published, first.modified) == (utc(2024, 5, 6, 8), utc(2024, 5, 7, 8))
    assert (second.published, second.modified) == (None, utc(2024, 5, 7, 8))


# JSON Feed


def json_feed(*items: object, **more: object) -> str:
    return json.dumps(
        {"version": "https://jsonfeed.org/version/1", "title": "T", "items": items, **more}
    )


def test_json_feed_in_full() -> None:
    """Item url, external_url and id are tried in turn; next_url is a list; the rest is ignored."""
    listing = listed(
        json_feed(
            {"id": "1", "url": "/one", "title": "A & B <c>", "date_modified": "2024-05-07"},
            {"id": "2", "external_url": "https://other.example/two", "content_html": "<p>x"},
            {"id": "https://times.example/three", "title": None},
            {"id": 4, "url": ["no"]},
            "junk",
            next_url="?page=2",
        ),
        kind="application/feed+json",
    )
    assert urls(listing) == [
        "https://times.example/one",
        "https://other.example/two",
        "https://times.example/three",
    ]
    assert headlines(listing) == ["A & B <c>", None, None]
    assert listing.entries[0].modified == utc(2024, 5, 7)
    assert [one.url for one in listing.lists] == ["https://times.example/feeds/all.xml?page=2"]
    assert listing.problem == "1 of its entries lead to no web page."


def test_a_cut_json_feed_gives_the_whole_items() -> None:
    """The item that the cut went through is left out, not shortened."""
    whole = json_feed({"id": "1", "url": "/one"}, {"id": "2", "url": "/two-and-a-half"})
    listing = listed(whole[: whole.index("-half")])
    assert urls(listing) == ["https://times.example/one"]
    assert listing.problem is not None
    assert listing.problem.startswith("It is not valid JSON")
