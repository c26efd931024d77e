"""One reading of a WARC file that checks all of it: gzip, framing, digests, and who it says it is.

Each byte of our files is covered: those of a record by its member's CRC, the member's own header
by being the only one that we write. Bytes and memory used do not grow with the file.
"""

import hashlib
import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from storage.warc.members import MAGIC, Gap, Member, member_at, walk
from storage.warc.names import run_of
from storage.warc.text import sha1_digest

_HEAD_END = b"\r\n\r\n"
_MAX_HTTP_HEAD = 1 << 20  # bytes; ours stay under 32 KiB
# RFC 1952, section 2.3.1: XFL tells how the data were packed; OS 3 is Unix, 19 zlib's on a Mac.
_PACKED, _STORED = 0, 4
_SYSTEMS = (3, 19)
_HEADER = 10  # bytes of a gzip header without further fields
_FIELD = re.compile(rb"([!-9;-~]+):[ \t]*([^\r\n]*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What one stretch of a file holds, and what is wrong with it.

    `kind` is a WARC-Type, or "gap" for bytes that are no whole record; then `fields` are those
    of the header, if it could still be read. Digests are those of the bytes found.
    """

    start: int
    end: int
    kind: str
    fields: Mapping[str, str]  # named fields in lower case
    payload_digest: str | None  # "sha1:BASE32" of the body of a response
    payload_sha256: str | None  # hex, of the same bytes
    wrong: tuple[str, ...]

    @property
    def is_capture(self) -> bool:
        """Whether it is the record of a capture that a ledger may point to."""
        return self.kind in {"response", "revisit"}

    @property
    def url(self) -> str | None:
        """The WARC-Target-URI."""
        return self.fields.get("warc-target-uri")


def check_file(stream: BinaryIO, name: str, until: int) -> Iterator[Checked]:
    """Yield every stretch of a file from its beginning to `until`, in order and without a hole.

    `name` is the file's final name: its first record must bear it. OSError if the disk fails.
    """
    system: int | None = None  # one program wrote them all, on one machine
    for found, heard in walk(stream, until, _Heard):
        if isinstance(found, Gap):
            yield _gap(found, heard, until)
            continue
        yield _record(stream, found, heard, name, system)
        if system is None:
            system = _header(stream, found.start)[9]


def check_at(stream: BinaryIO, name: str, at: int, until: int) -> Checked | None:
    """Return the record that begins at an offset, checked; None when none begins there."""
    heard = _Heard()
    found = member_at(stream, at, until, heard)
    return None if found is None else _record(stream, found, heard, name, None)


class _Heard:
    """Takes the digests of a record while it is read."""

    def __init__(self) -> None:
        self.fields: dict[str, str] = {}
        self.unpacked = 0  # bytes of header and block
        self._block = hashlib.sha1(usedforsecurity=False)
        self._payload = hashlib.sha1(usedforsecurity=False)
        self._sha256 = hashlib.sha256()
        self._before: bytearray | None = bytearray()  # the HTTP head, until it has ended

    def head(self, data: bytes) -> None:
        self.unpacked += len(data)
        self.fields = {
            name.decode("latin-1").lower(): value.decode("utf-8", "replace").strip()
            for name, value in _FIELD.findall(data)
        }

    def block(self, data: bytes) -> None:
        self.unpacked += len(data)
        self._block.update(data)
        if self._before is not None:
            self._before += data
            at = self._before.find(_HEAD_END)
            if at < 0 and len(self._before) < _MAX_HTTP_HEAD:
                return
            data = bytes(self._before[at + len(_HEAD_END) :]) if at >= 0 else b""
            self._before = None
        self._payload.update(data)
        self._sha256.update(data)

    @property
    def block_digest(self) -> str:
        return sha1_digest(self._block.digest())

    @property
    def payload_digest(self) -> str:
        return sha1_digest(self._payload.digest())

    @property
    def payload_sha256(self) -> str:
        return self._sha256.hexdigest()


def _gap(gap: Gap, heard: _Heard, until: int) -> Checked:
    last = gap.end == until
    what = "torn or damaged from here on" if last else f"torn or damaged up to {gap.end}"
    return Checked(
        start=gap.start,
        end=gap.end,
        kind="gap",
        fields=heard.fields,
        payload_digest=None,
        payload_sha256=None,
        wrong=(what,),
    )


def _record(
    stream: BinaryIO, member: Member, heard: _Heard, name: str, system: int | None
) -> Checked:
    is_response = member.kind == "response"
    is_ours = run_of(name) is not None
    header = _header(stream, member.start)
    return Checked(
        start=member.start,
        end=member.end,
        kind=member.kind,
        fields=heard.fields,
        payload_digest=heard.payload_digest if is_response else None,
        payload_sha256=heard.payload_sha256 if is_response else None,
        wrong=(
            *(_wrong_packing(header, member, heard, system) if is_ours else ()),
            *(_wrong_blocks(stream, member) if is_ours and header[8] == _STORED else ()),
            *_wrong_digests(heard, is_response=is_response),
            *_wrong_name(member, heard, name),
        ),
    )


def _header(stream: BinaryIO, start: int) -> bytes:
    stream.seek(start)
    return stream.read(_HEADER)


def _wrong_packing(
    header: bytes, member: Member, heard: _Heard, system: int | None
) -> Iterator[str]:
    """Yield what no reader of the data looks at but is damaged all the same."""
    packing = _STORED if member.end - member.start > heard.unpacked else _PACKED
    systems = _SYSTEMS if system is None else (system,)
    if header[:8] != MAGIC or header[8] != packing or header[9] not in systems:
        yield "the gzip header is not what was written"
    if member.has_stray_bits:
        yield "there are stray bits before the gzip trailer"


def _wrong_blocks(stream: BinaryIO, member: Member) -> Iterator[str]:
    """Yield stray bits in the headers of stored blocks (RFC 1951, section 3.2.4)."""
    at, last = member.start + _HEADER, 0
    while not last:
        stream.seek(at)
        head = stream.read(3)
        mark, size = struct.unpack("<BH", head) if len(head) == 3 else (2, 0)  # noqa: PLR2004
        if mark > 1:
            yield "there are stray bits in the packing"
            return
        last, at = mark, at + 5 + size


def _wrong_digests(heard: _Heard, *, is_response: bool) -> Iterator[str]:
    if heard.fields.get("warc-block-digest") != heard.block_digest:
        yield "the block's digest is missing or wrong"
    if is_response and heard.fields.get("warc-payload-digest") != heard.payload_digest:
        yield "the payload's digest is missing or wrong"


def _wrong_name(member: Member, heard: _Heard, name: str) -> Iterator[str]:
    if member.start != 0 or run_of(name) is None:
        return
    said = heard.fields.get("warc-filename")
    if member.kind != "warcinfo":
        yield "the file does not begin with its warcinfo record"
    elif said != name:
        yield f"the file says that it is {said}"
