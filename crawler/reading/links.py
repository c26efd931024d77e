"""The links and feeds a page offers, absolute and each once."""

from collections.abc import Iterator

from crawler.core import urls
from crawler.core.values import Link
from crawler.reading.tree import Element

_MAX_WORDS = 300  # characters of anchor text
_MAX_HREF = 8192
_FEEDS = frozenset({"application/rss+xml", "application/atom+xml", "application/feed+json"})


def base_of(root: Element, url: str) -> str:
    """Return what relative addresses on the page start from: <base href>, or the page itself."""
    base = next((element.get("href") for element in root.iter("base") if element.get("href")), None)
    return (urls.join(url, base) if base else None) or url


def links_of(root: Element, base: str, limit: int) -> tuple[Link, ...]:
    """Return the http and https links in order, at most `limit`, each once with its first words."""
    found: dict[str, str] = {}
    joined: dict[str, str | None] = {}  # pages repeat themselves: a third of addresses
    for element in root.iter("a", "area"):
        href = element.get("href")
        if not href or len(href) > _MAX_HREF or href.startswith("#"):
            continue
        if href not in joined:
            joined[href] = urls.join(base, href)
        target = joined[href]
        if target and not found.get(target):
            found[target] = _words(element)
        if len(found) >= limit:
            break
    return tuple(Link(url=target, text=words) for target, words in found.items())


def feeds_of(root: Element, base: str) -> tuple[Link, ...]:
    """Return the feeds the page names in its head."""
    return tuple(dict.fromkeys(_feeds(root, base)))


def _feeds(root: Element, base: str) -> Iterator[Link]:
    for element in root.iter("link"):
        kind = (element.get("type") or "").split(";")[0].strip().lower()
        if kind in _FEEDS and "alternate" in (element.get("rel") or "").lower().split():
            target = urls.join(base, element.get("href") or "")
            if target and element.get("href"):
                yield Link(url=target, text=" ".join((element.get("title") or "").split()))


def _words(element: Element) -> str:
    text = " ".join(element.text_content()[: 4 * _MAX_WORDS].split())
    return (text or element.get("title") or element.get("aria-label") or "")[:_MAX_WORDS]
