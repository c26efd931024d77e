"""What a harvest is asked to do, how far it is, and how it ended: plain frozen values.

The shell makes a `HarvestPlan`, `crawler.harvest.run_harvest` carries it out, tells how far it
is by `Progress` and ends with a `HarvestReport`. Nothing here imports anything heavy.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HarvestPlan:
    """What to crawl. All empty: everything that is due."""

    urls: tuple[str, ...] = ()  # added as seeds first
    sites: tuple[str, ...] = ()  # names of configured sites
    recover: tuple[str, ...] = ()  # to be fetched from web archives, whatever was asked before
    listed: tuple[str, ...] = ()  # the same, as a list: what is settled of it is passed over
    lost: bool = False  # recover every page that is lost and has no good version
    limit: int | None = None  # pages at most; None: no limit but the settings' own
    backfill: bool = False  # also what was skipped for being older than its site's horizon
    max_time: float | None = None  # seconds; None: until nothing is due

    @property
    def only_archives(self) -> bool:
        """Whether the plan asks for lost pages alone: the live web is left in peace."""
        return bool(self.recover or self.listed or self.lost) and not (self.urls or self.sites)

    @property
    def names_anything(self) -> bool:
        """Whether the plan asks for certain pages or sites, not for everything that is due."""
        return bool(self.urls or self.sites or self.recover or self.listed or self.lost)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a harvest is. Counts are of entries."""

    done: int
    due: int  # due now and not yet claimed
    in_flight: int
    tally: Mapping[str, int]  # outcome name -> count
    recovered: int
    elapsed: float  # seconds since the start


@dataclass(frozen=True, slots=True, kw_only=True)
class HarvestReport:
    """How a harvest ended."""

    harvest_id: int
    finish_reason: str
    exit_code: int
    tally: Mapping[str, int]  # outcome name -> count
    discovered: int  # entries due when it began, and those found since
    still_due: int
    next_due_at: datetime | None  # aware, UTC; None: nothing is planned
    lanes_held: tuple[str, ...]  # hosts asked for that another live run holds
    bounded: tuple[str, ...] = ()  # hosts of which a first contact took no more
    barren: tuple[str, ...] = ()  # sites asked for on which nothing looks like an article
    seconds: float
