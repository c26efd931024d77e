"""A morgue under test: its directory and database, read by plain drivers and foreign WARC readers.

Nothing here asks the project's own read side: what the crawl says of itself is what is judged.
"""

import json
import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
from fastwarc.warc import ArchiveIterator, WarcRecordType

from crawler.demo.launch import ArchiveServer
from support.databases import Database
from support.warcs import records, warcio_check

_QUERIES: Mapping[str, str] = {
    "resources": """
        SELECT url, kind, state, liveness, outcome, reason, http_status, visits,
               consecutive_failures, has_complete_version, recovered FROM resource""",
    "aliases": """
        SELECT a.url, r.url, a.why FROM alias a JOIN resource r ON r.id = a.resource_id""",
    "versions": """
        SELECT r.url, v.version, v.reading, v.text_sha256, v.title, v.source, v.memento_url,
               v.is_partial, v.has_removed_notice
        FROM article_version v JOIN resource r ON r.id = v.resource_id""",
    "visits": """
        SELECT r.url, v.purpose, v.source, v.outcome, v.http_status, v.liveness, v.reason,
               CASE v.purpose WHEN 'lookup' THEN NULL ELSE v.final_url END,
               v.memento_url, v.bytes, v.content_sha256
        FROM visit v JOIN resource r ON r.id = v.resource_id""",
    "changes": "SELECT kind, url, version, reading FROM change",
    "frontier": """
        SELECT r.url, f.purpose, f.lane, f.priority, f.attempts
        FROM frontier f JOIN resource r ON r.id = f.resource_id""",
    "lookups": """
        SELECT r.url, l.archive, l.answer, l.rows_seen, l.memento_url
        FROM archive_lookup l JOIN resource r ON r.id = l.resource_id""",
}

