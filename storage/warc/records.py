"""Values become WARC/1.1 records (ISO 28500:2017), each a gzip member of its own.

An archive's copy is written as what it is: a response of the archive, under the memento URL that
was asked (WARC-Target-URI), never under the original page's. Each of its records says so by itself
(`provenance`). A `metadata` record of type application/warc-fields, WARC-Concurrent-To that
response, names the archive, the original and when the archive captured it (section 6.6: metadata
further describes a harvested resource). docs/reference/warc.md has the reasons.

A capture is written metadata, request, response: when the last record is whole, so is the capture.
"""

import io
import ipaddress
import uuid
import zlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal, get_args

from fastwarc.stream_io import GzipWriter
from fastwarc.warc import WarcRecord, WarcRecordType

from storage.warc.messages import NOT_MODIFIED_STATUS, request_message, response_head
from storage.warc.text import one_line, payload_digest, token, warc_date, warc_uri
from storage.warc.values import ArchiveOrigin, Duplicate, Exchange, Pairs, Truncated

# Measured on 80 news pages of 186 KB mean, digests included: level 4 1.95 ms and 41.7 KB,
# level 5 2.17 ms and 40.9 KB, level 6 2.38 ms and 40.8 KB a page.
GZIP_LEVEL = 5
STORED = 0  # gzip's level for bytes that no level makes smaller
_GZIP_MEMBER = 31  # zlib's wbits: a gzip header and trailer around it
# fastwarc 2.0.1 packs a page faster than CPython's zlib, but needs 0.3 ms to begin: even at 46 KB.
_SMALL = 40_000  # bytes
# Three samples of a block are packed on trial. Of 120 news pages markup came to 0.24 to 0.57 of its
# size, the same pages as gzip, deflate and brotli to 0.98 or more, base64 to 0.76.
_SAMPLE = 1024  # bytes
_PACKED = 0.95  # of its size: the sample will not get smaller

IDENTICAL: Final = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
NOT_MODIFIED: Final = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
CAPTURE_KINDS: Final = frozenset({"response", "revisit"})

_STATUS = range(100, 1000)

DESCRIPTION = (
    "Bodies are as received, Content-Encoding included. Transfer-Encoding was undone by the HTTP "
    "library: that header is dropped and Content-Length rewritten, on a 304 dropped. Control "
    "characters in headers are replaced by spaces, headers past 28000 bytes a message left out "
    "(X-Headers-Left-Out counts them). Request headers that carry credentials are left out. What "
    "a web archive gave is recorded under the memento's own URL, never under the original's; each "
    "such record bears WARC-Source-URI, X-Archive, X-Memento-Datetime and X-Original-URI, and a "
    "metadata record names them too."
)

# The named fields of an archive's copy. The first is what pywb writes for a record that came from
# an archive (1.1 has no field for it); the standard lets further fields stand (section 4).
SOURCE: Final = "WARC-Source-URI"
ARCHIVE: Final = "X-Archive"
MEMENTO_DATETIME: Final = "X-Memento-Datetime"
ORIGINAL: Final = "X-Original-URI"
_PROVENANCE_ROOM = 12_000  # bytes: with two URLs of MAX_URI_BYTES a header would pass 32 KiB

