"""What `newsmorgue init` does: settings checked, database made, newsmorgue.toml written last.

In this order a fault leaves nothing that would stand in the way of a second try.
"""

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError

from crawler.cli import home
from crawler.cli.starter import starter
from crawler.config import FILE_NAME, Config, resolve_home
from crawler.core.urls import canonicalize, host_of
from crawler.errors import UsageError, redacted

_LONGEST_NAME = 100  # characters, as crawler.config.sections allows
_ODD = re.compile("[^A-Za-z0-9._-]")
_OPTIONS = ("contact", "database", "site")


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """What was made, and where it lies."""

    home: Path
    settings: Path
    database: str  # without a password
    schema: str  # its revision
    warc: Path
    sites: tuple[str, ...]


def begin(
    directory: Path | None,
    option: Path | None,
    urls: Sequence[str],
    contact: str | None,
    database: str | None,
) -> Begun:
    """Make a morgue in a directory and return what was made.

    Raises UsageError if there is a newsmorgue.toml, or a value given cannot be used.
    """
    if directory is not None and option is not None:
        raise UsageError("the directory is named twice", "DIR and --home are the same", "Name one")
    path = resolve_home(directory or option) / FILE_NAME
    _refuse_to_overwrite(path)
    place = home.open_to_write(directory or option).home
    sites = [{"name": name, "seeds": [url]} for name, url in zip(names(urls), urls, strict=True)]
    given = {"contact": contact, "database": database}
    config = _checked(place, {**given, "site": sites})
    schema = _create_database(config)
    config.warc_dir.mkdir(exist_ok=True)
    _write(path, starter(given, sites), is_secret=redacted(database or "") != (database or ""))
    return Begun(
        home=place,
        settings=path,
        database=config.database_shown,
        schema=schema,
        warc=config.warc_dir,
        sites=tuple(site.name for site in config.site),
    )


def names(urls: Iterable[str]) -> tuple[str, ...]:
    """Return a name for each site: its host without www., with its path or a number if taken.

    The host is what people call a paper, and it needs no list of public suffixes.
    """
    found: dict[str, None] = {}
    for url in urls:
        parts = [part for part in urlsplit(canonicalize(url)).path.split("/") if part]
        host = _spoken(host_of(url))[:_LONGEST_NAME]
        longer = "-".join([host, *(part for part in parts if part.isascii() and part.isalnum())])
        numbered = (f"{host[:90]}-{number}" for number in range(2, len(found) + 3))
        wanted = (host, longer[:_LONGEST_NAME], *numbered)
        found[next(name for name in wanted if name not in found)] = None
    return tuple(found)


def _spoken(host: str) -> str:
    """Return a host as a name may be: without www. if that leaves two parts, odd signs as -."""
    rest = host.removeprefix("www.")
    return _ODD.sub("-", rest if "." in rest else host).strip("-._") or "site"


def _refuse_to_overwrite(path: Path) -> None:
    if path.exists():
        raise UsageError(
            f"there is a morgue in {path.parent} already",
            f"it has a {path.name}, and init overwrites nothing",
            "Edit that file, or name another directory",
        )


def _checked(directory: Path, values: dict[str, Any]) -> Config:
    """Return the configuration that the file will give. Raises UsageError, option named."""
    given = {name: value for name, value in values.items() if value}
    try:
        return Config(**{**given, "home": directory})
    except ValidationError as error:
        fault = error.errors(include_url=False, include_context=False)[0]
    option = next(name for name in _OPTIONS if name in fault["loc"])
    why = fault["msg"].removeprefix("Value error, ")
    raise UsageError(f"--{option} cannot be used", why, "Correct it or leave it out")


def _create_database(config: Config) -> str:
    """Create the schema and return its revision; one of this version may be there already."""
    from storage import upgrade  # noqa: PLC0415 - alembic and sqlalchemy, a second
    from storage.engine import open_engine, opening  # noqa: PLC0415

    engine = open_engine(config.database_url, busy_seconds=config.run.busy_timeout)
    try:
        with opening(config.database_url):
            upgrade.ensure(engine)
            return upgrade.current(engine)
    finally:
        engine.dispose()


def _write(path: Path, text: str, *, is_secret: bool) -> None:
    """Write a file that is not there yet; only its owner may read one with a password."""
    mode = 0o600 if is_secret else 0o666

    def private(name: str, flags: int) -> int:
        return os.open(name, flags, mode)

    try:
        with open(path, "x", encoding="utf-8", opener=private) as file:
            file.write(text)
    except FileExistsError:
        _refuse_to_overwrite(path)
