"""Names of WARC files: `newsmorgue-<14 digits>-<run>-<serial>.warc.gz`, `.open` until closed."""

import re
from datetime import UTC, datetime

OPEN = ".open"
_RUN = re.compile(r"[A-Za-z0-9._-]{1,64}")
_NAME = re.compile(r"newsmorgue-\d{14}-(?P<run>[A-Za-z0-9._-]{1,64})-\d{5,8}\.warc\.gz")
_SAFE = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,119}")


def check_run(run: str) -> str:
    """Return the run's id, or raise ValueError if it cannot stand in a file name."""
    if not _RUN.fullmatch(run):
        raise ValueError(f"a run id is 1 to 64 of A-Z a-z 0-9 . _ -, not {run!r}")
    return run


def final_name(run: str, at: datetime, serial: int) -> str:
    """Return the name a file of this run bears once closed; `at` is aware."""
    return f"newsmorgue-{at.astimezone(UTC):%Y%m%d%H%M%S}-{run}-{serial:05d}.warc.gz"


def run_of(name: str) -> str | None:
    """Return the run a file name (final or `.open`) was given by, None for a foreign name."""
    match = _NAME.fullmatch(name.removesuffix(OPEN))
    return match["run"] if match else None


def check_name(name: str) -> str:
    """Return a file name that names a file of the directory itself, or raise ValueError."""
    if not _SAFE.fullmatch(name):
        raise ValueError(f"not a WARC file's name: {name!r}")
    return name
