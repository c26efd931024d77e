"""What an errand is to a spider: a first request, and a record however it ends."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING

from scrapy.http import Request, Response

from crawler.archives.base import Dialect
from crawler.core.httpdate import retry_after
from crawler.core.lifecycle import LifecyclePolicy
from crawler.fetching.caps import ByteBudget, is_truncated
from crawler.fetching.headers import request_pairs, response_pairs, visit_headers
from crawler.reading.pool import ReadingPool
from storage.records import ArchivePace, Claim, Record
from storage.session import Session
from storage.warc import ArchiveOrigin, Exchange

if TYPE_CHECKING:
    from spiders.probe import HostMemory


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What errands work with: the ledger, the reading workers, the downloader, the numbers."""

    session: Session
    pool: ReadingPool
    download: Callable[[Request], Awaitable[Response]]
    bytes_held: ByteBudget
    policy: LifecyclePolicy
    max_redirects: int
    max_size: int  # bytes of a page
    max_feed_size: int  # bytes of a feed or sitemap
    sitemaps_of: Callable[[str], tuple[str, ...]]  # as robots.txt of an address names them
    horizon_of: Callable[[int | None], timedelta | None]  # of a site: how old is backfill
    sections: int  # read at most of one front page
    dialects: Mapping[str, Dialect] = field(default_factory=dict)  # by archive, in asking order
    paces: Mapping[str, ArchivePace] = field(default_factory=dict)  # of replays, by archive
    lookup_paces: Mapping[str, ArchivePace] = field(default_factory=dict)  # by archive
    archive_timeouts: Mapping[str, float] = field(default_factory=dict)  # seconds, by archive
    hosts: "HostMemory"


class Errand(ABC):
    """One claimed entry on its way to exactly one record."""

    def __init__(self, claim: Claim, context: Context) -> None:
        self.claim = claim
        self.context = context
        self.started_at = now()
        self.borrowed: set[str] = set()  # host lanes held for this errand's hops
        self._exchanges: list[Exchange] = []

    @abstractmethod
    def first_request(self) -> Request:
        """Return the request that begins the errand. May raise ValueError for a bad address."""

    @abstractmethod
    async def answered(self, response: Response) -> Record:
        """Go on from the first answer to the end. May raise what a download raises."""

    @abstractmethod
    def failed(self, failure: BaseException) -> Record:
        """Return the record for an errand that ended in an exception."""

    def keep(self, response: Response, archive: ArchiveOrigin | None = None) -> None:
        """Keep an answer for the WARC; the first one tells when it was asked for."""
        if not self._exchanges:
            took = timedelta(seconds=response.meta.get("download_latency", 0.0))
            self.started_at = max(self.started_at, now() - took)
        self._exchanges.append(exchange_of(response, archive))

    def keep_aside(self, response: Response) -> None:
        """Keep an answer that is not the errand's own for the WARC; the last one stays the page."""
        self._exchanges.insert(len(self._exchanges) - 1, exchange_of(response))


def now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


def exchange_of(response: Response, archive: ArchiveOrigin | None = None) -> Exchange:
    """Return a response as the WARC keeps it."""
    if response.request is None:  # pragma: no cover - Scrapy sets it before anyone sees it
        raise ValueError(f"the answer from {response.url} has lost its request")
    return Exchange(
        url=response.url,
        method=response.request.method,
        request_headers=request_pairs(response.request),
        status=response.status,
        reason=phrase_of(response.status),
        protocol=response.protocol or "HTTP/1.1",
        response_headers=response_pairs(response),
        body=response.body,
        fetched_at=now(),
        ip=str(response.ip_address) if response.ip_address else None,
        truncated=is_truncated(response),
        archive=archive,
    )


def phrase_of(status: int) -> str:
    """Return the standard phrase of a status: Scrapy drops the server's own."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def asked_to_wait(response: Response) -> float | None:
    """Return the seconds of a Retry-After header, given as a number or as a date."""
    headers = dict(reversed(visit_headers(response)))
    return retry_after(headers.get("retry-after"), now())
