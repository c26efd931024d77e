"""The last line of defence: every fault becomes one sentence and an exit code, no traceback."""

import os
import sys
import tempfile
import traceback
from datetime import UTC, datetime
from pathlib import Path

from typer.exceptions import TyperException

from crawler.cli import home
from crawler.errors import DiskFull, ExitCode, Interrupted, NewsmorgueError, redacted

LOG_NAME = "newsmorgue-error.log"
DEBUG = "NEWSMORGUE_DEBUG"


def report(error: BaseException) -> int:
    """Tell the user of an exception on standard error and return the exit code."""
    if isinstance(error, NewsmorgueError):
        _say(str(error))
        return error.exit_code
    if isinstance(error, KeyboardInterrupt):
        return report(Interrupted())
    if isinstance(error, TyperException):
        return _usage(error)
    if isinstance(error, BrokenPipeError):
        return _reader_left()
    if isinstance(error, OSError) and error.errno in home.FULL:
        return report(DiskFull(error.filename or "the home directory"))
    return _unexpected(error)


def _say(text: str) -> None:
    """Print a fault; what cannot be encoded is shown escaped."""
    sys.stderr.write(f"error: {text.encode('utf-8', 'backslashreplace').decode()}\n")


def _usage(error: TyperException) -> int:
    """Tell of arguments that the parser refused, with the help that lists them."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "newsmorgue"
    message = error.format_message().strip().removesuffix(".")
    _say(str(NewsmorgueError(message, fix=f"`{path} --help` lists what there is")))
    return ExitCode.USAGE


def _reader_left() -> int:
    """End quietly when the reader of our output has gone, as after `| head`."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return ExitCode.ERROR


def _unexpected(error: BaseException) -> int:
    """Tell of a fault nobody foresaw; its traceback goes to a file, or here with --debug."""
    told = "".join(traceback.format_exception(error))
    if os.environ.get(DEBUG):
        sys.stderr.write(told)
    first = (str(error).strip().splitlines() or ["no message"])[0]
    place = _write_log(redacted(told))
    what = f"{type(error).__name__}: {redacted(first)}"
    _say(f"{what}. This is a fault of Newsmorgue itself. Its traceback is in {place}.")
    return ExitCode.DATABASE if _is_of_the_database(error) else ExitCode.ERROR


def _is_of_the_database(error: BaseException) -> bool:
    """Whether SQLAlchemy raised it. Asked by name: importing it here would cost a second."""
    return any(
        kind.__module__.startswith("sqlalchemy.") and kind.__name__ == "DBAPIError"
        for kind in type(error).__mro__
    )


def _write_log(told: str) -> Path:
    """Append a traceback to the log in the home directory, else to a new temporary file."""
    stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    entry = f"{stamp} {redacted(' '.join(sys.argv))}\n{told}\n"
    path = (home.current.get() or Path.cwd()) / LOG_NAME
    try:
        with path.open("a", encoding="utf-8", errors="backslashreplace") as log:
            log.write(entry)
    except OSError:
        with tempfile.NamedTemporaryFile(
            "w", prefix="newsmorgue-error-", delete=False, encoding="utf-8", errors="replace"
        ) as log:
            log.write(entry)
            return Path(log.name)
    return path
