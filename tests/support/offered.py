"""The shortest way to put offers into a ledger, and to say what a list was."""

from dataclasses import replace
from typing import Any

from crawler.core.listings import Listing, ListKind
from crawler.core.offers import BACKFILL, Kind, Offer
from storage import offers, sites
from storage.records import Claim, Record
from support.ledgers import Ledger
from support.records import record

HOME = "http://paper.example/"
STORY = f"{HOME}story"
ENTRY = (
    "SELECT r.url, f.purpose, f.lane, f.priority FROM frontier f"
    " JOIN resource r ON r.id = f.resource_id ORDER BY r.url"
)


def offer(url: str = STORY, **changes: Any) -> Offer:
    """Return an offer that is followed."""
    return replace(Offer(url=url), **changes)


def skipped(url: str = STORY, **changes: Any) -> Offer:
    """Return an offer that is too old to be followed."""
    return offer(url, follow=False, skipped=BACKFILL, **changes)


def add(ledger: Ledger, *found: Offer, site_id: int | None = None, depth: int = 1) -> int:
    """Add offers as one page made them; return how many entries are new."""
    with ledger.begin() as connection:
        items = [offers.Offered(offer=one, on=5, site_id=site_id, depth=depth) for one in found]
        return offers.add(connection, items, ledger.now)


def make_sites(ledger: Ledger, *names: str) -> dict[str, int]:
    """Add sites; return their ids by name."""
    with ledger.begin() as connection:
        return sites.save_sites(connection, {name: {} for name in names}, ledger.now)


def listing(of: Claim, *found: Offer) -> Record:
    """Return the record of a feed that was read."""
    return record(of, reading=None, listing=Listing(kind=ListKind.FEED), links=found)


def seed_and_claim(ledger: Ledger, url: str = HOME, kind: Kind = Kind.FRONT) -> Claim:
    """Seed an address and claim it."""
    ledger.seed(url, kind=kind)
    [of] = ledger.claim()
    return of
