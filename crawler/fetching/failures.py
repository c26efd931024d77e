"""From the exception a fetch ended in to the outcome of the errand, with one sentence.

Scrapy wraps what Twisted raised, Twisted what OpenSSL or the socket did: the whole chain of
causes is looked through, and the most telling one decides.
"""

import re
import ssl
from collections.abc import Iterator
from socket import gaierror

from OpenSSL import SSL
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    NotSupported,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
from service_identity import CertificateError, VerificationError
from twisted.internet import error
from twisted.python.failure import Failure
from twisted.web import http
from twisted.web._newclient import ParseError, RequestGenerationFailed
from twisted.web.client import ResponseFailed
from twisted.web.http_headers import InvalidHeaderName

from crawler.core.words import Outcome
from crawler.fetching.guard import AddressRefused
from crawler.fetching.refusals import RobotsDisallowed, RobotsUnreachable

_LONGEST = 300  # characters of a problem: it goes on a row and on a line of talk
_DEEPEST = 12  # causes looked through; a hostile chain must not cost more

# Outcome, what it is told by, and the sentence; none where the exception's own message is one.
_RULES: tuple[tuple[Outcome, tuple[type[BaseException], ...], str], ...] = (
    (Outcome.REFUSED_ADDRESS, (AddressRefused,), ""),
    (Outcome.ROBOTS_DISALLOWED, (RobotsDisallowed,), ""),
    (Outcome.ROBOTS_UNREACHABLE, (RobotsUnreachable,), ""),
    (
        Outcome.OUT_OF_SCOPE,
        (NotSupported, UnsupportedURLSchemeError),
        "only http and https are fetched",
    ),
    (
        Outcome.TLS_FAILED,
        (SSL.Error, ssl.SSLError, VerificationError, CertificateError, error.SSLError),
        "no trusted TLS connection",
    ),
    (
        Outcome.DNS_FAILED,
        (CannotResolveHostError, error.DNSLookupError, error.UnknownHostError, gaierror),
        "the host's name does not resolve",
    ),
    (
        Outcome.TIMED_OUT,
        (DownloadTimeoutError, error.TimeoutError, error.TCPTimedOutError, TimeoutError),
        "no complete answer in time",
    ),
    (
        Outcome.CONNECT_FAILED,
        (DownloadConnectionRefusedError, error.ConnectError, ConnectionRefusedError),
        "no connection could be made",
    ),
    (
        Outcome.PROTOCOL_ERROR,
        (ParseError, InvalidHeaderName, http._MalformedChunkedDataError),  # noqa: SLF001 - Twisted exports neither
        "the answer is not HTTP",
    ),
    (
        Outcome.CONNECT_FAILED,
        (error.ConnectionClosed, error.ConnectionAborted, ConnectionError),
        "the connection broke before an answer came",
    ),
    (
        Outcome.PROTOCOL_ERROR,
        (DownloadFailedError, ResponseFailed, ResponseDataLossError, RequestGenerationFailed),
        "the answer could not be understood",
    ),
)
_BAD_NAME = re.compile("invalid hostname", re.IGNORECASE)


def classify(exception: BaseException) -> tuple[Outcome, str]:
    """Return the outcome and the problem, one sentence of at most 300 characters."""
    causes = tuple(_causes(exception))
    for outcome, kinds, sentence in _RULES:
        for cause in causes:
            if isinstance(cause, kinds):
                return outcome, _problem(sentence, cause)
    if isinstance(exception, ValueError) and _BAD_NAME.search(str(exception)):
        return Outcome.DNS_FAILED, _problem("the host's name is not one", exception)
    return Outcome.INTERNAL_ERROR, _problem("unexpected failure", exception)


def _causes(exception: BaseException) -> Iterator[BaseException]:
    """Yield an exception and all it was raised from, widest first, each once."""
    queue, seen = [exception], set[int]()
    while queue and len(seen) < _DEEPEST:
        cause = queue.pop(0)
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        queue.extend(_inside(cause))


def _inside(exception: BaseException) -> Iterator[BaseException]:
    for failure in getattr(exception, "reasons", None) or ():
        if isinstance(failure, Failure) and failure.value is not None:
            yield failure.value
    if exception.__cause__ is not None:
        yield exception.__cause__


def _problem(sentence: str, cause: BaseException) -> str:
    detail = " ".join(str(cause).split()) or type(cause).__name__
    text = f"{sentence} ({detail})" if sentence else detail
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 4]}...)"
