"""Addresses: their one form, the identity of a resource, and what lies in scope.

Parsing follows the WHATWG URL standard, as browsers do, through ada-url (450 of the 450 http
cases of the web-platform-tests; the standard library's parser passes 112). The raw spelling is
kept by the callers; what is made here is for comparing and for fetching.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import blake2b
from importlib import resources
from typing import NamedTuple
from urllib.parse import unquote

import ada_url

_SURROGATE = re.compile("[\ud800-\udfff]")
_SCRIPT_PATH = re.compile(r"\.(?:php\d?|aspx?|jsp|cgi|pl|do|cfm|dll)$", re.IGNORECASE)
_SHOWN = 120  # characters of a refused address that a message repeats


LONGEST = 12_500
"""Characters of an address at most: a WARC record's header names two, an archive's among them."""


class BadUrl(ValueError):  # noqa: N818 - a word of the domain, as in "bad URL"
    """The text is no http or https address with a host."""

    def __init__(self, url: str, why: str) -> None:
        shown = url if len(url) <= _SHOWN else f"{url[:_SHOWN]}... ({len(url)} characters)"
        super().__init__(f"{shown!r} is not a web address: {why}")
        self.url = url
        self.why = why

    def __reduce__(self) -> tuple[type["BadUrl"], tuple[str, str]]:
        """Let it cross a process border."""
        return type(self), (self.url, self.why)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What belongs to a site. With neither hosts nor domains nothing does.

    Hosts and domains are compared without port and leading `www.`; patterns are regular
    expressions searched for in the canonical form.
    """

    hosts: tuple[str, ...] = ()  # exactly these hosts
    domains: tuple[str, ...] = ()  # these and every host below them
    path_prefixes: tuple[str, ...] = ()  # empty: every path
    include: tuple[str, ...] = ()  # empty: everything; else one must match
    exclude: tuple[str, ...] = ()  # wins over include
    max_length: int = 2083  # characters; the old limit of browsers, Scrapy's default too


def canonicalize(url: str) -> str:
    """Return the WHATWG form without credentials, fragment and default port.

    Path, trailing slash and query are as the standard leaves them, in their order.
    Raises `BadUrl` for anything but http or https with a host.
    """
    return _parts(url).canonical


def identity(url: str) -> str:
    """Return what makes two spellings one resource: host[:port]/path[?query].

    Left out: scheme, leading `www.`, default port, credentials, fragment, an empty query, and
    the parameters listed in tracking.toml. Raises `BadUrl`.
    """
    parts = _parts(url)
    host, colon, port = _split_port(parts.authority)
    return f"{_without_www(host)}{colon}{port}{parts.path}{_without_tracking(parts.query)}"


def url_key(url: str) -> bytes:
    """Return the 16 bytes by which a resource is indexed: BLAKE2b of its identity."""
    return blake2b(identity(url).encode(), digest_size=16).digest()


def host_of(url: str) -> str:
    """Return the host in ASCII, lower case, without port; IPv6 in brackets. Raises `BadUrl`."""
    return _split_port(_parts(url).authority)[0]


def lane_host(url: str) -> str:
    """Return the host whose pace a fetch must keep: without port, `www.` and final dot."""
    return _bare(host_of(url))


def surt(url: str) -> str:
    """Return the identity with its host turned round, so that a site's addresses sort together.

    The usual form of archive indexes, `org,example:8080)/path?query`; unlike theirs, the path
    keeps its case and the query its order. IP addresses are not turned. Raises `BadUrl`.
    """
    parts = _parts(url)
    host, colon, port = _split_port(parts.authority)
    bare = _without_www(host)
    turned = host if _is_ip(host) else ",".join(reversed(bare.rstrip(".").split(".")))
    return f"{turned}{colon}{port}){parts.path}{_without_tracking(parts.query)}"


def in_scope(url: str, scope: Scope) -> str | None:
    """Return None for an address in scope, else why not.

    Reasons: `too_long`, `scheme`, `bad_url`, `other_host`, `other_path`, `excluded`,
    `not_included`.
    """
    if len(url) > scope.max_length:
        return "too_long"
    try:
        parts = _parts(url)
    except BadUrl as bad:
        return "scheme" if bad.why.startswith("scheme") else "bad_url"
    return next(_objections(parts, scope), None)


def join(base: str, href: str) -> str | None:
    """Return the canonical address a link leads to, or None if it leads to no web page."""
    try:
        return canonicalize(ada_url.join_url(_scrub(base), _scrub(href)))
    except ValueError:
        return None


def spelling_variants(url: str) -> tuple[str, ...]:
    """Return other addresses under which an archive may hold the same article, best first.

    Without tracking parameters, without any query, and the AMP twin. Scheme, `www.` and final
    slash are not varied: archive indexes fold them. Raises `BadUrl`.
    """
    canonical = canonicalize(url)
    return tuple(dict.fromkeys(other for other in _spellings(canonical) if other != canonical))


