"""What a list gives, on its way to a `Listing`: each address once, in order, up to a cap."""

from dataclasses import dataclass, field
from datetime import datetime

from crawler.core.listings import Listed
from crawler.core.urls import join

_ESCAPED_AMPERSAND = "&amp;"
_MAX_ADDRESS = 8192  # characters; no server is known to answer a longer one
_REPEATS = 4  # times the limit, the addresses looked at: repeated ones and bad ones cost time too


def resolve(base: str, href: str) -> str | None:
    """Return the canonical address a link of a list leads to, or None if that is no web page."""
    if len(href) > _MAX_ADDRESS:
        return None
    # Escaped twice is a common fault of generators, and no real query holds "&amp;".
    url = join(base, href.replace(_ESCAPED_AMPERSAND, "&"))
    return url if url and len(url) <= _MAX_ADDRESS else None


@dataclass(slots=True, kw_only=True)
class Gathered:
    """Addresses as they are found. `refused` counts those that lead to no web page."""

    base: str  # the address of the list: relative links start there
    limit: int  # pages and lists together
    pages: dict[str, Listed] = field(default_factory=dict)
    lists: dict[str, Listed] = field(default_factory=dict)
    refused: int = 0
    was_full: bool = False  # more came than the limit allows
    _mentions: int = 0

    def add(
        self,
        href: str,
        *,
        headline: str | None = None,
        published: datetime | None = None,
        modified: datetime | None = None,
        is_list: bool = False,
    ) -> None:
        """Keep an address with what is said of it; the first mention of an address counts."""
        if self._has_enough():
            return
        url = resolve(self.base, href)
        if url is None:
            self.refused += 1
            return
        found = self.lists if is_list else self.pages
        if url in found:
            return
        if len(self.pages) + len(self.lists) >= self.limit:
            self.was_full = True
            return
        found[url] = Listed(url=url, headline=headline, published=published, modified=modified)

    def refuse(self) -> None:
        """Count an entry without any address."""
        if not self._has_enough():
            self.refused += 1

    def _has_enough(self) -> bool:
        self._mentions += 1
        self.was_full = self.was_full or self._mentions > self.limit * _REPEATS
        return self.was_full
