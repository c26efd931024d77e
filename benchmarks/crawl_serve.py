"""The sites of `crawl.py` on loopback: `python -m benchmarks.crawl_serve --routes F`.

F has one JSON object a line: `host`, `target` (path and query as requested), `type`, and `file`
(a body as gzip) or `text` (with `crawl_sites.ORIGIN` for the base address). Everything else is an
honest 404. Bodies are held packed in memory and sent so to whoever accepts gzip.
"""

import gzip
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from crawler.demo.control import PREFIX, control
from crawler.demo.http1 import Handler, Reply, Request
from crawler.demo.journal import Journal
from crawler.demo.process import Listeners, parser, run

sys.path.append(str(Path(__file__).parent))
from crawl_sites import ORIGIN

MISSING = b"<!DOCTYPE html><title>404</title><h1>Not Found</h1>"
_PACKED = (("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding"))


class Site:
    """Everything that is served, by host and target."""

    def __init__(self, routes: Path) -> None:
        """Read the routes. Raises OSError, KeyError or ValueError."""
        with routes.open(encoding="utf-8") as lines:
            rows = [json.loads(line) for line in lines]
        self._rows = {(row["host"], row["target"]): row for row in rows}
        self._bodies = {
            key: Path(row["file"]).read_bytes() for key, row in self._rows.items() if "file" in row
        }

    def answer(self, request: Request) -> Reply:
        """Return what lies at an address."""
        key = request.address, request.target
        row = self._rows.get(key)
        if row is None:
            return Reply(status=404, body=MISSING, media_type="text/html")
        packed = self._bodies.get(key) or self._made(key, row, request.origin)
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Reply(body=packed, media_type=row["type"], headers=_PACKED)
        return Reply(body=gzip.decompress(packed), media_type=row["type"])

    def _made(self, key: tuple[str, str], row: Mapping[str, Any], origin: str) -> bytes:
        text = str(row["text"]).replace(ORIGIN, origin)
        self._bodies[key] = gzip.compress(text.encode(), 6, mtime=0)
        return self._bodies[key]


def handler(site: Site, journal: Journal) -> Handler:
    """Return the function that answers, and logs, every request."""

    def handle(request: Request) -> Reply:
        if request.path.startswith(PREFIX):
            return control(request, journal, {})
        answer = site.answer(request)
        journal.record(request, answer)
        return answer

    return handle


def main() -> None:
    """Serve until told to stop."""
    options = parser("Serve news sites made of real pages on loopback.", "127.0.41.1")
    options.add_argument("--routes", type=Path, required=True)
    chosen = options.parse_args()
    handle = handler(Site(chosen.routes), Journal(chosen.log))
    listeners = Listeners(chosen.host or [chosen.default_host], chosen.port, handle)
    run(listeners, exit_with_parent=chosen.exit_with_parent)


if __name__ == "__main__":
    main()
