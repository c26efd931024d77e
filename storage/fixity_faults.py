"""What a look at the fixity finds, and which rows rest on which bytes of a file."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from storage.fixity_rows import Held
from storage.warc.checking import Checked


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of the ledger that rests on damaged bytes, or is damaged itself."""

    table: str
    id: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is not as it was written, where, and the rows that rest on it."""

    what: str
    file: str | None = None  # a WARC file's final name
    offset: int | None = None  # bytes
    url: str | None = None
    rows: tuple[Row, ...] = ()


@dataclass(slots=True, kw_only=True)
class Tally:
    """What was checked."""

    files: int = 0
    bytes: int = 0
    records: int = 0
    visits: int = 0
    texts: int = 0
    changes: bool = False


class Shelf:
    """The visits that rest on one file, handed out once, by offset."""

    def __init__(self, file: str, held: list[Held]) -> None:
        self._rows: dict[int, list[Held]] = {}
        for row in held:
            places = {(row.warc_file, row.warc_offset), (row.payload_file, row.payload_offset)}
            for name, offset in places:
                if name == file:
                    self._rows.setdefault(offset, []).append(row)
        self._offsets = sorted(self._rows)
        self._taken: set[int] = set()

    def take(self, found: Checked) -> list[Held]:
        """Return the rows that rest on a capture; on a gap, those of all that lies in it."""
        if found.is_capture:
            offsets = [found.start] if found.start in self._rows else []
        else:
            first, last = (bisect_left(self._offsets, at) for at in (found.start, found.end))
            offsets = self._offsets[first:last]
        self._taken.update(offsets)
        return [row for offset in offsets for row in self._rows[offset]]

    def left(self) -> Iterator[tuple[int, list[Held]]]:
        """Yield the places where nothing was found."""
        for offset in self._offsets:
            if offset not in self._taken:
                yield offset, self._rows[offset]
