"""The sections of newsmorgue.toml, each a frozen model that knows its keys and no others.

A field's description is its entry in docs/reference/configuration.md; its default says why.
"""

import os
import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)

from crawler.config.values import Duration, Seconds, Size
from crawler.core.urls import BadUrl, canonicalize

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_MIB = 1024 * 1024
_MEMENTO = frozenset({"timemap", "timegate"})  # dialects of RFC 7089


def _name(text: str) -> str:
    """Return a name that can stand on a command line, in a lane and in a file name."""
    if not _NAME.fullmatch(text):
        raise ValueError("a name is letters, digits, dots, hyphens and underscores")
    return text


def _web_address(text: str) -> str:
    """Return an http or https address, as written. A password has no place in it."""
    if "@" in urlsplit(text).netloc:
        raise ValueError("an address here holds no user name and no password")
    try:
        canonicalize(text)
    except BadUrl as error:
        raise ValueError(str(error)) from None
    return text.strip()


def _folder(text: str) -> str:
    """Return an address that other parts can be appended to."""
    address = _web_address(text)
    return address if address.endswith("/") else f"{address}/"


def _schedule(text: str) -> str:
    """Return a cron line, checked by the library that will read it."""
    from cronsim import CronSim, CronSimError  # noqa: PLC0415 - few configurations need it

    try:
        CronSim(text, datetime(2026, 1, 1, tzinfo=UTC))
    except CronSimError as error:
        raise ValueError(f'{error}; a schedule is a cron line like "0 */6 * * *"') from None
    return text


