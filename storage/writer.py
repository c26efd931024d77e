"""The writer thread: the one place that writes to the database and to the WARC.

Errands are written in groups. Order within a group: WARC bytes, fsync, rows, commit; only then do
the waiting futures get their answer. A group that fails is split to single errands, and the one
that fails alone goes to quarantine. Other work on the database has a transaction of its own: a
call comes after all that was queued before it, a question (a claim, a heartbeat) comes between
and leaves the group that is gathering open, for each commit costs more than the rows in it.
"""

import errno
import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from crawler.errors import DiskFull, NewsmorgueError
from storage import ledger, quarantine, runs, visits
from storage.captures import Keeper
from storage.engine import describe, reading
from storage.ledger import Kept, Rules
from storage.records import Record
from storage.retry import Patience, as_user_error, is_transient, transaction
from storage.warc import WarcError

T = TypeVar("T")
log = logging.getLogger(__name__)

GROUP_SIZE = 50
GROUP_SECONDS = 0.2
QUEUE_SIZE = 1024


@dataclass(frozen=True, slots=True)
class _Write:
    record: Record
    is_last: bool = False  # nothing more comes before this one is committed
    done: "Future[None]" = field(default_factory=Future)


@dataclass(frozen=True, slots=True)
class _Call:
    work: Callable[[Connection], Any]
    may_overtake: bool = False  # it bears not seeing the group that is gathering
    done: "Future[Any]" = field(default_factory=Future)


