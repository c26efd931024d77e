"""The mock newspaper does what its routes are named for."""

import gzip
import socket
from collections.abc import Callable
from http.client import HTTPException, IncompleteRead, RemoteDisconnected

import pytest
from support.servers import get

from crawler.demo import absence, founding, packing, prose, robots, routes_bytes
from crawler.demo.launch import NewspaperServer
from crawler.demo.prose import LANGUAGES

Fresh = Callable[..., NewspaperServer]


def text_of(page: bytes) -> str:
    """Return a page's body element as it is."""
    return page.decode().partition("<body")[2]


# The newspaper in good health


@pytest.mark.parametrize("number", range(1, 6))
def test_article_has_the_structure_of_one(newspaper: NewspaperServer, number: int) -> None:
    """An article has nav, h1, byline, time, figure, at least six paragraphs, JSON-LD and footer."""
    told = prose.story(number)
    page = get(newspaper.url(told.path)).text
    for part in ("<nav", f"<h1>{told.headline}", "byline", "<time", "<figure", "og:title"):
        assert part in page
    assert '"@type": "NewsArticle"' in page
    assert f'<html lang="{LANGUAGES[number % 5]}"' in page
    assert len(told.paragraphs) >= 6
    assert all(len(paragraph) >= 80 for paragraph in told.paragraphs)
    assert page.count("</footer>") == 1


def test_a_path_always_gives_the_same_bytes(newspaper: NewspaperServer) -> None:
    """Content depends on the path alone."""
    url = newspaper.urls(1)[0]
    assert get(url).body == get(url).body


def test_page_is_known_without_asking(fresh_newspaper: Fresh) -> None:
    """`page()` gives what the server would send, and leaves no line in its log."""
    paper = fresh_newspaper(articles=20)
    path = prose.story(7).path
    expected = paper.page(path)
    assert paper.requests() == []
    assert get(paper.url(path)).body == expected


def test_urls_txt_lists_living_articles(newspaper: NewspaperServer) -> None:
    """/urls.txt gives absolute addresses, as many as asked for, and they live."""
    listed = get(newspaper.url("/urls.txt?n=70")).text.split()
    assert listed == newspaper.urls(70)
    assert len(set(listed)) == 70
    assert get(listed[-1]).status == 200


def test_hosts_are_sites_of_their_own(newspaper: NewspaperServer) -> None:
    """Each host of one process calls itself by its own name."""
    first, second = newspaper.hosts
    path = prose.story(1).path
    assert newspaper.base_url(second) in get(newspaper.url(path, second)).text
    assert newspaper.base_url(first) not in get(newspaper.url(path, second)).text


@pytest.mark.parametrize(
    "path",
    ["/", "/section/fr", "/feed.xml", "/sitemap/1.xml", "/feeds/json", "/sitemaps/news"],
)
def test_lists_lead_to_living_articles_only(newspaper: NewspaperServer, path: str) -> None:
    """What is linked or listed lies within the paper's bounds."""
    page = get(newspaper.url(path)).text
    numbers = [int(part.split("/")[0]) for part in page.split("/article/")[1:]]
    assert numbers
    assert all(1 <= number <= 60 for number in numbers)


def test_copy_is_the_same_article_under_another_address(newspaper: NewspaperServer) -> None:
    """/copy gives the very bytes of /article."""
    told = prose.story(3)
    copy = get(newspaper.url(told.path.replace("/article/", "/copy/")))
    assert copy.body == get(newspaper.url(told.path)).body


def test_edited_article_differs_in_text_and_date(newspaper: NewspaperServer) -> None:
    """/edited is the same story with another last paragraph and a later date."""
    told = prose.story(3)
    page = get(newspaper.url(told.path.replace("/article/", "/edited/"))).text
    assert told.headline in page
    assert told.paragraphs[-1] not in page
    assert f'modified_time" content="{told.modified:%Y-%m-%d}' not in page


def test_validators_give_304(newspaper: NewspaperServer) -> None:
    """A matching ETag or Last-Modified gives 304 without a body; another ETag the page."""
    url = newspaper.url("/etag/4")
    tag, since = get(url).header("etag"), get(url).header("last-modified")
    assert tag
    assert since
    assert get(url, If_None_Match=tag).status == 304
    assert get(url, If_Modified_Since=since).body == b""
    assert get(url, If_None_Match='"other"', If_Modified_Since=since).status == 200


