"""The bytes of every capture, in WARC/1.1 files that only grow.

`WarcWriter` writes one run's files, `recover()` closes what a killed run left open,
`read_exchange()` reads a capture back by its position, `verify()` checks whole files.
`payload_digest()` finds duplicates before they are written. Every failure is a `WarcError`,
which is an OSError with the system's errno; a ValueError means the caller's value cannot be kept.
"""

from storage.warc.reader import read_exchange, verify
from storage.warc.recovery import recover
from storage.warc.text import payload_digest
from storage.warc.values import (
    ArchiveOrigin,
    Duplicate,
    Exchange,
    Position,
    Problem,
    Recovered,
    Stored,
    WarcError,
)
from storage.warc.writer import WarcWriter

__all__ = [
    "ArchiveOrigin",
    "Duplicate",
    "Exchange",
    "Position",
    "Problem",
    "Recovered",
    "Stored",
    "WarcError",
    "WarcWriter",
    "payload_digest",
    "read_exchange",
    "recover",
    "verify",
]
