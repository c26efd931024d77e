"""HTTP/1.1 by hand over asyncio streams: small enough to misbehave on purpose.

A handler takes a `Request` and returns a `Reply` (sent properly, connection kept) or a `Deed`
(writes to the socket as it likes; the connection is closed afterwards).
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qs

MAX_HEAD = 1 << 20  # bytes of a request head we still read
HTML = "text/html; charset=utf-8"
BODILESS = {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}

Header = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as received. `address` is the loopback address it came in on."""

    method: str
    target: str  # as sent: path and query
    headers: dict[str, str]  # lower-case names; the last of a repeated name
    address: str
    port: int
    body: bytes = b""

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    @property
    def query_string(self) -> str:
        """What follows the first question mark, undecoded."""
        return self.target.partition("?")[2]

    @property
    def query(self) -> dict[str, list[str]]:
        """Return the decoded query; a name without a value maps to an empty string."""
        return parse_qs(self.query_string, keep_blank_values=True)

    def param(self, name: str, default: str = "") -> str:
        """Return the first value of a query parameter."""
        return self.query.get(name, [default])[0] if self.query_string else default

    @property
    def origin(self) -> str:
        """The base URL the client used, e.g. http://127.0.0.2:8080, without a final slash."""
        return f"http://{self.headers.get('host') or f'{self.address}:{self.port}'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A well-formed answer. `wait` is seconds of silence before it is sent."""

    status: int = 200
    body: bytes = b""
    media_type: str = HTML  # "" sends no Content-Type
    headers: tuple[Header, ...] = ()
    wait: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """An answer by direct action on the socket. `status` None: no status line is sent."""

    name: str
    act: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]] = field(repr=False)
    status: int | None = None


Answer = Reply | Deed
Handler = Callable[[Request], Answer]


def head(status: int, headers: tuple[Header, ...]) -> bytes:
    """Return a status line and headers, blank line included, in Latin-1."""
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "Unnamed"
    lines = [f"HTTP/1.1 {status} {phrase}", *(f"{name}: {value}" for name, value in headers)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


def encode(reply: Reply, *, with_body: bool = True) -> bytes:
    """Return a reply as it goes on the wire."""
    headers: tuple[Header, ...] = (("Content-Type", reply.media_type),) if reply.media_type else ()
    if reply.status not in BODILESS:
        headers += (("Content-Length", str(len(reply.body))),)
    has_body = with_body and reply.status not in BODILESS
    return head(reply.status, headers + reply.headers) + (reply.body if has_body else b"")


def redirect(location: str, status: int = HTTPStatus.FOUND) -> Reply:
    """Return a redirect with a short body, as servers send it."""
    return Reply(
        status=status,
        body=b"<html><body>Redirecting.</body></html>",
        headers=(("Location", location),),
    )


async def read_request(reader: asyncio.StreamReader, address: str, port: int) -> Request | None:
    """Read one request; None when the client is gone or talks no HTTP."""
    try:
        raw = await reader.readuntil(b"\r\n\r\n")
        line, *rest = raw.decode("latin-1").split("\r\n")
        method, target, _version = line.split(" ", 2)
        headers = {}
        for item in rest:
            name, _, value = item.partition(":")
            headers[name.lower()] = value.strip()
        headers.pop("", None)
        body = await reader.readexactly(int(headers.get("content-length") or 0))
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, ValueError):
        return None
    return Request(
        method=method, target=target, headers=headers, address=address, port=port, body=body
    )


async def perform(
    answer: Answer, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> bool:
    """Send one answer; return whether the connection may be used again."""
    if isinstance(answer, Deed):
        await answer.act(reader, writer)
        return False
    if answer.wait:
        await asyncio.sleep(answer.wait)
    writer.write(encode(answer, with_body=request.method != "HEAD"))
    await writer.drain()
    return request.headers.get("connection", "").lower() != "close"


async def converse(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, handler: Handler
) -> None:
    """Serve one connection until either side has had enough."""
    address, port = writer.get_extra_info("sockname")[:2]
    try:
        while request := await read_request(reader, address, port):
            if not await perform(handler(request), request, reader, writer):
                break
    except ConnectionError:
        pass
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
