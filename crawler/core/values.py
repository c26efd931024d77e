"""The domain's values: frozen, slotted, keyword-only, and free of any framework.

They cross process borders (the reading workers) by pickling and reach the database through
`storage.ledger`. Datetimes are aware and in UTC wherever one is named here.
"""

from dataclasses import dataclass
from datetime import datetime

from crawler.core.words import (
    DateSource,
    Liveness,
    MetadataSource,
    Outcome,
    Place,
    Precision,
    SpanKind,
    State,
)

Headers = tuple[tuple[str, str], ...]
"""Response headers as received: (lower-case name, value) pairs, repeated names kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One answer on the way to the final one."""

    url: str
    status: int
    location: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One attempt on a resource, as far as the wire can tell: no page has been read yet."""

    url: str  # the address asked for
    final_url: str  # the address that answered last
    outcome: Outcome
    status: int | None = None  # None when nothing answered
    headers: Headers = ()
    chain: tuple[Hop, ...] = ()  # the redirects before final_url, in order
    body_size: int = 0  # bytes on the wire, content-encoding still on
    problem: str | None = None  # the failure in one sentence, for outcomes other than fetched
    archive: str | None = None  # the archive's name; None for the live web
    memento_datetime: datetime | None = None  # set when the status is the archived one

    def header(self, name: str) -> str | None:
        """Return the first value of a header by its lower-case name."""
        return next((value for key, value in self.headers if key == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """A point in time with where it was found and how exactly.

    `at` is the first moment of what was given. Without a zone it was taken as UTC and may be
    up to 14 hours off.
    """

    at: datetime
    source: DateSource
    precision: Precision
    has_zone: bool = True  # of a time; a day never has one
    stated: str = ""  # as it stood there


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """What a piece of metadata was read from, and how far that is to be trusted."""

    source: MetadataSource
    confidence: float  # 0 to 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A sentence on the page that says the page is not there."""

    kind: SpanKind
    language: str  # BCP 47
    phrase: str  # the entry of notices.toml that matched
    text: str  # the whole block it stood in
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovedSpan:
    """Foreign text that was cut out of the article, kept as evidence."""

    kind: SpanKind
    place: Place
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link on the page, absolute, with the words it was offered under."""

    url: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """What the one parse of a page saw, before any judgement.

    `prose_chars` counts characters of paragraphs outside notices, navigation, footers and
    repeated teaser cards; `teaser_cards` counts repeated blocks that each link elsewhere.
    """

    title: str = ""
    headings: tuple[str, ...] = ()  # h1 texts, in order
    canonical: str | None = None
    og_url: str | None = None
    og_type: str | None = None
    og_title: str | None = None
    page_language: str | None = None  # <html lang>
    jsonld_types: tuple[str, ...] = ()
    jsonld_headline: str | None = None
    accessible_for_free: bool | None = None
    has_published_date: bool = False
    meta_robots: str | None = None
    meta_refresh: str | None = None  # absolute target
    error_markers: tuple[str, ...] = ()  # e.g. "body.error404"
    lookalike_markers: tuple[str, ...] = ()  # rules of lookalikes.toml that matched the markup
    notices: tuple[Notice, ...] = ()
    prose_chars: int = 0
    prose_blocks: int = 0  # paragraphs of at least 80 characters, counted as prose_chars are
    prose_head: str = ""  # the first 2,000 characters of that prose
    text_chars: int = 0  # all visible text
    teaser_cards: int = 0
    link_chars: int = 0  # visible text inside links
    script_count: int = 0
    has_password_input: bool = False
    depth: int = 0  # deepest nesting of elements
    body_chars: int = 0  # of a JSON-LD articleBody


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """The article of a page, cleaned. `text` is paragraphs separated by a newline."""

    text: str
    title: str | None = None
    title_by: Witness | None = None
    authors: tuple[str, ...] = ()
    authors_by: Witness | None = None
    published: Dated | None = None  # by the page alone; `core.dating` weighs what else is known
    dates: tuple[Dated, ...] = ()  # every date of publication the page shows, best source first
    modified: Dated | None = None
    changes: tuple[Dated, ...] = ()  # every date of a last change, best source first
    language: str | None = None  # BCP 47, of the text itself
    language_by: MetadataSource | None = None
    section: str | None = None
    section_by: Witness | None = None
    canonical_url: str | None = None  # absolute, of the same site, no front page
    lead_image: str | None = None  # absolute
    is_free: bool | None = None  # as the page states it
    simhash: int = 0  # signed 64 bit, 3-gram
    is_partial: bool = False  # a paywall's beginning, a truncated page


@dataclass(frozen=True, slots=True, kw_only=True)
class PageReading:
    """Everything one page gave, from one parse in a worker process."""

    signals: Signals
    article: Article | None = None  # None: no text, with the reason in no_article
    no_article: str | None = None
    removed: tuple[RemovedSpan, ...] = ()
    links: tuple[Link, ...] = ()
    feeds: tuple[Link, ...] = ()  # named in the page's head
    template_hash: int = 0  # signed 64 bit, of the body's skeleton
    media_type: str = ""
    charset: str = ""
    decoded_size: int = 0
    was_truncated: bool = False  # a cap or a broken content-encoding cut it short
    extractor_version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Why a rule fired: the rule's code, where, and the words or value it saw."""

    rule: str
    place: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What `judge()` says of one visit. `reasons[0]` is the rule that decided."""

    liveness: Liveness
    confidence: float  # 0 to 1
    reasons: tuple[str, ...]
    evidence: tuple[Evidence, ...] = ()
    rules_version: str = ""

    @property
    def is_good(self) -> bool:
        """Whether the page's text may be stored as the article."""
        return self.liveness in {Liveness.ALIVE, Liveness.PAYWALLED, Liveness.MOVED}


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What the ledger knew of a resource before this visit."""

    url: str
    state: State = State.UNVISITED
    liveness: Liveness | None = None
    consecutive_failures: int = 0  # visits in a row with the same class of failure
    first_failed_at: datetime | None = None
    last_ok_at: datetime | None = None
    last_visited_at: datetime | None = None
    first_seen_at: datetime | None = None
    visits: int = 0
    has_complete_version: bool = False
    headline: str | None = None  # as a feed, sitemap or link announced it
    headline_how: str | None = None  # offers.Found: which of them
    published_hint: datetime | None = None
    published_hint_how: str | None = None  # offers.Found: feed or sitemap


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorPage:
    """What a host shows where nothing is, as far as it can be known again.

    Hashes are signed 64 bit; 0 stands for too little to compare.
    """

    url: str  # where it was seen: a probe's bogus address, or the third of a repeated page
    page_hash: int = 0
    head_hash: int = 0
    simhash: int = 0  # of the prose
    template_hash: int = 0
    final_url: str | None = None  # where redirects ended, if there were any


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """A question for an address that never was, in one section of a host, and what it taught."""

    section: str
    url: str
    at: datetime
    status: int | None
    lesson: str  # probing.Lesson
    page: ErrorPage | None = None  # of a host that answers it with a page


@dataclass(frozen=True, slots=True, kw_only=True)
class HostFacts:
    """What is known of a host that helps to judge its pages."""

    name: str
    honest_404: bool | None = None  # the last probe got a real 404; None: none got an answer
    error_templates: frozenset[int] = frozenset()  # template hashes known to mean "not found"
    error_pages: tuple[ErrorPage, ...] = ()  # newest first
    probes: tuple[Probe, ...] = ()  # the last one of each section, newest first
    failing_since: datetime | None = None  # first failure after the host last answered at all
    parked_since: datetime | None = None  # first visit that found it parked, none alive since


@dataclass(frozen=True, slots=True, kw_only=True)
class CdxRow:
    """One capture as an archive's index lists it. Status None: the index does not say."""

    urlkey: str
    timestamp: str  # 14 digits
    original: str
    mimetype: str
    statuscode: int | None
    digest: str  # base32 SHA-1 of the stored body
    length: int | None  # bytes in the archive, compressed
    memento: str | None = None  # where the copy lies, if the index says so itself

    @property
    def is_revisit(self) -> bool:
        """Whether the body is that of an earlier capture with the same digest."""
        return self.mimetype == "warc/revisit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A capture worth replaying: where it lies and when it was taken."""

    archive: str
    memento_url: str
    memento_datetime: datetime
    original: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A capture that was not taken, and why. `memento` is its URL, or its row if it has none."""

    memento: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Memento:
    """Provenance of an accepted archived copy."""

    archive: str
    memento_url: str
    memento_datetime: datetime
    original: str
    digest: str
    tries: int
    refused: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """What follows from a verdict: the state, when to come back, whether to ask an archive.

    `due_at` None means never by itself.
    """

    state: State
    due_at: datetime | None
    recover: bool
    consecutive_failures: int
    first_failed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingLimits:
    """Caps inside a reading worker: bytes after decoding, and characters of one table."""

    decoded_bytes: int = 32 * 1024 * 1024
    links: int = 20_000  # 0: they are not looked for
    text_chars: int = 5_000_000
