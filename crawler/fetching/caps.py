"""Caps on what one answer may bring, and a count of what all of them hold in memory.

Scrapy's own maximum throws away what came; here the download stops and what came is kept.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import StopDownload
from scrapy.http import Request, Response
from scrapy.statscollectors import StatsCollector

Cut = Literal["length", "disconnect"]
"""Why a body is not whole, in the words of the WARC-Truncated header."""


class ByteBudget:
    """How many bytes of bodies are in memory. `limit` is what the pacing keeps it under.

    Bytes count while they arrive, by themselves; while a body is read and recorded, whoever holds
    it says so with `hold()`.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._arriving: dict[Request, int] = {}
        self._held = 0

    @property
    def in_flight(self) -> int:
        """Bytes that are arriving or held."""
        return self._held + sum(self._arriving.values())

    @property
    def is_full(self) -> bool:
        """Whether no further page should be started."""
        return self.in_flight >= self.limit

    @contextmanager
    def hold(self, size: int) -> Iterator[None]:
        """Count a body of so many bytes until the block ends."""
        self._held += size
        try:
            yield
        finally:
            self._held -= size

    def add(self, request: Request, size: int) -> int:
        """Count bytes that came for a request; return all that came for it."""
        self._arriving[request] = self._arriving.get(request, 0) + size
        return self._arriving[request]

    def drop(self, request: Request) -> None:
        """Forget what came for a request."""
        self._arriving.pop(request, None)


class Caps:
    """Extension that stops a download over `meta["max_size"]` bytes and keeps the beginning.

    Settings: NEWSMORGUE_MAX_SIZE (bytes of one body, content-encoding still on; 0: no cap),
    NEWSMORGUE_MAX_IN_FLIGHT (bytes of all bodies, for the pacing). The body kept is longer than
    the cap by less than the last piece that came.
    """

    def __init__(self, default: int, budget: ByteBudget, stats: StatsCollector) -> None:
        self._default = default
        self._stats = stats
        self.budget = budget

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Read the settings and listen to the downloads."""
        settings = crawler.settings
        budget = ByteBudget(settings.getint("NEWSMORGUE_MAX_IN_FLIGHT"))
        caps = cls(settings.getint("NEWSMORGUE_MAX_SIZE"), budget, crawler.stats)
        crawler.signals.connect(caps.headers_received, signals.headers_received)
        crawler.signals.connect(caps.bytes_received, signals.bytes_received)
        crawler.signals.connect(caps.left_downloader, signals.request_left_downloader)
        return caps

    def headers_received(self, request: Request) -> None:
        """Begin to count anew: the same request may have been sent before."""
        self.budget.drop(request)

    def bytes_received(self, data: bytes, request: Request) -> None:
        """Count, and stop the download once it is over its cap."""
        received = self.budget.add(request, len(data))
        cap = int(request.meta.get("max_size", self._default))
        if 0 < cap < received:
            self._stats.inc_value("caps/truncated")
            raise StopDownload(fail=False)

    def left_downloader(self, request: Request) -> None:
        """The download is over, one way or the other."""
        self.budget.drop(request)


def is_truncated(response: Response) -> Cut | None:
    """Return why a body is not whole, or None: a cap was reached, or the connection broke."""
    if "download_stopped" in response.flags:
        return "length"
    if "dataloss" in response.flags:
        return "disconnect"
    return None
