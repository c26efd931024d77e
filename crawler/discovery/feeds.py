"""RSS, RDF and Atom of every version: the dialects are feedparser's, the frame is ours.

feedparser is handed a stream of what `sieve` let through, never a name that it could open.
"""

from io import BytesIO
from typing import Any

import feedparser

from crawler.core.listings import Listing, ListKind
from crawler.discovery import markup, moments, wording
from crawler.discovery.gather import Gathered
from crawler.discovery.sieve import Sieve

_PAGES = frozenset({"text/html", "application/xhtml+xml"})
_FURTHER = frozenset({"next", "prev-archive"})  # RFC 5005: older entries of the same feed


def read_feed(text: bytes, gathered: Gathered) -> tuple[Listing, str | None]:
    """Read the markup of a feed; also return its fault, if any.

    The address of an entry is feedburner's original link, else its alternate link, else an
    identifier that is a permanent link.
    """
    url, limit = gathered.base, gathered.limit
    sieved = markup.parse(text, Sieve(url, limit), Sieve(url, limit))
    sieve = sieved.target
    parsed = feedparser.parse(
        BytesIO(sieve.tree()),
        response_headers={"content-type": "application/xml; charset=utf-8"},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    is_atom = str(parsed.version).startswith("atom")
    for link in parsed.feed.get("links", ()):
        if link.get("rel") in _FURTHER and link.get("href"):
            gathered.add(link["href"], is_list=True)
    for entry in parsed.entries:
        _gather(entry, gathered, is_atom=is_atom)
    gathered.was_full = gathered.was_full or sieve.is_full
    listing = Listing(
        kind=ListKind.FEED,
        entries=tuple(gathered.pages.values()),
        lists=tuple(gathered.lists.values()),
        title=_title(parsed.feed, is_atom=is_atom),
        language=wording.language(parsed.feed.get("language") or sieve.language),
        was_truncated=sieved.was_cut,
    )
    return listing, sieved.fault


def _gather(entry: Any, gathered: Gathered, *, is_atom: bool) -> None:
    address = _address(entry)
    if address is None:
        gathered.refuse()
        return
    published = _moment(entry, "published") or _moment(entry, "created")
    modified = _moment(entry, "updated")
    if published is None and not is_atom:
        # RSS has no date of change; dc:date, which feedparser files under it, is the entry's own.
        published, modified = modified, None
    gathered.add(
        address, headline=_title(entry, is_atom=is_atom), published=published, modified=modified
    )


def _address(entry: Any) -> str | None:
    alternates = [
        link
        for link in entry.get("links", ())
        if link.get("rel", "alternate") == "alternate" and link.get("href")
    ]
    pages = [link for link in alternates if link.get("type", "text/html") in _PAGES]
    links = [link["href"] for link in pages or alternates]
    found = entry.get("feedburner_origlink") or next(iter(links), None) or entry.get("link")
    return str(found) if found else None


def _title(source: Any, *, is_atom: bool) -> str | None:
    """Only Atom says when a title is plain text; elsewhere markup in it is meant as markup."""
    kind = source.get("title_detail", {}).get("type")
    is_plain = is_atom and kind == "text/plain"
    return (wording.from_plain if is_plain else wording.from_html)(source.get("title"))


def _moment(entry: Any, key: str) -> Any:
    # dict.get: feedparser's own gives one date for another, and warns of it.
    return moments.from_feed(dict.get(entry, f"{key}_parsed"), dict.get(entry, key))
