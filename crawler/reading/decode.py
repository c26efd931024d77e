"""Take the content-encoding off a body that may be truncated, mislabelled or a bomb.

Every decoder is fed piece by piece and its output counted, so that no more than the cap is ever
held. A broken stream gives what came before the break; only nothing at all is a failure.
"""

import re
import sys
import zlib
from collections.abc import Callable  # noqa: TC003 - a table below is annotated with it
from dataclasses import dataclass
from typing import Protocol

import brotli

if sys.version_info >= (3, 14):
    from compression.zstd import ZstdDecompressor, ZstdError
else:
    from backports.zstd import ZstdDecompressor, ZstdError

MAX_LAYERS = 3
_PIECE = 64 * 1024
_GZIP_MAGIC = b"\x1f\x8b\x08"
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_TOKEN = re.compile(r"[\w.+-]+")
_IDENTITY = frozenset({"identity", "none", "utf-8", "chunked", "aws-chunked"})
_MARKUP = re.compile(rb"\s*(?:\xef\xbb\xbf)?[<{\[%]")  # begins like a page, JSON or a PDF


class _Stream(Protocol):
    """A decoder: gives at most `limit` bytes a call, and says when it has ended or wants more."""

    ended: bool

    def feed(self, data: bytes, limit: int) -> bytes: ...

    def has_more(self) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A body without its content-encoding. `fault` is set when nothing could be decoded."""

    data: bytes
    was_truncated: bool = False
    fault: str | None = None  # "bad_encoding" or "too_many_encodings"


def decode_body(body: bytes, content_encoding: str | None, limit: int) -> Decoded:
    """Undo the encodings named by the header and a gzip nobody declared, three layers at most.

    `limit` bounds the decoded bytes. A body labelled as encoded that begins like a page is taken
    as it is, as servers do mislabel.
    """
    names = [token.lower() for token in _TOKEN.findall(content_encoding or "")]
    layers = [name for name in reversed(names) if name not in _IDENTITY]
    if len(layers) > MAX_LAYERS:
        return Decoded(data=b"", fault="too_many_encodings")
    data, was_truncated = body, False
    for _ in range(MAX_LAYERS):
        name = layers.pop(0) if layers else _sniff(data)
        if name is None:
            break
        opened = _undo(name, data, limit)
        if opened.fault:
            return opened
        data, was_truncated = opened.data, was_truncated or opened.was_truncated
    return Decoded(data=data[:limit], was_truncated=was_truncated or len(data) > limit)


def _sniff(data: bytes) -> str | None:
    if data.startswith(_GZIP_MAGIC):
        return "gzip"
    return "zstd" if data.startswith(_ZSTD_MAGIC) else None


def _undo(name: str, data: bytes, limit: int) -> Decoded:
    """Undo one layer. A label that the bytes belie gives them back unchanged."""
    magic = _sniff(data)
    if not data or (magic is None and (name in {"gzip", "x-gzip", "zstd"} or name not in _STREAMS)):
        return Decoded(data=data)
    make = _STREAMS[magic or name]
    out, ended = _drain(make, data, limit)
    if not out and not ended and not magic and name == "deflate":
        out, ended = _drain(_RawDeflate, data, limit)
    if not out and not ended:
        is_plain = magic is None and _MARKUP.match(data)
        return Decoded(data=data) if is_plain else Decoded(data=b"", fault="bad_encoding")
    return Decoded(data=out, was_truncated=not ended)


def _drain(make: "Callable[[], _Stream]", data: bytes, limit: int) -> tuple[bytes, bool]:
    """Return what the stream gives, up to the limit, and whether it came to its proper end."""
    out = bytearray()
    stream = make()
    view = memoryview(data)
    try:
        for start in range(0, len(view), _PIECE):
            out += stream.feed(bytes(view[start : start + _PIECE]), limit + 1 - len(out))
            while len(out) <= limit and stream.has_more():
                out += stream.feed(b"", limit + 1 - len(out))
            if len(out) > limit:
                return bytes(out[:limit]), False
            if stream.ended:
                break
    except (zlib.error, brotli.error, ZstdError, EOFError):
        return bytes(out), False
    return bytes(out), stream.ended


class _Zlib:
    """Gzip of any number of members, or zlib. What follows the last member is ignored."""

    window = zlib.MAX_WBITS

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(self.window)
        self._rest = b""
        self.ended = False

    def feed(self, data: bytes, limit: int) -> bytes:
        data = self._rest + data
        out = self._inner.decompress(data, limit)
        self._rest = self._inner.unconsumed_tail
        if self._inner.eof:
            self._begin_next()
        return out

    def has_more(self) -> bool:
        return bool(self._rest) and not self.ended

    def _begin_next(self) -> None:
        unused = self._inner.unused_data
        if self.window > zlib.MAX_WBITS and unused.startswith(_GZIP_MAGIC):
            self._inner = zlib.decompressobj(self.window)
            self._rest = unused
        else:
            self.ended = True


class _Gzip(_Zlib):
    window = zlib.MAX_WBITS + 16


class _RawDeflate(_Zlib):
    """Deflate as some old servers send it, without the zlib header the standard asks for."""

    window = -zlib.MAX_WBITS


class _Brotli:
    def __init__(self) -> None:
        self._inner = brotli.Decompressor()
        self.ended = False

    def feed(self, data: bytes, limit: int) -> bytes:
        out: bytes = self._inner.process(data, output_buffer_limit=limit)
        self.ended = self._inner.is_finished()
        return out

    def has_more(self) -> bool:
        return not self.ended and not self._inner.can_accept_more_data()


class _Zstd:
    """Zstandard of any number of frames."""

    def __init__(self) -> None:
        self._inner = ZstdDecompressor()
        self._rest = b""
        self.ended = False

    def feed(self, data: bytes, limit: int) -> bytes:
        out = self._inner.decompress(self._rest + data, limit)
        self._rest = b""
        if self._inner.eof:
            self._begin_next(self._inner.unused_data)
        return out

    def has_more(self) -> bool:
        return not self.ended and (bool(self._rest) or not self._inner.needs_input)

    def _begin_next(self, unused: bytes) -> None:
        self.ended = not unused.startswith(_ZSTD_MAGIC)
        if not self.ended:
            self._inner = ZstdDecompressor()
            self._rest = unused


_STREAMS: dict[str, "Callable[[], _Stream]"] = {
    "gzip": _Gzip,
    "x-gzip": _Gzip,
    "deflate": _Zlib,
    "br": _Brotli,
    "zstd": _Zstd,
}
