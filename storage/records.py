"""What goes into the ledger and what comes out of the frontier: frozen values."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from crawler.core.asking import Round
from crawler.core.listings import Listing
from crawler.core.offers import Found, Front, Kind, Offer
from crawler.core.values import (
    ErrorPage,
    History,
    HostFacts,
    Memento,
    PageReading,
    Probe,
    Refusal,
    Verdict,
    Visit,
)
from crawler.core.words import Answer, Purpose
from storage.warc import Exchange

_NEW_ROUND = Round()

LIVE = "live"
"""The source of a visit to the web itself; any other source is an archive's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A frontier entry in the hands of a run: one errand to do."""

    entry_id: int
    errand: bytes  # 16 random bytes; the visit row carries them, so no errand is written twice
    resource_id: int
    site_id: int | None
    kind: Kind
    purpose: Purpose
    lane: str
    url: str
    attempts: int  # this one included
    payload: Any
    history: History
    host: HostFacts
    found_how: Found = Found.SEED
    depth: int = 0  # steps from a seed
    fronts: tuple[Front, ...] = ()  # of its site, and of sites on its host; to discover by


@dataclass(frozen=True, slots=True, kw_only=True)
class LookupResult:
    """What one archive answered, and what is to be replayed or asked next."""

    archive: str
    answer: Answer
    rows_seen: int = 0
    problem: str | None = None
    refused: tuple[Refusal, ...] = ()
    candidates: tuple[dict[str, str], ...] = ()  # JSON form of `Candidate`, for the replay entry
    ask_again_at: datetime | None = None
    next_archive: str | None = None  # where to ask next; None: here, at `ask_again_at`
    next_at: datetime | None = None  # when; None: at once
    round: Round = _NEW_ROUND  # which archives have answered about the page, which owe it
    more: bool = False  # the index holds more rows than it was asked for
    wide: bool = False  # it was asked for them, or is to be
    tried: tuple[dict[str, str], ...] = ()  # JSON form of `Refusal`: copies of a replay to go on
    attempts: int = 0  # questions in a row that could not be asked, this one included
    throttled: bool = False  # the archive told us to slow down
    unreached: bool = False  # it gave no answer at all
    first_capture: datetime | None = None  # the earliest good one it lists


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What an errand taught of its host."""

    probe: Probe | None = None
    repeated: ErrorPage | None = None  # shown under too many addresses to be anyone's article
    shown_by: tuple[bytes, ...] = ()  # the errands of this run that took it for one before


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """All that one errand leaves behind; the ledger writes it in one transaction."""

    claim: Claim
    started_at: datetime
    ended_at: datetime
    visit: Visit
    verdict: Verdict | None = None
    reading: PageReading | None = None
    exchanges: tuple[Exchange, ...] = ()  # in order; the last one is the page
    listing: Listing | None = None  # of a feed or sitemap
    links: tuple[Offer, ...] = ()
    lookup: LookupResult | None = None
    memento: Memento | None = None
    refused: tuple[Refusal, ...] = ()  # a replay's candidates that were not taken
    retry_after: float | None = None  # seconds
    follow_up: str | None = None  # a redirect's target that gets an entry of its own
    learned: Learned | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """An address to put into the frontier."""

    url: str
    kind: Kind = Kind.PAGE
    site: str | None = None
    headline: str | None = None

    @property
    def purpose(self) -> Purpose:
        """What its entry is for."""
        return self.kind.purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivePace:
    """How fast one archive may be asked for one purpose."""

    archive: str
    purpose: Purpose
    per_minute: float
    in_hand: int = 4  # entries claimed at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one claim may take."""

    entries: int
    per_host: int = 2
    host_delay: float = 1.0  # seconds between a lane's last fetch and its next holder
    archives: tuple[ArchivePace, ...] = ()
    borrowed: frozenset[str] = field(default_factory=frozenset)  # lanes in use by redirect hops
    spent: frozenset[str] = field(default_factory=frozenset)  # lanes to be left alone