# Not there, or not what it seems


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("layout", founding.LAYOUTS)
def test_founding_page_is_article_and_notice(
    newspaper: NewspaperServer, layout: str, language: str
) -> None:
    """Every founding layout holds the whole article, a skip link first, and a notice."""
    path = next(
        url for url in newspaper.urls(99, "founding") if f"/{layout}/{language}/" in url
    ).removeprefix(newspaper.base_url())
    page = text_of(newspaper.page(path))
    told = prose.story(prose.number_of(f"founding/{layout}"), language)
    assert all(page.count(paragraph) == 1 for paragraph in told.paragraphs)
    assert founding.notice(language)[0] in page
    assert page.index(founding.skip_link(language)) < page.index("<header")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("style", absence.STYLES)
def test_soft404_says_200_and_knows_no_article(
    newspaper: NewspaperServer, style: str, language: str
) -> None:
    """A soft 404 answers 200 with chrome and teasers, and no word of the slug."""
    got = get(newspaper.url(f"/soft404/{style}/{language}/zeppelin-over-quayside"))
    assert got.status == 200
    assert "zeppelin" not in got.text
    assert "NewsArticle" not in got.text
    assert 'class="card"' in got.text


@pytest.mark.parametrize(
    ("path", "status", "location"),
    [
        ("/gone404/x", 404, None),
        ("/gone410/x", 410, None),
        ("/no-such-route/at/all", 404, None),
        ("/redirect-home/x", 302, "/"),
        ("/moved/3/slug", 301, "/article/3/slug"),
        ("/redirect-loop", 302, "/redirect-loop/b"),
        ("/redirect-loop/b", 302, "/redirect-loop"),
        ("/redirect-chain/3", 302, "/redirect-chain/2"),
        ("/redirect-to?url=file%3A///etc/hostname", 302, "file:///etc/hostname"),
        ("/login-redirect/x", 302, "/login?return=%2Flogin-redirect%2Fx"),
        ("/challenge/x", 403, None),
        ("/geo/x", 451, None),
        ("/status/503?retry-after=1", 503, None),
        ("/status/599", 599, None),
        ("/section/world?page=one", 400, None),
    ],
)
def test_status_and_location(
    newspaper: NewspaperServer, path: str, status: int, location: str | None
) -> None:
    """Each route gives the status, and the Location, that it is named for."""
    got = get(newspaper.url(path))
    assert (got.status, got.header("location")) == (status, location)


def test_paywall_shows_a_beginning(newspaper: NewspaperServer) -> None:
    """A paywalled page has the slug's headline, two paragraphs and says it is not free."""
    page = get(newspaper.url("/paywall/en/harbour-bridge-reopens")).text
    assert "<h1>Harbour bridge reopens</h1>" in page
    assert '"isAccessibleForFree": false' in page
    assert 'class="paywall"' in page


# The newspaper in bad health


@pytest.mark.parametrize(
    ("path", "error"),
    [("/drop", RemoteDisconnected), ("/partial", IncompleteRead), ("/not-http", HTTPException)],
)
def test_wire_faults_reach_the_client(
    newspaper: NewspaperServer, path: str, error: type[Exception]
) -> None:
    """A dropped, cut or garbled answer is an error to a plain client."""
    with pytest.raises(error):
        get(newspaper.url(path))


@pytest.mark.parametrize("path", ["/hang", "/hang-body"])
def test_hang_says_nothing_more(newspaper: NewspaperServer, path: str) -> None:
    """A hanging server keeps the connection and sends no end."""
    host, _, port = newspaper.base_url().removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port))) as talk:
        talk.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        talk.settimeout(0.2)
        with pytest.raises(TimeoutError):
            all(iter(lambda: talk.recv(1 << 20), b""))


@pytest.mark.parametrize("path", ["/big/3", "/big/3?chunked", "/drip/0.01", "/drip-head/0.01"])
def test_slow_and_big_pages_are_whole_pages(newspaper: NewspaperServer, path: str) -> None:
    """What is streamed arrives complete and is real HTML."""
    got = get(newspaper.url(path))
    assert got.text.startswith("<!DOCTYPE html>")
    assert got.text.rstrip().endswith("</html>")
    assert len(got.body) >= (3 << 20 if "big" in path else 1000)


