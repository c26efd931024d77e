"""A morgue in a directory of its own: crawled by the command line, read back by sqlite3."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from http.client import IncompleteRead
from itertools import pairwise
from pathlib import Path
from typing import Any

from crawler.demo.launch import ArchiveServer
from crawler.demo.server import Asked
from storage.warc import Stored, read_exchange
from support.cli import Ran, newsmorgue
from support.servers import get

Table = Mapping[str, object]
LOOPBACK = "127.0.0.0/8"
LONG_AGO = "2020-01-01T00:00:00.000000Z"


@dataclass(frozen=True, slots=True)
class Home:
    """One home directory: a morgue."""

    path: Path

    def configure(
        self,
        *,
        archives: Sequence[Table] = (),
        sites: Sequence[Table] = (),
        allow: Sequence[str] = (LOOPBACK,),
        **tables: Table,
    ) -> None:
        """Write newsmorgue.toml: no delay between requests unless `fetch` says so."""
        fetch = {"delay": 0, **tables.pop("fetch", {})}
        lines = [f"allow_private = {json.dumps(list(allow))}"]
        lines += [] if archives else ["archive = []"]
        for name, table in {"fetch": fetch, **tables}.items():
            lines += [f"[{name}]", *_pairs(table)]
        for name, several in {"archive": archives, "site": sites}.items():
            for table in several:
                lines += [f"[[{name}]]", *_pairs(table)]
        (self.path / "newsmorgue.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def crawl(self, *arguments: object, env: Mapping[str, str] | None = None) -> Ran:
        """Run `newsmorgue crawl` here."""
        return newsmorgue("crawl", *arguments, "--home", self.path, env=env)

    def crawl_list(self, urls: Sequence[str], *arguments: object) -> Ran:
        """Run `newsmorgue crawl --from` with these URLs."""
        source = self.path / "list.txt"
        source.write_text("".join(f"{url}\n" for url in urls), encoding="utf-8")
        return self.crawl("--from", source, *arguments)

    def run(self, command: str, *arguments: object) -> Ran:
        """Run another command here."""
        return newsmorgue(command, *arguments, "--home", self.path)

    def rows(self, query: str, *values: object) -> list[dict[str, Any]]:
        """Return what a query gives, by plain sqlite3."""
        with closing(sqlite3.connect(self.path / "newsmorgue.db")) as database:
            database.row_factory = sqlite3.Row
            return [dict(row) for row in database.execute(query, values)]

    def one(self, query: str, *values: object) -> Any:
        """Return the one value of the one row a query gives."""
        (row,) = self.rows(query, *values)
        (value,) = row.values()
        return value

    def visit(self, url: str, *purposes: str) -> dict[str, Any]:
        """Return the one visit of an address, live unless said otherwise; JSON columns are read."""
        wanted = purposes or ("visit", "discover")
        marks = ", ".join("?" * len(wanted))
        query = f"SELECT * FROM visit WHERE url = ? AND purpose IN ({marks})"
        (row,) = self.rows(query, url, *wanted)
        return {**row, "chain": json.loads(row["chain"] or "[]"), **_read(row, "reasons")}

    def lookups(self, url: str) -> list[dict[str, Any]]:
        """Return what archives answered for an address, in order; `refused` is read."""
        rows = self.rows(
            "SELECT l.* FROM archive_lookup l JOIN resource r ON r.id = l.resource_id"
            " WHERE r.url = ? ORDER BY l.id",
            url,
        )
        return [{**row, **_read(row, "refused")} for row in rows]

    def articles(self, url: str) -> list[dict[str, Any]]:
        """Return the rows of the public view for an address: one or none."""
        return self.rows("SELECT * FROM articles WHERE url = ?", url)

    def due(self, url: str) -> dict[str, dict[str, Any]]:
        """Return the frontier's entries of an address by purpose."""
        rows = self.rows(
            "SELECT f.* FROM frontier f JOIN resource r ON r.id = f.resource_id WHERE r.url = ?",
            url,
        )
        return {row["purpose"]: {**row, **_read(row, "payload")} for row in rows}

    def harvest(self) -> dict[str, Any]:
        """Return the last run; its tally is read."""
        row = self.rows("SELECT * FROM harvest ORDER BY id DESC LIMIT 1")[0]
        return {**row, **_read(row, "tally")}

    def pass_time(self) -> None:
        """Make all that is planned due now, and let the archives' pauses be over."""
        with closing(sqlite3.connect(self.path / "newsmorgue.db")) as database:
            database.execute("UPDATE frontier SET due_at = ?", (LONG_AGO,))
            database.execute("UPDATE lane SET next_due_at = ?, free_at = NULL", (LONG_AGO,))
            database.execute("UPDATE archive_budget SET next_free_at = ?", (LONG_AGO,))
            database.commit()

    def capture(self, visit: Mapping[str, Any]) -> Stored:
        """Return the WARC record a visit points to."""
        return read_exchange(self.path / "warc", visit["warc_file"], visit["warc_offset"])

    def payload(self, visit: Mapping[str, Any]) -> bytes:
        """Return a visit's bytes, from an earlier capture if it is a revisit."""
        place = visit["payload_file"], visit["payload_offset"]
        return read_exchange(self.path / "warc", *place).body


def asks(archive: ArchiveServer, **more: object) -> dict[str, object]:
    """Return the configuration of a mock archive, without a pace."""
    return {
        "name": "wayback",
        "cdx_url": archive.cdx_url,
        "replay_url": archive.replay_url,
        "lookups_per_minute": 0,
        "replays_per_minute": 0,
        **more,
    }


def sent(url: str) -> bytes:
    """Return the body a server sends, as far as it goes."""
    try:
        return get(url).body
    except IncompleteRead as broken:
        return broken.partial


def assert_paced(asked: Sequence[Asked], delay: float) -> None:
    """Assert that requests to one host came no faster than one in `delay` seconds.

    A server notes a request when it gets to it, which may be late, once: hence the half.
    """
    clocks = [one.clock for one in asked]
    assert all(later - sooner > delay / 2 for sooner, later in pairwise(clocks))
    if clocks:
        assert clocks[-1] - clocks[0] > (len(clocks) - 1.5) * delay


def _pairs(table: Table) -> list[str]:
    return [f"{name} = {json.dumps(value)}" for name, value in table.items()]


def _read(row: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {name: None if row[name] is None else json.loads(row[name])}
