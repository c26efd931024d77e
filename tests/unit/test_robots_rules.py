"""What a robots.txt allows, by both parsers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.fetching import robots_rules
from crawler.fetching.robots_rules import MAX_SIZE, GoogleJudge, ProtegoJudge, RobotsRules

SITE = "https://paper.example"
AGENT = "newsmorgue/0.1.0 (+https://library.example)"

JUDGES = [
    pytest.param(judge, id=judge.__name__, marks=marks)
    for judge, marks in (
        (
            GoogleJudge,
            pytest.mark.skipif(
                robots_rules.RobotsMatcher is None, reason="no wheel for this interpreter"
            ),
        ),
        (ProtegoJudge, ()),
    )
]

CASES = [
    # body, path, allowed
    (b"", "/a", True),
    (b"User-agent: *\nDisallow:\n", "/a", True),
    (b"User-agent: *\nDisallow: /\n", "/a", False),
    (b"user-AGENT: *\ndisALLOW: /private\n", "/private/x", False),
    (b"User-agent: *\nDisallow: /\nAllow: /news\n", "/news/1", True),
    (b"User-agent: *\nDisallow: /*.pdf$\n", "/a.pdf", False),
    (b"User-agent: *\nDisallow: /*.pdf$\n", "/a.pdf?x", True),
    (b"User-agent: newsmorgue\nDisallow: /\n\nUser-agent: *\nAllow: /\n", "/a", False),
    (b"User-agent: NewsMorgue\nDisallow: /\n", "/a", False),
    (b"User-agent: other\nDisallow: /\n", "/a", True),
    (b"User-agent: *\nDisallow: /\n\nUser-agent: newsmorgue\nDisallow: /x\n", "/a", True),
    (b"\xef\xbb\xbfUser-agent: *\nDisallow: /a\n", "/a", False),
    (b"User-agent: *\rDisallow: /a\r", "/a", False),
    ("\ufeffUser-agent: *\nDisallow: /a\n".encode("utf-16-le"), "/a", False),
    ("\ufeffUser-agent: *\nDisallow: /a\n".encode("utf-16-be"), "/a", False),
    (b"User-agent: *\nDisallow: /a\0b\n", "/a", False),
    (b"\0\0\0\nUser-agent: *\nDisallow: /a\n", "/a", False),
    (b"User-agent: *\nDisallow: /\nAllow: /\0x\n", "/a", False),
    (b"<!doctype html><title>Not here</title><p>User-agent: *", "/a", True),
    ("User-agent: *\nDisallow: /caf\u00e9\n".encode(), "/caf%C3%A9", False),
    ("User-agent: *\nDisallow: /caf\u00e9\n".encode(), "/caf%c3%a9", False),
    ("User-agent: *\nDisallow: /caf\u00e9\n".encode(), "/caf\u00e9", False),
    (b"User-agent: *\nDisallow: /caf\xe9\n", "/caf%E9", False),
    (b"User-agent: *\nDisallow: /caf%e9\n", "/caf%e9", False),
    (b"User-agent: *\nDisallow: /a # not yet\n", "/a", False),
    (b"\xff\xfe\xfd\x00 nonsense \x80" * 100, "/a", True),
]


@pytest.mark.parametrize("judge", JUDGES)
@pytest.mark.parametrize(("body", "path", "allowed"), CASES)
def test_rules_are_read_alike(
    judge: robots_rules.Judge, body: bytes, path: str, *, allowed: bool
) -> None:
    """Both parsers give the same answer to files in every shape servers send."""
    assert RobotsRules(body, judge).allows(f"{SITE}{path}", AGENT) is allowed


@pytest.mark.parametrize("judge", JUDGES)
def test_what_lies_behind_500_kib_is_ignored(judge: robots_rules.Judge) -> None:
    """A rule before the limit counts, one behind it does not, and one across it is dropped."""
    head = b"User-agent: *\nDisallow: /early\n"
    filler = b"# " + b"x" * 97 + b"\n"
    padding = (filler * (MAX_SIZE // len(filler) + 1))[: MAX_SIZE - len(head) - 8]
    across = head + padding[:-1] + b"\nAllow: /early/by-half-a-line\nDisallow: /late\n"
    rules = RobotsRules(across, judge)
    assert not rules.allows(f"{SITE}/early/x", AGENT)
    assert rules.allows(f"{SITE}/late", AGENT)


@pytest.mark.parametrize("judge", JUDGES)
@pytest.mark.parametrize(
    ("line", "delay"),
    [
        ("Crawl-delay: 7", 7.0),
        ("crawl-delay:0.5", 0.5),
        ("Crawl-delay: 1e9", 1e9),
        ("Crawl-delay: nan", None),
        ("Crawl-delay: -5", None),
        ("Crawl-delay: 0", None),
        ("Crawl-delay: soon", None),
        ("", None),
    ],
)
def test_crawl_delay_is_a_positive_number_or_none(
    judge: robots_rules.Judge, line: str, delay: float | None
) -> None:
    """Nonsense in Crawl-delay is no delay."""
    rules = RobotsRules(f"User-agent: *\n{line}\nDisallow: /x\n".encode(), judge)
    assert rules.crawl_delay(AGENT) == delay


def test_sitemaps_are_listed_once_and_in_order() -> None:
    """Sitemap lines belong to no group and may stand anywhere, in any case."""
    body = b"Sitemap: https://a/1.xml\nUser-agent: *\nSITEMAP:https://a/2.xml\nsitemap: https://a/1.xml"
    assert RobotsRules(body).sitemaps == ("https://a/1.xml", "https://a/2.xml")


_LINES = st.lists(
    st.one_of(
        st.sampled_from(["User-agent: *", "User-agent: newsmorgue", "User-agent: other", "", "#"]),
        st.builds(
            "{}: /{}".format,
            st.sampled_from(["Allow", "Disallow"]),
            st.text("ab*$%/\u00e9\0?", max_size=5),
        ),
    ),
    max_size=12,
)


@pytest.mark.skipif(robots_rules.RobotsMatcher is None, reason="no wheel for this interpreter")
@given(_LINES, st.text("ab/?%", max_size=5))
def test_nothing_is_allowed_that_the_bare_parser_denies(lines: list[str], path: str) -> None:
    """Our cleaning never opens what Google's parser, given the file as it is, keeps shut."""
    text = "\n".join(lines)
    url = f"{SITE}/{path}"
    if not robots_rules.RobotsMatcher().is_allowed(text, "newsmorgue", url):
        assert not RobotsRules(text.encode()).allows(url, AGENT)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_robots_txt(body: bytes) -> None:
    """No file makes a parser raise."""
    for judge in (robots_rules.default_judge(), ProtegoJudge):
        rules = RobotsRules(body, judge)
        assert rules.allows(f"{SITE}/", AGENT) in {True, False}
        assert rules.crawl_delay(AGENT) is None or rules.crawl_delay(AGENT) > 0
