"""What pydantic found wrong, told as one ConfigError: where, which key, what would be right."""

import os
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from crawler.config.keys import suggestion, table_named
from crawler.config.locate import Loc, line_of
from crawler.errors import ConfigError

PREFIX = "NEWSMORGUE_"
_SHOWN = 60  # characters of a wrong value that a message repeats


def config_error(error: ValidationError, path: Path, text: str) -> ConfigError:
    """Return the first fault as a ConfigError that also says where the others are."""
    faults = error.errors(include_url=False, include_context=False)
    first, others = faults[0], faults[1:]
    where = _where(first["loc"], path, text)
    what, why, fix = _told(first)
    more = ", ".join(_where(fault["loc"], path, text) for fault in others)
    return ConfigError(f"{where}: {what}", why, f"{fix}. Also wrong: {more}" if more else fix)


def _where(loc: Loc, path: Path, text: str) -> str:
    """Return the environment variable or the file and line a place was set at."""
    if variable := _variable(loc):
        return f"environment variable {variable}"
    line = line_of(text, loc)
    return f"{path}, line {line}" if line else str(path)


def _variable(loc: Loc) -> str | None:
    """Return the environment variable that sets a place, if one does."""
    names = [str(part) for part in loc if isinstance(part, str)]
    wanted = {f"{PREFIX}{'__'.join(names[:length])}".upper() for length in (1, 2)}
    return next((name for name in os.environ if name.upper() in wanted), None)


def _told(fault: Any) -> tuple[str, str, str]:
    """Return what is wrong, why, and the fix, of one fault as pydantic tells it."""
    loc: Loc = fault["loc"]
    key = next((part for part in reversed(loc) if isinstance(part, str)), "")
    if fault["type"] == "extra_forbidden":
        what = f"there is no key `{key}` in {table_named(loc)}"
        return what, suggestion(loc), "Correct the name or take the line out"
    if fault["type"] == "missing":
        return f"{table_named(loc)} lacks `{key}`", "it has no default", f"Add `{key}`"
    what = f"`{key}` cannot be {_shown(fault['input'])}" if key else "the settings do not fit"
    return what if key != "database" else "`database` cannot be used", _reason(fault), "Correct it"


def _reason(fault: Any) -> str:
    """Return pydantic's message in our words."""
    message: str = fault["msg"].removeprefix("Value error, ")
    return message.replace("Input should be", "it should be")


def _shown(value: Any) -> str:
    """Return a value short enough for a sentence."""
    shown = repr(value)
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}..."
