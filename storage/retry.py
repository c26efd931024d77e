"""Running a whole transaction until it commits, through locks, conflicts and lost connections."""

import errno
import logging
import sqlite3
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from crawler.errors import DatabaseError, DiskFull, NewsmorgueError
from storage.warc import WarcError

T = TypeVar("T")
log = logging.getLogger(__name__)

# A lock is let go of; a disk that failed once may answer again, and is no fault of the row's.
_SQLITE_TRANSIENT = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
}
# Serialization failure, deadlock, lock not available, the server going away or coming up, its disk.
_POSTGRES_TRANSIENT = {"40001", "40P01", "55P03", "57P01", "57P02", "57P03", "53300", "58030"}
_POSTGRES_FULL = {"53100"}
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}  # the disk, a quota, a limit on files
_PRIMARY = 0xFF  # the low byte of an extended SQLite code is the primary one


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to go on trying, and how long to wait between two tries, in seconds."""

    total: float = 60.0
    first_wait: float = 0.05
    longest_wait: float = 2.0


def transaction(
    engine: Engine,
    work: Callable[[Connection], T],
    patience: Patience | None = None,
    *,
    begin: Callable[[Engine], AbstractContextManager[Connection]] = Engine.begin,
) -> T:
    """Run `work` in a transaction of its own and commit it.

    The whole is repeated after a lock, a serialization failure, a deadlock or a lost connection.
    `work` must bear being run after a commit of its own that was never confirmed.
    Raises what `work` raises, and the last error when patience is at its end.
    """
    limits = patience or Patience()
    give_up_at = time.monotonic() + limits.total
    wait = limits.first_wait
    while True:
        try:
            with begin(engine) as connection:
                return work(connection)
        except DBAPIError as error:
            if not is_transient(error) or time.monotonic() + wait > give_up_at:
                raise
            log.warning("the database asks for another try: %s", _first_line(error))
        time.sleep(wait)
        wait = min(wait * 2, limits.longest_wait)


def is_transient(error: DBAPIError) -> bool:
    """Whether the same transaction may well succeed a little later."""
    if error.connection_invalidated:
        return True
    code = _sqlite_code(error)
    if code is not None:
        return code in _SQLITE_TRANSIENT
    state = _sqlstate(error)
    if state is None:  # psycopg could not connect at all
        return type(error.orig).__name__ == "OperationalError"
    return state in _POSTGRES_TRANSIENT or state.startswith("08")


def as_user_error(error: Exception, place: str) -> NewsmorgueError:
    """Return the sentence and exit code for an error that ends a run. `place` has no password."""
    if isinstance(error, NewsmorgueError):
        return error
    if isinstance(error, DBAPIError) and is_full(error):
        return DiskFull(place)
    if isinstance(error, WarcError):
        return _of_the_warc(error)
    why = (
        _first_line(error) if isinstance(error, DBAPIError) else f"{type(error).__name__}: {error}"
    )
    return DatabaseError(
        f"the database {place} does not take what the crawl found",
        why,
        "what was committed is safe; see that the database works (newsmorgue doctor) and run again",
    )


def _of_the_warc(error: WarcError) -> NewsmorgueError:
    place = error.filename or "the WARC directory"
    if error.errno in _NO_ROOM:
        return DiskFull(place)
    return NewsmorgueError(
        f"the WARC files cannot be written at {place}",
        error.strerror or str(error),
        "what was committed is safe; make that place a writable directory and run again",
    )


def is_full(error: DBAPIError) -> bool:
    """Whether the database found no more room on its disk."""
    return _sqlite_code(error) == sqlite3.SQLITE_FULL or _sqlstate(error) in _POSTGRES_FULL


def _sqlite_code(error: DBAPIError) -> int | None:
    code = getattr(error.orig, "sqlite_errorcode", None)
    return None if code is None else int(code) & _PRIMARY


def _sqlstate(error: DBAPIError) -> str | None:
    state = getattr(error.orig, "sqlstate", None)
    return None if state is None else str(state)


def _first_line(error: DBAPIError) -> str:
    text = str(error.orig or error).strip()
    return text.splitlines()[0] if text else type(error).__name__
