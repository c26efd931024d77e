"""Runs a small crawl in a process of its own, with this project's settings."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[2]
_LIMIT = 60.0  # seconds for the whole process
_SETTINGS = {
    "NEWSMORGUE_ALLOW_PRIVATE": ["127.0.0.0/8"],
    "DOWNLOAD_DELAY": 0,
    "DOWNLOAD_TIMEOUT": 10,
    "SPIDER_MODULES": [],  # the real spiders have their own tests
}


def run(
    *groups: list[str],
    settings: dict[str, Any] | None = None,
    environment: dict[str, str] | None = None,
    **specification: Any,
) -> dict[str, Any]:
    """Crawl and return what `support.fetch_child` writes, with `stderr` added.

    Each group of addresses is fetched together by `engine.download_async`, one group after the
    other. Further: `scheduled` (addresses that go through the scheduler), `follow` (follow one
    hop), `meta`, `names` (host -> the answers of successive lookups), `seed` (robots answers).
    """
    specification |= {"groups": groups, "settings": _SETTINGS | (settings or {})}
    path = f"{_ROOT}{os.pathsep}{_ROOT / 'tests'}"
    done = subprocess.run(
        [sys.executable, "-m", "support.fetch_child"],
        input=json.dumps(specification),
        capture_output=True,
        text=True,
        timeout=_LIMIT,
        check=False,
        cwd=_ROOT,
        env=os.environ | {"PYTHONPATH": path} | (environment or {}),
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer | {"stderr": done.stderr}


def outcomes(answer: dict[str, Any]) -> list[Any]:
    """Return the status of each result that has one, else its outcome."""
    return [result.get("status", result.get("outcome")) for result in answer["results"]]
