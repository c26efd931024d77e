"""Lists and rules that strangers write, in any shape: nothing is raised, and bounds are kept."""

import json
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.lists import atom, item, located, rss, urlset

from crawler.archives.wayback import FIELDS, read_rows
from crawler.core.listings import ListLimits
from crawler.core.urls import canonicalize
from crawler.discovery.listing import read_listing
from crawler.fetching.robots_rules import GoogleJudge, ProtegoJudge, RobotsRules

QUICK = settings(derandomize=True, max_examples=80, deadline=None)
URL = "https://times.example/feeds/all.xml"
TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)
ADDRESS = st.sampled_from(
    (
        "https://times.example/1",
        "//times.example/2",
        "file:///etc/hostname",
        "javascript:alert(1)",
        "http://[bad",
        "http://u:p@times.example/3",
        "http://127.0.0.1/",
        "",
        "\u202e\x00",
    )
)
LIMITS = ListLimits(entries=20)


@st.composite
def broken(draw: st.DrawFn, whole: st.SearchStrategy[str]) -> bytes:
    """Draw a document and do to it what the wire and bad software do: cut, flip, double, insert."""
    body = bytearray(draw(whole).encode("utf-8", "replace"))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, max(0, len(body) - 1)))
        match draw(st.sampled_from(("cut", "flip", "double", "insert"))):
            case "cut":
                del body[at:]
            case "flip" if body:
                body[at] ^= 1 << draw(st.integers(0, 7))
            case "double":
                body[at:at] = body[at : at + 200]
            case _:
                body[at:at] = draw(st.binary(max_size=12))
    return bytes(body)


FEEDS = st.lists(st.tuples(TEXT, ADDRESS), max_size=8).map(
    lambda rows: rss("".join(item(f"<title>{text}</title>", url) for text, url in rows))
)
ATOMS = st.lists(st.tuples(TEXT, ADDRESS), max_size=8).map(
    lambda rows: atom(
        "".join(f'<entry><title>{t}</title><link href="{u}"/></entry>' for t, u in rows)
    )
)
SITEMAPS = st.lists(ADDRESS, max_size=30).map(lambda urls: urlset(located(*urls)))
INDEXES = st.lists(ADDRESS, max_size=30).map(
    lambda urls: urlset(
        "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in urls), "sitemapindex"
    )
)
JSON_FEEDS = st.lists(st.tuples(TEXT, ADDRESS), max_size=8).map(
    lambda rows: json.dumps({"version": "1", "items": [{"title": t, "url": u} for t, u in rows]})
)
LISTS = FEEDS | ATOMS | SITEMAPS | INDEXES | JSON_FEEDS | TEXT


@QUICK
@given(body=broken(LISTS), packed=st.sampled_from(("", "gzip", "br", "zstd", "x, y")))
def test_no_list_raises_or_grows(body: bytes, packed: str) -> None:
    """Any list gives a listing of at most so many entries, each a web address or left out."""
    headers = (("content-type", "application/xml"), ("content-encoding", packed))
    listing = read_listing(body, headers=headers, url=URL, limits=LIMITS)
    assert len(listing.entries) <= LIMITS.entries
    for entry in listing.entries:
        assert urlsplit(canonicalize(entry.url)).scheme in {"http", "https"}
        assert "u:p@" not in canonicalize(entry.url)


ROW = st.tuples(
    st.just("example,times)/1"),
    st.sampled_from(("20240101000000", "20241301000000", "2024", "", "x" * 14, "٢٠٢٤٠١٠١٠٠٠٠٠٠")),
    ADDRESS,
    st.sampled_from(("text/html", "warc/revisit", "-", "")),
    st.sampled_from(("200", "404", "-", "", "99999999999999999999")),
    TEXT,
    st.sampled_from(("100", "-1", "", "9" * 400)),
)
ROWS = st.lists(ROW, max_size=8)


@QUICK
@given(
    body=broken(
        ROWS.map(lambda rows: json.dumps([FIELDS, *rows]))
        | ROWS.map(lambda rows: "\n".join(" ".join(row) for row in rows))
    ),
    status=st.sampled_from((200, 200, 404, 429, 503)),
)
def test_no_index_answer_raises(body: bytes, status: int) -> None:
    """Any answer of an index is one of the known answers; a row that is used names a web page."""
    answer = read_rows(status, (("content-type", "application/json"),), body)
    for row in answer.rows:
        assert urlsplit(canonicalize(row.original)).scheme in {"http", "https"}


LINES = st.lists(
    st.tuples(
        st.sampled_from(
            ("User-agent", "Disallow", "Allow", "Crawl-delay", "Sitemap", "", "\ufeff")
        ),
        st.sampled_from(("*", "newsmorgue", "/", "/a*$", "1e999", "-1", "%zz")) | TEXT,
    ),
    max_size=12,
)


@pytest.mark.parametrize("judge", [GoogleJudge, ProtegoJudge])
@QUICK
@given(body=broken(LINES.map(lambda rows: "\n".join(": ".join(row) for row in rows))), path=TEXT)
def test_no_robots_txt_raises(judge: type, body: bytes, path: str) -> None:
    """Any robots.txt gives an answer by either parser, and no delay that is not a number."""
    rules = RobotsRules(body, judge)
    assert rules.allows(canonicalize(f"https://times.example/{path}"), "newsmorgue/1") in {
        True,
        False,
    }
    delay = rules.crawl_delay("newsmorgue/1")
    assert delay is None or delay >= 0
