"""robots.txt, fail closed as RFC 9309 wants it. Scrapy's own middleware fails open and is off.

A site that answers 4xx has no rules and is free, except 429, which is a server that is asked too
much and is taken as unreachable, as Google does. 5xx, an endless redirect (the RFC leaves that
one to us), an unreadable or a broken-off file mean "not allowed", and are asked for again after
some minutes. When nothing answered at all, the page's own outcome is that failure.
"""

import asyncio
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self
from urllib.parse import urljoin

from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Request, Response
from scrapy.http.request import NO_CALLBACK

from crawler.fetching.caps import is_truncated
from crawler.fetching.headers import PRODUCT
from crawler.fetching.refusals import RobotsDisallowed, RobotsUnreachable
from crawler.fetching.robots_cache import RobotsAnswer, RobotsCache, Standing, authority_of
from crawler.fetching.robots_rules import MAX_SIZE
from crawler.fetching.slots import SlotDelays, slot_of

robots_answered = object()
"""Signal, sent for each robots.txt asked for: `answer` (RobotsAnswer), `responses` (its hops)."""

_MAX_REDIRECTS = 5  # RFC 9309 section 2.3.1.2
_TOO_MANY_REQUESTS = 429
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS


class RobotsMiddleware:
    """Downloader middleware. `meta["skip_robots"]` lets a request pass unasked.

    Settings: NEWSMORGUE_ROBOTS_ENABLED, NEWSMORGUE_ROBOTS_RETRY (seconds until a robots.txt that
    could not be had is asked for again), NEWSMORGUE_MAX_CRAWL_DELAY (seconds).
    Raises `RobotsDisallowed`, `RobotsUnreachable`, or the failure of the robots.txt fetch itself.
    `cache` may be seeded at `spider_opened`; storage listens to `robots_answered`.
    """

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        if not settings.getbool("NEWSMORGUE_ROBOTS_ENABLED"):
            raise NotConfigured
        self._crawler = crawler
        self._cap = settings.getfloat("NEWSMORGUE_MAX_CRAWL_DELAY")
        self._delays: SlotDelays | None = None
        self._asking: dict[str, asyncio.Task[RobotsAnswer]] = {}
        self.cache = RobotsCache(timedelta(seconds=settings.getfloat("NEWSMORGUE_ROBOTS_RETRY")))

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Read the settings; raise NotConfigured when off."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Let the request pass, or raise why not."""
        if request.meta.get("skip_robots") or not request.url.startswith(("http:", "https:")):
            return
        authority = authority_of(request.url)
        answer = await self._answer(authority)
        if answer.failure is not None:
            raise answer.failure.with_traceback(None)
        robots_url = f"{authority}/robots.txt"
        if answer.standing is Standing.UNREACHABLE:
            self._count("robots/unreachable")
            raise RobotsUnreachable(robots_url, answer.reason, status=answer.status)
        self._obey(request, answer, robots_url)

    def _obey(self, request: Request, answer: RobotsAnswer, robots_url: str) -> None:
        rules = self.cache.rules(request.url) if answer.standing is Standing.RULES else None
        delay = rules.crawl_delay(PRODUCT) if rules else None
        self._pace(request.meta.get("download_slot"), answer.authority, delay)
        if rules is not None and not rules.allows(request.url, PRODUCT):
            self._count("robots/disallowed")
            raise RobotsDisallowed(robots_url, status=answer.status)

    def _pace(self, slot: str | None, authority: str, delay: float | None) -> None:
        engine = self._crawler.engine
        if slot is None or engine is None:
            return
        if self._delays is None:
            default = self._crawler.settings.getfloat("DOWNLOAD_DELAY")
            self._delays = SlotDelays(engine.downloader, default, self._cap)
        self._delays.set(slot, authority, delay)
        if delay is not None and delay > self._cap:
            self._count("robots/crawl_delay_capped")

    async def _answer(self, authority: str) -> RobotsAnswer:
        """Return a fresh enough answer. Requests that ask at the same time share one fetch."""
        known = self.cache.get(authority, datetime.now(UTC))
        if known is not None:
            return known
        task = self._asking.get(authority)
        if task is None:
            task = asyncio.ensure_future(self._ask(authority))
            self._asking[authority] = task
            task.add_done_callback(lambda _: self._asking.pop(authority, None))
        return await asyncio.shield(task)

    async def _ask(self, authority: str) -> RobotsAnswer:
        responses: list[Response] = []
        asked_at = datetime.now(UTC)
        try:
            found = await self._follow(f"{authority}/robots.txt", responses)
        except Exception as failure:  # noqa: BLE001 - it becomes the outcome of the pages
            found = _Found(Standing.FAILED, reason=type(failure).__name__, failure=failure)
        answer = RobotsAnswer(
            authority=authority,
            standing=found.standing,
            asked_at=asked_at,
            status=responses[-1].status if responses else None,
            body=found.body,
            reason=found.reason,
            failure=found.failure,
        )
        self._count(f"robots/{answer.standing.value}")
        self.cache.put(answer)
        self._crawler.signals.send_catch_log(robots_answered, answer=answer, responses=responses)
        return answer

    async def _follow(self, url: str, responses: list[Response]) -> "_Found":
        for _ in range(_MAX_REDIRECTS + 1):
            response = await self._fetch(url)
            responses.append(response)
            target = _redirect_target(response)
            if target is None:
                return _read(response)
            url = target
        return _Found(Standing.UNREACHABLE, reason=f"more than {_MAX_REDIRECTS} redirects")

    async def _fetch(self, url: str) -> Response:
        engine = self._crawler.engine
        if engine is None:  # pragma: no cover - a middleware runs inside an engine
            raise RuntimeError("robots.txt is asked for outside a crawl")
        meta = {"skip_robots": True, "max_size": MAX_SIZE, "download_slot": slot_of(url)}
        request = Request(
            url, headers={"Accept-Encoding": "identity"}, meta=meta, callback=NO_CALLBACK
        )
        self._count("robots/requests")
        return await engine.download_async(request)

    def _count(self, key: str) -> None:
        if self._crawler.stats is not None:
            self._crawler.stats.inc_value(key)


