"""Read captures back by their position, and verify whole files."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Literal

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from storage.warc.checking import check_file
from storage.warc.names import OPEN, check_name
from storage.warc.records import ARCHIVE, MEMENTO_DATETIME, ORIGINAL, SOURCE
from storage.warc.text import payload_digest
from storage.warc.values import ArchiveOrigin, Pairs, Problem, Stored, WarcError

_HEAD_END = b"\r\n\r\n"
_STATUS_LINE = re.compile(rb"HTTP/\d(?:\.\d)? (\d{3})(?: (.*))?")
_MAX_HEAD = 1 << 20  # bytes; ours stay under 32 KiB


def read_exchange(directory: Path, file: str, offset: int) -> Stored:
    """Return the capture at a position, from the closed file or the one still open.

    A revisit has no body: read the position of the payload as well. ValueError for a name that is
    not a file of the directory; WarcError if the file cannot be read (errno kept) or does not hold
    a sound capture there.
    """
    with _open(directory, check_name(file)) as stream:
        where = f"{file} at {offset}"
        try:
            stream.seek(offset)
            record = next(iter(ArchiveIterator(stream, parse_http=False, max_header_len=_MAX_HEAD)))
            block = record.reader.read()
        except (OSError, StopIteration) as error:
            raise WarcError(f"no readable WARC record in {where}: {error}") from error
        if record.stream_pos != offset:
            raise WarcError(f"no WARC record begins in {where}")
        return _stored(record, block, where)


def verify(directory: Path) -> Iterator[Problem]:
    """Yield what is wrong in the closed WARC files of a directory; nothing when all is well.

    Each record must be one whole gzip member and bear the digests of its bytes.
    """
    for path in sorted(directory.glob("*.warc.gz")):
        with path.open("rb") as stream:
            yield from _problems(stream, path)


def _problems(stream: BinaryIO, path: Path) -> Iterator[Problem]:
    size = path.stat().st_size
    if size == 0:
        yield Problem(file=path.name, offset=0, what="empty")
    for found in check_file(stream, path.name, size):
        for what in found.wrong:
            record_id = found.fields.get("warc-record-id")
            yield Problem(file=path.name, offset=found.start, what=what, record_id=record_id)


def _open(directory: Path, file: str) -> BinaryIO:
    # The writer may give the file its final name between two looks, hence the third.
    for name in (file, file + OPEN):
        try:
            return (directory / name).open("rb")
        except FileNotFoundError:
            continue
    try:
        return (directory / file).open("rb")
    except OSError as error:
        raise WarcError(error.errno, error.strerror, str(directory / file)) from error


def _stored(record: WarcRecord, block: bytes, where: str) -> Stored:
    kind = _capture_kind(record, where)
    if len(block) != record.content_length or _named(record, "WARC-Block-Digest") != (
        payload_digest(block)
    ):
        raise WarcError(f"the record in {where} is not what was written")
    head, _, body = block.partition(_HEAD_END)
    status, *lines = head.split(b"\r\n")
    match = _STATUS_LINE.fullmatch(status)
    if match is None:
        raise WarcError(f"no HTTP response in {where}")
    return Stored(
        kind=kind,
        url=_named(record, "WARC-Target-URI") or "",
        fetched_at=_date(_named(record, "WARC-Date") or ""),
        status=int(match[1]),
        reason=(match[2] or b"").decode("latin-1"),
        headers=_pairs(lines),
        body=body,
        payload_digest=_named(record, "WARC-Payload-Digest"),
        record_id=_named(record, "WARC-Record-ID") or "",
        truncated=_named(record, "WARC-Truncated"),
        refers_to=_refers_to(record),
        origin=_origin(record),
    )


def _capture_kind(record: WarcRecord, where: str) -> Literal["response", "revisit"]:
    if record.record_type == WarcRecordType.response:
        return "response"
    if record.record_type == WarcRecordType.revisit:
        return "revisit"
    raise WarcError(f"a {record.record_type} record in {where}, not a capture")


def _named(record: WarcRecord, name: str) -> str | None:
    return record.headers.get(name)


def _date(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _pairs(lines: list[bytes]) -> Pairs:
    split = (line.decode("latin-1").partition(":") for line in lines)
    return tuple((name, value.strip(" \t")) for name, _, value in split)


def _origin(record: WarcRecord) -> ArchiveOrigin | None:
    """Return where an archive's copy comes from, as its record says."""
    archive, at = _named(record, ARCHIVE), _named(record, MEMENTO_DATETIME)
    if archive is None or at is None:
        return None
    return ArchiveOrigin(
        archive=archive,
        original=_named(record, ORIGINAL) or "",
        memento_url=_named(record, SOURCE) or _named(record, "WARC-Target-URI") or "",
        memento_datetime=_date(at),
    )


def _refers_to(record: WarcRecord) -> tuple[str, int] | None:
    file = _named(record, "WARC-Refers-To-Filename")
    offset = _named(record, "WARC-Refers-To-File-Offset") or ""
    return (file, int(offset)) if file and offset.isdecimal() else None
