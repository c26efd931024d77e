"""Faults a user can act on, each a sentence of what, why and what to do, with its exit code.

    NewsmorgueError                1   the base; also raised as it is for small faults
    ├── UsageError                 2   arguments that make no sense
    ├── ConfigError                4   newsmorgue.toml or the environment
    │   └── HomeNotWritable        4   the home directory is missing, a file, or read-only
    ├── LanesHeld                  5   another run holds every lane asked for
    ├── DatabaseError              6   anything the database refuses
    │   ├── CannotOpenDatabase     6   unreachable, not a database, wrong password
    │   ├── SchemaTooOld           6   `newsmorgue db upgrade` has to run first
    │   └── SchemaTooNew           6   written by a later Newsmorgue
    ├── ArchiveUnavailable         7   the web archives could not be asked
    ├── DiskFull                   8   no room left for the database or the WARC files
    └── Interrupted              130   Ctrl-C or SIGTERM

The home directory is part of the set-up, found out before any work begins: hence 4, not 1.
This module imports nothing heavy; `storage` may import it.
"""

import re
from collections.abc import Sequence
from enum import IntEnum
from pathlib import Path
from typing import ClassVar

_PASSWORD = re.compile(r"(postgres\w*(?:\+\w+)?://[^:/@\s]*):\S*@")
_PARAMETER = re.compile(r"(password=)[^&\s]*", re.IGNORECASE)


def redacted(text: str) -> str:
    """Return a database URL, or a text that holds some, with *** in place of every password."""
    return _PARAMETER.sub(r"\1***", _PASSWORD.sub(r"\1:***@", text))


class ExitCode(IntEnum):
    """What the process says to its caller when it ends. Documented in docs/reference."""

    DONE = 0
    ERROR = 1
    USAGE = 2
    FAILURES = 3
    CONFIG = 4
    LANES_HELD = 5
    DATABASE = 6
    ARCHIVE = 7
    DISK_FULL = 8
    INTERRUPTED = 130


class NewsmorgueError(Exception):
    """A fault with its remedy: `what` happened, `why`, and the `fix`, each without a full stop."""

    exit_code: ClassVar[ExitCode] = ExitCode.ERROR

    def __init__(self, what: str, why: str = "", fix: str = "") -> None:
        super().__init__(what, why, fix)
        self.what = what
        self.why = why
        self.fix = fix

    def __str__(self) -> str:
        parts = (self.what, _capitalised(self.why), _capitalised(self.fix))
        return " ".join(_closed(part.strip()) for part in parts if part)


def _closed(text: str) -> str:
    """Return `text` with a full stop, unless it has an end of its own."""
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _capitalised(text: str) -> str:
    """Return `text` with a capital first letter, unless it starts with a name or a path."""
    if not text.strip():
        return ""
    first = text.split(maxsplit=1)[0]
    return text[0].upper() + text[1:] if first.isalpha() and first.islower() else text


class UsageError(NewsmorgueError):
    """The command line asks for something that makes no sense."""

    exit_code = ExitCode.USAGE


class ConfigError(NewsmorgueError):
    """newsmorgue.toml or an environment variable holds what cannot be used."""

    exit_code = ExitCode.CONFIG


class HomeNotWritable(ConfigError):  # noqa: N818 - the tree is named by what happened
    """The home directory cannot be written."""

    def __init__(self, home: Path, why: str) -> None:
        super().__init__(
            f"the home directory {home} cannot be written",
            why,
            "Name another with --home DIR or NEWSMORGUE_HOME, or make this one writable",
        )


class LanesHeld(NewsmorgueError):  # noqa: N818
    """Every lane asked for is held by a live run. `lanes` names them."""

    exit_code = ExitCode.LANES_HELD

    def __init__(self, lanes: Sequence[str], holder: str = "another run") -> None:
        super().__init__(
            f"nothing could be crawled: {holder} holds {', '.join(lanes)}",
            "one host is crawled by one run at a time",
            "Wait until it ends (`newsmorgue status` shows it), or name other sites",
        )
        self.lanes = tuple(lanes)


class DatabaseError(NewsmorgueError):
    """The database refused."""

    exit_code = ExitCode.DATABASE


class CannotOpenDatabase(DatabaseError):  # noqa: N818
    """The database cannot be opened. `shown` is its URL without the password."""

    def __init__(self, shown: str, why: str, fix: str = "") -> None:
        super().__init__(
            f"the database {shown} cannot be opened",
            why,
            fix or "Check `database` in newsmorgue.toml, then run `newsmorgue doctor`",
        )


class SchemaTooOld(DatabaseError):  # noqa: N818
    """The database was made by an earlier Newsmorgue. Revisions are Alembic's."""

    def __init__(self, found: str, wanted: str) -> None:
        super().__init__(
            "the database has an older schema",
            f"it is at revision {found}, this Newsmorgue needs {wanted}",
            "Run `newsmorgue db upgrade`",
        )


class SchemaTooNew(DatabaseError):  # noqa: N818
    """The database was made by a later Newsmorgue; nothing is read or written."""

    def __init__(self, found: str, known: str) -> None:
        super().__init__(
            "the database has a newer schema than this Newsmorgue knows",
            f"it is at revision {found}, this Newsmorgue knows {known}",
            "Upgrade Newsmorgue, or name another database; nothing was changed",
        )


class ArchiveUnavailable(NewsmorgueError):  # noqa: N818
    """The web archives could not be asked. Nothing is taken for "not archived"."""

    exit_code = ExitCode.ARCHIVE


class DiskFull(NewsmorgueError):  # noqa: N818
    """There is no room left."""

    exit_code = ExitCode.DISK_FULL

    def __init__(self, place: Path | str) -> None:
        super().__init__(
            f"the disk is full at {place}",
            "the database and the WARC files need room; what was committed is safe",
            "Free some space and run the same command again",
        )


class Interrupted(NewsmorgueError):  # noqa: N818
    """The user or the system asked to stop."""

    exit_code = ExitCode.INTERRUPTED

    def __init__(self) -> None:
        super().__init__(
            "stopped before the end",
            "an interrupt came",
            "Run the same command again: it goes on where it stopped",
        )
