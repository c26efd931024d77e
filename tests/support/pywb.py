"""A real pywb beside the tests: a program of its own, never imported (it is GPL).

It runs when NEWSMORGUE_PYWB names its `wayback` executable; `.ci/run` installs one. Its
collection is filled from a WARC that our own writer wrote.
"""

import gzip
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from storage.warc import Exchange, WarcWriter
from support.servers import fresh_hosts
from support.warcs import same_as

EXECUTABLE = os.environ.get("NEWSMORGUE_PYWB", "")
PATIENCE = 90.0  # seconds until it must listen: it is slow to start on a busy machine
COLLECTION = "news"
_CONFIG = "framed_replay: false\nenable_memento: true\n"
_HTML = (("Content-Type", "text/html; charset=utf-8"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One capture to fill a collection with. `again`: a revisit of the page's capture before."""

    url: str
    timestamp: str  # 14 digits
    body: bytes = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = _HTML
    again: bool = False

    @property
    def exchange(self) -> Exchange:
        """The capture as our writer takes it."""
        at = datetime.strptime(self.timestamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        return Exchange(
            url=self.url,
            status=self.status,
            response_headers=self.headers,
            body=self.body,
            fetched_at=at,
        )


def redirect(url: str, timestamp: str, location: str) -> Held:
    """Return a redirect that the site itself gave."""
    return Held(url=url, timestamp=timestamp, status=301, headers=(*_HTML, ("Location", location)))


def packed(held: Held, *, declared: bool) -> Held:
    """Return a capture with its body as gzip, said so in its headers or not."""
    encoding = (("Content-Encoding", "gzip"),) if declared else ()
    return replace(held, body=gzip.compress(held.body, mtime=0), headers=held.headers + encoding)


@dataclass(frozen=True, slots=True)
class Pywb:
    """A running pywb with one collection."""

    base: str  # of the collection; ends in a slash

    def section(self, dialect: str, **more: object) -> dict[str, object]:
        """Return an [[archive]] that asks it in a dialect, without a pace."""
        asked = {"pywb": "cdx", "timemap": "timemap/link/", "timegate": ""}[dialect]
        return {
            "name": "mine",
            "dialect": dialect,
            "cdx_url": f"{self.base}{asked}",
            "replay_url": self.base,
            "lookups_per_minute": 0,
            "replays_per_minute": 0,
            **more,
        }


@contextmanager
def start_pywb(folder: Path, holdings: Sequence[Held]) -> Iterator[Pywb]:
    """Serve these captures on a loopback address and a free port; end it by its process."""
    wayback = Path(EXECUTABLE)
    _write(folder / "filled", holdings)
    (folder / "config.yaml").write_text(_CONFIG, encoding="utf-8")
    files = sorted(map(str, (folder / "filled").iterdir()))
    for arguments in (["init", COLLECTION], ["add", COLLECTION, *files]):
        command = [wayback.with_name("wb-manager"), *arguments]
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=PATIENCE)
    (host,) = fresh_hosts()
    port = _free_port(host)
    with (folder / "pywb.log").open("wb") as log:
        command = [wayback, "-p", str(port), "-b", host]
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
        try:
            _wait(process, host, port)
            yield Pywb(f"http://{host}:{port}/{COLLECTION}/")
        finally:
            process.terminate()
            process.wait(timeout=PATIENCE)


def _write(folder: Path, holdings: Sequence[Held]) -> None:
    folder.mkdir()
    with_body: dict[str, tuple[Exchange, object]] = {}
    writer = WarcWriter(folder, run="held", software="newsmorgue-tests/0")
    for held in holdings:
        if held.again:
            earlier, position = with_body[held.url]
            exchange = replace(earlier, fetched_at=held.exchange.fetched_at)
            writer.write(exchange, same_as=same_as(earlier, position))
        else:
            with_body[held.url] = (held.exchange, writer.write(held.exchange))
    writer.close()


def _free_port(host: str) -> int:
    with socket.create_server((host, 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _wait(process: "subprocess.Popen[bytes]", host: str, port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection((host, port), timeout=1).close()
        except OSError:
            time.sleep(0.1)  # polled, not waited for: there is no other sign
        else:
            return
    raise RuntimeError(f"pywb does not listen; it ended with {process.poll()}")
