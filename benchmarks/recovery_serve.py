"""The mock archive of the recovery benchmark: `python -m benchmarks.recovery_serve --plan F`.

F is JSON: `holdings` (a JSON lines file of `crawler.demo.holdings`), `faults` (of one page each)
and `storms` (of everybody, from the n-th request on). What goes wrong is taken from
`crawler.demo.outages`; beside it a copy may be `elsewhere`, redirected to another time.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crawler.demo import replay
from crawler.demo.archive import INDEX, Archive
from crawler.demo.holdings import Holdings, closest, moment
from crawler.demo.http1 import Answer, Request
from crawler.demo.journal import Journal
from crawler.demo.outages import Fault, befall
from crawler.demo.process import Listeners, parser, run
from crawler.demo.urlkey import urlkey

Key = tuple[str, str, str]
"""`cdx` or `replay`, the urlkey asked about, and the timestamp (empty: any)."""


@dataclass(slots=True, kw_only=True)
class PageFault:
    """What befalls requests about one page. `left` None: all of them."""

    kind: str
    left: int | None
    to: str = ""  # of `elsewhere`: the timestamp it leads to

    def take(self) -> bool:
        """Whether the fault befalls this request; spends one use of it."""
        if self.left is None:
            return True
        self.left -= 1
        return self.left >= 0


@dataclass(slots=True, kw_only=True)
class Storm:
    """What befalls everybody for some seconds, from the n-th request of a kind on."""

    on: str
    at: int
    kind: str
    seconds: float
    retry_after: str | None = None
    until: float | None = field(default=None, init=False)

    def rages(self, count: int) -> bool:
        """Whether it is on. It begins with the request that comes as number `at`."""
        if self.until is None:
            if count < self.at:
                return False
            self.until = time.monotonic() + self.seconds
            return True
        return time.monotonic() < self.until


class Weather(Archive):
    """The mock archive, with the bad days that the plan names."""

    def __init__(self, holdings: Holdings, journal: Journal, plan: dict[str, Any]) -> None:
        super().__init__(holdings, journal)
        self._storms = [Storm(**storm) for storm in plan["storms"]]
        self._counts = {"cdx": 0, "replay": 0}
        self._faults: dict[Key, PageFault] = {}
        for one in plan["faults"]:
            key = one["on"], urlkey(one["url"]), one.get("timestamp", "")
            self._faults[key] = PageFault(
                kind=one["kind"], left=one.get("count"), to=one.get("to", "")
            )

    def respond(self, request: Request) -> Answer:
        """Return what the weather leaves of the archive's answer."""
        if request.path == INDEX:
            return self._befallen("cdx", request, request.param("url"), "")
        ask = replay.wanted(request.target)
        if ask is None:
            return super().respond(request)
        return self._befallen("replay", request, ask.url, ask.time)

    def _befallen(self, on: str, request: Request, url: str, timestamp: str) -> Answer:
        self._counts[on] += 1

        def calm() -> Answer:
            return super(Weather, self).respond(request)

        for storm in self._storms:
            if storm.on == on and storm.rages(self._counts[on]):
                return self._stormy(storm, calm)
        fault = self._fault(on, url, timestamp)
        if fault is None:
            return calm()
        if fault.kind == "elsewhere":
            other = closest(self.holdings.of(url), moment(fault.to))
            return replay.elsewhere(request.origin, other, "id_")
        if fault.kind == "bad-rows":
            return self._rows(request.query, has_junk=True)
        return befall(Fault(kind=fault.kind, count=None, seconds=1.0), calm)

    def _stormy(self, storm: Storm, calm: Callable[[], Answer]) -> Answer:
        if storm.kind != "refused":
            return befall(Fault(kind=storm.kind, retry_after=storm.retry_after), calm)
        # The answer under way is cut with the connection: the doors close after a moment.
        if storm.until is not None:
            self.fault({"kind": "refused", "seconds": storm.seconds})
            storm.until = 0.0
        return calm()

    def _fault(self, on: str, url: str, timestamp: str) -> PageFault | None:
        key = urlkey(url)
        for moment_of in (timestamp, ""):
            fault = self._faults.get((on, key, moment_of))
            if fault is not None and fault.take():
                return fault
        return None


def main() -> None:
    """Serve until told to stop."""
    options = parser("Serve an archive with bad days on loopback.", "127.0.0.40")
    options.add_argument("--plan", type=Path, required=True)
    chosen = options.parse_args()
    plan = json.loads(chosen.plan.read_text(encoding="utf-8"))
    holdings = Holdings()
    holdings.load(Path(plan["holdings"]))
    archive = Weather(holdings, Journal(chosen.log), plan)
    archive.listeners = Listeners(chosen.host or [chosen.default_host], chosen.port, archive.handle)
    run(archive.listeners, exit_with_parent=chosen.exit_with_parent)


if __name__ == "__main__":
    main()
