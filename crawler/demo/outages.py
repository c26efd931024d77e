"""The archive's bad days, by switch or by a marker in the address asked about.

A switch names a kind, where (`cdx`, `replay` or `any`), and for how many requests. The marker is
a query parameter of the target URL: `archive-fault=503`, or `archive-fault=replay:503`.
"""

import gzip
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any

from crawler.demo import wire
from crawler.demo.http1 import Answer, Reply

MARKER = re.compile(r"archive-fault=(?:(cdx|replay)(?::|%3A))?([a-z0-9-]+)", re.IGNORECASE)
EXCLUDED = "org.archive.wayback.exception.AdministrativeAccessControlException: Blocked Site Error"
ROBOTS = "org.archive.wayback.exception.RobotAccessControlException: Blocked By Robots"
NGINX = """<html>\r
<head><title>{0}</title></head>\r
<body>\r
<center><h1>{0}</h1></center>\r
<hr><center>nginx</center>\r
</body>\r
</html>\r
"""
OUTAGE = b"""<!DOCTYPE html><html><head><title>Temporarily Offline</title></head>
<body><h1>Temporarily Offline</h1><p>The archive's services are being worked on.
Please come back later today.</p></body></html>
"""


@dataclass(slots=True, kw_only=True)
class Fault:
    """One switched fault. `count` None: until it is lifted."""

    kind: str
    on: str = "any"
    count: int | None = 1
    seconds: float = 1.0
    retry_after: str | None = None


Inner = Callable[[], Answer]
Effect = Callable[[Fault, Inner], Answer]


def _page(status: HTTPStatus, fault: Fault) -> Reply:
    headers = (("Retry-After", fault.retry_after),) if fault.retry_after is not None else ()
    text = NGINX.format(f"{status.value} {status.phrase}")
    return Reply(status=status, body=text.encode(), media_type="text/html", headers=headers)


def _blocked(reason: str) -> Reply:
    headers = (("X-Archive-Wayback-Runtime-Error", reason),)
    return Reply(status=HTTPStatus.FORBIDDEN, body=reason.encode() + b"\n", headers=headers)


def excluded() -> Reply:
    """Return the answer for a site its owner keeps out of the archive."""
    return _blocked(EXCLUDED)


def _truncated(_fault: Fault, inner: Inner) -> Answer:
    answer = inner()
    if not isinstance(answer, Reply):
        return answer
    return wire.partial(answer.body, status=answer.status, headers=answer.headers)


def _slow(fault: Fault, inner: Inner) -> Answer:
    answer = inner()
    return replace(answer, wait=fault.seconds) if isinstance(answer, Reply) else answer


def _double_encoding(_fault: Fault, inner: Inner) -> Answer:
    answer = inner()
    if not isinstance(answer, Reply):
        return answer
    extra = (("Content-Encoding", ""), ("Content-Encoding", "gzip"))
    return replace(answer, body=gzip.compress(answer.body), headers=answer.headers + extra)


def _unplayable(_fault: Fault, _inner: Inner) -> Answer:
    return Reply(status=HTTPStatus.NOT_FOUND, body=b"<html><body>Resource not found</body></html>")


EFFECTS: dict[str, Effect] = {
    "429": lambda fault, _: _page(HTTPStatus.TOO_MANY_REQUESTS, fault),
    "429-short": lambda _f, _i: Reply(status=HTTPStatus.TOO_MANY_REQUESTS, body=b"slow down\n"),
    "503": lambda fault, _: _page(HTTPStatus.SERVICE_UNAVAILABLE, fault),
    "504": lambda fault, _: _page(HTTPStatus.GATEWAY_TIMEOUT, fault),
    "403-nginx": lambda fault, _: _page(HTTPStatus.FORBIDDEN, fault),
    "blocked-site": lambda _f, _i: _blocked(EXCLUDED),
    "blocked-robots": lambda _f, _i: _blocked(ROBOTS),
    "outage-page": lambda _f, _i: Reply(body=OUTAGE),
    "hang": lambda _f, _i: wire.hang(),
    "drop": lambda _f, _i: wire.drop(),
    "truncated": _truncated,
    "slow": _slow,
    "double-encoding": _double_encoding,
    "unplayable": _unplayable,
}
IN_INDEX = {"bad-rows"}  # the index itself carries this one out


@dataclass(slots=True)
class Outages:
    """The faults that are switched on, asked in the order they were switched."""

    faults: list[Fault] = field(default_factory=list)

    def switch(self, wish: dict[str, Any]) -> object:
        """Add a fault, or lift all with {"kind": null}. Raises KeyError or ValueError."""
        if wish["kind"] is None:
            self.faults.clear()
            return "calm"
        if wish["kind"] not in EFFECTS.keys() | IN_INDEX:
            raise ValueError(f"unknown fault; known: {sorted(EFFECTS.keys() | IN_INDEX)}")
        self.faults.append(Fault(**wish))
        return wish["kind"]

    def take(self, where: str, target: str) -> Fault | None:
        """Return the fault that befalls a request to `cdx` or `replay`, spending one use of it."""
        marked = MARKER.search(target)
        if marked and (marked[1] or where) == where:
            return Fault(kind=marked[2], count=None)
        fault = next((one for one in self.faults if one.on in {"any", where}), None)
        if fault is not None and fault.count is not None:
            fault.count -= 1
            if fault.count <= 0:
                self.faults.remove(fault)
        return fault


def befall(fault: Fault | None, inner: Inner) -> Answer:
    """Return the inner answer as the fault leaves it."""
    effect = EFFECTS.get(fault.kind) if fault else None
    return effect(fault, inner) if effect and fault else inner()