Kind = Literal["warcinfo", "metadata", "request", "response", "revisit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A record before it is packed."""

    kind: Kind
    at: datetime
    block: bytes
    content_type: str
    fields: Pairs = ()  # further named fields, already clean
    record_id: str = field(default_factory=lambda: f"uuid:{uuid.uuid4()}")

    @property
    def urn(self) -> str:
        """The WARC-Record-ID as it stands in the record."""
        return f"<urn:{self.record_id}>"


def pack(draft: Draft, *, warcinfo: str | None) -> bytes:
    """Return the record as one gzip member; `warcinfo` is the id of the file's first record."""
    record = WarcRecord()
    record.init_headers(
        getattr(WarcRecordType, draft.kind), record_urn=draft.record_id.encode("ascii")
    )
    record.headers.set("WARC-Date", warc_date(draft.at))
    record.headers.append("Content-Type", draft.content_type)
    record.headers.append("WARC-Block-Digest", payload_digest(draft.block))
    if warcinfo is not None:
        record.headers.append("WARC-Warcinfo-ID", warcinfo)
    for name, value in draft.fields:
        record.headers.append(name, value)
    record.set_bytes_content(draft.block)
    return _member(record, draft.block)


def _member(record: WarcRecord, block: bytes) -> bytes:
    sink = io.BytesIO()
    level = _level(block)
    if level != STORED and len(block) > _SMALL:
        writer = GzipWriter(sink, compression_level=level)
        record.write(writer)
        writer.finish()
        return sink.getvalue()
    record.write(sink)
    return zlib.compress(sink.getbuffer(), level, _GZIP_MEMBER)


def _level(block: bytes) -> int:
    """Return the gzip level for a block: one that is packed already is stored as it is.

    The bytes are asked, not Content-Encoding: servers lie, and an image needs no packing either.
    """
    quarter = len(block) // 4
    if quarter < _SAMPLE:
        return GZIP_LEVEL
    sample = b"".join(block[at : at + _SAMPLE] for at in (quarter, 2 * quarter, 3 * quarter))
    packed = len(zlib.compress(sample, 1))
    return STORED if packed > _PACKED * len(sample) else GZIP_LEVEL


def warcinfo_draft(*, name: str, at: datetime, about: Pairs) -> Draft:
    """Return a file's first record: who wrote it, with what, and how."""
    fields = (
        *about,
        ("format", "WARC File Format 1.1"),
        (
            "conformsTo",
            "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
        ),
        ("description", DESCRIPTION),
    )
    return Draft(
        kind="warcinfo",
        at=at,
        block=_warc_fields(fields),
        content_type="application/warc-fields",
        fields=(("WARC-Filename", name),),
    )


def capture_drafts(exchange: Exchange, same_as: Duplicate | None) -> list[Draft]:
    """Return the records of one exchange, the response or revisit last.

    ValueError for a naive datetime, a URL that is over-long or not http(s) (lower case), a status
    outside 100 to 999, or a duplicate with another digest.
    """
    _check(exchange, same_as)
    capture = _revisit(exchange, same_as) if same_as else _response(exchange)
    concurrent: Pairs = (("WARC-Concurrent-To", capture.urn),)
    if exchange.archive is not None:
        concurrent += provenance(exchange.archive)
    drafts = [_http("request", exchange, request_message(exchange), concurrent), capture]
    if exchange.archive is not None:
        drafts.insert(0, _metadata(exchange, exchange.archive, capture.urn))
    return drafts


def digest_of(exchange: Exchange, same_as: Duplicate | None) -> str | None:
    """Return the digest of the payload this capture stands for."""
    if same_as is not None and exchange.status == NOT_MODIFIED_STATUS:
        return same_as.payload_digest
    return payload_digest(exchange.body)


def _check(exchange: Exchange, same_as: Duplicate | None) -> None:
    warc_date(exchange.fetched_at)
    if not exchange.url.startswith(("http://", "https://")):
        raise ValueError(f"not an http or https URL: {exchange.url[:200]!r}")
    if exchange.status not in _STATUS:
        raise ValueError(f"not an HTTP status: {exchange.status}")
    if exchange.truncated not in {None, *get_args(Truncated)}:
        raise ValueError(f"not a reason for WARC-Truncated: {exchange.truncated!r}")
    if same_as is None or same_as.payload_digest is None:
        return
    if digest_of(exchange, same_as) != same_as.payload_digest:
        raise ValueError("a revisit needs the payload digest of the capture it refers to")


def _response(exchange: Exchange) -> Draft:
    head, fields = response_head(exchange)
    digest = ("WARC-Payload-Digest", payload_digest(exchange.body))
    origin = provenance(exchange.archive) if exchange.archive is not None else ()
    return _http("response", exchange, head + exchange.body, (*fields, digest, *origin))


def _revisit(exchange: Exchange, same_as: Duplicate) -> Draft:
    head, fields = response_head(exchange)
    refers = [
        ("WARC-Refers-To-Target-URI", warc_uri(same_as.uri)),
        ("WARC-Refers-To-Date", warc_date(same_as.date)),
        # Where the payload lies: not in the standard, which lets other fields stand, but known
        # to OpenWayback.
        ("WARC-Refers-To-Filename", one_line(same_as.file)),
        ("WARC-Refers-To-File-Offset", str(same_as.offset)),
    ]
    if same_as.record_id is not None:
        refers.append(("WARC-Refers-To", one_line(same_as.record_id)))
    profile = NOT_MODIFIED if exchange.status == NOT_MODIFIED_STATUS else IDENTICAL
    digest = digest_of(exchange, same_as)
    if profile == IDENTICAL and digest is not None:
        refers.append(("WARC-Payload-Digest", digest))
    return _http("revisit", exchange, head, (*fields, ("WARC-Profile", profile), *refers))


def provenance(origin: ArchiveOrigin) -> Pairs:
    """Return the fields by which a record says that an archive gave it, and as a copy of what.

    URLs too long for a record's header stand in the metadata record alone.
    """
    fields = (
        (ARCHIVE, one_line(origin.archive).encode("utf-8", "replace").decode()),
        (MEMENTO_DATETIME, warc_date(origin.memento_datetime)),
        (ORIGINAL, warc_uri(origin.original)),
        (SOURCE, warc_uri(origin.memento_url)),
    )
    kept: list[tuple[str, str]] = []
    room = _PROVENANCE_ROOM
    for name, value in fields:
        room -= len(name) + len(value)
        if room >= 0:
            kept.append((name, value))
    return tuple(kept)


def _metadata(exchange: Exchange, origin: ArchiveOrigin, concurrent_to: str) -> Draft:
    about = (
        ("archive", origin.archive),
        ("memento-url", warc_uri(origin.memento_url)),
        ("memento-datetime", warc_date(origin.memento_datetime)),
        ("original-uri", warc_uri(origin.original)),
    )
    return Draft(
        kind="metadata",
        at=exchange.fetched_at,
        block=_warc_fields(about),
        content_type="application/warc-fields",
        fields=(
            ("WARC-Target-URI", warc_uri(exchange.url)),
            ("WARC-Concurrent-To", concurrent_to),
            *provenance(origin),
        ),
    )


def _http(kind: Kind, exchange: Exchange, block: bytes, fields: Pairs) -> Draft:
    message = "request" if kind == "request" else "response"
    return Draft(
        kind=kind,
        at=exchange.fetched_at,
        block=block,
        content_type=f"application/http; msgtype={message}",
        fields=(("WARC-Target-URI", warc_uri(exchange.url)), *_address(exchange.ip), *fields),
    )


def _address(ip: str | None) -> Pairs:
    try:
        address = ipaddress.ip_address((ip or "").partition("%")[0])  # an IPv6 zone is ours alone
    except ValueError:
        return ()
    return (("WARC-IP-Address", str(address)),)


def _warc_fields(fields: Pairs) -> bytes:
    lines = (f"{token(name)}: {one_line(value)}\r\n" for name, value in fields if value)
    return "".join(lines).encode("utf-8", "replace")
