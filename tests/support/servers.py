"""Loopback addresses of their own for every server a test starts."""

import os
from collections.abc import Iterator
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
