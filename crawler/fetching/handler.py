"""The download handler: Scrapy's, with a say in whether a request may go out twice.

Twisted sends a request anew, at once and unseen, when a connection that was kept open drops it
without an answer. That is what a page wants, whose server may have closed the connection just
then. It is not what an archive is promised: there each request costs a token of its budget.
"""

from typing import Any

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Request, Response

from crawler.fetching.heads import bound

SENT_ONCE = "sent_once"
"""The key in a request's meta that forbids a second sending."""


class PacedHandler(HTTP11DownloadHandler):
    """Scrapy's handler, beside a second one with connections of its own that never retry."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._once: Any = HTTP11DownloadHandler(crawler)
        self._once._pool.retryAutomatically = False  # noqa: SLF001 - no other way to it
        for handler in (self, self._once):
            bound(handler._pool)  # noqa: SLF001 - as above

    async def download_request(self, request: Request) -> Response:
        """Send a request; raises what Scrapy's own handler raises."""
        if request.meta.get(SENT_ONCE):
            answer: Response = await self._once.download_request(request)
            return answer
        return await super().download_request(request)

    async def close(self) -> None:
        """Close the connections kept open."""
        await self._once.close()
        await super().close()
