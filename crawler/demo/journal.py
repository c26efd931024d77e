"""The request log: what was really asked, kept apart from what the crawler says it asked."""

import json
import time
from collections import Counter
from pathlib import Path

from crawler.demo.http1 import Answer, Deed, Request


class Journal:
    """Writes one JSON line a request, flushed at once, and counts requests by path."""

    def __init__(self, path: Path | None) -> None:
        self._file = path.open("a", encoding="utf-8") if path else None
        self._n = 0
        self.by_path: Counter[str] = Counter()

    def record(self, request: Request, answer: Answer) -> None:
        """Note a request and the answer chosen for it, before the answer is sent."""
        self._n += 1
        self.by_path[request.target] += 1
        if self._file is None:
            return
        line = {
            "n": self._n,
            "time": time.time(),  # seconds since the epoch
            "clock": time.monotonic(),
            "host": request.address,
            "method": request.method,
            "path": request.target,
            "user_agent": request.headers.get("user-agent"),
            "accept_encoding": request.headers.get("accept-encoding"),
            "status": answer.status,  # None: no status line was sent
            "deed": answer.name if isinstance(answer, Deed) else None,
            "headers": request.headers,
        }
        self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._file.flush()

    def summary(self) -> dict[str, object]:
        """Return the total and the counts by path and query."""
        return {"total": self._n, "by_path": dict(self.by_path)}
