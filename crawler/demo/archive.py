"""The mock Internet Archive: `python -m crawler.demo.archive --host 127.0.0.9 --port 0`.

`/cdx/search/cdx` is the index, `/web/...` the replay, `/web/timemap/link/...` a TimeMap. The same
holdings are listed as pywb would at `/pywb/cdx`. See holdings.py for what it holds and outages.py
for how it fails.
"""

import asyncio
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crawler.demo import cdx, replay
from crawler.demo.control import PREFIX, control
from crawler.demo.holdings import Holdings
from crawler.demo.http1 import Answer, Reply, Request
from crawler.demo.journal import Journal
from crawler.demo.outages import Outages, befall, excluded
from crawler.demo.process import Listeners, parser, run

INDEX = "/cdx/search/cdx"
PYWB_INDEX = "/pywb/cdx"
GRACE = 0.05  # seconds for the control reply to leave before the doors close


class Archive:
    """The holdings, the faults and the switches of one process."""

    def __init__(self, holdings: Holdings, journal: Journal) -> None:
        self.holdings = holdings
        self.outages = Outages()
        self.excluded: set[str] = set()  # host names kept out
        self.journal = journal
        self.listeners: Listeners | None = None
        self._reopening: asyncio.Task[None] | None = None
        self._switches = {
            "hold": self.hold,
            "fault": self.fault,
            "exclude": self.exclude,
        }

    def handle(self, request: Request) -> Answer:
        """Answer and log one request."""
        if request.path.startswith(PREFIX):
            return control(request, self.journal, self._switches)
        answer = self.respond(request)
        self.journal.record(request, answer)
        return answer

    def respond(self, request: Request) -> Answer:
        """Return the answer of the index, the TimeMap or the replay, as the faults leave it."""
        if request.path in {INDEX, PYWB_INDEX}:
            return self._index(request)
        if found := replay.TIMEMAP.fullmatch(request.target):
            fault = self.outages.take("cdx", found["url"])
            return befall(fault, lambda: replay.timemap(self.holdings, request, found["url"]))
        ask = replay.wanted(request.target)
        if ask is None:
            return replay.not_archived(request.target)
        if self._is_excluded(ask.url):
            return excluded()
        fault = self.outages.take("replay", ask.url)
        return befall(fault, lambda: replay.replay(self.holdings, request, ask))

    def _index(self, request: Request) -> Answer:
        url = request.param("url")
        if self._is_excluded(url):
            return excluded()
        fault = self.outages.take("cdx", url)
        has_junk = fault is not None and fault.kind == "bad-rows"
        if request.path == PYWB_INDEX:
            body = cdx.as_pywb(self.holdings, request.query, has_junk=has_junk)
            return befall(fault, lambda: Reply(body=body, media_type="text/x-ndjson"))
        return befall(fault, lambda: self._rows(request.query, has_junk=has_junk))

    def _rows(self, params: cdx.Params, *, has_junk: bool) -> Reply:
        try:
            found = cdx.picked(cdx.select(self.holdings, params), params)
            rows = (cdx.junk(params) if has_junk else []) + found
        except (KeyError, ValueError) as problem:
            text = f"Bad query: {problem}\n"
            return Reply(status=HTTPStatus.BAD_REQUEST, body=text.encode(), media_type="text/plain")
        body, kind = cdx.render(rows, params)
        return Reply(body=body, media_type=kind)

    def _is_excluded(self, url: str) -> bool:
        name = urlsplit(url if "://" in url else f"http://{url}").hostname
        return name in self.excluded

    def hold(self, wish: dict[str, Any]) -> object:
        """Take in one capture, or many as {"captures": [...]}; return their index rows."""
        wishes = wish.get("captures", [wish])
        return [self.holdings.add(one).row() for one in wishes]

    def exclude(self, wish: dict[str, Any]) -> object:
        """{"host": ...}: keep a host out, as its owner asked."""
        self.excluded.add(wish["host"])
        return sorted(self.excluded)

    def fault(self, wish: dict[str, Any]) -> object:
        """Switch a fault; {"kind": "refused", "seconds": s} closes the doors for a while."""
        if wish["kind"] != "refused":
            return self.outages.switch(wish)
        seconds = float(wish.get("seconds", 1))
        self._reopening = asyncio.get_running_loop().create_task(self._shut(seconds))
        return "refused"

    async def _shut(self, seconds: float) -> None:
        if self.listeners is None:
            return
        await asyncio.sleep(GRACE)
        self.listeners.close()
        await asyncio.sleep(seconds)
        await self.listeners.open()


def main() -> None:
    """Serve until told to stop."""
    options = parser("Serve a made-up Internet Archive on loopback.", "127.0.0.9")
    options.add_argument("--holdings", type=Path, help="JSON lines; see crawler/demo/holdings.py")
    chosen = options.parse_args()
    holdings = Holdings()
    if chosen.holdings:
        holdings.load(chosen.holdings)
    archive = Archive(holdings, Journal(chosen.log))
    archive.listeners = Listeners(chosen.host or [chosen.default_host], chosen.port, archive.handle)
    run(archive.listeners, exit_with_parent=chosen.exit_with_parent)


if __name__ == "__main__":
    main()
