"""Broken lists give what they have and say what was wrong; hostile ones cost little."""

import socket
import threading
import tracemalloc
from pathlib import Path

import pytest
from support.lists import atom, headlines, item, listed, located, rss, urls, urlset

from crawler.core.listings import ListKind, ListLimits

FIVE = [f"https://times.example/story-{n}" for n in range(5)]
WHOLE = urlset(located(*FIVE))


def feed_of(count: int) -> str:
    return rss("".join(item(f"<title>T{n}</title>", FIVE[n]) for n in range(count)))


BROKEN = {
    "bare ampersands": urlset(located(*(f"{one}?a=1&b=2&copy=3" for one in FIVE))),
    "control characters": urlset(located(*(f"{one}\x00\x0b\x1f" for one in FIVE))),
    "references to forbidden characters": urlset(located(*(f"{one}&#x1F;&#0;" for one in FIVE))),
    "undeclared entities": urlset("<x>&eacute;&nbsp;&nosuch;</x>" + located(*FIVE)),
    "undeclared prefixes": urlset("".join(f"<u:url><u:loc>{one}</u:loc></u:url>" for one in FIVE)),
    "no end tags of entries": "<urlset>" + "".join(f"<url><loc>{one}</loc>" for one in FIVE),
    "stray end tags": urlset(located(*FIVE).replace("</loc>", "</b></loc></p></loc></url></url>")),
    "crossed end tags": urlset(located(*FIVE).replace("</loc></url>", "</url></loc>")),
    "no root": located(*FIVE),
    "two roots": urlset(located(*FIVE[:3])) + urlset(located(*FIVE[3:])),
    "a page at the end": WHOLE
    + "<script>if (a < b && c) {}</script><div>cached</div></body></html>",
    "warnings before it": f"<br />\n<b>Warning</b>: x in /a.php on line 1<br />\n{WHOLE}",
    "space before the declaration": f"\n\n  {WHOLE}",
    "attributes without quotes": WHOLE.replace("<url>", "<url id=1 checked>"),
    "attributes twice": WHOLE.replace("<url>", '<url a="1" a="2">'),
    "an open quote": urlset(f'<x a="1><y/>{located(*FIVE)}'),
    "less-than signs in text": urlset(f"<x>1 < 2 << 3</x>{located(*FIVE)}"),
    "a comment that never ends": WHOLE + "<!-- generated in 3 s",
    "double hyphens in comments": urlset(f"<!-- a -- b -->{located(*FIVE)}"),
    "an end of CDATA outside": urlset(f"<x>]]></x>{located(*FIVE)}"),
    "deep nesting": urlset("<d>" * 5000 + located(*FIVE)),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_broken_sitemaps_give_all_they_have(fault: str) -> None:
    """Whatever is wrong around them, all five addresses come out, in order."""
    listing = listed(BROKEN[fault])
    assert listing.kind == ListKind.SITEMAP
    found = [one.partition("?")[0].partition("%")[0] for one in urls(listing)]
    assert found == FIVE
    is_fault = fault not in {
        "warnings before it",
        "space before the declaration",
        "undeclared prefixes",
    }
    assert bool(listing.problem) == is_fault


def test_a_bare_ampersand_loses_nothing_of_an_address() -> None:
    """Every parameter stays, also one whose name begins like an entity's."""
    listing = listed(urlset(located("/a?x=1&y=2&copy=3&amp;z=4&#233;")))
    assert urls(listing) == ["https://times.example/a?x=1&y=2&copy=3&z=4%C3%A9"]


@pytest.mark.parametrize("at", range(len(WHOLE) - 90, len(WHOLE), 7))
def test_a_cut_sitemap_gives_no_half_address(at: int) -> None:
    """Wherever the file breaks off, each address that comes out is one of the whole file's."""
    listing = listed(WHOLE[:at])
    assert set(urls(listing)) <= set(FIVE)
    assert len(listing.entries) >= 3
    assert listing.problem


def test_a_cut_feed_gives_no_half_entry() -> None:
    """Cut at any byte, a feed gives whole addresses and whole titles only."""
    whole = feed_of(5)
    titles = {None, *(f"T{n}" for n in range(5))}
    for at in range(whole.index("<item>"), len(whole)):
        listing = listed(whole[:at], truncated=True)
        assert set(urls(listing)) <= set(FIVE)
        assert set(headlines(listing)) <= titles
        assert listing.was_truncated
    assert len(listing.entries) == 5
    assert listing.problem == "It was cut short; 5 addresses came."


def test_what_was_complete_of_a_cut_entry_stays() -> None:
    """The address of an entry is kept if only its date was cut."""
    listing = listed("<urlset><url><loc>/1</loc><lastmod>2024-0")
    assert urls(listing) == ["https://times.example/1"]
    assert listing.entries[0].modified is None


@pytest.mark.parametrize(
    "feed",
    [
        feed_of(5).replace("</item>", ""),
        feed_of(5).replace("</title>", "</title></b></i>"),
        feed_of(5).replace("<channel>", "").replace("</channel>", "</rss>"),
        feed_of(5).replace("<title>T", "<title>&nbsp;T"),
        feed_of(5).replace("<item>", "<item><description>a <b>c & d</description>"),
        feed_of(5) + feed_of(2),
        feed_of(5).replace("<item>", "\x08<item>"),
        feed_of(5).removeprefix('<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" >'),
        "Notice: undefined index\n" + feed_of(5).replace("<title>", '<title foo="&">'),
    ],
)
def test_broken_feeds_give_all_they_have(feed: str) -> None:
    """Every item is there with its own title and address."""
    listing = listed(feed)
    assert urls(listing) == FIVE
    assert headlines(listing) == [f"T{n}" for n in range(5)]
    assert listing.problem


def test_undeclared_prefixes_of_known_modules_keep_their_meaning() -> None:
    """dc:date and feedburner:origLink count though nobody declared them."""
    inner = "<feedburner:origLink>/o</feedburner:origLink><dc:date>2024-05-06T08:00Z</dc:date>"
    (entry,) = listed(rss(item(inner))).entries
    assert entry.url == "https://times.example/o"
    assert entry.published is not None


def test_undeclared_prefixes_do_not_pass_for_the_feed_itself() -> None:
    """A media:title or image:loc that nobody declared is not the entry's title or address."""
    inner = "<media:title>no</media:title><title>yes</title><media:link>/no</media:link>"
    listing = listed(rss(item(inner)))
    assert (headlines(listing), urls(listing)) == (["yes"], ["https://times.example/1"])
    cut = listed("<urlset><url><image:loc>/no</image:loc><loc>/yes</loc></url><url><loc>/cu")
    assert urls(cut) == ["https://times.example/yes"]


def test_the_fault_is_named() -> None:
    """The problem is one sentence with the place where the file breaks."""
    problem = listed("<urlset>\n<url><loc>/1</url></urlset>").problem
    assert problem is not None
    assert problem.startswith("It is not well-formed XML: ")
    assert "line 2" in problem
    assert problem.endswith(".")


# Hostile


def laughs(levels: int = 12) -> str:
    rows = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, levels))
    return f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "lollollol">{rows}]>'


