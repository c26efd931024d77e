"""A crawl in which the n-th operation fails, or ends the process, exactly there.

Run as `python faulty.py OPERATION:DEED:NTH TALLY ARGUMENTS...`: `newsmorgue ARGUMENTS`. TALLY is a
file that gets a line `hit` when the fault came, and at a normal end how often each operation was
done. OPERATION is `commit`, `connect` or `statement` of the database, `write` of the WARC, `fsync`
or `rename`. DEED is one of

- `kill`, `killed`: SIGKILL before or after it; `torn`: after half of a write
- `fail`: an I/O error, or for Postgres a connection that was cut; `full`: no room left
- `busy`: SQLite's lock is held; `lost`: a commit that went through and was never confirmed
- `terminate`: an administrator ends the backend; `restart`: the server, `-m immediate`

`pages:full:N` lets the SQLite file grow to N pages and no further; `none:none:0` only counts.
"""

import errno
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from sqlalchemy.engine.default import DefaultDialect

_WARC_BYTES = 20_000  # so that even a small crawl begins a second file
_SQLITE = {
    "fail": ("disk I/O error", sqlite3.SQLITE_IOERR),
    "full": ("database or disk is full", sqlite3.SQLITE_FULL),
    "busy": ("database is locked", sqlite3.SQLITE_BUSY),
}


class Fault:
    """Counts operations and does its deed at the one it was told."""

    def __init__(self, spec: str, tally: str) -> None:
        self._operation, self._deed, nth = spec.split(":")
        self._nth = int(nth)
        self._seen: Counter[str] = Counter()
        self._tally = Path(tally)

    def arm(self) -> None:
        """Put the count around every operation."""
        from storage.warc.openfile import DiskFile  # noqa: PLC0415 - with the paths set
        from storage.warc.writer import WarcWriter  # noqa: PLC0415

        WarcWriter.__init__.__kwdefaults__["max_bytes"] = _WARC_BYTES
        self._around(DefaultDialect, "do_commit", "commit", self._at_commit)
        self._around(DefaultDialect, "connect", "connect", self._at_connect)
        self._around(DefaultDialect, "do_execute", "statement", self._at_statement)
        self._around(os, "fsync", "fsync", self._at_file)
        self._around(Path, "rename", "rename", self._at_file)
        self._around(DiskFile, "write", "write", self._at_file)

    def tell(self) -> None:
        """Write how often each operation was done."""
        self._note(json.dumps(self._seen))

    def _around(self, owner: Any, name: str, operation: str, deed: Callable[..., Any]) -> None:
        true = getattr(owner, name)

        def instead(*arguments: Any, **named: Any) -> Any:
            self._seen[operation] += 1
            if self._operation != operation or self._seen[operation] != self._nth:
                result = true(*arguments, **named)
                if operation == "connect":
                    self._bound(result)
                return result
            self._note("hit")
            if self._deed == "kill":
                _die()
            if self._deed == "killed":
                true(*arguments, **named)
                _die()
            return deed(lambda: true(*arguments, **named), *arguments)

        setattr(owner, name, instead)

    def _note(self, line: str) -> None:
        with self._tally.open("a", encoding="utf-8") as stream:
            stream.write(f"{line}\n")

    def _bound(self, connection: Any) -> None:
        """Let an SQLite file grow no further than it was told."""
        if self._operation == "pages":
            connection.execute(f"PRAGMA max_page_count={self._nth}")

    def _at_commit(self, act: Callable[[], Any], _dialect: Any, connection: Any) -> Any:
        driver = connection.driver_connection
        if self._deed == "lost":
            act()
            driver.close()
            return act()
        return self._at_database(act, driver)

    def _at_connect(self, _act: Callable[[], Any], dialect: Any, *_rest: Any) -> Any:
        if dialect.name == "sqlite":
            raise _sqlite_error("unable to open database file", sqlite3.SQLITE_CANTOPEN)
        import psycopg  # noqa: PLC0415 - only where it is used

        raise psycopg.OperationalError("connection failed: Connection refused")

    def _at_statement(self, act: Callable[[], Any], _dialect: Any, cursor: Any, *_: Any) -> Any:
        return self._at_database(act, cursor.connection)

    def _at_database(self, act: Callable[[], Any], driver: Any) -> Any:
        """Fail at SQLite, or do to the Postgres connection what is asked and go on."""
        if isinstance(driver, sqlite3.Connection):
            raise _sqlite_error(*_SQLITE[self._deed])
        if self._deed == "full":
            import psycopg  # noqa: PLC0415 - only where it is used

            raise psycopg.errors.DiskFull("could not extend file: No space left on device")
        if self._deed == "terminate":
            _terminate(driver)
        elif self._deed == "restart":
            _restart(driver)
        else:
            driver.close()
        return act()

    def _at_file(self, _act: Callable[[], Any], *arguments: Any) -> Any:
        if self._deed == "torn":
            stream, data = arguments
            super(type(stream), stream).write(bytes(data)[: len(data) // 2])
            _die()
        number = errno.ENOSPC if self._deed == "full" else errno.EIO
        raise OSError(number, os.strerror(number))


def _sqlite_error(message: str, code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError(message)
    error.sqlite_errorcode = code
    return error


def _terminate(driver: Any) -> None:
    """End a connection's backend, and see it gone."""
    import psycopg  # noqa: PLC0415 - only where it is used

    with psycopg.connect(driver.info.dsn, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 10000)", [driver.info.backend_pid])


def _restart(driver: Any) -> None:
    """Restart the server without a checkpoint, as after a power cut of its own."""
    import psycopg  # noqa: PLC0415 - only where it is used

    with psycopg.connect(driver.info.dsn, autocommit=True) as other:
        [told] = other.execute("SHOW data_directory").fetchone() or [""]
    folder = Path(told)
    pid = (folder / "postmaster.pid").read_text("ascii").split(maxsplit=1)[0]
    program = Path(f"/proc/{pid}/exe").resolve().with_name("pg_ctl")
    subprocess.run(
        [program, "restart", "-w", "-m", "immediate", "-D", folder, "-l", folder / "log"],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=folder,
        user=folder.owner() if os.geteuid() == 0 else None,
    )


def _die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("a killed process goes on")


def _main() -> None:
    fault = Fault(*sys.argv[1:3])
    fault.arm()
    del sys.argv[1:3]
    from crawler.cli import main  # noqa: PLC0415 - armed before anything is opened

    try:
        main()
    finally:
        fault.tell()


if __name__ == "__main__":
    _main()
