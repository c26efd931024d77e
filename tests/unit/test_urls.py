"""Addresses: one form, one identity, one scope."""

import pickle

import ada_url
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.core.urls import (
    BadUrl,
    Scope,
    canonicalize,
    host_of,
    identity,
    in_scope,
    join,
    lane_host,
    spelling_variants,
    surt,
    url_key,
)

PAGE = "https://paper.example/2016/12/aleppo-siege?page=2&lang=en"

hosts = st.from_regex(r"[a-z][a-z0-9]{0,8}\.example", fullmatch=True)
words = st.text(alphabet="abcXYZ019-_~é", min_size=1, max_size=8)
paths = st.lists(words, max_size=4).map(lambda parts: "/" + "/".join(parts))
queries = st.lists(st.tuples(words, words), max_size=4).map(
    lambda pairs: "&".join(f"{name}={value}" for name, value in pairs)
)


# What people and machines write where a host, a port or a password should stand.
schemes = st.sampled_from(["http://", "https://", "HTTP:", "https:\\\\", "http:///", "ht\ttp://"])
credentials = st.sampled_from(["", "", "u@", "u:p@", ":@", "@", "u@b:p@", "a/b@", "u#f@", "ü:é@"])
odd_hosts = st.sampled_from(
    [
        "www.paper.example",
        "WWW.Paper.Example.",
        "www.com",
        "a..b",
        "münchen.example",
        "例え.テスト",
        "faß.example",
        "%77ww.paper.example",
        "paper。example",
        "a_b.example",
        "127.1",
        "0x7f000001",
        "①②⑦.0.0.1",
        "www.1.2.3.4",
        "1.2.3.4.",
        "a.b4",
        "xn--mnchen-3ya.example",
        "[::1]",
        "[::ffff:1.2.3.4]",
        "[2001:DB8::0001]",
        ".",
    ]
)
ports = st.sampled_from(["", "", ":", ":80", ":443", ":8080", ":00080", ":0", ":65536", ":x"])
tails = st.text(alphabet="/?#@:\\[]%.\t &=;a1é\ud800\x00'\"<>{}|^`~", max_size=16)
spellings = st.tuples(schemes, credentials, odd_hosts | hosts, ports, tails).map("".join)


@st.composite
def pages(draw: st.DrawFn) -> tuple[str, str, str]:
    """A host, a path and a query with its question mark."""
    query = draw(queries)
    return draw(hosts), draw(paths), f"?{query}" if query else ""


@pytest.mark.parametrize(
    ("raw", "canonical"),
    [
        ("HTTP://Paper.Example:80/a/../b", "http://paper.example/b"),
        ("https://user:secret@paper.example:443/#top", "https://paper.example/"),
        ("  https://paper.example/a b \n", "https://paper.example/a%20b"),
        ("http://paper.example:8080/a/?b=2&a=1", "http://paper.example:8080/a/?b=2&a=1"),
        ("http://①②⑦.0.0.1/x", "http://127.0.0.1/x"),
        ("http://münchen.example/ü", "http://xn--mnchen-3ya.example/%C3%BC"),
        ("http://paper.example/\ud800", "http://paper.example/%EF%BF%BD"),
        ("http://[::1]:80/", "http://[::1]/"),
        ("http:\\\\paper.example\\a", "http://paper.example/a"),
    ],
)
def test_canonical_form_is_the_web_standards(raw: str, canonical: str) -> None:
    """A spelling becomes its WHATWG form, without credentials, fragment and default port."""
    assert canonicalize(raw) == canonical


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ("", "does not parse"),
        ("paper.example/a", "does not parse"),
        ("//paper.example/a", "does not parse"),
        ("http://[bad", "does not parse"),
        ("http://exa mple.org/", "does not parse"),
        ("mailto:desk@paper.example", "scheme 'mailto:'"),
        ("file:///etc/hostname", "scheme 'file:'"),
        ("javascript:void(0)", "scheme 'javascript:'"),
        ("http://./", "names no host"),
    ],
)
def test_what_is_no_web_address_is_refused_with_the_reason(raw: str, why: str) -> None:
    """Anything but http or https with a host raises BadUrl, which says what and why."""
    with pytest.raises(BadUrl, match="is not a web address") as caught:
        canonicalize(raw)
    assert why in str(caught.value)
    assert repr(raw) in str(caught.value)