@pytest.mark.parametrize(
    "bomb",
    [
        laughs() + "<urlset><url><loc>/&l11;</loc></url><url><loc>/ok</loc></url></urlset>",
        laughs()
        + "<rss><channel><item><title>&l11;</title><link>/ok</link></item></channel></rss>",
        laughs() + "<feed>&l11;<entry><link href='/ok'/><title>&l11;</title></entry></feed>",
        '<!DOCTYPE x [<!ENTITY a "'
        + "a" * 100_000
        + '">]><urlset><url><loc>/ok</loc></url><x>'
        + "&a;" * 100_000
        + "</x></urlset>",
    ],
)
def test_entities_do_not_grow(bomb: str) -> None:
    """Billion laughs and its quadratic kin cost no memory; the address after them is kept."""
    tracemalloc.start()
    listing = listed(bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "https://times.example/ok" in urls(listing)
    assert all(len(one.headline or "") <= 1000 for one in listing.entries)
    assert peak < 40_000_000


def test_nothing_outside_is_read_or_called(tmp_path: Path) -> None:
    """External entities, DTDs, XInclude and style sheets reach neither files nor the network."""
    secret = tmp_path / "secret"
    secret.write_text("https://times.example/leaked")
    with socket.create_server(("127.0.0.1", 0)) as canary:
        canary.settimeout(0)
        web = f"http://127.0.0.1:{canary.getsockname()[1]}/x"
        places = [secret.as_uri(), str(secret), web]
        for place in places:
            lists = [
                f'<!DOCTYPE x [<!ENTITY e SYSTEM "{place}">]>{urlset(located("&e;", "/ok"))}',
                f'<!DOCTYPE x SYSTEM "{place}">{urlset(located("/ok"))}',
                f'<!DOCTYPE x [<!ENTITY % p SYSTEM "{place}"> %p;]>{urlset(located("/ok"))}',
                f'<!DOCTYPE rss [<!ENTITY e SYSTEM "{place}">]>{rss(item("<title>&e;</title>"))}',
                f'<?xml-stylesheet href="{place}"?>{urlset(located("/ok"))}',
                urlset(
                    f'<xi:include href="{place}" parse="text"/>{located("/ok")}',
                    attributes='xmlns:xi="http://www.w3.org/2001/XInclude"',
                ),
                place,
            ]
            for text in lists:
                assert "leaked" not in repr(listed(text))
        with pytest.raises(BlockingIOError):
            canary.accept()


def test_more_than_the_cap_is_left_out_and_said() -> None:
    """A list over the cap gives its first entries, truncated, with the cap in the problem."""
    limits = ListLimits(entries=3, feed_entries=2)
    expected = {
        urlset(located(*FIVE)): 3,
        "\n".join(FIVE): 3,
        feed_of(5): 2,
        atom("".join(f'<entry><link href="{one}"/></entry>' for one in FIVE)): 2,
    }
    for text, count in expected.items():
        listing = listed(text, limits=limits)
        assert urls(listing) == FIVE[:count]
        assert listing.was_truncated
        assert listing.problem == (f"It lists more than {count} addresses; the rest was left out.")
    assert not listed(urlset(located(*FIVE[:3])), limits=limits).was_truncated


@pytest.mark.parametrize("row", ["<url><loc>/same</loc></url>", "<url><loc>ftp://x</loc></url>"])
def test_repeats_and_refusals_are_bounded_too(row: str) -> None:
    """A list that names one address for ever is left off after four times the cap."""
    listing = listed(urlset(row * 100), limits=ListLimits(entries=10))
    assert len(listing.entries) <= 1
    assert listing.was_truncated


def test_a_large_sitemap_needs_no_tree() -> None:
    """Of 20,000 addresses with translations: what is held is the list and little more."""
    alternates = '<xhtml:link rel="alternate" href="/x"/>' * 3
    rows = "".join(
        f"<url><loc>/{n}</loc><lastmod>2024-05-06</lastmod>{alternates}</url>\n"
        for n in range(20_000)
    )
    body = urlset(rows, attributes='xmlns:xhtml="http://www.w3.org/1999/xhtml"').encode()
    tracemalloc.start()
    listing = listed(body)
    held, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (len(listing.entries), listing.problem) == (20_000, None)
    assert peak - held < 2 * len(body)


@pytest.mark.parametrize(
    "body",
    [
        "<rss><channel>" + "<item><title>x</title>" * 40_000,
        "<rss><channel><item><link>/1</link><title>" + "<div>" * 100_000,
        "<rss><channel><item><title>" + "&lt;div&gt;" * 100_000 + "</title></item></channel></rss>",
        "<urlset>" + "<" * 1_000_000,
        "<urlset><url " + "\"'" * 500_000,
        "<urlset><url " + " ".join(f'a{n}="x"' for n in range(100_000)) + ">",
        "<rss>" + "<![CDATA[" * 200_000,
        "<!--" * 500_000 + "<rss>",
        "<!DOCTYPE x [" * 200_000 + "<rss>",
        "<" + "a" * 2_000_000,
        "<rss><" + "a" * 2_000_000,
        "<urlset><url>" + "<b>" * 99 + "</a>" * 200_000,
        "<rss>" + "".join(f"<p{n}:a/>" for n in range(50_000)),
        "[" * 1_000_000,
        '{"version":"https://jsonfeed.org/version/1","items":' + "[" * 100_000,
        '{"items":[' * 200_000,
        '{"version":"https://jsonfeed.org/version/1","items":[' + "9" * 100_000 + "]}",
    ],
    ids=range(17),
)
def test_time_bombs_are_defused(body: str) -> None:
    """Input made to take minutes ends in time (the suite's time-out is the guard), unraised."""
    done = threading.Event()

    def read() -> None:
        listed(body)
        done.set()

    worker = threading.Thread(target=read, daemon=True)
    worker.start()
    worker.join(60)
    assert done.is_set()