def _spellings(canonical: str) -> Iterator[str]:
    parsed = ada_url.URL(canonical)
    path = parsed.pathname
    parsed.search = _without_tracking(parsed.search)
    yield parsed.href
    # The query of a script is what picks the article; elsewhere the path already has.
    if path == "/" or _SCRIPT_PATH.search(path):
        return
    parsed.search = ""
    yield parsed.href
    bare = path.rstrip("/")
    parsed.pathname = bare.removesuffix("/amp") if bare.endswith("/amp") else f"{bare}/amp"
    yield parsed.href


class _Parts(NamedTuple):
    """The pieces of a WHATWG form; credentials and fragment are left out."""

    scheme: str
    authority: str  # host[:port]
    path: str
    query: str  # with its question mark

    @property
    def canonical(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}{self.query}"


def _parts(url: str) -> _Parts:
    """Parse with the standard's own repairs: trimmed, lone surrogates replaced by U+FFFD.

    The form is read once and cut here: asking the library for each piece takes three times as
    long (measured), and links are hashed by the million.
    """
    try:
        href = ada_url.URL(_scrub(url)).href
    except ValueError:
        raise BadUrl(url, "it does not parse; write it as https://host/path") from None
    if len(href) > LONGEST:
        raise BadUrl(url, f"it has {len(href):,} characters; the most is {LONGEST:,}")
    scheme, _, rest = href.partition(":")
    if scheme not in {"http", "https"}:
        raise BadUrl(url, f"scheme {f'{scheme}:'[:40]!r} is neither http: nor https:")
    authority, slash, tail = rest[2:].partition("#")[0].partition("/")
    authority = authority.rpartition("@")[2]
    if not _split_port(authority)[0].strip("."):
        raise BadUrl(url, "it names no host")
    path, mark, query = tail.partition("?")
    return _Parts(scheme, authority, slash + path, mark + query)


def _scrub(url: str) -> str:
    text = url.strip()
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def _split_port(authority: str) -> tuple[str, str, str]:
    if authority.endswith("]"):
        return authority, "", ""
    host, colon, port = authority.rpartition(":")
    return (host, colon, port) if colon else (authority, "", "")


def _is_ip(host: str) -> bool:
    # In a parsed address only IPv4 ends in a number.
    return host.endswith("]") or host.rpartition(".")[2].isdecimal()


def _without_www(host: str) -> str:
    rest = host.removeprefix("www.")
    return rest if "." in rest.strip(".") else host  # www.com is a name of its own


def _bare(host: str) -> str:
    return _without_www(host.rstrip("."))


def _without_tracking(search: str) -> str:
    """Drop the listed parameters from `?a=1&b=2`; the others keep their bytes and order."""
    if not search:
        return ""
    kept = [part for part in search.removeprefix("?").split("&") if not _is_tracking(part)]
    query = "&".join(kept)
    return f"?{query}" if query else ""


def _is_tracking(parameter: str) -> bool:
    names, prefixes = _tracking()
    name = unquote(parameter.partition("=")[0]).lower()
    return name in names or name.startswith(prefixes)


@cache
def _tracking() -> tuple[frozenset[str], tuple[str, ...]]:
    text = resources.files("crawler.core").joinpath("tracking.toml").read_text(encoding="utf-8")
    groups = tomllib.loads(text)["group"]
    names = frozenset(name for group in groups for name in group.get("names", ()))
    return names, tuple(prefix for group in groups for prefix in group.get("prefixes", ()))


def _objections(parts: _Parts, scope: Scope) -> Iterator[str]:
    """Yield why an address is out of scope, the widest reason first."""
    if not _is_ours(_bare(_split_port(parts.authority)[0]), scope):
        yield "other_host"
    if scope.path_prefixes and not parts.path.startswith(scope.path_prefixes):
        yield "other_path"
    canonical = parts.canonical
    if _any_matches(scope.exclude, canonical):
        yield "excluded"
    if scope.include and not _any_matches(scope.include, canonical):
        yield "not_included"


def _is_ours(host: str, scope: Scope) -> bool:
    if any(host == _as_written(name) for name in scope.hosts):
        return True
    domains = [_as_written(name) for name in scope.domains]
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)


@lru_cache(maxsize=1024)
def _as_written(name: str) -> str:
    """Bring a host as someone wrote it (case, port, `www.`, umlauts) to the compared form."""
    try:
        return lane_host(f"http://{name}")
    except BadUrl:
        return name


def _any_matches(patterns: tuple[str, ...], text: str) -> bool:
    return any(re.search(pattern, text) for pattern in patterns)
