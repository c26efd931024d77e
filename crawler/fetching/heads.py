"""A bound on the head of an answer: Twisted limits each header line, and not how many there are.

Measured: a server on loopback that sends headers for ever makes the process grow by 80 MB a second
until the time limit of the whole answer.
"""

from typing import Any

from scrapy.core.downloader.handlers.http11 import (
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
)
from twisted.internet.interfaces import IAddress
from twisted.python.failure import Failure
from twisted.web._newclient import BODY, ParseError
from twisted.web.client import HTTPConnectionPool

MAX_HEAD = 512 * 1024
"""Bytes of status line and headers, those of interim answers included; browsers stop at half."""


class _Bounded(_LenientHTTP11ClientProtocol):
    """A connection that is given up when the head of an answer does not end."""

    _head = 0  # bytes that came since the request, while its head was read

    def request(self, request: Any) -> Any:
        """Send a request; its answer's head is counted from nothing."""
        self._head = 0
        return super().request(request)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        """Read on, or give up."""
        if self._parser is not None and self._parser.state != BODY:
            self._head += len(data)
            if self._head > MAX_HEAD:
                error = ParseError("the headers do not end", data[:80])  # type: ignore[no-untyped-call]
                self._giveUp(Failure(error))  # type: ignore[no-untyped-call]
                return
        super().dataReceived(data)  # type: ignore[no-untyped-call]


class _Factory(_LenientHTTP11ClientFactory):
    def buildProtocol(self, addr: IAddress | None) -> _Bounded:  # noqa: ARG002, N802 - Twisted's
        return _Bounded(self._quiescentCallback)  # type: ignore[no-untyped-call]


def bound(pool: HTTPConnectionPool) -> None:
    """Let every connection of a pool have the bound; there is no public way to its protocol."""
    pool._factory = _Factory  # noqa: SLF001 - see above