@pytest.mark.parametrize("path", ["/throttle/2/x", "/fails-then-works/2/x"])
def test_failures_end_after_so_many(fresh_newspaper: Fresh, path: str) -> None:
    """The first n requests fail, the next one gets the article."""
    paper = fresh_newspaper()
    statuses = [get(paper.url(path)).status for _ in range(3)]
    assert statuses == ([429, 429, 200] if "throttle" in path else [503, 503, 200])


@pytest.mark.parametrize("codec", [c for c in packing.CODECS if c in {"gzip", "br", "zstd"}])
def test_bomb_is_small_on_the_wire(newspaper: NewspaperServer, codec: str) -> None:
    """A bomb of 64 MiB stays under 128 KiB as sent."""
    got = get(newspaper.url(f"/bomb/{codec}"))
    assert got.header("content-encoding") == codec
    assert len(got.body) < 128 * 1024


def test_encoding_can_be_cut_with_a_true_length(newspaper: NewspaperServer) -> None:
    """A cut body is complete to HTTP and broken to gzip."""
    url = newspaper.url("/encoding/gzip/x")
    whole = get(url).body
    assert b"NewsArticle" in gzip.decompress(whole)
    cut = get(f"{url}?cut=50").body
    assert whole.startswith(cut)
    with pytest.raises(EOFError):
        gzip.decompress(cut)


@pytest.mark.parametrize("charset", ["windows-1252", "windows-1256", "utf-16", "shift_jis"])
def test_charset_encodes_and_labels(newspaper: NewspaperServer, charset: str) -> None:
    """The body decodes with the charset that header and meta name."""
    got = get(newspaper.url(f"/charset/{charset}/one-slug"))
    assert got.header("content-type") == f"text/html; charset={charset}"
    assert f'<meta charset="{charset}">' in got.body.decode(charset)


@pytest.mark.parametrize("kind", routes_bytes.SLOW)
def test_slow_reading_is_small_and_deep_inside(newspaper: NewspaperServer, kind: str) -> None:
    """A page that is slow to read is small on the wire, and no larger than pages may be."""
    got = get(newspaper.url(f"/slow-reading/{kind}"))
    assert len(got.body) < 2_000_000
    assert len(got.body) * 2 < len(gzip.decompress(got.body)) < 32 * 1024 * 1024


@pytest.mark.parametrize(
    ("mode", "status", "rules"),
    [
        ("ok", 200, "Disallow: /robots-denied/"),
        ("missing", 404, ""),
        ("error", 503, ""),
        ("deny", 200, "Disallow: /\n"),
        ("redirect", 301, ""),
        ("html", 200, "<!DOCTYPE html>"),
        ("status:403", 403, ""),
        ("slow-crawl-delay", 200, "Crawl-delay: 1000000000"),
        ("crawl-delay:2.5", 200, "Crawl-delay: 2.5"),
    ],
)
def test_robots_modes(fresh_newspaper: Fresh, mode: str, status: int, rules: str) -> None:
    """A host's robots.txt follows its mode, and other hosts keep theirs."""
    paper = fresh_newspaper(hosts=2, robots=(mode,))
    first, second = paper.hosts
    got = get(paper.url("/robots.txt", first))
    assert got.status == status
    assert rules in got.text
    assert "Allow: /" in get(paper.url("/robots.txt", second)).text


def test_robots_mode_can_be_switched(fresh_newspaper: Fresh) -> None:
    """A switch changes robots.txt; an unknown mode is refused with the known ones."""
    paper = fresh_newspaper()
    paper.robots("huge")
    assert len(get(paper.url("/robots.txt")).body) > 500 * 1024
    paper.robots("drop")
    with pytest.raises(RemoteDisconnected):
        get(paper.url("/robots.txt"))
    with pytest.raises(RuntimeError, match="unknown robots mode"):
        paper.robots("sideways")
    assert set(robots.MODES) > {"ok", "missing", "error", "drop", "deny", "hang", "huge"}


def test_a_path_can_be_made_to_behave_as_another(fresh_newspaper: Fresh) -> None:
    """A living article goes soft for two requests and comes back; the log keeps its path."""
    paper = fresh_newspaper()
    path = prose.story(5).path
    paper.behave(path, "/soft404/heading/x", times=2)
    pages = [get(paper.url(path)).text for _ in range(3)]
    assert ["NewsArticle" in page for page in pages] == [False, False, True]
    assert {asked.path for asked in paper.requests()} == {path}
