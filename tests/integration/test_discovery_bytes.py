"""From bytes as received to a list: encodings, charsets, labels that lie, and arbitrary bytes."""

import gzip
import zlib

import brotli
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.lists import HEADLINES, atom, headlines, item, listed, located, rss, urls, urlset

from crawler.core.listings import Listing, ListKind, ListLimits

ONE = urlset(located("https://times.example/1"))
CHARSETS = {
    "windows-1251": "ru",
    "koi8-r": "ru",
    "iso-8859-1": "fr",
    "windows-1252": "fr",
    "windows-1253": "el",
    "windows-1255": "he",
    "windows-1256": "ar",
    "shift_jis": "ja",
    "euc-jp": "ja",
    "iso-2022-jp": "ja",
    "gb18030": "zh",
    "big5": "zh",
    "euc-kr": "ko",
    "tis-620": "th",
    "utf-16": "hi",
    "utf-16-le": "hi",
    "utf-16-be": "ar",
}


def headline_of(charset: str) -> str:
    language = CHARSETS[charset]
    text = "台北舊燈塔重新點亮" if charset == "big5" else HEADLINES[language]
    return text.encode(charset, "ignore").decode(charset)


def feed_in(charset: str, declared: str) -> bytes:
    feed = rss(item(f"<title>{headline_of(charset)}</title>"))
    return feed.replace('encoding="UTF-8"', f'encoding="{declared}"').encode(charset)


# Charsets


@pytest.mark.parametrize("header", ["", "; charset=utf-8", "; charset=iso-8859-1"])
@pytest.mark.parametrize("charset", CHARSETS)
def test_the_declaration_outweighs_the_header(charset: str, header: str) -> None:
    """The charset the file declares is used, whatever the server says."""
    listing = listed(feed_in(charset, charset), kind=f"text/xml{header}")
    assert headlines(listing) == [headline_of(charset)]
    assert urls(listing) == ["https://times.example/1"]


@pytest.mark.parametrize("charset", ["windows-1251", "windows-1253", "gb18030", "euc-kr"])
def test_a_charset_wrongly_declared_as_utf8_is_mended_by_the_header(charset: str) -> None:
    """Bytes that are no UTF-8 are read as the header says."""
    body = feed_in(charset, "UTF-8")
    assert headlines(listed(body, kind=f"text/xml; charset={charset}")) == [headline_of(charset)]


