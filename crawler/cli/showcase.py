"""The demo's stage: the little newspaper of `crawler.demo.play` and its archive.

Both are processes of ours on loopback addresses; the crawl that visits them is the real one.
"""

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from crawler.cli.faults import DEBUG
from crawler.cli.home import ensure_writable
from crawler.demo import play
from crawler.demo.launch import ArchiveServer, start_archive, start_newspaper
from crawler.demo.play import Case
from crawler.errors import UsageError

_CONFIG = """\
# The demo's own settings: everything is on this machine, so nothing needs to wait.
allow_private = ["127.0.0.0/8"]
contact = "demo@newsmorgue.invalid"

[fetch]
delay = 0
timeout = 2

[lifecycle]
lookup_base = "1s"

[[archive]]
name = "{name}"
dialect = "wayback"
cdx_url = {cdx_url}
replay_url = {replay_url}
lookups_per_minute = 0
replays_per_minute = 0
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where the demo plays: its home directory, what to crawl, and what must come of it."""

    home: Path
    urls: tuple[str, ...]
    expected: Mapping[str, Case]  # by address


@contextmanager
def staged(keep: Path | None) -> Iterator[Stage]:
    """Start newspaper and archive and write newsmorgue.toml to `keep`, or to a passing directory.

    Raises UsageError if `keep` holds something already.
    """
    with ExitStack() as stack:
        _forget_settings()
        home = _empty(keep) if keep else Path(stack.enter_context(_passing_directory()))
        paper = stack.enter_context(start_newspaper(articles=play.ARTICLES))
        archive = stack.enter_context(start_archive())
        play.set_up(paper, archive)
        _configure(home, archive)
        yield Stage(
            home=home,
            urls=tuple(play.seeds(paper)),
            expected={paper.url(case.where): case for case in play.cases()},
        )


def _forget_settings() -> None:
    """Drop the user's own settings: a NEWSMORGUE_DATABASE must not get the demo's pages."""
    for variable in [name for name in os.environ if name.upper().startswith("NEWSMORGUE_")]:
        if variable != DEBUG:
            del os.environ[variable]


def _passing_directory() -> "tempfile.TemporaryDirectory[str]":
    """Return a directory that is removed in the end."""
    return tempfile.TemporaryDirectory(prefix="newsmorgue-demo-", ignore_cleanup_errors=True)


def _empty(keep: Path) -> Path:
    """Return the directory to keep, made if need be. Raises UsageError if it is not empty."""
    ensure_writable(keep)
    if any(keep.iterdir()):
        raise UsageError(
            f"{keep} is not empty", "the demo begins a morgue of its own", "Name a new directory"
        )
    return keep.absolute()


def _configure(home: Path, archive: ArchiveServer) -> None:
    """Write the demo's newsmorgue.toml. JSON strings are TOML strings."""
    text = _CONFIG.format(
        name=play.ARCHIVE,
        cdx_url=json.dumps(archive.cdx_url),
        replay_url=json.dumps(archive.replay_url),
    )
    (home / "newsmorgue.toml").write_text(text, encoding="utf-8")