@dataclass(frozen=True, slots=True)
class _Found:
    standing: Standing
    body: bytes = b""
    reason: str = ""
    failure: Exception | None = None


def _redirect_target(response: Response) -> str | None:
    """Return where a 3xx points, or None. Only the web is followed."""
    location = response.headers.get("Location")
    if not 300 <= response.status < 400 or not location:  # noqa: PLR2004 - classes of status
        return None
    target = urljoin(response.url, location.decode("latin-1"))
    return target if slot_of(target) is not None else None


def _read(response: Response) -> _Found:
    status = response.status
    if 400 <= status < 500 and status != _TOO_MANY_REQUESTS:  # noqa: PLR2004 - as above
        return _Found(Standing.FREE)
    if not 200 <= status < 300:  # noqa: PLR2004 - as above
        return _Found(Standing.UNREACHABLE, reason=f"status {status}")
    if is_truncated(response) == "disconnect":
        return _Found(Standing.UNREACHABLE, reason="it broke off")
    body = _plain(response)
    if body is None:
        return _Found(Standing.UNREACHABLE, reason="an unreadable content-encoding")
    return _Found(Standing.RULES, body=body)


def _plain(response: Response) -> bytes | None:
    """Return one byte over the limit at most, so that the rules know of a cut; None: unreadable.

    Asked for plain, some servers send gzip all the same. It is undone up to the limit only.
    """
    encoding = (response.headers.get("Content-Encoding") or b"").decode("latin-1").strip().lower()
    if encoding in {"", "identity"}:
        return response.body[: MAX_SIZE + 1]
    if encoding not in {"gzip", "x-gzip", "deflate"}:
        return None
    unpacker = zlib.decompressobj(_GZIP_OR_ZLIB)
    try:
        body = unpacker.decompress(response.body, MAX_SIZE + 1)
    except zlib.error:
        return None
    return body if unpacker.eof or len(body) > MAX_SIZE else None
