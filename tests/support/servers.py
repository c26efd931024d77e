"""Loopback addresses of their own for every server a test starts."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import count

LAST = 254  # the highest last number of an address


def _addresses() -> Iterator[str]:
    """Yield 127.0.W.N; W tells parallel test workers apart, so that no two share a host."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    for n in count():
        block, last = divmod(n, LAST - 19)
        yield f"127.{block}.{int(worker)}.{last + 20}"


_pool = _addresses()


def fresh_hosts(count: int = 1) -> tuple[str, ...]:
    """Return loopback addresses no other server of this test run listens on."""
    return tuple(next(_pool) for _ in range(count))


@dataclass(frozen=True, slots=True)
class Got:
    """An answer as a plain client sees it. `headers` keeps repeated names, lower case."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def text(self) -> str:
        """The body as UTF-8."""
        return self.body.decode("utf-8")

    def header(self, name: str) -> str | None:
        """Return the first value of a header by its lower-case name."""
        return next((value for key, value in self.headers if key == name), None)


def get(url: str, **headers: str) -> Got:
    """GET a URL without following redirects; underscores in header names become hyphens.

    Raises OSError or http.client.HTTPException as http.client does.
    """
    host, _, path = url.removeprefix("http://").partition("/")
    connection = HTTPConnection(host, timeout=30)
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request("GET", f"/{path}", headers=named)
        answer = connection.getresponse()
        pairs = tuple((name.lower(), value) for name, value in answer.getheaders())
        return Got(answer.status, pairs, answer.read())
    finally:
        connection.close()