def test_a_message_never_repeats_a_giant_address() -> None:
    """A 100 kB address is shortened in the message and survives a process border."""
    with pytest.raises(BadUrl) as caught:
        canonicalize("data:" + "x" * 100_000)
    assert len(str(caught.value)) < 300
    assert pickle.loads(pickle.dumps(caught.value)).url == caught.value.url  # noqa: S301


@given(st.text())
def test_any_text_is_canonical_or_bad(text: str) -> None:
    """No text makes canonicalize raise anything but BadUrl, and it is idempotent."""
    try:
        canonical = canonicalize(text)
    except BadUrl:
        return
    assert canonicalize(canonical) == canonical
    assert identity(canonical) == identity(text)


@given(st.text(max_size=60))
def test_any_tail_after_a_host_is_stable(tail: str) -> None:
    """Whatever follows a good host, canonicalize and identity come to rest after one step."""
    try:
        canonical = canonicalize(f"https://paper.example/{tail}")
    except BadUrl:
        return
    assert canonicalize(canonical) == canonical
    assert identity(canonical) == identity(f"https://{identity(canonical)}")


@settings(max_examples=400)
@given(spellings)
def test_every_piece_is_the_parsers(spelling: str) -> None:
    """Form, host and SURT are what the parser says of each piece, however the address is spelt."""
    try:
        canonical = canonicalize(spelling)
    except BadUrl:
        return
    parsed = ada_url.URL(spelling.strip().replace("\ud800", "\ufffd"))
    parsed.username = parsed.password = parsed.hash = ""
    assert canonical == parsed.href
    assert host_of(spelling) == parsed.hostname
    is_name = parsed.host_type is ada_url.HostType.DEFAULT
    host = lane_host(spelling) if is_name else parsed.hostname
    turned = ",".join(reversed(host.split("."))) if is_name else host
    port = f":{parsed.port}" if parsed.port else ""
    assert surt(spelling).startswith(f"{turned}{port}){parsed.pathname}")
    assert identity(spelling).endswith(parsed.pathname + parsed.search)
    everywhere = Scope(domains=(parsed.hostname,), path_prefixes=(parsed.pathname,))
    assert in_scope(spelling, everywhere) is None


@given(pages())
def test_folded_spellings_are_one_resource(page: tuple[str, str, str]) -> None:
    """Scheme, www., default port, credentials, fragment and tracking do not change the key."""
    host, path, query = page
    mark = f"{query}&utm_source=rss" if query else "?utm_source=rss"
    spellings = (
        f"http://{host}{path}{query}",
        f"https://www.{host.upper()}:443{path}{query}",
        f"https://u:p@{host}{path}{query}#part",
        f"  http://{host}:80{path}{mark}",
    )
    assert len({url_key(spelling) for spelling in spellings}) == 1


@given(pages(), words)
def test_path_slash_and_query_make_another_resource(page: tuple[str, str, str], word: str) -> None:
    """Another path, a final slash, another query or another order has another key."""
    host, path, query = page
    base = f"https://{host}{path}"
    others = {f"{base}/{word}{query}", f"{base}/{word}/{query}", f"{base}/{word}{query or '?'}&z=1"}
    keys = {url_key(other) for other in others} | {url_key(base + query)}
    assert len(keys) == 4
    assert url_key(f"{base}?a=1&b=2") != url_key(f"{base}?b=2&a=1")


def test_key_is_sixteen_bytes_and_pinned() -> None:
    """The key is 16 bytes and never changes: it is stored in every morgue."""
    assert identity(PAGE) == "paper.example/2016/12/aleppo-siege?page=2&lang=en"
    assert url_key(PAGE).hex() == "7e6d71d0f4b240d5a96e7646588e7107"


@pytest.mark.parametrize(
    "mark",
    ["utm_source=x", "UTM_Campaign=x", "fbclid=1", "gclid", "xtor=RSS-1", "%75tm_medium=x"],
)
def test_tracking_parameters_are_left_out_of_the_identity_only(mark: str) -> None:
    """A listed parameter is no part of the identity, but stays in the address fetched."""
    assert identity(f"https://paper.example/a?{mark}") == "paper.example/a"
    assert identity(f"https://paper.example/a?{mark}&id=3") == "paper.example/a?id=3"
    assert mark in canonicalize(f"https://paper.example/a?{mark}")


