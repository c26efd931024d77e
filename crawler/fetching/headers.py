"""Heads of requests and answers: what we send, and the values a visit and a WARC record keep.

Pairs are (name, value) of latin-1 text: every byte a server may send has one character.
"""

import re
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler import __version__
from crawler.core.values import Headers

if TYPE_CHECKING:  # the configuration reads this module, and must not cost Scrapy's import
    from scrapy.http import Headers as ScrapyHeaders
    from scrapy.http import Request, Response

ACCEPT_ENCODING = "gzip, deflate, br, zstd"
"""What the reading workers can undo. Set by hand: the middleware that would send it is off."""

PRODUCT = "newsmorgue"
"""The product token: what a robots.txt names us by."""

_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
_BREAKS = re.compile("[\r\n\0]+")
_UNSENDABLE = re.compile(r"[^\x20-\x7e]|[()\\]")


def user_agent(contact: str | None = None) -> str:
    """Return `newsmorgue/<version> (+contact)`, the contact being a page or an address.

    Characters that would break the header or the comment are left out.
    """
    product = f"{PRODUCT}/{__version__}"
    cleaned = _UNSENDABLE.sub("", contact or "").strip()
    return f"{product} (+{cleaned})" if cleaned else product


def visit_headers(response: "Response") -> Headers:
    """Return the answer's headers as a visit keeps them: names in lower case, repeats kept."""
    return tuple((name.lower(), value) for name, value in response_pairs(response))


def response_pairs(response: "Response") -> Headers:
    """Return the answer's headers for its WARC record.

    Scrapy keeps names in Title-Case and groups repeats; Transfer-Encoding is gone by then.
    """
    return _pairs(response.headers)


def request_pairs(request: "Request") -> Headers:
    """Return the request's headers for its WARC record, with the Host that Twisted adds."""
    return (("Host", _host_value(request.url)), *_pairs(request.headers))


def request_line(request: "Request") -> str:
    """Return the first line of the request, such as `GET /path?query HTTP/1.1`."""
    parts = urlsplit(request.url)
    query = f"?{parts.query}" if parts.query else ""
    return f"{request.method} {parts.path or '/'}{query} HTTP/1.1"


def status_line(response: "Response") -> str:
    """Return the first line of the answer. Scrapy drops the phrase: the standard one stands in."""
    protocol = response.protocol or "HTTP/1.1"
    try:
        phrase = HTTPStatus(response.status).phrase
    except ValueError:
        phrase = "Unknown"
    return f"{protocol} {response.status} {phrase}"


def _host_value(url: str) -> str:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return host.removesuffix(_DEFAULT_PORTS.get(parts.scheme, ""))


def _pairs(headers: "ScrapyHeaders") -> Headers:
    return tuple(
        (_text(name), _text(value)) for name, values in headers.items() for value in values
    )


def _text(raw: bytes) -> str:
    """Decode, and flatten line breaks that would forge a line in a record."""
    return _BREAKS.sub(" ", raw.decode("latin-1"))
