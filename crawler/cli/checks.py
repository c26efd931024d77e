"""The checks of `newsmorgue doctor`. Each returns what it found and, if need be, what to do."""

import os
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.cli.smoke import smoke_import
from crawler.errors import ConfigError, NewsmorgueError

if TYPE_CHECKING:
    from crawler.config import Config

PYTHON = (3, 11)
SQLITE = (3, 35)  # the first with RETURNING, which claims and the change counter need
ROOM = 2 * 1024**3  # bytes: a WARC file is closed at 1 GB, and the database needs room beside it


class Result(StrEnum):
    """How a check ended. Only `fail` keeps Newsmorgue from working."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One line of the doctor's table."""

    check: str
    result: Result
    found: str
    fix: str = ""


def run_checks(home: Path) -> Iterator[Check]:
    """Yield every check, cheap ones first. Nothing is changed."""
    yield _python()
    yield _sqlite()
    yield from smoke_checks()
    yield _writable(home)
    yield _room(home)
    try:
        config = _config(home)
    except ConfigError as error:
        yield Check(check="configuration", result=Result.FAIL, found=error.what, fix=error.why)
        return
    sites = len(config.site)
    yield Check(check="configuration", result=Result.OK, found=f"{sites} sites configured")
    yield _contact(config)
    yield _database(config)


def _config(home: Path) -> "Config":
    """Return the configuration."""
    from crawler.config import load  # noqa: PLC0415 - after the smoke imports have been told

    return load(home)


def _python() -> Check:
    """The interpreter is new enough."""
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info >= PYTHON:
        return Check(check="python", result=Result.OK, found=found)
    return Check(check="python", result=Result.FAIL, found=found, fix="Use Python 3.11 or later")


def _sqlite() -> Check:
    """The SQLite that Python was built with is new enough."""
    found = sqlite3.sqlite_version
    if sqlite3.sqlite_version_info >= SQLITE:
        return Check(check="sqlite", result=Result.OK, found=found)
    fix = "Use a Python with SQLite 3.35 or later, or a Postgres database"
    return Check(check="sqlite", result=Result.FAIL, found=found, fix=fix)


def smoke_checks() -> Iterator[Check]:
    """Every dependency can be imported; they are tried in a process of their own."""
    results = smoke_import()
    broken = {name: found for name, found in results.items() if not found.version}
    for name, found in broken.items():
        fix = f"Install it again: pip install --force-reinstall {name}"
        yield Check(check=f"import {name}", result=Result.FAIL, found=found.error, fix=fix)
    if not broken:
        yield Check(check="imports", result=Result.OK, found=f"{len(results)} packages")


def _writable(home: Path) -> Check:
    """The home directory can be written."""
    try:
        with tempfile.TemporaryFile(dir=home):
            pass
    except OSError as error:
        why = f"{home}: {error.strerror or error}"
        fix = "Name another with --home DIR, or make it and make it writable"
        return Check(check="home", result=Result.FAIL, found=why, fix=fix)
    return Check(check="home", result=Result.OK, found=str(home))


def _room(home: Path) -> Check:
    """There is room for a WARC file and the database."""
    place = next(path for path in (home, *home.parents) if path.exists())
    free = shutil.disk_usage(place).free
    found = f"{free / 1024**3:.1f} GiB free"
    if free >= ROOM:
        return Check(check="disk", result=Result.OK, found=found)
    return Check(check="disk", result=Result.FAIL, found=found, fix="Free 2 GiB at least")


def _contact(config: "Config") -> Check:
    """Site owners can reach whoever crawls."""
    if config.contact:
        return Check(check="contact", result=Result.OK, found=config.contact)
    fix = 'Set contact = "https://..." in newsmorgue.toml: who can reach you seldom blocks you'
    return Check(check="contact", result=Result.WARN, found="none", fix=fix)


def _database(config: "Config") -> Check:
    """The database answers and has the schema of this version."""
    shown = config.database_shown
    if _is_missing_file(config):
        found = f"{shown} is not made yet; the first crawl makes it"
        return Check(check="database", result=Result.OK, found=found)
    try:
        revision, wanted = _revisions(config)
    except NewsmorgueError as error:
        found = f"{shown}: {error.why or error.what}"
        return Check(check="database", result=Result.FAIL, found=found, fix=error.fix)
    found = f"{shown} is at schema {revision}"
    if revision in {wanted, "none"}:
        return Check(check="database", result=Result.OK, found=found)
    fix = f"This version needs {wanted}: run `newsmorgue db upgrade`, or upgrade Newsmorgue"
    return Check(check="database", result=Result.FAIL, found=found, fix=fix)


def _is_missing_file(config: "Config") -> bool:
    """Whether the database is a SQLite file that does not exist: opening it would make it."""
    scheme, _, path = config.database_url.partition(":///")
    return scheme == "sqlite" and not os.path.exists(path.partition("?")[0])  # noqa: PTH110


def _revisions(config: "Config") -> tuple[str, str]:
    """Return the schema revision the database is at and the one this version needs."""
    from storage import upgrade  # noqa: PLC0415 - alembic and sqlalchemy, a second
    from storage.engine import open_engine, opening  # noqa: PLC0415

    engine = open_engine(config.database_url, busy_seconds=config.run.busy_timeout)
    try:
        with opening(config.database_url):
            return upgrade.current(engine), upgrade.head()
    finally:
        engine.dispose()
