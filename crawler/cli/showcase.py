"""The demo's stage: a little newspaper with lost pages, an archive that holds most of them.

Both are processes of ours on loopback addresses; the crawl that visits them is the real one.
"""

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from crawler.cli.faults import DEBUG
from crawler.cli.home import ensure_writable
from crawler.demo.launch import ArchiveServer, NewspaperServer, start_archive, start_newspaper
from crawler.demo.pages import plain_article
from crawler.demo.prose import story
from crawler.errors import UsageError

ARTICLES = 24
FOUNDING = 4  # living articles that end in a "not available" notice
GONE = (5, 10)  # articles that now answer 404, and the archive holds them
# The same, but they answer 200 with a notice and teasers: number -> style of the demo's paper.
DISGUISED = {15: "founding", 20: "heading"}
LOST = (22,)  # gone, and no archive holds it

_CONFIG = """\
# The demo's own settings: everything is on this machine, so nothing needs to wait.
allow_private = ["127.0.0.0/8"]
contact = "demo@newsmorgue.invalid"

[fetch]
delay = 0

[[archive]]
name = "demo-archive"
dialect = "wayback"
cdx_url = {cdx_url}
replay_url = {replay_url}
lookups_per_minute = 0
replays_per_minute = 0
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where the demo plays: its home directory and the addresses to crawl."""

    home: Path
    urls: tuple[str, ...]


@contextmanager
def staged(keep: Path | None) -> Iterator[Stage]:
    """Start newspaper and archive and write newsmorgue.toml to `keep`, or to a passing directory.

    Raises UsageError if `keep` holds something already.
    """
    with ExitStack() as stack:
        _forget_settings()
        home = _empty(keep) if keep else Path(stack.enter_context(_passing_directory()))
        paper = stack.enter_context(start_newspaper(articles=ARTICLES))
        archive = stack.enter_context(start_archive())
        _bury(paper, archive)
        urls = paper.urls() + paper.urls(FOUNDING, "founding")
        _configure(home, archive)
        yield Stage(home=home, urls=tuple(urls))


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


def _bury(paper: NewspaperServer, archive: ArchiveServer) -> None:
    """Let some articles die, as 404 or with a disguise, after the archive has taken them in."""
    for number in (*GONE, *DISGUISED, *LOST):
        told = story(number)
        if number not in LOST:
            taken = told.published + timedelta(days=2)
            page = plain_article(told, paper.url(told.path), ARTICLES)
            archive.hold(paper.url(told.path), taken.strftime("%Y%m%d%H%M%S"), page)
        paper.behave(told.path, _grave(number))


def _grave(number: int) -> str:
    """Return the path whose answer a dead article gives from now on."""
    told = story(number)
    style = DISGUISED.get(number)
    return f"/soft404/{style}/{told.language}/{told.slug}" if style else f"/gone404/{number}/gone"


def _configure(home: Path, archive: ArchiveServer) -> None:
    """Write the demo's newsmorgue.toml. JSON strings are TOML strings."""
    text = _CONFIG.format(
        cdx_url=json.dumps(archive.cdx_url), replay_url=json.dumps(archive.replay_url)
    )
    (home / "newsmorgue.toml").write_text(text, encoding="utf-8")
