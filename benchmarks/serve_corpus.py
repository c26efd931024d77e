"""The real pages on loopback, under several hosts: `python -m benchmarks.serve_corpus --routes F`.

F has one JSON object a line: `host`, `target` (path and query as requested), `status`, and `file`,
the body as gzip. It goes out as it lies there to whoever accepts gzip, and unpacked to others.
Everything else is an honest 404. Bodies are held in memory: reading a disk is not measured.
"""

import gzip
import json
from dataclasses import dataclass
from pathlib import Path

from crawler.demo.control import PREFIX, control
from crawler.demo.http1 import Handler, Reply, Request
from crawler.demo.journal import Journal
from crawler.demo.process import Listeners, parser, run

HTML = "text/html"  # the pages' own headers are not kept; their charset stands in the markup
MISSING = b"<!DOCTYPE html><title>404</title><h1>Not Found</h1>"


@dataclass(frozen=True, slots=True)
class Stored:
    """A page as it is served."""

    status: int
    packed: bytes


def load(routes: Path) -> dict[tuple[str, str], Stored]:
    """Return the pages by host and target. Raises OSError, KeyError or ValueError."""
    found = {}
    with routes.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            body = Path(row["file"]).read_bytes()
            found[row["host"], row["target"]] = Stored(row["status"], body)
    return found


def reply(stored: Stored, accept: str) -> Reply:
    """Return a page, packed if the client takes it so."""
    if "gzip" in accept:
        headers = (("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding"))
        return Reply(status=stored.status, body=stored.packed, media_type=HTML, headers=headers)
    return Reply(status=stored.status, body=gzip.decompress(stored.packed), media_type=HTML)


def handler(pages: dict[tuple[str, str], Stored], journal: Journal) -> Handler:
    """Return the function that answers, and logs, every request."""

    def handle(request: Request) -> Reply:
        if request.path.startswith(PREFIX):
            return control(request, journal, {})
        stored = pages.get((request.address, request.target))
        if stored is None:
            answer = Reply(status=404, body=MISSING, media_type=HTML)
        else:
            answer = reply(stored, request.headers.get("accept-encoding", ""))
        journal.record(request, answer)
        return answer

    return handle


def main() -> None:
    """Serve until told to stop."""
    options = parser("Serve a folder of real pages on loopback.", "127.0.0.20")
    options.add_argument("--routes", type=Path, required=True)
    chosen = options.parse_args()
    handle = handler(load(chosen.routes), Journal(chosen.log))
    listeners = Listeners(chosen.host or [chosen.default_host], chosen.port, handle)
    run(listeners, exit_with_parent=chosen.exit_with_parent)


if __name__ == "__main__":
    main()
