"""From files and environment to `Config`: the border where a user's input is checked."""

import os
import re
import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import SettingsError

from crawler.config.faults import PREFIX, config_error
from crawler.config.keys import all_keys, nearest
from crawler.config.models import Config
from crawler.errors import ConfigError

FILE_NAME = "newsmorgue.toml"
# Variables of ours that are no keys.
_OTHER_VARIABLES = ("HOME", "DEBUG")


def resolve_home(given: Path | None) -> Path:
    """Return the morgue's directory: as given, else NEWSMORGUE_HOME, else the current one."""
    return (given or Path(os.environ.get("NEWSMORGUE_HOME") or ".")).expanduser().absolute()


def load(home: Path) -> Config:
    """Return the configuration of the morgue in `home`; newsmorgue.toml may be missing.

    Raises ConfigError, which names the key, its line and what would be right.
    """
    _refuse_unknown_variables()
    path = home / FILE_NAME
    text = _read(path)
    values = _parse(text, path)
    try:
        return Config(**{**values, "home": home})
    except ValidationError as error:
        raise config_error(error, path, text) from None
    except SettingsError as error:
        raise _not_json(str(error)) from None


def _not_json(message: str) -> ConfigError:
    """Return the fault of a variable that stands for a whole table; it must be JSON."""
    field = re.search(r'field "(\w+)"', message)
    variable = f"{PREFIX}{field[1].upper()}" if field else "of ours"
    why = "a whole table or list is written as JSON there"
    return ConfigError(f"environment variable {variable} cannot be read", why, "Correct it")


def _read(path: Path) -> str:
    """Return the file's text, "" if there is none."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8", str(error), "Save it as UTF-8") from None
    except OSError as error:
        why = error.strerror or str(error)
        raise ConfigError(f"{path} cannot be read", why, "Check the file's rights") from None


def _parse(text: str, path: Path) -> dict[str, Any]:
    """Return the file's tables. `home` is no key of it."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not TOML", str(error), "Correct that line") from None
    if "home" in values:
        raise ConfigError(
            f"{path}: there is no key `home` in the file",
            "the home directory is where the file lies",
            "Use --home DIR or NEWSMORGUE_HOME",
        )
    return values


def _refuse_unknown_variables() -> None:
    """Raise ConfigError for a NEWSMORGUE_ variable that was meant for a key and names none.

    A variable unlike every key is left alone: containers set such names for themselves.
    """
    keys = tuple(all_keys())
    tables = {table.upper() for table, _ in keys if table}
    known = {f"{table}__{key}".lstrip("_").upper() for table, key in keys} | tables
    for variable in os.environ:
        name = variable.upper().removeprefix(PREFIX)
        if not variable.upper().startswith(PREFIX) or name in known or name in _OTHER_VARIABLES:
            continue
        near = nearest(name, tuple(known))
        if near or "__" in name:
            raise ConfigError(
                f"environment variable {variable} sets nothing",
                f"did you mean {PREFIX}{near}?" if near else "there is no such key",
                "Correct the name or unset it",
            )
