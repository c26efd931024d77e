"""What one run holds open, from the first worker to the closed harvest row.

Made by `crawler.harvest.run_harvest`, or by the spider itself under `scrapy crawl`.
"""

import logging
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

from scrapy.http import Request, Response
from scrapy.settings import BaseSettings

from crawler import archives, config
from crawler.config import Config
from crawler.config.overlay import scrapy_settings
from crawler.core.urls import lane_host
from crawler.core.words import Outcome, Purpose
from crawler.errors import ExitCode, NewsmorgueError, UsageError
from crawler.fetching.caps import ByteBudget
from crawler.fetching.headers import user_agent
from crawler.plans import HarvestPlan, HarvestReport, Progress
from crawler.reading.pool import ReadingPool
from spiders.errand import Context
from spiders.first_contact import FirstContact
from spiders.planting import plant
from spiders.probe import HostMemory
from storage import upgrade
from storage.engine import open_engine, opening
from storage.library import Library
from storage.records import ArchivePace
from storage.retry import Patience
from storage.runs import HOST_DELAY, Closing
from storage.session import Session, Terms

log = logging.getLogger(__name__)

ProgressTeller = Callable[[Progress], None]

CONFIGURED = "NEWSMORGUE_CONFIGURED"
"""The Scrapy setting that says the home directory's configuration is laid over already."""
_GOOD = {Outcome.FETCHED.value, Outcome.NOT_MODIFIED.value, Outcome.TRUNCATED.value}
_ANSWERED = _GOOD | {Outcome.REDIRECTED.value}
_OF_ARCHIVES = {
    Outcome.ARCHIVE_HAS.value,
    Outcome.ARCHIVE_HAS_NOT.value,
    Outcome.ARCHIVE_COULD_NOT_ASK.value,
}