Name = Annotated[str, AfterValidator(_name)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
Folder = Annotated[str, AfterValidator(_folder)]
Schedule = Annotated[str, AfterValidator(_schedule)]
Count = Annotated[int, Field(ge=1)]


class Section(BaseModel):
    """A table of newsmorgue.toml: frozen, and strict about keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


class Fetch(Section):
    """How pages are fetched from the live web."""

    delay: Seconds = Field(1.0, description="Pause between two requests to one host.")
    concurrency: Count = Field(64, description="Requests under way at once, over all hosts.")
    timeout: Seconds = Field(
        60.0, description="A request that takes longer in all is given up as `timed_out`."
    )
    max_size: Size = Field(
        5 * _MIB,
        description="A page is cut here, on the wire, and kept as `truncated`.",
    )
    max_feed_size: Size = Field(16 * _MIB, description="The same for a feed or a sitemap.")
    max_in_flight: Size = Field(
        96 * _MIB, description="Bytes of bodies held in memory at once, over all requests."
    )
    max_redirects: int = Field(5, ge=0, description="Redirects followed within one visit.")


class Discovery(Section):
    """How articles are found: by feeds, sitemaps, front pages and sections."""

    first_contact: int = Field(
        200,
        ge=0,
        description="Pages one call takes of a site that is named on the command line only, "
        "unless it is given `--limit`; 0 is without end.",
    )
    horizon: Duration = Field(
        timedelta(days=30),
        description="What a sitemap lists as older is kept as `backfill` and fetched by "
        "`crawl --backfill` only.",
    )
    sections: int = Field(
        40, ge=0, description="Section pages read for links, at most of one front page."
    )


class Robots(Section):
    """How robots.txt is asked for. What it forbids is not fetched."""

    retry: Seconds = Field(
        300.0,
        description="Pause before an unreachable robots.txt is asked for again. "
        "Until it answers, nothing of that host is fetched.",
    )
    max_delay: Seconds = Field(
        30.0, description="A longer Crawl-delay is cut to this, and the cut is recorded."
    )


class Reading(Section):
    """The worker processes that decode and parse pages."""

    workers: int = Field(0, ge=0, description="How many; 0 is one for each processor.")
    time_limit: Seconds = Field(
        10.0, description="A page that takes longer costs its worker: `reading_timed_out`."
    )
    memory_limit: Size = Field(1024 * _MIB, description="Address space of one worker.")
    recycle_after: Count = Field(500, description="Pages after which a worker is replaced.")

    @property
    def worker_count(self) -> int:
        """How many workers to start: as set, else one for each processor this process may use."""
        if self.workers:
            return self.workers
        usable = getattr(os, "sched_getaffinity", None)
        return len(usable(0)) if usable else os.cpu_count() or 1


class Run(Section):
    """How a run shows that it lives, and how long it waits."""

    heartbeat: Seconds = Field(10.0, description="How often a run marks itself alive.")
    grace: Seconds = Field(
        8.0,
        description="After Ctrl-C or SIGTERM, requests under way may take this long; then they are "
        "given up and are due again. Keep it below your supervisor's own patience.",
    )
    busy_timeout: Seconds = Field(
        60.0, description="How long a write waits while another process holds the database."
    )
    longest_wait: Seconds = Field(
        120.0,
        description="A run with nothing to do but wait (an archive's pace, another run's pause) "
        "ends if it would have to wait longer; the next run goes on.",
    )
    progress_every: Seconds = Field(
        10.0, description="A progress line this often, where there is no terminal."
    )


class Archive(Section):
    """A web archive that is asked for lost pages. Archives are asked in the order given.

    The rates are about 80 % of what the Internet Archive bears (30 CDX questions and 600 replays
    a minute; EDGI wayback 0.5.1, 2026-06); going over them ends in an hour's block.
    """

    name: Name = Field(description="Stands as `source` beside every text taken from there.")
    dialect: Literal["wayback", "pywb", "timemap", "timegate"] = Field(
        "wayback",
        description="The language it speaks: `wayback` is that of the Internet Archive's index, "
        "`pywb` that of pywb's (arquivo.pt, collections of one's own), `timemap` and `timegate` "
        "are Memento, RFC 7089, which most web archives know.",
    )
    cdx_url: WebAddress = Field(
        description="Where its index is asked. For `timemap` and `timegate`: what a page's address "
        "is appended to, to get its TimeMap in link format, or its TimeGate; it ends in a slash "
        "or in `=`."
    )
    replay_url: Folder = Field(
        description="Where its copies are, up to the timestamp. What an index lists elsewhere is "
        "not fetched."
    )
    raw: bool = Field(
        default=True,
        description="Whether it gives copies as they were captured, by `id_` after the timestamp. "
        "`false`, for `timemap` and `timegate` only: copies are read as the archive shows them, "
        "with what it writes into them.",
    )
    lookups_per_minute: float = Field(
        24.0, ge=0, description="Questions to the index, evenly spaced; 0 is without a pace."
    )
    replays_per_minute: float = Field(
        480.0, ge=0, description="Copies fetched, evenly spaced; 0 is without a pace."
    )
    timeout: Seconds = Field(60.0, description="An archive that takes longer could not be asked.")

    @field_validator("cdx_url")
    @classmethod
    def _can_be_appended_to(cls, cdx_url: str, known: ValidationInfo) -> str:
        if known.data.get("dialect") in _MEMENTO and not cdx_url.endswith(("/", "=")):
            raise ValueError(
                "a page's address is appended to it, so that it ends in a slash or in `=`"
            )
        return cdx_url

    @field_validator("raw")
    @classmethod
    def _is_known_to_the_dialect(cls, raw: bool, known: ValidationInfo) -> bool:  # noqa: FBT001 - pydantic's signature
        if not raw and known.data.get("dialect") not in _MEMENTO:
            raise ValueError("it is for the dialects `timemap` and `timegate`")
        return raw


INTERNET_ARCHIVE = Archive(
    name="wayback",
    dialect="wayback",
    cdx_url="https://web.archive.org/cdx/search/cdx",
    replay_url="https://web.archive.org/web/",
)


class Site(Section):
    """A news site that is crawled."""

    name: Name = Field(description="What the command line and the database call it.")
    seeds: Annotated[tuple[WebAddress, ...], Field(min_length=1)] = Field(
        description="Where the crawl begins: a front page, whose feeds, sitemaps and sections are "
        "found by themselves; a feed or sitemap may be named too."
    )
    schedule: Schedule | None = Field(
        None,
        description='When its front pages are due, as a cron line: "0 */6 * * *". This version '
        "keeps it and does not act on it yet: they are due again as living pages are.",
    )
    horizon: Duration | None = Field(
        None, description="This site's own `discovery.horizon`. Left out: as set there."
    )
    recover: Literal["missing", "always", "never"] = Field(
        "missing",
        description="Whether archives are asked: for `missing` pages, or `never`. `always` is "
        "taken as `missing` by this version.",
    )
