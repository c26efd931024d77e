"""Fixity: whether the bytes and texts are still what the ledger says they are. Nothing is written.

`Audit` reads every WARC file from end to end, finds each visit's record at its place, and
computes every digest anew; or it looks at the records of one site, or of a sample, alone.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Engine, select

from storage import fixity_rows, runs
from storage.articles import text_digest
from storage.dialect import batches
from storage.engine import reading
from storage.fixity_faults import Fault, Row, Shelf, Tally
from storage.fixity_match import against, behind
from storage.fixity_rows import Held, TextRow
from storage.schema import site as sites
from storage.warc.checking import Checked, check_at, check_file
from storage.warc.names import OPEN, run_of

Tell = Callable[[int], object]
"""Hears of bytes of WARC files that were checked."""


@dataclass(slots=True)
class _Open:
    """A WARC file that was found, and how far it is to be read."""

    stream: BinaryIO
    size: int
    is_open: bool


class Audit:
    """One look at a morgue's fixity. `tally` and `remarks` grow while `faults()` is consumed."""

    def __init__(
        self,
        engine: Engine,
        directory: Path,
        *,
        site: str | None = None,
        sample: int | None = None,
    ) -> None:
        """Take the WARC directory. `sample` is a number of visits, taken by chance.

        LookupError for a site that the ledger does not know.
        """
        self._engine = engine
        self._directory = directory
        self._sample = sample
        self._site_id = None if site is None else self._id_of(site)
        self._partly = site is not None or sample is not None
        self.tally = Tally()
        self.remarks: list[str] = []

    def total_bytes(self) -> int:
        """Return how many bytes of WARC files there are to check, as far as that is known."""
        if self._partly:
            return 0
        return sum(path.stat().st_size for path in self._paths())

    def faults(self, tell: Tell = lambda _bytes: None) -> Iterator[Fault]:
        """Check and yield what is wrong. Raises the database's errors, and OSError of the disk."""
        chosen: list[Held] | None = None
        if self._partly:
            with reading(self._engine) as connection:
                chosen = fixity_rows.chosen_visits(connection, self._site_id, self._sample)
            yield from self._some(chosen, tell)
        else:
            yield from self._all(tell)
        for batch in self._texts(chosen):
            yield from self._wrong_texts(batch)
        yield from self._changes()

    def _id_of(self, name: str) -> int:
        with reading(self._engine) as connection:
            found = connection.execute(
                select(sites.c.id).where(sites.c.name == name)
            ).scalar_one_or_none()
        if found is None:
            raise LookupError(name)
        return found

    def _paths(self) -> list[Path]:
        return sorted(
            path
            for pattern in ("*.warc.gz", f"*.warc.gz{OPEN}")
            for path in self._directory.glob(pattern)
        )

    def _all(self, tell: Tell) -> Iterator[Fault]:
        """Read every file that is there or that the ledger names."""
        with reading(self._engine) as connection:
            named = fixity_rows.runs_by_file(connection)
        found = {path.name.removesuffix(OPEN) for path in self._paths()}
        for file in sorted(found | named.keys()):
            with reading(self._engine) as connection:
                # Once more: the run may have written to it since.
                run = _run_id(file)
                run_ids = named.get(file, set()) | ({run} if run is not None else set())
                held = fixity_rows.visits_on(connection, file, run_ids)
            yield from self._file(file, held, tell)

    def _file(self, file: str, held: list[Held], tell: Tell) -> Iterator[Fault]:
        opened = self._open(file)
        if opened is None:
            yield self._fault("the file is missing", file, None, held)
            return
        self.tally.files += 1
        own = [row for row in held if row.warc_file == file]
        with opened.stream as stream:
            until = opened.size
            if opened.is_open:
                yield from self._unclosed(file, held)
                until = max((row.warc_offset + row.warc_length for row in own), default=0)
            elif opened.size == 0:
                yield self._fault("the file is empty", file, 0, [])
            yield from self._records(stream, file, until, held, tell)

    def _records(
        self, stream: BinaryIO, file: str, until: int, held: list[Held], tell: Tell
    ) -> Iterator[Fault]:
        """Walk a file and hold each record against the rows that rest on it."""
        shelf = Shelf(file, held)
        waiting: list[Checked] = []  # damaged requests and the like, before their capture
        for found in check_file(stream, file, until):
            tell(found.end - found.start)
            self.tally.records += 1
            self.tally.bytes += found.end - found.start
            if not found.is_capture and found.kind != "gap":
                waiting += [found] if found.wrong else []
                continue
            resting = shelf.take(found)
            for one in [*waiting, *([found] if found.wrong else [])]:
                where = one.url or found.url
                yield self._fault("; ".join(one.wrong), file, one.start, resting, where)
            waiting.clear()
            if not found.wrong:
                yield from self._differences(found, file, resting)
        for one in waiting:
            yield self._fault("; ".join(one.wrong), file, one.start, [], one.url)
        for offset, rows in shelf.left():
            yield self._fault("no record of a capture begins here", file, offset, rows)

    def _differences(self, found: Checked, file: str, resting: list[Held]) -> Iterator[Fault]:
        for row in resting:
            is_own = (row.warc_file, row.warc_offset) == (file, found.start)
            self.tally.visits += is_own
            wrong = against(found, row) if is_own else behind(found, row)
            if wrong:
                what = f"the ledger's row differs in {', '.join(wrong)}"
                yield self._fault(what, file, found.start, [row], found.url)

    def _unclosed(self, file: str, held: list[Held]) -> Iterator[Fault]:
        """Tell of a file still open: right while its run lives, or until the next one begins."""
        if (self._directory / file).exists():
            yield self._fault("a closed file of the same name is there too", file, None, held)
        run_id = _run_id(file)
        with reading(self._engine) as connection:
            ending = fixity_rows.endings(connection).get(run_id or 0)
            is_live = run_id is not None and runs.is_live(connection, run_id)
        if is_live:
            return
        if ending in {None, runs.KILLED}:
            self.remarks.append(
                f"{file} was left open by a run that died; the next crawl closes it"
            )
        else:
            yield self._fault("its run has ended, but the file is not closed", file, None, held)

    def _some(self, chosen: Sequence[Held], tell: Tell) -> Iterator[Fault]:
        """Look at the records of some visits alone, and at their payloads."""
        for row in chosen:
            self.tally.visits += 1
            yield from self._at(row, row.warc_file, row.warc_offset, tell)
            if row.is_revisit:
                yield from self._at(row, row.payload_file, row.payload_offset, tell)

    def _at(self, row: Held, file: str, offset: int, tell: Tell) -> Iterator[Fault]:
        opened = self._open(file)
        if opened is None:
            yield self._fault("the file is missing", file, None, [row], row.url)
            return
        with opened.stream as stream:
            found = check_at(stream, file, offset, opened.size)
        if found is None or not found.is_capture:
            yield self._fault("no whole record of a capture is here", file, offset, [row], row.url)
            return
        tell(found.end - found.start)
        self.tally.records += 1
        self.tally.bytes += found.end - found.start
        is_own = (file, offset) == (row.warc_file, row.warc_offset)
        differs = against(found, row) if is_own else behind(found, row)
        said = [f"the ledger's row differs in {', '.join(differs)}"] if differs else []
        if found.wrong or said:
            yield self._fault("; ".join([*found.wrong, *said]), file, offset, [row], found.url)

    def _open(self, file: str) -> _Open | None:
        """Return a file, closed or still open; its run may close it between two looks."""
        for name in (file, file + OPEN, file):
            path = self._directory / name
            try:
                stream = path.open("rb")
            except FileNotFoundError:
                continue
            return _Open(stream, _size(stream), name.endswith(OPEN))
        return None

    def _texts(self, chosen: list[Held] | None) -> Iterator[list[TextRow]]:
        """Yield the texts in batches: those of a sample's visits, of a site, or all."""
        if self._sample is not None:
            for visits in batches(chosen or [], fixity_rows.AT_ONCE):
                with reading(self._engine) as connection:
                    yield fixity_rows.texts_from(connection, visits)
            return
        last = 0
        while True:
            with reading(self._engine) as connection:
                batch = fixity_rows.texts_after(connection, last, self._site_id)
            if not batch:
                return
            yield batch
            last = batch[-1].id

    def _wrong_texts(self, texts: list[TextRow]) -> Iterator[Fault]:
        for row in texts:
            self.tally.texts += 1
            if text_digest(row.text) != row.text_sha256:
                yield Fault(
                    what="the text is not that of its digest",
                    url=row.url,
                    rows=(Row(table="article_version", id=row.id, url=row.url),),
                )

    def _changes(self) -> Iterator[Fault]:
        with reading(self._engine) as connection:
            missing = list(fixity_rows.missing_changes(connection))
        self.tally.changes = True
        yield from (Fault(what=what) for what in missing)

    def _fault(
        self,
        what: str,
        file: str,
        offset: int | None,
        resting: Sequence[Held],
        url: str | None = None,
    ) -> Fault:
        """Return a fault with the visits that rest on it and the texts that were read from them."""
        resting = list({held.id: held for held in resting}.values())
        with reading(self._engine) as connection:
            versions = fixity_rows.versions_on(connection, resting)
        rows = [Row(table="visit", id=held.id, url=held.url) for held in resting]
        rows += [Row(table="article_version", id=number, url=of) for number, of in versions]
        where = url or (resting[0].url if resting and offset is not None else None)
        return Fault(what=what, file=file, offset=offset, url=where, rows=tuple(rows))


def _size(stream: BinaryIO) -> int:
    """Return how many bytes an open file has."""
    return stream.seek(0, 2)


def _run_id(file: str) -> int | None:
    """Return the id of the run that a file's name bears."""
    number = (run_of(file) or "").removeprefix("h")
    return int(number) if number.isdigit() else None
