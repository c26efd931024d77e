"""Reading pages from bytes: content-encodings, bombs, labels that lie, charsets."""

import gzip
import random
import zlib
from collections.abc import Callable

import brotli
import pytest
from backports import zstd
from hypothesis import given, settings
from hypothesis import strategies as st
from support.reading import ARTICLE, LINES, URL, html, missing, read, text_of

from crawler.core.values import ReadingLimits
from crawler.reading.charset import to_text
from crawler.reading.page import read_page


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "deflate-raw": raw_deflate,
    "br": brotli.compress,
    "zstd": zstd.compress,
}


@pytest.mark.parametrize("name", PACKERS)
def test_each_content_encoding_is_undone(name: str) -> None:
    """Bytes come as received; gzip, deflate in both forms, br and zstd are undone here."""
    packed = PACKERS[name](html().encode())
    reading = read(packed, encoding=name.removesuffix("-raw"))
    assert missing(reading) == []
    assert not reading.was_truncated


@pytest.mark.parametrize("name", PACKERS)
def test_a_body_cut_short_gives_what_came(name: str) -> None:
    """Half of a compressed body is half an article, marked as such; Scrapy gives it unmarked."""
    pick = random.Random(7)  # noqa: S311 - seeded noise, so that it does not pack to nothing
    long = html("".join(f"<p>{line} {pick.random()}</p>" for _ in range(400) for line in LINES))
    packed = PACKERS[name](long.encode())
    reading = read(packed[: len(packed) // 2], encoding=name.removesuffix("-raw"))
    assert LINES[0] in text_of(reading)
    assert reading.was_truncated
    assert reading.article is not None
    assert reading.article.is_partial


def test_nested_undeclared_and_wrong_labels() -> None:
    """Three layers are undone, a fourth is refused, and labels the bytes belie are passed over."""
    plain = html().encode()
    nested = brotli.compress(zlib.compress(gzip.compress(plain)))
    assert missing(read(nested, encoding="gzip, deflate, br")) == []
    assert read(nested, encoding="gzip, gzip, deflate, br").no_article == "too_many_encodings"
    assert missing(read(gzip.compress(plain))) == []
    assert missing(read(gzip.compress(plain), encoding="br")) == []
    for label in ("gzip", "br", "zstd", "deflate", "identity", "nonsense"):
        assert missing(read(plain, encoding=label)) == []
    assert read(b"\x00\x01\x02\x03" * 50, encoding="br").no_article == "bad_encoding"


def test_repeated_encoding_headers_are_one_list() -> None:
    """Two content-encoding lines mean the same as one with a comma."""
    body = brotli.compress(gzip.compress(html().encode()))
    headers = (("content-encoding", "gzip"), ("content-encoding", "br"))
    assert missing(read_page(body, headers=headers, url=URL)) == []


@pytest.mark.parametrize("name", ["gzip", "deflate", "br", "zstd"])
def test_a_bomb_is_cut_at_the_cap(name: str) -> None:
    """What would become 64 MB is decoded to the cap and no further."""
    bomb = PACKERS[name](html().encode() + b" " * (64 * 1024 * 1024))
    limits = ReadingLimits(decoded_bytes=200_000)
    reading = read_page(bomb, headers=(("content-encoding", name),), url=URL, limits=limits)
    assert reading.decoded_size == 200_000
    assert reading.was_truncated
    assert missing(reading) == []


@pytest.mark.parametrize("filler", ["\x00", "&#0;", "\x00\x00 \x00", "\x00\n"])
def test_nul_characters_are_no_text(filler: str) -> None:
    """HTML drops NULs from text: half a million of them are no article, and cost one nothing."""
    alone = read(f"<html><body><p>{filler * 500_000}")
    assert (alone.article, alone.no_article) == (None, "no_text")
    assert missing(read(html(f"<p>{filler * 9}</p>{ARTICLE}"))) == []


def test_a_nul_within_a_word_is_dropped() -> None:
    """The word around it stays whole."""
    assert missing(read(html(ARTICLE.replace("village", "vil\x00lage")))) == []


@pytest.mark.parametrize("megabytes", [1, 33])
def test_a_bomb_of_zeros_is_a_page_without_text(megabytes: int) -> None:
    """Whether it fits the cap or is cut by it, nothing comes out, and nobody waits for it."""
    body = gzip.compress(b"<html><body><p>" + bytes(megabytes << 20))
    reading = read(body, encoding="gzip")
    assert (reading.no_article, reading.article) == ("no_text", None)
    assert reading.was_truncated == (megabytes > 32)


def test_the_bytes_of_something_else_are_no_article() -> None:
    """Controls and lost characters in number are binary, whatever markup they stand in."""
    noise = random.Random(3).randbytes(60_000)  # noqa: S311 - seeded
    for junk in (noise, b"\x01\x02\x03\x1f" * 10_000, b"\xef\xbf\xbd" * 10_000):
        reading = read(b"<html><body><p>" + junk + b"</p></body></html>")
        assert (reading.article, reading.no_article) == (None, "binary")


@pytest.mark.parametrize("signs", ["* * * ", "\u25a0 \u25a1 ", "----- ", "\U0001f600 "])
def test_a_text_of_signs_is_none(signs: str) -> None:
    """Rules and ornaments hold no word; numbers and every script's letters do."""
    assert read(f"<html><body><p>{signs * 300}</p></body></html>").no_article == "no_text"
    for words in ("कि मैं यहाँ हूँ और ", "1,204.50 | 33.1 | ", "ฉันอยู่ที่นี่ ", "新しい灯台が"):
        assert read(f"<html><body><article><p>{words * 60}</p></article></body></html>").article


def test_many_comments_before_a_page_cost_no_time() -> None:
    """A head of comments has one reading, not two to the power of their number."""
    start = "<!-- a > b -->" * 200
    for page in (f"{start}<span>x</span>{html()}", f"{start}{html()}"):
        assert missing(read(page)) == []
    feed = f"<?xml version='1.0'?>{start}<!DOCTYPE rss><rss><channel/></rss>"
    assert read(feed).media_type == "application/xml"


def test_wide_text_is_told_from_zeros() -> None:
    """UTF-16 has zeros in every other byte; a page padded with zeros is not UTF-16."""
    padded = b"<html><body><p>caf\xc3\xa9" + bytes(2000)
    assert to_text(padded, "text/html").charset == "utf-8"
    for charset in ("utf-16-le", "utf-16-be"):
        assert to_text(html().encode(charset), "text/html").charset == charset


@pytest.mark.parametrize(
    ("body", "kind", "reason", "media"),
    [
        (b"", "text/html", "empty_body", ""),
        (b" \r\n ", "text/html", "empty_body", "text/html"),
        (b"%PDF-1.7 ...", "text/html", "not_html", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n....", "text/html", "not_html", "image/png"),
        (b'{"error": "not found"}', "text/html", "not_html", "application/json"),
        (b"<?xml version='1.0'?><rss><channel/></rss>", "text/html", "not_html", "application/xml"),
        (b"only words", "text/plain", "not_html", "text/plain"),
    ],
)
def test_what_is_no_page_is_said_not_raised(
    body: bytes, kind: str, reason: str, media: str
) -> None:
    """Bytes tell what they are, whatever the label; no exception, no article."""
    reading = read(body, kind=kind)
    assert (reading.no_article, reading.media_type, reading.article) == (reason, media, None)


def test_a_page_under_a_wrong_label_is_read() -> None:
    """HTML called an image or a text is HTML."""
    for kind in ("image/png", "text/plain", "application/octet-stream", ""):
        assert missing(read(html(), kind=kind)) == []


@pytest.mark.parametrize(
    ("data", "content_type", "text", "charset"),
    [
        (b"\xef\xbb\xbfcaf\xc3\xa9", "text/html; charset=iso-8859-1", "café", "utf-8"),
        ("caf\u00e9".encode("utf-16"), "text/html; charset=utf-8", "café", "utf-16-le"),
        (b"caf\xe9 \x93x", "text/html; charset=iso-8859-1", "café \u201cx", "windows-1252"),
        (b"<meta charset=latin1>caf\xe9", None, "<meta charset=latin1>café", "windows-1252"),
        (b"<meta charset=koi8-r>\xe4", "x; charset=l1", "<meta charset=koi8-r>ä", "windows-1252"),
        (b"<meta charset=utf-16>ok", None, "<meta charset=utf-16>ok", "utf-8"),
        ("caf\u00e9".encode(), "text/html; charset=windows-1252", "café", "utf-8"),
        (b"caf\xc3\xa9", None, "café", "utf-8"),
        ("新聞".encode("cp932"), "text/html; charset=Shift_JIS", "新聞", "cp932"),
        ("报纸".encode("gb18030"), "text/html; charset=GB2312", "报纸", "gb18030"),
        (b"x", "text/html; charset=no-such-thing", "x", "utf-8"),
        ("<p>ab</p>".encode("utf-16-le"), None, "<p>ab</p>", "utf-16-le"),
    ],
)  # fmt: skip
def test_charset_order(data: bytes, content_type: str | None, text: str, charset: str) -> None:
    """Byte order mark, then HTTP, then meta, then the bytes; labels mean what the web means."""
    found = to_text(data, content_type)
    assert (found.text, found.charset) == (text, charset)


@pytest.mark.parametrize(("charset", "sentence"), [
    ("windows-1251", "Старый маяк снова светит над заливом, и рыбаки возвращаются домой. "),
    ("windows-1252", "Der alte Müller zählt die Säcke und grüßt über die Brücke hinüber. "),
    ("cp932", "古い灯台がふたたび湾を照らし、漁師たちは家に帰る。"),
    ("euc_kr", "오래된 등대가 다시 만을 비추고 어부들은 집으로 돌아온다. "),
])  # fmt: skip
def test_an_undeclared_charset_is_told_from_the_bytes(charset: str, sentence: str) -> None:
    """Old pages often declare nothing; their text is still read."""
    body = f"<html><body><p>{sentence * 8}</p></body></html>".encode(charset)
    assert sentence.strip() in to_text(body, "text/html").text


@given(st.sampled_from(["gzip", "br", "zstd", "deflate", "gzip, br"]), st.binary(max_size=500))
@settings(max_examples=60, deadline=None)
def test_any_bytes_are_decoded(encoding: str, noise: bytes) -> None:
    """No compressed noise raises."""
    read(noise, encoding=encoding)
    read(gzip.compress(html().encode())[:200] + noise, encoding=encoding)
