"""HTTP messages as they stand in a record's block.

The HTTP library has undone Transfer-Encoding, so that header is dropped and one Content-Length
true of the body stands in its place; a 304 carries none, since it tells of a body not sent.
"""

import re
from collections.abc import Iterator

from storage.warc.text import header_block, octets, one_line, token, warc_uri
from storage.warc.values import Exchange, Pairs

NOT_MODIFIED_STATUS = 304

# A WARC file is made to be passed on: no key of ours stays in it.
_SECRET = frozenset({"authorization", "proxy-authorization", "cookie"})
_FRAMING = frozenset({"transfer-encoding", "content-length"})
_AUTHORITY = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://([^/?#]*)")
_HTTP_1 = re.compile(r"HTTP/1\.[01]")
_MAX_REASON = 500  # bytes; a phrase is for people, and a server once in a while sends a page here


def request_message(exchange: Exchange) -> bytes:
    """Return the request; the Host header, which HTTP libraries add by themselves, is put in."""
    uri = warc_uri(exchange.url)
    host = _AUTHORITY.match(uri)
    target = uri.removeprefix(host[0] if host else "").partition("#")[0]
    first = f"{token(exchange.method)} /{target.removeprefix('/')} HTTP/1.1\r\n".encode("ascii")
    names = {name.lower() for name, _ in exchange.request_headers}
    headers = tuple(pair for pair in exchange.request_headers if pair[0].lower() not in _SECRET)
    if host and "host" not in names:
        headers = (("Host", host[1]), *headers)
    lines, _ = header_block(headers, beside=len(first))
    return first + lines + b"\r\n"


def response_head(exchange: Exchange) -> tuple[bytes, Pairs]:
    """Return status line and headers up to the body, and the WARC fields that speak of them.

    Readers know HTTP/1.0 and 1.1 only: another protocol is named in WARC-Protocol.
    """
    protocol = one_line(exchange.protocol)
    is_http_1 = _HTTP_1.fullmatch(protocol) is not None
    status = f"{protocol if is_http_1 else 'HTTP/1.1'} {exchange.status} ".encode("ascii")
    first = status + octets(one_line(exchange.reason))[:_MAX_REASON]
    lines, dropped = header_block(_response_headers(exchange), beside=len(first))
    fields = []
    if not is_http_1 and protocol:
        fields.append(("WARC-Protocol", token(protocol.lower())))
    if dropped:
        fields.append(("X-Headers-Left-Out", str(dropped)))
    if exchange.truncated:
        fields.append(("WARC-Truncated", exchange.truncated))
    return first + b"\r\n" + lines + b"\r\n", tuple(fields)


def _response_headers(exchange: Exchange) -> Iterator[tuple[str, str]]:
    has_length = exchange.status == NOT_MODIFIED_STATUS
    for name, value in exchange.response_headers:
        if name.strip().lower() not in _FRAMING:
            yield name, value
        elif not has_length:
            has_length = True
            yield "Content-Length", str(len(exchange.body))
