"""`read_listing`: from the bytes of a feed or sitemap, as received, to what it lists."""

import re
from dataclasses import replace

from crawler.core.listings import Listing, ListKind, ListLimits
from crawler.core.values import Headers
from crawler.discovery import markup
from crawler.discovery.feeds import read_feed
from crawler.discovery.gather import Gathered
from crawler.discovery.jsonfeeds import read_json_feed
from crawler.discovery.plaintext import read_text
from crawler.discovery.sitemaps import read_sitemap
from crawler.reading.decode import Decoded, decode_body
from crawler.reading.sniff import media_type

_SITEMAP_ROOTS = frozenset({"urlset", "sitemapindex", "url", "sitemap"})
_FRAGMENTS = frozenset({"url", "sitemap", "item", "entry", "channel"})  # of other XML as well
_NEITHER = "It is neither a feed nor a sitemap."
_JSON = re.compile(rb"\s*[\[{]")
_BINARY = re.compile(r"(?:image|audio|video|font)/|application/(?:pdf|zip|ogg|rtf)")
_FAULTS = {
    "bad_encoding": "Its content-encoding cannot be undone.",
    "too_many_encodings": "It names more content-encodings than anyone means.",
}
_Read = tuple[Listing, str | None]


def read_listing(
    body: bytes,
    *,
    headers: Headers,
    url: str,
    limits: ListLimits = ListLimits(),  # noqa: B008 - frozen
    truncated: bool = False,
) -> Listing:
    """Read one list. `body` is as received, still content-encoded; `url` is where it came from.

    What it is, is told by its content and never by its label. `truncated` says the body was cut
    on the wire. What is no list gives kind NONE with a `problem`. Strange bytes raise nothing;
    only the worker's limits end a reading.
    """
    named = _named(headers)
    label = named.get("content-type")
    decoded = decode_body(body, named.get("content-encoding"), limits.decoded_bytes)
    was_cut = truncated or decoded.was_truncated
    kind = media_type(label, decoded.data) if decoded.data else ""
    gathered = Gathered(base=url, limit=limits.entries)
    listing, fault = _read(decoded, kind, label, gathered, limits, was_cut=was_cut)
    return replace(
        listing,
        problem=listing.problem or _problem(gathered, fault, was_cut=was_cut),
        media_type=kind,
        decoded_size=len(decoded.data),
        was_truncated=was_cut or listing.was_truncated or gathered.was_full,
    )


def _read(
    decoded: Decoded,
    kind: str,
    label: str | None,
    gathered: Gathered,
    limits: ListLimits,
    *,
    was_cut: bool,
) -> _Read:
    if decoded.fault or not decoded.data.strip():
        return _none(_FAULTS.get(decoded.fault or "", "It is empty.")), None
    if _BINARY.match(kind):
        return _none(f"It is no list but {kind}."), None
    text = markup.to_utf8(decoded.data, label)
    if _JSON.match(text):
        found = read_json_feed(text, gathered)
        return found or (_none("It is JSON, but no JSON Feed."), None)
    begins = markup.beginning(text)
    if begins.is_page:
        return _none("It is a web page, no feed or sitemap."), None
    if begins.root:
        return _read_markup(text[begins.at :], begins.root, gathered, limits)
    listing = read_text(text, gathered, was_cut=was_cut)
    return listing or _none(_NEITHER), None


def _read_markup(text: bytes, root: str, gathered: Gathered, limits: ListLimits) -> _Read:
    if root in _SITEMAP_ROOTS:
        listing, fault = read_sitemap(text, root, gathered)
    else:
        gathered.limit = min(limits.entries, limits.feed_entries)
        listing, fault = read_feed(text, gathered)
    if root in _FRAGMENTS and not listing.entries and not listing.lists:
        return _none(_NEITHER), None
    return listing, fault


def _none(problem: str) -> Listing:
    return Listing(kind=ListKind.NONE, problem=problem)


def _problem(gathered: Gathered, fault: str | None, *, was_cut: bool) -> str | None:
    """Return what was wrong, the weightiest first, in one sentence."""
    if gathered.was_full:
        return f"It lists more than {gathered.limit:,} addresses; the rest was left out."
    if was_cut:
        return f"It was cut short; {len(gathered.pages) + len(gathered.lists):,} addresses came."
    if fault:
        return f"{fault[0].upper()}{fault[1:].rstrip('.')}."
    if gathered.refused:
        return f"{gathered.refused:,} of its entries lead to no web page."
    return None


def _named(headers: Headers) -> dict[str, str]:
    """Return the first value of each header; repeated content-encodings are one list."""
    found: dict[str, str] = {}
    for raw, value in headers:
        name = raw.lower()
        if name == "content-encoding" and name in found:
            found[name] = f"{found[name]}, {value}"
        found.setdefault(name, value)
    return found
