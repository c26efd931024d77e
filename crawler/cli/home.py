"""The home directory of one call: found, made where that is right, and tried for writing."""

import errno
import tempfile
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.errors import ConfigError, DiskFull, HomeNotWritable

if TYPE_CHECKING:
    from crawler.config import Config

current: ContextVar[Path | None] = ContextVar("home", default=None)
"""The home directory of this call, once it is known: where an error log goes."""

FULL = (errno.ENOSPC, errno.EDQUOT)


def open_to_write(given: Path | None) -> "Config":
    """Return the configuration for a command that writes; a missing directory is made.

    Raises HomeNotWritable, ConfigError.
    """
    home = _resolve(given)
    ensure_writable(home)
    return _load(home)


def open_to_read(given: Path | None) -> "Config":
    """Return the configuration for a command that only reads. Raises ConfigError."""
    home = _resolve(given)
    if not home.is_dir():
        raise ConfigError(
            f"there is no directory {home}",
            "a morgue is a directory",
            "Name it with --home DIR or NEWSMORGUE_HOME",
        )
    return _load(home)


def ensure_writable(home: Path) -> None:
    """Make the directory if only its last part is missing, and write a file there to be sure.

    Raises HomeNotWritable, or DiskFull if that is why.
    """
    try:
        if not home.is_dir():
            home.mkdir()
        with tempfile.TemporaryFile(dir=home):
            pass
    except OSError as error:
        if error.errno in FULL:
            raise DiskFull(home) from None
        why = "it is a file" if home.is_file() else error.strerror or str(error)
        raise HomeNotWritable(home, why) from None


def _resolve(given: Path | None) -> Path:
    """Return the directory and remember it."""
    from crawler.config import resolve_home  # noqa: PLC0415 - pydantic costs a third of a second

    home = resolve_home(given)
    current.set(home)
    return home


def _load(home: Path) -> "Config":
    """Return the directory's configuration."""
    from crawler.config import load  # noqa: PLC0415

    return load(home)