@pytest.mark.parametrize("declared", ["iso-8859-1", "windows-1251", "utf-16", "nonsense"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_utf8_is_known_whatever_is_declared(declared: str, mark: bytes) -> None:
    """Valid UTF-8 is read as UTF-8, with or without its mark."""
    feed = rss(item(f"<title>{HEADLINES['ja']}</title>")).replace("UTF-8", declared)
    assert headlines(listed(mark + feed.encode(), kind="text/xml; charset=big5")) == [
        HEADLINES["ja"]
    ]


@pytest.mark.parametrize("charset", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_a_sitemap_in_any_unicode(charset: str) -> None:
    """Sitemaps, indexes and text lists in UTF-16 are read like any other."""
    assert urls(listed(ONE.encode(charset))) == ["https://times.example/1"]
    text = listed("https://times.example/é\n".encode(charset))
    assert (text.kind, urls(text)) == (ListKind.TEXT, ["https://times.example/%C3%A9"])


# Encodings


@pytest.mark.parametrize("kind", ["application/gzip", "application/octet-stream", "text/xml", ""])
@pytest.mark.parametrize("layers", [1, 2, 3])
def test_gzip_needs_no_label(kind: str, layers: int) -> None:
    """A .xml.gz is opened whatever it is called, packed once, twice or three times."""
    body = ONE.encode()
    for _ in range(layers):
        body = gzip.compress(body)
    assert urls(listed(body, kind=kind)) == ["https://times.example/1"]
    assert urls(listed(body, kind=kind, encoding="gzip")) == ["https://times.example/1"]


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [("br", brotli.compress), ("deflate", zlib.compress), ("gzip", bytes), ("br", gzip.compress)],
)
def test_content_encodings_and_labels_that_lie(encoding: str, pack: object) -> None:
    """What the header names is undone, and a label the bytes belie is passed over."""
    assert urls(listed(pack(ONE.encode()), encoding=encoding)) == ["https://times.example/1"]  # type: ignore[operator]


def test_a_cut_gzip_gives_what_came() -> None:
    """Half of a packed sitemap gives the entries that were whole, and says so."""
    addresses = [f"https://times.example/{n * 7919}" for n in range(3000)]
    packed = gzip.compress(urlset(located(*addresses)).encode())
    listing = listed(packed[: len(packed) // 2])
    assert 100 < len(listing.entries) < 3000
    assert urls(listing) == addresses[: len(listing.entries)]
    assert listing.was_truncated
    assert listing.problem == f"It was cut short; {len(listing.entries):,} addresses came."


def test_a_packed_bomb_stops_at_the_cap() -> None:
    """What is decoded is bounded, and what lay before the bomb is kept."""
    body = gzip.compress(ONE.replace("</urlset>", "").encode() + b" " * 50_000_000)
    listing = listed(body, limits=ListLimits(decoded_bytes=100_000))
    assert urls(listing) == ["https://times.example/1"]
    assert listing.was_truncated
    assert listing.decoded_size == 100_000


# What it is


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "empty"),
        (b" \r\n\t ", "empty"),
        (gzip.compress(b"", mtime=0), "empty"),
        (b"<!doctype html><html><head><title>404</title></head><body>no</body></html>", "web page"),
        (b"<!-- <rss> --><html><body><p>see &lt;rss&gt;</p></body></html>", "web page"),
        (b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><rss/></html>', "web"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "image/png"),
        (b"%PDF-1.7\n", "application/pdf"),
        (b"PK\x03\x04" + bytes(100), "application/zip"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><path/></svg>", "neither"),
        (b'<?xml version="1.0"?><opml><body/></opml>', "web page|neither"),
        (b"<response><item>4</item><url>none</url></response>", "neither"),
        (b"Not Found", "neither"),
        (b'{"error": "not found"}', "no JSON Feed"),
        (b"[1, 2]", "no JSON Feed"),
        (bytes(1000), "neither|empty"),
        (b"\x1f\x8b\x08\x00broken", "content-encoding"),
    ],
)
def test_what_is_no_list_says_what_it_is(body: bytes, words: str) -> None:
    """Pages, pictures, other XML and nothing at all are kind NONE, with a sentence."""
    listing = listed(body, kind="application/rss+xml")
    assert (listing.kind, listing.entries, listing.lists) == (ListKind.NONE, (), ())
    assert listing.problem is not None
    assert any(word in listing.problem for word in words.split("|"))


@pytest.mark.parametrize("label", ["text/html", "text/plain", "image/png", "application/json", ""])
@pytest.mark.parametrize("body", [ONE, rss(item("")), atom('<entry><link href="/1"/></entry>')])
def test_labels_do_not_count(body: str, label: str) -> None:
    """A list is known by its content, whatever the header calls it."""
    assert urls(listed(body, kind=label)) == ["https://times.example/1"]


def test_the_measures_are_kept() -> None:
    """Decoded size and media type are part of the listing."""
    listing = listed(gzip.compress(ONE.encode()), kind="text/html")
    assert (listing.media_type, listing.decoded_size) == ("application/xml", len(ONE))


# Arbitrary bytes

SEEDS = [
    rss(item("<title>Caf&eacute; <b>x</b></title><pubDate>Mon, 06 May 2024</pubDate>") * 3),
    atom('<entry xml:base="/b/"><title type="html">x</title><link href="a"/></entry>' * 3),
    urlset(located("/1", "/2") + "<url><loc>/3</loc><n:news><n:title>x</n:title></n:news></url>"),
    urlset("<sitemap><loc>/a.xml</loc><lastmod>2024</lastmod></sitemap>", root="sitemapindex"),
    '{"version":"https://jsonfeed.org/version/1","items":[{"url":"/1","title":"x"}]}',
    "https://times.example/1\nhttps://times.example/2\n",
]
PIECES = st.sampled_from(
    [
        *(b"<", b">", b"&", b'"', b"{", b"}", b"\x00", b"\xff\xfe", b"\xef\xbf\xbf", b"\x1b$B"),
        *(
            b"]]>",
            b"<![CDATA[",
            b"<!--",
            b"<!DOCTYPE a [",
            b"xmlns:a='",
            b"&#55296;",
            b"&#x110000;",
        ),
        *(b"</item>", b"<item>", b"<url>", b"</loc>", b"<link>", b"<title>", b"<a:b c:d='e'>"),
        *(b"http://[", b"xml:base='http://['", b"<guid>http://\xc3\xa9.\xe2\x80\x8b/</guid>"),
        b"<pubDate>99 99 9999 99:99:99 +9999</pubDate>",
    ]
)


def check(listing: Listing) -> None:
    for one in (*listing.entries, *listing.lists):
        assert one.url.startswith(("http://", "https://"))
        assert len(one.headline or "") <= 1000
        for moment in (one.published, one.modified):
            assert moment is None or str(moment.tzinfo) == "UTC"
    assert (listing.kind != ListKind.NONE) or listing.problem
    addresses = urls(listing)
    assert len(addresses) == len(set(addresses))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(["", "gzip", "br, gzip", "deflate", "zstd"]))
def test_arbitrary_bytes_raise_nothing(body: bytes, encoding: str) -> None:
    """Whatever the bytes, there is a listing."""
    check(listed(body, encoding=encoding))


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 30), PIECES | st.binary(max_size=6))),
    st.sampled_from(["text/xml", "text/html; charset=utf-16", "application/json; charset=x"]),
)
def test_mutated_lists_raise_nothing(
    seed: str, changes: list[tuple[float, int, bytes]], kind: str
) -> None:
    """Pieces cut out of and put into valid lists give a listing that keeps its promises."""
    body = seed.encode()
    for place, removed, added in changes:
        at = int(place * len(body))
        body = body[:at] + added + body[at + removed :]
    check(listed(body, kind=kind))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=40))
def test_any_text_in_any_field_raises_nothing(title: str, link: str, date: str) -> None:
    """Titles, links and dates of arbitrary text, in feeds and sitemaps, give a listing."""
    inner = f"<title><![CDATA[{title}]]></title><pubDate>{date}</pubDate><guid>{link}</guid>"
    row = f"<url><loc>{link}</loc><lastmod>{date}</lastmod></url>"
    for text in (rss(item(inner, link)), urlset(row)):
        check(listed(text.encode("utf-8", "surrogatepass")))
