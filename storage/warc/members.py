"""Walk the gzip members of a WARC file and tell which hold one whole record, in constant memory.

fastwarc reads a file cut short without a word (2.0.1: it returns the short record), so where a
file ends must be found here. zlib checks each member's CRC and length.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

_CHUNK = 16 * 1024
_MAX_HEAD = 64 * 1024  # the writer's own records stay under 32 KiB
_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\nContent-Length: *(\d{1,15})\r\n", re.IGNORECASE)
_TYPE = re.compile(rb"\r\nWARC-Type: *([a-z]+)\r\n", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One whole record: where its gzip member lies, in bytes, and its WARC-Type."""

    start: int
    end: int
    kind: str


class _Record:
    """Follows the decompressed bytes of one member: header, block, and the two line ends."""

    def __init__(self) -> None:
        self.kind = ""
        self._head = bytearray()
        self._in_head = True
        self._missing = 0  # bytes of the block and its end still to come; negative: too many
        self._tail = b""

    def feed(self, data: bytes) -> None:
        if self._in_head:
            data = self._feed_head(data)
        self._missing -= len(data)
        self._tail = (self._tail + data)[-len(_END) :]

    @property
    def is_hopeless(self) -> bool:
        return self._missing < 0 or len(self._head) > _MAX_HEAD

    @property
    def is_whole(self) -> bool:
        return not self._in_head and self._missing == 0 and self._tail == _END

    def _feed_head(self, data: bytes) -> bytes:
        """Take header bytes and return those after the header."""
        self._head += data
        at = self._head.find(_END)
        if at < 0:
            return b""
        head, rest = bytes(self._head[: at + 2]), bytes(self._head[at + len(_END) :])
        length, kind = _LENGTH.search(head), _TYPE.search(head)
        self._in_head = False
        self._head.clear()
        if not head.startswith(b"WARC/1.") or length is None or kind is None:
            self._missing = -1
            return b""
        self._missing = int(length[1]) + len(_END)
        self.kind = kind[1].decode("ascii").lower()
        return rest


class _Input:
    """A file read in chunks, with what a member did not use put back."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._pending = b""
        self.at = 0  # offset of the next byte not used

    def take(self) -> bytes:
        data = self._pending or self._stream.read(_CHUNK)
        self._pending = b""
        self.at += len(data)
        return data

    def put_back(self, data: bytes) -> None:
        self._pending = data
        self.at -= len(data)


def whole_members(stream: BinaryIO) -> Iterator[Member]:
    """Yield the records of a file from its beginning, up to the first that is torn or damaged."""
    source = _Input(stream)
    while True:
        start = source.at
        kind = _read_member(source)
        if kind is None:
            return
        yield Member(start=start, end=source.at, kind=kind)


def _read_member(source: _Input) -> str | None:
    inflate = zlib.decompressobj(wbits=31)  # 31: gzip, header and trailer checked
    record = _Record()
    data = out = b""
    while not inflate.eof:
        # A full output buffer may have left more inside zlib though the input is used up.
        if not data and len(out) < _CHUNK and not (data := source.take()):
            return None
        try:
            out = inflate.decompress(data, _CHUNK)
        except zlib.error:
            return None
        record.feed(out)
        if record.is_hopeless:
            return None
        data = inflate.unconsumed_tail
    source.put_back(inflate.unused_data)
    return record.kind if record.is_whole else None