@pytest.mark.parametrize("kept", ["ref=x", "id=1", "page=2", "s=utm_source", "a&&b", "x=%zz"])
def test_other_parameters_keep_their_bytes(kept: str) -> None:
    """A parameter that is not listed stays as it is, empty ones included."""
    assert identity(f"https://paper.example/a?{kept}") == f"paper.example/a?{kept}"


def test_hosts_for_lanes_fold_what_reaches_the_same_machine() -> None:
    """The lane's host has no port, no www. and no final dot; www.com stays itself."""
    assert host_of("https://WWW.Paper.example:8443/a") == "www.paper.example"
    assert lane_host("https://WWW.Paper.example.:8443/a") == "paper.example"
    assert lane_host("http://127.0.0.7:9000/") == "127.0.0.7"
    assert lane_host("http://[::1]:9000/") == "[::1]"
    assert lane_host("http://www.com/") == "www.com"


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://www.paper.example/A/b?q=1", "example,paper)/A/b?q=1"),
        ("http://news.paper.example:8080/", "example,paper,news:8080)/"),
        ("http://127.0.0.7:9000/a", "127.0.0.7:9000)/a"),
        ("http://[::1]:9000/a", "[::1]:9000)/a"),
    ],
)
def test_surt_turns_the_host_round(url: str, key: str) -> None:
    """The SURT has the host reversed, the port after it, IP addresses as they are."""
    assert surt(url) == key


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://paper.example/en/a", None),
        ("http://WWW.paper.example:8080/en/a#x", None),
        ("https://blog.paper.example/en/a", "other_host"),
        ("https://live.wire.example/en/a", None),
        ("https://evilwire.example/en/a", "other_host"),
        ("https://paper.example/fr/a", "other_path"),
        ("https://paper.example/en/login", "excluded"),
        ("ftp://paper.example/en/a", "scheme"),
        ("http://[bad", "bad_url"),
        ("https://paper.example/en/" + "a" * 300, "too_long"),
        ("https://paper.example/en/video/a", "not_included"),
    ],
)
def test_scope_says_why_not(url: str, reason: str | None) -> None:
    """An address is in scope, or the first reason against it is named."""
    scope = Scope(
        hosts=("www.Paper.example",),
        domains=("wire.example",),
        path_prefixes=("/en/",),
        include=(r"/en/[^/]+$", "/login"),
        exclude=("/login",),
        max_length=200,
    )
    assert in_scope(url, scope) == reason


def test_an_empty_scope_holds_nothing() -> None:
    """A scope without hosts never means the whole web."""
    assert in_scope("https://paper.example/", Scope()) == "other_host"


@pytest.mark.parametrize(
    ("href", "target"),
    [
        ("../b#c", "https://paper.example/b"),
        ("?page=2", "https://paper.example/a/b?page=2"),
        ("//other.example/x", "https://other.example/x"),
        ("javascript:void(0)", None),
        ("mailto:desk@paper.example", None),
        ("http://[bad", None),
        ("\ud800", "https://paper.example/a/%EF%BF%BD"),
    ],
)
def test_join_follows_links_as_a_browser_does(href: str, target: str | None) -> None:
    """A link is resolved by the standard; what is no page is None."""
    assert join("https://paper.example/a/b", href) == target


@given(st.text(), st.text())
def test_join_never_raises(base: str, href: str) -> None:
    """No base and no link raise; the result is canonical or None."""
    target = join(base, href)
    assert target is None or canonicalize(target) == target


def test_variants_are_the_other_spellings_of_one_article() -> None:
    """Tracking, query and AMP are varied, a script's query is not, and self is never listed."""
    assert spelling_variants("https://paper.example/a?utm_source=x&v=1") == (
        "https://paper.example/a?v=1",
        "https://paper.example/a",
        "https://paper.example/a/amp",
    )
    assert spelling_variants("https://paper.example/a/amp") == ("https://paper.example/a",)
    assert spelling_variants("https://paper.example/story.php?id=7") == ()
    assert spelling_variants("https://paper.example/") == ()


def test_an_address_that_no_record_can_name_is_no_address() -> None:
    """64 kB of path are refused at the border; 12,000 characters are an address like any other."""
    assert canonicalize("http://a.example/" + "x" * 12_000)
    with pytest.raises(BadUrl, match="65,553 characters"):
        canonicalize("http://a.example/" + "x" * 65_536)
    assert join("http://a.example/", "x" * 65_536) is None
