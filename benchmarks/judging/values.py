"""What the measure of the judge works with: sources, cases and what came out of them."""

from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Literal
from urllib.parse import urlsplit

from tldextract import TLDExtract

from crawler.core.values import Headers, Hop, PageReading, Verdict
from crawler.core.words import Liveness

Split = Literal["tune", "report"]

# Offline: the list it brings is enough, and it would fetch another at first use.
_domain_of = TLDExtract(suffix_list_urls=(), cache_dir=None)


@dataclass(frozen=True, kw_only=True)
class Source:
    """A living page and what is known of it. `body` is the page as received, not packed."""

    id: str
    url: str
    body: bytes
    title: str
    text: str  # the article's, checked by hand; paragraphs separated by newlines
    language: str  # BCP 47, "" if unknown

    @cached_property
    def domain(self) -> str:
        """The registrable domain, or the host where there is none."""
        host = urlsplit(self.url).hostname or ""
        return _domain_of(self.url).top_domain_under_public_suffix or host

    @cached_property
    def split(self) -> Split:
        """Half of the domains are for tuning, the other half for the report, by their hash."""
        digest = blake2b(self.domain.encode(), digest_size=1).digest()
        return "tune" if digest[0] % 2 else "report"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One page to be judged, and what is right to say of it."""

    kind: str
    source: Source
    url: str
    body: bytes
    expected: frozenset[Liveness]  # each of them is a right name
    variant: str = ""  # what the case was made with, e.g. place and markup of a notice
    language: str = ""  # of the words put in
    status: int = 200
    headers: Headers = (("content-type", "text/html; charset=utf-8"),)
    final_url: str = ""  # empty: the same as url
    chain: tuple[Hop, ...] = ()
    headline: str = ""  # as a feed would have announced the page
    foreign: tuple[str, ...] = ()  # sentences that must not be in the stored text
    probe: bytes | None = None  # what the host answers 200 with for a bogus sibling
    is_honest: bool = False  # the host answers 404 for one; with no probe, it was never asked

    @property
    def name(self) -> str:
        """A name that tells the case from all others."""
        return f"{self.source.id}-{self.kind}-{self.variant}".replace(" ", "_").replace("/", "_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What reading and judging gave for a case: the page alone, and with what is known of it."""

    case: Case
    reading: PageReading
    alone: Verdict
    known: Verdict
    asks: bool = False  # with only the headline known, the host would be probed
    lost: int = 0  # paragraphs of the article that are in the living page's text and not in this

    @property
    def text(self) -> str:
        """The text that would be stored if the verdict were good."""
        return self.reading.article.text if self.reading.article else ""
