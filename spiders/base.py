"""The loop every spider here has: claim what is due, hand out requests, record how each ended.

`start()` is the only place that claims. Scrapy pulls it eagerly, so it paces itself: it waits
until something was recorded or the next entry can be claimed, and returns when nothing is due
and nothing is in flight.
"""

import asyncio
import logging
from abc import abstractmethod
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self, cast

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from scrapy.http import Request, Response
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from crawler.core.words import Purpose
from crawler.fetching.caps import Caps
from crawler.fetching.robots import RobotsMiddleware
from spiders.errand import Context, Errand, now
from spiders.harvest import Harvest
from storage.records import Claim, Limits, Record

if TYPE_CHECKING:
    from twisted.internet.base import ReactorBase

log = logging.getLogger(__name__)

CLAIM_AT_ONCE = 100
"""Entries taken in one claim at most."""
_ANSWERED_TOGETHER = 0.01  # seconds in which all errands of one commit hear of it
_LOOK_EVERY = 0.2  # seconds between two looks whether a signal has come
_OF_ARCHIVES = frozenset({Purpose.LOOKUP, Purpose.REPLAY})


class LedgerSpider(Spider):
    """Claims entries, makes an errand of each, records exactly one outcome for each."""

    def __init__(self, harvest: Harvest, name: str | None = None, **kwargs: Any) -> None:
        super().__init__(name, **kwargs)
        self.harvest = harvest
        self.tally: Counter[str] = Counter()
        self.pages = 0
        self._errands: dict[bytes, Errand] = {}
        self._recorded = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._began_at = now()

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """Put the configuration of the home directory over the project's settings."""
        super().update_settings(settings)
        Harvest.configure(settings)

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Open a harvest of this spider's own unless one is handed in."""
        if "harvest" not in kwargs:
            kwargs["harvest"] = Harvest.from_settings(
                crawler.settings, site=kwargs.pop("site", None)
            )
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.closing, signals.spider_closed)
        return spider

    @abstractmethod
    def errand_for(self, claim: Claim) -> Errand:
        """Return the errand that a claimed entry asks for."""

    async def start(self) -> AsyncIterator[Request]:
        """Claim and hand out until nothing is due and nothing is in flight."""
        try:
            self._tasks.append(asyncio.ensure_future(self._beat()))
            self._tasks.append(asyncio.ensure_future(self._tell()))
            self._tasks.append(asyncio.ensure_future(self._give_up()))
            await self.harvest.plant()
            async for request in self._requests():
                yield request
        except Exception as error:
            self.harvest.failed(error)
            raise CloseSpider("database") from error

    async def _requests(self) -> AsyncIterator[Request]:
        while not self._is_over():
            self._recorded.clear()  # before the claim: what is recorded during it must wake us
            claims = await self._claim()
            for claim in await self._within_bounds(claims):
                request = await self._begin(claim)
                if request is not None:
                    yield request
            if not _may_leave_more(claims) and not await self._rest():
                return

    def _is_over(self) -> bool:
        """Whether a limit of the plan says that nothing more is to be begun."""
        plan = self.harvest.plan
        if plan.limit is not None and self.pages >= plan.limit:
            self.harvest.reason = "limit"
            return True
        too_long = plan.max_time is not None and now() - self._began_at >= timedelta(
            seconds=plan.max_time
        )
        if too_long:
            self.harvest.reason = "max_time"
        return too_long

    async def _claim(self) -> list[Claim]:
        room = self._room()
        if room <= 0:
            return []
        return await self.harvest.session.claim(self._limits(room))

    async def _within_bounds(self, claims: Sequence[Claim]) -> list[Claim]:
        """Put back what is beyond a first contact's bound; return the others."""
        taken: list[Claim] = []
        beyond: list[Claim] = []
        for claim in claims:
            (taken if self.harvest.first_contact.takes(claim) else beyond).append(claim)
        if beyond:
            await self.harvest.session.release(beyond)
            self.harvest.reason = "first_contact"
        return taken

    def _room(self) -> int:
        """Return how many entries may be taken: twice the concurrency in all, within the caps."""
        if self.context.bytes_held.is_full:
            return 0
        room = min(2 * self.harvest.config.fetch.concurrency - len(self._errands), CLAIM_AT_ONCE)
        limit = self.harvest.plan.limit
        return room if limit is None else min(room, limit - self.pages)

    def _limits(self, room: int) -> Limits:
        borrowed = frozenset(lane for errand in self._errands.values() for lane in errand.borrowed)
        return Limits(
            entries=0 if self.harvest.plan.only_archives else room,
            host_delay=self.harvest.config.fetch.delay,
            archives=self.harvest.paces,
            borrowed=borrowed,
            spent=self.harvest.first_contact.spent,
        )

    async def _begin(self, claim: Claim) -> Request | None:
        """Return an errand's first request; record at once what cannot even be begun."""
        self.pages += claim.purpose in {Purpose.VISIT, Purpose.DISCOVER}
        errand = self.errand_for(claim)
        self._errands[claim.errand] = errand
        try:
            request = errand.first_request()
        except Exception as error:  # noqa: BLE001 - it becomes the outcome
            await self._record(errand, errand.failed(error))
            return None
        return request.replace(
            callback=self.answered, errback=self.failed, cb_kwargs={"errand": errand}
        )

    async def answered(self, response: Response, errand: Errand) -> None:
        """Take an errand from its first answer to its record, whatever happens."""
        try:
            record = await errand.answered(response)
        except Exception as error:  # noqa: BLE001 - it becomes the outcome
            self._count_own_fault(error)
            record = errand.failed(error)
        await self._record(errand, record)

    async def failed(self, failure: Failure) -> None:
        """Record an errand whose first request brought no answer."""
        errand: Errand = failure.request.cb_kwargs["errand"]  # type: ignore[attr-defined]
        error = failure.value or RuntimeError("a failure without a cause")
        self._count_own_fault(error)
        await self._record(errand, errand.failed(error))

    async def _record(self, errand: Errand, record: Record) -> None:
        try:
            await self.harvest.session.record(record)
        except Exception as error:  # noqa: BLE001 - the database is gone: end the run
            self.harvest.failed(error)
            self._end("database")
        else:
            self.tally[record.visit.outcome.value] += 1
            self.harvest.recovered += record.memento is not None
            self._count(record)
        finally:
            self._errands.pop(errand.claim.errand, None)
            self._recorded.set()

    def _count(self, record: Record) -> None:
        stats = self.crawler.stats
        stats.inc_value(f"outcome/{record.visit.outcome}")
        if record.verdict is not None:
            stats.inc_value(f"verdict/{record.verdict.liveness}")
        if record.lookup is not None:
            stats.inc_value(f"archive/{record.lookup.answer}")

    def _count_own_fault(self, error: BaseException) -> None:
        log.debug("an errand ended in %s: %s", type(error).__name__, error)

    async def _rest(self) -> bool:
        """Wait for something to do; False when there is nothing left to wait for."""
        if not self._errands:
            ready_at = await self.harvest.session.ready_at(self._limits(CLAIM_AT_ONCE))
            return ready_at is not None and await self._sleep_until(ready_at)
        next_at = await self.harvest.session.next_due(self._limits(CLAIM_AT_ONCE))
        await self._wait_until(next_at)
        return True

    async def _sleep_until(self, at: datetime) -> bool:
        """Sleep until an entry that is due can be claimed; False if that is too long to stay."""
        wait = (at - now()).total_seconds()
        if wait > self.harvest.config.run.longest_wait:
            self.harvest.reason = "waiting"
            return False
        await asyncio.sleep(max(wait, 0.0))
        return True

    async def _wait_until(self, at: datetime | None) -> None:
        """Wait until an errand was recorded, or until the time comes."""
        wait = None if at is None or self._room() <= 0 else (at - now()).total_seconds()
        # An entry that is due but not to be had (its host has two in hand) must not spin.
        timeout = None if wait is None or wait <= 0 else wait
        try:
            async with asyncio.timeout(timeout):
                await self._recorded.wait()
        except TimeoutError:
            return
        await asyncio.sleep(_ANSWERED_TOGETHER)  # one claim for them all

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self.harvest.config.run.heartbeat)
            try:
                await self.harvest.session.beat()
            except Exception as error:  # noqa: BLE001 - a run that cannot beat must not go on
                self.harvest.failed(error)
                self._end("database")
                return

    async def _tell(self) -> None:
        while self.harvest.progress is not None:
            await self.harvest.tell(self.tally, len(self._errands))
            await asyncio.sleep(self.harvest.TELL_EVERY)

    async def _give_up(self) -> None:
        """After a signal, wait so long for requests under way; then stop, and they are due again.

        Scrapy itself waits for the last of them, a minute for a page that hangs.
        """
        from twisted.internet import reactor  # noqa: PLC0415 - Scrapy chooses which one

        while self.crawler.engine.running:  # noqa: ASYNC110 - Scrapy tells nobody
            await asyncio.sleep(_LOOK_EVERY)
        await asyncio.sleep(self.harvest.config.run.grace)
        log.warning("%d errands under way were given up", len(self._errands))
        await asyncio.to_thread(self.harvest.close, "shutdown")
        cast("ReactorBase", reactor).stop()

    def _end(self, reason: str) -> None:
        engine = self.crawler.engine
        if engine.running:
            self._tasks.append(asyncio.ensure_future(engine.close_spider_async(reason=reason)))

    @cached_property
    def context(self) -> Context:
        """What the errands of this spider work with."""
        caps = self.crawler.get_extension(Caps)
        if caps is None:
            raise RuntimeError("errands need the caps extension on")
        return self.harvest.context(
            self.crawler.engine.download_async, caps.budget, self._sitemaps_of
        )

    def _sitemaps_of(self, url: str) -> tuple[str, ...]:
        """Return the sitemaps that the robots.txt of an address names, if it has been read."""
        robots = self.crawler.get_downloader_middleware(RobotsMiddleware)
        rules = robots.cache.rules(url) if robots is not None else None
        return rules.sitemaps if rules is not None else ()

    async def closing(self, reason: str) -> None:
        """Close the harvest's row and the ledger once Scrapy is done."""
        for task in self._tasks[:3]:
            task.cancel()
        await asyncio.to_thread(self.harvest.close, reason)


def _may_leave_more(claims: Sequence[Claim]) -> bool:
    """Whether another claim may give more at once: of an archive it takes one entry only."""
    return len(claims) == CLAIM_AT_ONCE or any(claim.purpose in _OF_ARCHIVES for claim in claims)
