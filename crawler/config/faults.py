"""What pydantic found wrong, told as one ConfigError: where, which key, what would be right."""

import os
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from crawler.config.keys import section_of_list, suggestion, table_named
from crawler.config.locate import Loc, line_of
from crawler.errors import ConfigError

PREFIX = "NEWSMORGUE_"
REPEATED = "repeated"
"""The kind of a fault that lies between two tables; its context tells the place, `at`."""

_SHOWN = 60  # characters of a wrong value that a message repeats
_NUMBER = ("it should be a whole number", "Write it without quotes and without a fraction")
_TEXT = ("it should be text", "Write it in quotes")
_LIST = ("it should be a list", 'Write it in brackets: ["...", "..."]')
# What is right, and the fix, where pydantic speaks of Python's types.
_RIGHT = {
    "tuple_type": _LIST,
    "list_type": _LIST,
    "string_type": _TEXT,
    "int_type": _NUMBER,
    "int_parsing": _NUMBER,
    "int_from_float": _NUMBER,
    "float_type": ("it should be a number", "Write it without quotes"),
    "float_parsing": ("it should be a number", "Write it without quotes"),
    "bool_type": ("it should be true or false", "Write it without quotes"),
    "bool_parsing": ("it should be true or false", "Write it without quotes"),
}


def config_error(error: ValidationError, path: Path, text: str) -> ConfigError:
    """Return the first fault as a ConfigError that also says where the others are."""
    faults: list[Any] = error.errors(include_url=False)
    first, others = faults[0], faults[1:]
    where = _where(_loc(first), path, text)
    what, why, fix = _told(first)
    more = ", ".join(_where(_loc(fault), path, text) for fault in others)
    return ConfigError(f"{where}: {what}", why, f"{fix}. Also wrong: {more}" if more else fix)


def _loc(fault: Any) -> Loc:
    """Return the place of a fault; one that no single key shows names it itself."""
    return tuple(fault["ctx"]["at"]) if fault["type"] == REPEATED else tuple(fault["loc"])


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
    if fault["type"] == REPEATED:
        return (
            fault["msg"],
            "each is kept and counted by itself",
            "Rename or remove one",
        )
    reason, fix = _right(fault, loc)
    what = f"`{key}` cannot be {_shown(fault['input'])}" if key else "the settings do not fit"
    return what if key != "database" else "`database` cannot be used", reason, fix


def _right(fault: Any, loc: Loc) -> tuple[str, str]:
    """Return what would be right, in our words, and the fix."""
    table = f"[[{loc[0]}]]" if loc and section_of_list(str(loc[0])) else ""
    if len(loc) == 1 and table:
        return f"each is a table of its own, headed {table}", f"Head the table with {table}"
    if fault["type"] in _RIGHT:
        return _RIGHT[fault["type"]]
    message: str = fault["msg"].removeprefix("Value error, ")
    return message.replace("Input should be", "it should be"), "Correct it"


def _shown(value: Any) -> str:
    """Return a value short enough for a sentence."""
    shown = repr(value)
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}..."