class Writer(threading.Thread):
    """Takes jobs from a bounded queue until closed. After a fatal error every job fails with it."""

    def __init__(
        self,
        engine: Engine,
        keeper: Keeper,
        rules: Rules,
        *,
        patience: Patience | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__(name="newsmorgue-writer", daemon=True)
        self._engine = engine
        self._keeper = keeper
        self._rules = rules
        self._patience = patience
        self._clock = clock
        self._jobs: queue.Queue[_Write | _Call | None] = queue.Queue(QUEUE_SIZE)
        self.fatal: NewsmorgueError | None = None
        self.quarantined = 0

    def submit(
        self, record: Record, *, block: bool = True, is_last: bool = False
    ) -> "Future[None]":
        """Queue an errand's record; the future is done when it is committed.

        `is_last` says that nothing more can come before it is: its group is written at once.
        Raises `queue.Full` when `block` is False and there is no room.
        """
        job = _Write(record, is_last)
        self._jobs.put(job, block=block)
        return job.done

    def call(self, work: Callable[[Connection], T]) -> "Future[T]":
        """Queue work for a transaction of its own, after all that was queued before it."""
        return self._put(_Call(work))

    def ask(self, work: Callable[[Connection], T]) -> "Future[T]":
        """Queue work that need not see the records waiting for their commit; it closes no group."""
        return self._put(_Call(work, may_overtake=True))

    def _put(self, job: _Call) -> "Future[Any]":
        self._jobs.put(job)
        return job.done

    def close(self) -> None:
        """Write what is queued and end the thread."""
        if self.is_alive():
            self._jobs.put(None)
            self.join()

    def run(self) -> None:
        """Work until closed."""
        job = self._jobs.get()
        while job is not None:
            if isinstance(job, _Call):
                self._answer(job)
                job = self._jobs.get()
            else:
                group, job = self._gather(job)
                self._write_group(group)
                job = self._jobs.get() if job is _NOTHING_YET else job

    def _gather(self, first: _Write) -> "tuple[list[_Write], _Write | _Call | None]":
        """Return a group, and the job that closed it (or that nothing did before its time)."""
        group = [first]
        deadline = time.monotonic() + GROUP_SECONDS
        while len(group) < GROUP_SIZE and not group[-1].is_last:
            try:
                job = self._jobs.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                break
            if isinstance(job, _Write):
                group.append(job)
            elif isinstance(job, _Call) and job.may_overtake:
                self._answer(job)
            else:
                return group, job
        return group, _NOTHING_YET

    def _answer(self, job: _Call) -> None:
        if not job.done.set_running_or_notify_cancel():
            return
        try:
            self._check()
            result = transaction(self._engine, job.work, self._patience)
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller waits for it
            job.done.set_exception(error)
        else:
            job.done.set_result(result)

    def _check(self) -> None:
        if self.fatal is not None:
            raise self.fatal

    def _write_group(self, group: Sequence[_Write]) -> None:
        # Who has stopped waiting gets no answer; what the errand found is written all the same.
        waiting = [job.done for job in group if job.done.set_running_or_notify_cancel()]
        try:
            self._check()
            self._write_records([job.record for job in group])
        except Exception as error:  # noqa: BLE001 - a fatal error must reach everyone who waits
            self._fail(error)
            for done in waiting:
                done.set_exception(self.fatal or error)
        else:
            for done in waiting:
                done.set_result(None)

    def _write_records(self, records: Sequence[Record]) -> None:
        """Write a group, or each of its records alone if together they cannot be written."""
        try:
            group = self._keep(records)
        except Exception as error:  # noqa: BLE001 - what helps nobody is raised again
            if not self._settles(records, error):
                for record in records:
                    self._write_records([record])
        else:
            self._write_kept(group)

    def _write_kept(self, group: Sequence[Kept]) -> None:
        """Write the rows of a group, or of each of its records alone; the bytes are kept once."""
        try:
            self._commit(group)
        except Exception as error:  # noqa: BLE001 - as above
            if not self._settles([kept.record for kept in group], error):
                for kept in group:
                    self._write_kept([kept])

    def _settles(self, records: Sequence[Record], error: Exception) -> bool:
        """Put the errand that failed alone into quarantine; False when several failed together.

        Raises an error that splitting cannot help.
        """
        if _ends_the_run(error):
            raise error
        if len(records) > 1:
            return False
        self._quarantine(records[0], error)
        return True

    def _keep(self, records: Sequence[Record]) -> list[Kept]:
        """Append the bytes of a group to the WARC and make them durable."""

        def work(connection: Connection) -> list[Kept]:
            self._keeper.look_up(connection, records)
            return [
                Kept(record=record, capture=self._keeper.keep(connection, record))
                for record in records
            ]

        kept = transaction(self._engine, work, self._patience, begin=reading)
        self._keeper.sync()
        return kept

    def _commit(self, group: Sequence[Kept]) -> None:
        lean = [self._spare_links(kept) for kept in group]

        def work(connection: Connection) -> None:
            runs.check_open(connection, self._rules.run_id)
            # A commit that was never confirmed may have gone through: then this is a repetition.
            if not visits.is_written(connection, lean[0].record.claim.errand):
                ledger.write(connection, self._rules, lean, self._clock())

        transaction(self._engine, work, self._patience)

    def _spare_links(self, kept: Kept) -> Kept:
        """Write very long link lists ahead, in transactions that may be repeated."""
        record = kept.record
        while len(record.links) > ledger.LINKS_AT_ONCE:
            record = self._write_ahead(record)
        return Kept(record=record, capture=kept.capture)

    def _write_ahead(self, record: Record) -> Record:
        return transaction(
            self._engine,
            lambda connection: ledger.write_many_links(
                connection, self._rules, record, self._clock()
            ),
            self._patience,
        )

    def _quarantine(self, record: Record, error: Exception) -> None:
        log.error("%s goes to quarantine: %s", record.claim.url, error)

        def work(connection: Connection) -> None:
            runs.check_open(connection, self._rules.run_id)
            if not visits.is_written(connection, record.claim.errand):
                quarantine.write(connection, self._rules.run_id, record, error, self._clock())

        transaction(self._engine, work, self._patience)
        self.quarantined += 1

    def _fail(self, error: Exception) -> None:
        if self.fatal is None:
            if isinstance(error, WarcError) and error.errno == errno.ENOSPC:
                self.fatal = DiskFull("the WARC directory")
            else:
                self.fatal = as_user_error(error, describe(str(self._engine.url)))
            log.error("the ledger cannot be written: %s", self.fatal)


_NOTHING_YET = _Call(lambda _connection: None)
"""Stands for "the group's time was over before another job came"."""


def _ends_the_run(error: Exception) -> bool:
    """Whether splitting a group cannot help: the disk, or a database out of reach."""
    if isinstance(error, WarcError):
        return True
    if isinstance(error, DBAPIError):
        return is_transient(error) or isinstance(as_user_error(error, ""), DiskFull)
    return isinstance(error, NewsmorgueError)
