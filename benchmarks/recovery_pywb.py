"""The same lost pages held by a real pywb, as far as it can play their situations.

pywb is run from an environment of its own and never imported; its collection is filled from a
WARC written here by our own writer.
"""

import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from recovery_case import Lost, in_order

from crawler.demo.holdings import moment
from crawler.demo.server import Asked, environment
from storage.warc.records import Draft, capture_drafts, pack, warcinfo_draft
from storage.warc.text import payload_digest
from storage.warc.values import Duplicate, Exchange

HOST = "127.0.0.44"
COLLECTION = "news"
PATIENCE = 60.0  # seconds until it must listen
CONFIG = "framed_replay: false\nenable_memento: true\n"
_FILE = "lost.warc.gz"


@dataclass(frozen=True, slots=True)
class Pywb:
    """A running pywb. It keeps no log of requests that could be counted."""

    address: str

    def base_url(self) -> str:
        """Return where it listens, without a final slash."""
        return self.address

    def requests(self) -> list[Asked]:
        """Return nothing: see the class."""
        return []


@contextmanager
def serve(wayback: Path, pages: Sequence[Lost], folder: Path) -> Iterator[Pywb]:
    """Fill a collection with what is held of the pages and serve it.

    `wayback` is pywb's server executable; `wb-manager` must lie beside it. Raises RuntimeError
    when it does not listen, OSError or CalledProcessError when it cannot be set up.
    """
    (folder / _FILE).write_bytes(b"".join(_records(pages)))
    (folder / "config.yaml").write_text(CONFIG, encoding="utf-8")
    manager = str(wayback.with_name("wb-manager"))
    for arguments in (("init", COLLECTION), ("add", COLLECTION, _FILE)):
        subprocess.run(
            [manager, *arguments], cwd=folder, env=environment(), check=True, capture_output=True
        )
    port = _free_port()
    with (folder / "pywb.log").open("wb") as log:
        process = subprocess.Popen(
            [str(wayback), "-p", str(port), "-b", HOST], cwd=folder, stdout=log, stderr=log
        )
        try:
            _wait(process, port)
            yield Pywb(f"http://{HOST}:{port}")
        finally:
            process.terminate()
            process.wait()


def can_play(page: Lost) -> bool:
    """Whether a page's situation needs nothing but captures."""
    return not page.faults


def _free_port() -> int:
    with socket.create_server((HOST, 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _wait(process: "subprocess.Popen[bytes]", port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise RuntimeError(f"pywb does not listen; it ended with {process.poll()}")


def _records(pages: Sequence[Lost]) -> Iterator[bytes]:
    """Yield the members of one WARC file."""
    first = moment("19960101000000")
    info = warcinfo_draft(name=_FILE, at=first, about=(("software", "recovery benchmark"),))
    yield pack(info, warcinfo=None)
    for page in pages:
        held: list[tuple[Exchange, Draft]] = []
        for capture in in_order(page):
            exchange, same_as = _exchange(capture, held)
            drafts = capture_drafts(exchange, same_as)
            if same_as is None:
                held.append((exchange, drafts[-1]))
            yield from (pack(draft, warcinfo=info.urn) for draft in drafts)


def _exchange(
    capture: Mapping[str, Any], held: Sequence[tuple[Exchange, Draft]]
) -> tuple[Exchange, Duplicate | None]:
    """Return one capture, and the earlier one it repeats."""
    at = moment(capture["timestamp"])
    if capture.get("revisit"):
        earlier, draft = next(one for one in reversed(held) if one[0].url == capture["url"])
        return _again(earlier, at - earlier.fetched_at), _duplicate(earlier, draft)
    headers = {"Content-Type": "text/html", **capture.get("headers", {})}
    exchange = Exchange(
        url=capture["url"],
        status=int(capture.get("status", 200)),
        response_headers=tuple(headers.items()),
        body=_body(capture),
        fetched_at=at,
    )
    return exchange, None


def _again(earlier: Exchange, later: timedelta) -> Exchange:
    return Exchange(
        url=earlier.url,
        status=earlier.status,
        response_headers=earlier.response_headers,
        body=earlier.body,
        fetched_at=earlier.fetched_at + later,
    )


def _duplicate(earlier: Exchange, draft: Draft) -> Duplicate:
    return Duplicate(
        uri=earlier.url,
        date=earlier.fetched_at,
        file=_FILE,
        offset=0,  # pywb looks it up by address and date
        record_id=draft.urn,
        payload_digest=payload_digest(earlier.body),
    )


def _body(capture: Mapping[str, Any]) -> bytes:
    return Path(capture["body_file"]).read_bytes()
