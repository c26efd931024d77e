"""Raw faults: what a server does to a socket when it is not well."""

import asyncio
from asyncio import StreamReader as Reader
from asyncio import StreamWriter as Writer
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress

from crawler.demo.http1 import HTML, Deed, head

CLOSING = ("Connection", "close")  # a deed ends its connection, and says so
Act = Callable[[Reader, Writer], Awaitable[None]]
BLOCK = 64 * 1024  # bytes of one streamed piece
DRIPS = 50  # pieces of a dripping body


def deed(name: str, act: Act, status: int | None = None) -> Deed:
    """Return a raw answer for the handler to give."""
    return Deed(name=name, act=act, status=status)


async def _drop(_reader: Reader, writer: Writer) -> None:
    writer.transport.abort()


async def _hang(reader: Reader, _writer: Writer) -> None:
    while await reader.read(BLOCK):
        pass


def drop() -> Deed:
    """Close the connection without an answer."""
    return deed("drop", _drop)


def hang() -> Deed:
    """Say nothing until the client gives up."""
    return deed("hang", _hang)


def hang_after(sent: bytes, status: int = 200) -> Deed:
    """Send some bytes, then say nothing until the client gives up."""

    async def act(reader: Reader, writer: Writer) -> None:
        writer.write(sent)
        await _hang(reader, writer)

    return deed("hang-after", act, status)


def raw(name: str, sent: bytes, status: int | None = None) -> Deed:
    """Send bytes exactly as given and close."""

    async def act(_reader: Reader, writer: Writer) -> None:
        writer.write(sent)
        await writer.drain()

    return deed(name, act, status)


def partial(body: bytes, *, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Deed:
    """Promise the whole body, send half of it, close."""
    promise = head(
        status, (("Content-Type", HTML), ("Content-Length", str(len(body))), CLOSING, *headers)
    )
    return raw("partial", promise + body[: len(body) // 2], status)


def drip(body: bytes, seconds: float, *, with_head: bool = False) -> Deed:
    """Send a reply in small pieces over `seconds`; with_head drips the headers as well."""
    promise = head(200, (("Content-Type", HTML), ("Content-Length", str(len(body))), CLOSING))
    whole, at_once = promise + body, 0 if with_head else len(promise)

    async def act(_reader: Reader, writer: Writer) -> None:
        writer.write(whole[:at_once])
        step = max(1, (len(whole) - at_once) // DRIPS)
        for start in range(at_once, len(whole), step):
            writer.write(whole[start : start + step])
            await writer.drain()
            await asyncio.sleep(seconds / DRIPS)

    return deed("drip", act, 200)


def _pieces(opening: bytes, block: bytes, blocks: int, closing: bytes) -> Iterator[bytes]:
    yield opening
    for _ in range(blocks):
        yield block
    yield closing


async def _pour(writer: Writer, pieces: Iterator[bytes], *, chunked: bool) -> None:
    with suppress(ConnectionError):  # the client may stop at its cap
        for piece in pieces:
            writer.write(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
            await writer.drain()
        if chunked:
            writer.write(b"0\r\n\r\n")


def stream(opening: bytes, block: bytes, blocks: int, closing: bytes, *, chunked: bool) -> Deed:
    """Send opening, `blocks` times the block, closing: with a length, or chunked."""
    length = len(opening) + len(block) * blocks + len(closing)
    framing = ("Transfer-Encoding", "chunked") if chunked else ("Content-Length", str(length))

    async def act(_reader: Reader, writer: Writer) -> None:
        writer.write(head(200, (("Content-Type", HTML), framing, CLOSING)))
        await _pour(writer, _pieces(opening, block, blocks, closing), chunked=chunked)

    return deed("stream", act, 200)