Picture = dict[str, Counter[tuple[Any, ...]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What lay in a database right after a kill: entries in hand, runs not closed."""

    in_hand: tuple[tuple[str, str], ...] = ()  # (url, purpose)
    open_runs: tuple[int, ...] = ()


@dataclass(slots=True)
class Morgue:
    """A home directory and the database that its newsmorgue.toml names."""

    home: Path
    database: Database

    def configure(self, archive: ArchiveServer | None = None, **tables: Mapping[str, Any]) -> None:
        """Write newsmorgue.toml: loopback allowed, no delay, the archive without a pace.

        `tables` add or change keys of a table: `fetch={"delay": 1}`.
        """
        merged: dict[str, dict[str, Any]] = {"fetch": {"delay": 0}}
        for name, values in tables.items():
            merged.setdefault(name, {}).update(values)
        lines = ['allow_private = ["127.0.0.0/8"]']
        if not self.database.is_sqlite:
            lines.append(f"database = {json.dumps(self.database.url)}")
        lines += ["archive = []"] if archive is None else []
        for name, values in merged.items():
            lines += [f"[{name}]", *(f"{key} = {json.dumps(v)}" for key, v in values.items())]
        if archive is not None:
            lines += ["[[archive]]", 'name = "mock"', f"cdx_url = {json.dumps(archive.cdx_url)}"]
            lines += [f"replay_url = {json.dumps(archive.replay_url)}"]
            lines += ["lookups_per_minute = 0", "replays_per_minute = 0"]
        (self.home / "newsmorgue.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def picture(self) -> Picture:
        """Return all that two equal crawls must have in common: everything but ids and times."""
        return {name: Counter(self.database.rows(query)) for name, query in _QUERIES.items()}

    @property
    def warcs(self) -> Path:
        """Where the WARC files lie."""
        return self.home / "warc"

    def open_warcs(self) -> list[str]:
        """Return the names of WARC files that are not closed."""
        return sorted(path.name for path in self.warcs.glob("*.open"))

    def write_list(self, name: str, urls: Iterable[str]) -> Path:
        """Write a list of addresses into the home directory and return its path."""
        path = self.home / name
        path.write_text("".join(f"{url}\n" for url in urls), encoding="utf-8")
        return path

    def in_hand(self) -> Counter[int]:
        """Return how many entries each run has in hand now."""
        try:
            rows = self.database.rows("SELECT run_id FROM frontier WHERE run_id IS NOT NULL")
        except (sqlite3.OperationalError, psycopg.errors.UndefinedTable):  # not there yet
            return Counter()
        return Counter(row[0] for row in rows)

    def left(self) -> Left:
        """Return what a kill left in the database, without touching what the next run will find."""
        with self._untouched() as database:
            if database is None:
                return Left()
            in_hand = database.rows(
                "SELECT r.url, f.purpose FROM frontier f JOIN resource r ON r.id = f.resource_id"
                " WHERE f.run_id IS NOT NULL"
            )
            runs = database.rows("SELECT id FROM harvest WHERE ended_at IS NULL")
        return Left(in_hand=tuple(in_hand), open_runs=tuple(row[0] for row in runs))

    @contextmanager
    def _untouched(self) -> Iterator[Database | None]:
        """Give the database as it is; None while it has no tables. SQLite's is a copy.

        To open the file itself would recover its log, which is for the next run to do.
        """
        if not self.database.is_sqlite:
            [[found]] = self.database.rows("SELECT to_regclass('frontier')::text")
            yield self.database if found else None
            return
        source = Path(self.database.place)
        with tempfile.TemporaryDirectory() as folder:
            for path in source.parent.glob(f"{source.name}*"):
                shutil.copy(path, folder)
            copy = Database("sqlite", "", str(Path(folder) / source.name))
            tables = copy.rows("SELECT name FROM sqlite_master WHERE name = 'frontier'")
            yield copy if tables else None


def check_ledger(database: Database) -> None:
    """Assert what holds in every database at rest: nothing in hand, nothing doubled, no gaps."""
    assert database.rows("SELECT id FROM frontier WHERE run_id IS NOT NULL") == []
    assert database.rows("SELECT name FROM lane WHERE run_id IS NOT NULL") == []
    assert database.rows("SELECT id FROM harvest WHERE ended_at IS NULL") == []
    assert database.rows("SELECT error FROM quarantine") == []
    seqs = [row[0] for row in database.rows("SELECT seq FROM change ORDER BY seq")]
    assert seqs == list(range(1, len(seqs) + 1))
    assert database.one("SELECT value FROM change_counter") == len(seqs)
    if database.is_sqlite:
        assert database.one("PRAGMA integrity_check") == "ok"
        assert database.rows("PRAGMA foreign_key_check") == []


def check_warcs(morgue: Morgue) -> None:
    """Assert that the WARC files are closed and valid, and that every visit's bytes are in them."""
    assert morgue.open_warcs() == []
    paths = sorted(morgue.warcs.glob("*.warc.gz"))
    for path in paths:
        assert records(path)[0].kind == "warcinfo"
    checked = warcio_check(*paths)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    bodies = {path.name: _bodies(path) for path in paths}
    for url, digest, file, offset, payload_file, payload_offset in morgue.database.rows(
        "SELECT final_url, content_sha256, warc_file, warc_offset, payload_file, payload_offset"
        " FROM visit WHERE warc_file IS NOT NULL"
    ):
        assert bodies[file][offset][0] == url
        assert bodies[payload_file][payload_offset][1] == digest


def _bodies(path: Path) -> dict[int, tuple[str, str]]:
    """Return address and digest of the body of each capture, by offset."""
    kinds = WarcRecordType.response | WarcRecordType.revisit
    with path.open("rb") as stream:
        return {
            record.stream_pos: (
                record.headers["WARC-Target-URI"],
                sha256(record.reader.read()).hexdigest(),
            )
            for record in ArchiveIterator(stream, record_types=kinds, parse_http=True)
        }
