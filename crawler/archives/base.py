"""What every dialect of a web archive can do. Nothing here goes out to the network."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from crawler.core.values import CdxRow, Headers
from crawler.core.words import Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A further part of an index, listed by another: where it is, and what time it covers."""

    url: str
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsAnswer:
    """What an archive's index said about one address.

    `skipped` counts lines that are no usable row; `retry_after` is in seconds. `parts` is where
    more rows are listed; with them the answer may be `has` without any row.
    """

    answer: Answer
    rows: tuple[CdxRow, ...] = ()
    skipped: int = 0
    parts: tuple[Part, ...] = ()
    problem: str | None = None  # one sentence, when something was wrong
    retry_after: float | None = None


RowsReader = Callable[[int, Headers, bytes], RowsAnswer]
"""Reads status, headers (lower-case names) and body as received. A top-level function: it runs
in a worker process that can be killed. It never raises for what an archive sends."""


class Dialect(Protocol):
    """How one archive is asked and understood."""

    @property
    def name(self) -> str:
        """Name of the archive, as the configuration gives it."""

    @property
    def replay_prefix(self) -> str:
        """Where its copies lie, up to the timestamp; ends in a slash."""

    @property
    def read_rows(self) -> RowsReader:
        """The function that reads an answer of its index."""

    @property
    def limit(self) -> int | None:
        """Rows that `lookup_url` asks for; None: all there are."""

    def headers(self, around: datetime | None) -> Mapping[str, str]:
        """Return what a question to the index is sent with."""

    def lookup_url(self, url: str, around: datetime | None) -> str:
        """Return the address of the question: captures of `url`, nearest to `around` first.

        `around` None: the oldest first. Raises `BadUrl`.
        """

    def wider_url(self, url: str, around: datetime | None) -> str | None:
        """Return the address of the same question for more rows, if it can be asked."""

    def variants_url(self, url: str) -> str | None:
        """Return the address of one question for other spellings of `url`, if it has any."""

    def replay_url(self, row: CdxRow) -> str:
        """Return where the bytes of a capture are replayed as they were."""
