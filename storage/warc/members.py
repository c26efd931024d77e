"""Walk the gzip members of a WARC file and tell which hold one whole record, in constant memory.

fastwarc reads a file cut short without a word (2.0.1: it returns the short record), so where a
file ends must be found here. zlib checks each member's CRC and length.
"""

import re
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol, TypeVar

_CHUNK = 16 * 1024
_MAX_HEAD = 64 * 1024  # the writer's own records stay under 32 KiB
_END = b"\r\n\r\n"
_TRAILER = 8  # bytes of a gzip member after its data: CRC and length
# How every member of our files begins: gzip, deflate, no flags, no time.
MAGIC = b"\x1f\x8b\x08\x00\x00\x00\x00\x00"
_LENGTH = re.compile(rb"\r\nContent-Length: *(\d{1,15})\r\n", re.IGNORECASE)
_TYPE = re.compile(rb"\r\nWARC-Type: *([a-z]+)\r\n", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One whole record: where its gzip member lies, in bytes, and its WARC-Type."""

    start: int
    end: int
    kind: str
    has_stray_bits: bool = False  # known only to those that listen: see `_Tail`


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A stretch of a file that holds no whole record: torn, damaged, or foreign bytes."""

    start: int
    end: int


class Listener(Protocol):
    """Hears what a record holds while it is read: its header once, its block in parts."""

    def head(self, data: bytes) -> None:
        """Take the record's header, the empty line left out."""

    def block(self, data: bytes) -> None:
        """Take the next part of the record's block."""


L = TypeVar("L", bound=Listener)


class _Record:
    """Follows the decompressed bytes of one member: header, block, and the two line ends."""

    def __init__(self, listener: Listener | None = None) -> None:
        self.kind = ""
        self._listener = listener
        self._head = bytearray()
        self._in_head = True
        self._missing = 0  # bytes of the block and its end still to come; negative: too many
        self._tail = b""

    def feed(self, data: bytes) -> None:
        if self._in_head:
            data = self._feed_head(data)
        if self._listener is not None and self._missing > len(_END) and data:
            self._listener.block(data[: self._missing - len(_END)])
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
        if self._listener is not None:
            self._listener.head(head)
        return rest


class _Input:
    """A file read in chunks up to `until`, with what a member did not use put back."""

    def __init__(self, stream: BinaryIO, at: int = 0, until: int | None = None) -> None:
        self._stream = stream
        self._until = until
        self._pending = b""
        self.at = at  # offset of the next byte not used

    def take(self) -> bytes:
        room = _CHUNK if self._until is None else max(0, min(_CHUNK, self._until - self.at))
        data = self._pending or self._stream.read(room)
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
        kind = _read_member(source, _Record())
        if kind is None:
            return
        yield Member(start=start, end=source.at, kind=kind)


def walk(
    stream: BinaryIO, until: int, listen: Callable[[], L]
) -> Iterator[tuple[Member, L] | tuple[Gap, L]]:
    """Yield every whole record of a file up to `until` bytes, and every gap between them.

    `listen` gives each record its listener. That of a gap heard what could be unpacked of it.
    After a gap the next record is looked for, so one damaged byte hides nothing behind it.
    """
    at = 0
    while at < until:
        listener = listen()
        member = member_at(stream, at, until, listener)
        if member is not None:
            at = member.end
            yield member, listener
        else:
            gap = Gap(start=at, end=_next_member(stream, at + 1, until))
            at = gap.end
            yield gap, listener


def member_at(stream: BinaryIO, at: int, until: int, listener: Listener) -> Member | None:
    """Return the record that begins at an offset; None when none that is whole does."""
    stream.seek(at)
    source, tail = _Input(stream, at, until), _Tail()
    kind = _read_member(source, _Record(listener), tail)
    if kind is None:
        return None
    return Member(start=at, end=source.at, kind=kind, has_stray_bits=tail.has_stray_bits())


def _next_member(stream: BinaryIO, at: int, until: int) -> int:
    """Return where the next whole record begins at or after an offset; `until` if none does."""
    while (at := _find(stream, MAGIC, at, until)) < until:
        stream.seek(at)
        if _read_member(_Input(stream, at, until), _Record()) is not None:
            return at
        at += 1
    return until


def _find(stream: BinaryIO, wanted: bytes, at: int, until: int) -> int:
    """Return the offset of some bytes at or after an offset; `until` if they do not come."""
    stream.seek(at)
    held = b""
    while at < until and (data := stream.read(min(_CHUNK, until - at))):
        at += len(data)
        held += data
        found = held.find(wanted)
        if found >= 0:
            return at - len(held) + found
        held = held[1 - len(wanted) :]
    return until


class _Tail:
    """The end of a member, kept to look at the bits between its data and its CRC.

    Deflate ends within a byte; what is left of it is padding that our writer sets to zero and
    that no reader looks at.
    """

    def __init__(self) -> None:
        self._steps: deque[tuple[Any, bytes]] = deque(maxlen=3)

    def note(self, state: Any, used: bytes) -> None:
        """Take zlib's state before a step, and the bytes that the step used."""
        self._steps.append((state, used))

    def has_stray_bits(self) -> bool:
        """Whether the last bit set before the CRC is part of nothing."""
        data = b"".join(used for _, used in self._steps)
        last = data[-_TRAILER - 1] if len(data) > _TRAILER else 0
        if last == 0:
            return False
        without = last ^ (1 << (last.bit_length() - 1))
        probe = self._steps[0][0]
        try:
            probe.decompress(data[: -_TRAILER - 1] + bytes([without]) + data[-_TRAILER:])
        except zlib.error:
            return False
        return bool(probe.eof)


def _read_member(source: _Input, record: _Record, tail: _Tail | None = None) -> str | None:
    inflate = zlib.decompressobj(wbits=31)  # 31: gzip, header and trailer checked
    data = out = b""
    while not inflate.eof:
        # A full output buffer may have left more inside zlib though the input is used up.
        if not data and len(out) < _CHUNK and not (data := source.take()):
            return None
        state = None if tail is None else inflate.copy()
        try:
            out = inflate.decompress(data, _CHUNK)
        except zlib.error:
            return None
        record.feed(out)
        if record.is_hopeless:
            return None
        if tail is not None:
            tail.note(state, data[: len(data) - len(_left(inflate))])
        data = inflate.unconsumed_tail
    source.put_back(inflate.unused_data)
    return record.kind if record.is_whole else None


def _left(inflate: Any) -> bytes:
    """Return what zlib has not used of its input; at a member's end it names that twice."""
    left: bytes = inflate.unused_data if inflate.eof else inflate.unconsumed_tail
    return left