@dataclass(slots=True, kw_only=True)
class Harvest:
    """The open resources of one run, shared by the spider and the command that started it."""

    TELL_EVERY: ClassVar[float] = 0.5  # seconds between two reports of progress

    config: Config
    plan: HarvestPlan
    pool: ReadingPool
    session: Session
    dialects: Mapping[str, Any]
    progress: ProgressTeller | None = None
    reason: str | None = None  # why the run ended before nothing was due
    error: NewsmorgueError | None = None
    recovered: int = 0
    first_contact: FirstContact = field(default_factory=lambda: FirstContact(None))
    report: HarvestReport | None = None
    _horizons: dict[int | None, timedelta] = field(default_factory=dict)  # by site
    _began: float = field(default_factory=time.monotonic)
    _closing: threading.Lock = field(default_factory=threading.Lock)
    _is_closed: bool = False

    @classmethod
    def open(
        cls, settings: Config, plan: HarvestPlan, progress: ProgressTeller | None = None
    ) -> "Harvest":
        """Start the workers, open the database and the run. Raises what the user can mend."""
        unknown = [name for name in plan.sites if settings.site_named(name) is None]
        if unknown:
            raise UsageError(
                f"there is no site named {unknown[0]!r}",
                "newsmorgue.toml has no [[site]] of that name",
                "add it there, or give a URL",
            )
        if plan.only_archives and not settings.archive:
            raise UsageError(
                "there is no archive to ask",
                "newsmorgue.toml names none",
                "add an [[archive]] section, or take `archive = []` out",
            )
        pool = ReadingPool(
            workers=settings.reading.worker_count,
            time_limit=settings.reading.time_limit,
            memory_limit=settings.reading.memory_limit,
            max_tasks=settings.reading.recycle_after,
        )
        try:
            pool.start()  # before any database is opened: its children inherit no connection
            session = _open_session(settings)
        except BaseException:
            pool.close()
            raise
        return cls(
            config=settings,
            plan=plan,
            pool=pool,
            session=session,
            dialects={item.name: archives.dialect(item) for item in settings.archive},
            progress=progress,
        )

    @classmethod
    def from_settings(cls, settings: BaseSettings, *, site: str | None) -> "Harvest":
        """Open a run for `scrapy crawl`: the home directory from the environment."""
        home = Path(settings.get("NEWSMORGUE_HOME") or ".")
        sites = (site,) if site else ()
        return cls.open(config.load(home), HarvestPlan(sites=sites))

    @classmethod
    def configure(cls, settings: BaseSettings) -> None:
        """Put the home directory's configuration over Scrapy's settings, once."""
        if settings.getbool(CONFIGURED):
            return
        found = config.load(config.resolve_home(None))
        settings.setdict(
            {**scrapy_settings(found), "NEWSMORGUE_HOME": str(found.home)}, priority="spider"
        )

    @property
    def paces(self) -> tuple[ArchivePace, ...]:
        """How fast each archive may be asked, lookups and replays apart."""
        return tuple(
            pace
            for archive in self.config.archive
            for pace in (
                ArchivePace(
                    archive=archive.name,
                    purpose=Purpose.LOOKUP,
                    per_minute=archive.lookups_per_minute,
                ),
                ArchivePace(
                    archive=archive.name,
                    purpose=Purpose.REPLAY,
                    per_minute=archive.replays_per_minute,
                ),
            )
        )

    def context(
        self,
        download: Callable[[Request], Awaitable[Response]],
        held: ByteBudget,
        sitemaps_of: Callable[[str], tuple[str, ...]],
    ) -> Context:
        """Return what errands work with."""
        return Context(
            session=self.session,
            pool=self.pool,
            download=download,
            bytes_held=held,
            policy=self.config.lifecycle.policy(),
            max_redirects=self.config.fetch.max_redirects,
            max_size=self.config.fetch.max_size,
            max_feed_size=self.config.fetch.max_feed_size,
            sitemaps_of=sitemaps_of,
            horizon_of=self.horizon_of,
            sections=self.config.discovery.sections,
            dialects=self.dialects,
            paces={pace.archive: pace for pace in self.paces if pace.purpose is Purpose.REPLAY},
            lookup_paces={
                pace.archive: pace for pace in self.paces if pace.purpose is Purpose.LOOKUP
            },
            archive_timeouts={item.name: item.timeout for item in self.config.archive},
            hosts=HostMemory(self.config.judge.policy()),
        )

    async def plant(self) -> None:
        """Put the plan's seeds and questions into the frontier."""
        self.first_contact = await plant(self.session, self.config, self.plan)
        ids = await self.session.site_ids([site.name for site in self.config.site])
        for site in self.config.site:
            if site.name in ids and site.horizon is not None:
                self._horizons[ids[site.name]] = site.horizon

    def horizon_of(self, site_id: int | None) -> timedelta | None:
        """Return how far back a site's sitemaps are followed; None: as far as they go."""
        if self.plan.backfill:
            return None
        return self._horizons.get(site_id, self.config.discovery.horizon)

    async def tell(self, tally: Mapping[str, int], in_flight: int) -> None:
        """Report how far the run is."""
        if self.progress is None:
            return
        self.progress(
            Progress(
                done=sum(tally.values()),
                due=await self.session.count_due(),
                in_flight=in_flight,
                tally=dict(tally),
                recovered=self.recovered,
                elapsed=time.monotonic() - self._began,
            )
        )

    def failed(self, error: Exception) -> None:
        """Keep the first error that ends the run."""
        if self.error is None:
            self.error = self.session.as_user_error(error)
            log.error("%s", self.error)

    def close(self, scrapy_reason: str) -> None:
        """Close the run with its reason and exit code, then the workers. A run closes once."""
        with self._closing:
            if self._is_closed:
                return
            self._is_closed = True
            try:
                self.report = self._close_session(self._reason(scrapy_reason))
            except Exception as error:  # noqa: BLE001 - Scrapy would log it and go on
                self.failed(error)
            finally:
                self.pool.close()

    def _close_session(self, reason: str) -> HarvestReport:
        held, tally = self.session.last_words()
        lanes = self._asked_for(held)
        code = self._exit_code(reason, tally, lanes)
        self.session.close(Closing(reason=reason, exit_code=code))
        with Library.open(self.config.database_url) as library:
            row = library.harvest(self.session.run_id)
            next_due_at = library.next_due()
            barren = library.without_pages(self._sites_asked_for(), row.started_at)
        return HarvestReport(
            harvest_id=self.session.run_id,
            finish_reason=reason,
            exit_code=code,
            tally=tally,
            discovered=row.discovered,
            still_due=row.still_due or 0,
            next_due_at=next_due_at,
            lanes_held=tuple(lanes),
            bounded=self.first_contact.hosts,
            barren=barren,
            seconds=time.monotonic() - self._began,
        )

    def _sites_asked_for(self) -> tuple[str, ...]:
        """Return the names of the sites this call was about: configured ones, or made for URLs."""
        return (*self.plan.sites, *self.first_contact.sites)

    def _asked_for(self, hosts: list[str]) -> list[str]:
        """Return those of these hosts that the plan means: all, when it names none."""
        if not hosts or not self.plan.names_anything:
            return hosts
        sites = [site for site in self.config.site if site.name in self.plan.sites]
        urls = (*self.plan.urls, *(url for site in sites for url in site.seeds))
        asked = {lane_host(url) for url in urls}
        return [host for host in hosts if host in asked]

    def _exit_code(self, reason: str, tally: Mapping[str, int], lanes: list[str]) -> int:
        """Return the documented exit code: a crawl that could fetch nothing does not end in 0."""
        if self.error is not None:
            return self.error.exit_code
        if reason == "interrupted":
            return ExitCode.INTERRUPTED
        if not tally:
            return ExitCode.LANES_HELD if lanes else ExitCode.DONE
        if is_failure(tally, self.recovered):
            return ExitCode.FAILURES
        only_refused = tally.keys() == {Outcome.ARCHIVE_COULD_NOT_ASK.value}
        return ExitCode.ARCHIVE if only_refused else ExitCode.DONE

    def _reason(self, scrapy_reason: str) -> str:
        if self.error is not None:
            return "error"
        if scrapy_reason == "shutdown":
            return "interrupted"
        return self.reason or scrapy_reason


def _open_session(settings: Config) -> Session:
    url = settings.database_url
    engine = open_engine(url, busy_seconds=settings.run.busy_timeout)
    with opening(url):
        upgrade.ensure(engine)
    terms = Terms(
        warc_directory=settings.warc_dir,
        user_agent=user_agent(settings.contact),
        contact=settings.contact or "",
        policy=settings.lifecycle.policy(),
        patience=Patience(total=settings.run.busy_timeout),
        archives=tuple(archive.name for archive in settings.archive),
        sites={site.name: site.model_dump(mode="json") for site in settings.site},
        settings={HOST_DELAY: settings.fetch.delay, **settings.as_record()},
    )
    with opening(url):
        return Session.open(engine, terms)


def is_failure(tally: Mapping[str, int], recovered: int) -> bool:
    """Whether a fault of our own occurred, or all that was asked of the live web failed."""
    if tally.get(Outcome.INTERNAL_ERROR.value):
        return True
    live = tally.keys() - _OF_ARCHIVES
    return bool(live) and not recovered and live.isdisjoint(_ANSWERED)
