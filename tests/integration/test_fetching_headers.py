"""Heads: what a server sees of us, and what is kept of what it says."""

from support.fetch_run import run
from support.wire import Wire, page, raw

from crawler import __version__
from crawler.fetching.headers import user_agent

MANY = (
    b"HTTP/1.1 299 Odd\r\nSet-Cookie: a=1\r\nX-Fold: one\r\n two\r\nSet-Cookie: b=2\r\n"
    b"X-High: \xe9\r\nX-Forged: a\rWARC/1.0\r\nno colon here\r\nContent-Length: 2\r\n\r\nok"
)


def test_a_server_is_asked_plainly_and_honestly() -> None:
    """We say who we are and what encodings we take, bring no cookie, language or referer."""
    with Wire({"*": page(b"", Set_Cookie="tracked=1")}) as paper:
        answer = run([paper.url("/a?q=1")], [paper.url("/b")])
        (_, _, first), (_, _, second) = paper.hits[1:]
    assert set(first) == {"host", "user-agent", "accept", "accept-encoding"} == set(second)
    assert first["accept-encoding"] == "gzip, deflate, br, zstd"
    assert first["user-agent"] == f"newsmorgue/{__version__}"
    kept = answer["results"][0]["request"]
    assert kept[0] == "GET /a?q=1 HTTP/1.1"
    assert {name.lower(): value.lower() for name, value in kept[1:]} == first


def test_an_answer_is_kept_pair_by_pair() -> None:
    """Repeats stay, bytes above ASCII become one character each, no value can forge a line."""
    with Wire({"*": raw(MANY)}) as paper:
        (result,) = run([paper.url("/")], meta={"skip_robots": True})["results"]
    line, *pairs = result["response"]
    assert line == "HTTP/1.1 299 Unknown"
    assert [value for name, value in pairs if name == "Set-Cookie"] == ["a=1", "b=2"]
    assert ["X-Forged", "a WARC/1.0"] in pairs
    assert "\xe9" in {value for _, value in pairs}
    assert not any(character in f"{pairs}" for character in "\r\n\0")


def test_the_contact_goes_into_the_user_agent() -> None:
    """A contact is named in the usual form; one that would break the header is cleaned."""
    name = f"newsmorgue/{__version__}"
    assert user_agent() == user_agent("") == user_agent("  ") == name
    assert user_agent("https://a.example/bot") == f"{name} (+https://a.example/bot)"
    assert user_agent("a@b.c\r\nX: (y)\u00e9") == f"{name} (+a@b.cX: y)"
