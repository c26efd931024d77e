"""Pages that were damaged on their way: always a reading, always one verdict."""

import gzip
import random

import pytest

from crawler.core.values import History, HostFacts, ReadingLimits, Visit
from crawler.core.verdict import judge
from crawler.core.words import Outcome
from crawler.demo.launch import NewspaperServer
from crawler.reading.page import read_page
from storage.types import storable

SEEDS = range(6)  # each damages every page once more
LIMITS = ReadingLimits()
SHARDS = (
    b"<", b">", b"\x00", b"&#x1F;", b"&#xD800;", b"<!--", b"]]>", b"<![CDATA[", b"\xff\xfe",
    b"</p>",
    b"<table>" * 60, b"<div>" * 400, b"<script>", b'<meta charset="utf-7">', b"\xed\xa0\x80", b'"',
    b'<script type="application/ld+json">{"headline": [[[[', b"<base href='http://[bad'>",
    b'<time datetime="99999-99-99">', b"<plaintext>", b"<svg><style><!--</svg>", b"\r" * 50,
)  # fmt: skip
KINDS = ("text/html; charset=utf-8", "text/html; charset=utf-16", "image/png", "", "text/html;;=")


@pytest.fixture(scope="module")
def pages(newspaper: NewspaperServer) -> list[tuple[str, bytes]]:
    """One page of every kind that the newspaper has, with its address."""
    paths = [
        url.removeprefix(newspaper.base_url())
        for kind in ("article", "founding", "soft404", "gone404")
        for url in newspaper.urls(3, kind)
    ]
    more = ["/", "/section/world", "/paywall/wall-of-the-harbour", "/feed.xml"]
    return [(newspaper.url(path), newspaper.page(path)) for path in paths + more]


def damaged(body: bytes, draw: random.Random) -> bytes:
    """Return a page with pieces cut out, doubled, moved, flipped and put in."""
    page = bytearray(body)
    for _ in range(draw.randint(1, 12)):
        at, to = sorted((draw.randrange(len(page) + 1), draw.randrange(len(page) + 1)))
        to = min(to, at + draw.choice((1, 30, 3_000)))
        match draw.choice(("cut", "double", "move", "flip", "shard", "shard", "end")):
            case "cut":
                del page[at:to]
            case "double":
                page[at:at] = page[at:to] * draw.choice((1, 3))
            case "move":
                piece = page[at:to]
                del page[at:to]
                page += piece
            case "flip" if page:
                page[min(at, len(page) - 1)] ^= 1 << draw.randrange(8)
            case "end":
                del page[len(page) * 3 // 4 :]
            case _:
                page[at:at] = draw.choice(SHARDS)
    return bytes(page)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_damaged_page_has_one_verdict(pages: list[tuple[str, bytes]], seed: int) -> None:
    """Reading and judging raise nothing; what comes out can be stored, and says why."""
    draw = random.Random(seed)  # noqa: S311 - to repeat it
    for url, whole in pages:
        body = damaged(whole, draw)
        headers = [("content-type", draw.choice(KINDS))]
        if draw.random() < 0.2:
            body = gzip.compress(body)[: draw.choice((None, 20, -4))]
            headers.append(("content-encoding", "gzip"))
        reading = read_page(body, headers=tuple(headers), url=url, limits=LIMITS)
        visit = Visit(url=url, final_url=url, outcome=Outcome.FETCHED, status=200, body_size=1)
        verdict = judge(visit, reading, History(url=url), HostFacts(name="paper"))
        assert verdict.reasons
        assert (reading.article is None) == bool(reading.no_article)
        if reading.article is not None:
            assert storable(reading.article.text) == reading.article.text
            assert reading.article.text.strip()
