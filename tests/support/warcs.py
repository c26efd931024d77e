"""What the WARC tests share: an exchange to write, a writer, and two judges that are not ours."""

import gzip
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from fastwarc.warc import ArchiveIterator, WarcRecordType
from warcio.archiveiterator import ArchiveIterator as WarcioIterator

from storage.warc import Duplicate, Exchange, Position, WarcWriter

AT = datetime(2026, 5, 4, 3, 2, 1, 654321, tzinfo=UTC)

PAGE = Exchange(
    url="http://news.example/story?id=7",
    status=200,
    reason="OK",
    request_headers=(("User-Agent", "newsmorgue"), ("Accept-Encoding", "gzip, br")),
    response_headers=(("content-type", "text/html"), ("content-encoding", "gzip")),
    body=gzip.compress(b"<p>The council met.</p>", mtime=0),
    fetched_at=AT,
    ip="192.0.2.7",
)


class Seen(NamedTuple):
    """A record as another reader saw it."""

    kind: str
    fields: dict[str, str]
    block: bytes


def page(**changes: Any) -> Exchange:
    """Return the sample exchange with some of its fields changed."""
    return replace(PAGE, **changes)


def same_as(exchange: Exchange, position: Position, **changes: Any) -> Duplicate:
    """Return the duplicate that a revisit of a written exchange names."""
    duplicate = Duplicate(
        uri=exchange.url,
        date=exchange.fetched_at,
        file=position.file,
        offset=position.offset,
        record_id=position.record_id,
        payload_digest=position.payload_digest,
    )
    return replace(duplicate, **changes)


def new_writer(directory: Path, run: str = "run1", **settings: Any) -> WarcWriter:
    """Return a writer with its clock stopped."""
    settings = {"software": "newsmorgue/0", "clock": lambda: AT, **settings}
    return WarcWriter(directory, run=run, **settings)


@contextmanager
def writing(directory: Path, **settings: Any) -> Iterator[WarcWriter]:
    """Close the writer when the test's block ends well."""
    writer = new_writer(directory, **settings)
    yield writer
    writer.close()


def records(path: Path) -> list[Seen]:
    """Return a file's records as fastwarc reads them at its default limits, digests checked."""
    seen = []
    with path.open("rb") as stream:
        for record in ArchiveIterator(stream, parse_http=False):
            assert record.verify_block_digest()
            block = record.reader.read()
            fields = record.headers.to_dict()
            seen.append(Seen(fields["WARC-Type"], fields, block))
    with path.open("rb") as stream:
        for record in ArchiveIterator(stream, record_types=WarcRecordType.response):
            assert record.verify_payload_digest()
    return seen


def warcio_kinds(path: Path) -> list[str]:
    """Return the record types of a file as warcio reads them, digests checked."""
    with path.open("rb") as stream:
        kinds = []
        for record in WarcioIterator(stream, check_digests="raise"):
            record.raw_stream.read()
            kinds.append(record.rec_type)
        return kinds


def warcio_check(*paths: Path) -> subprocess.CompletedProcess[str]:
    """Run `warcio check` over files, as an archivist would.

    It unpacks bodies, and warcio 1.8.1 cannot unpack brotli by brotli 1.2: write none of those.
    """
    return subprocess.run(
        [sys.executable, "-m", "warcio.cli", "check", "-v", *map(str, paths)],
        capture_output=True,
        text=True,
        check=False,
    )
