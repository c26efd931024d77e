"""A demo server's process as its starter holds it: where it listens, what it was asked."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from types import TracebackType
from typing import Any, Self

TIMEOUT = 30  # seconds for a control request, and for a process to end


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request as the server's own log has it. `status` None: no status line was sent."""

    n: int
    time: float  # seconds since the epoch
    clock: float  # the server's monotonic clock, seconds
    host: str
    method: str
    path: str  # with its query
    user_agent: str | None
    accept_encoding: str | None
    status: int | None
    deed: str | None  # the raw fault, if it was one
    headers: dict[str, str]


def environment() -> dict[str, str]:
    """Return our environment with this source tree first on the child's import path."""
    path = [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, path))}


class Server:
    """A running server process. Use as a context manager, or call `close()`."""

    def __init__(self, module: str, hosts: Sequence[str], arguments: Sequence[str]) -> None:
        """Start the process and wait until it listens. Raises RuntimeError when it does not."""
        self._folder = tempfile.TemporaryDirectory(prefix="newsmorgue-")
        self.log = Path(self._folder.name) / "requests.jsonl"
        named = [word for host in hosts for word in ("--host", host)]
        command = [sys.executable, "-m", module, *named, "--log", str(self.log), *arguments]
        self._process = subprocess.Popen(  # noqa: S603 - our own module, our own arguments
            [*command, "--exit-with-parent"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment(),
        )
        self.hosts: dict[str, str] = self._hear()["hosts"]

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    def _hear(self) -> dict[str, Any]:
        """Read the next line the server says."""
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            self.close()
            raise RuntimeError(f"{self._process.args!r} ended before it listened")
        heard: dict[str, Any] = json.loads(line)
        return heard

    def _tell(self, word: str) -> None:
        if self._process.stdin:
            self._process.stdin.write(word + "\n")
            self._process.stdin.flush()
        self._hear()

    def refuse(self) -> None:
        """Close the listening sockets and all connections; returns once connects are refused."""
        self._tell("refuse")

    def accept(self) -> None:
        """Listen again on the same ports; returns once connects succeed."""
        self._tell("accept")

    def base_url(self, host: str | None = None) -> str:
        """Return a host's base URL without a final slash; the first host's by default."""
        return self.hosts[host] if host else next(iter(self.hosts.values()))

    def url(self, path: str, host: str | None = None) -> str:
        """Return an absolute URL."""
        return self.base_url(host) + path

    def control(self, switch: str, wish: Mapping[str, object] | None = None) -> Any:
        """Call a switch and return its answer. Raises RuntimeError when it refuses."""
        where = self.base_url().removeprefix("http://")
        connection = HTTPConnection(where, timeout=TIMEOUT)
        try:
            body = None if wish is None else json.dumps(wish)
            method = "GET" if wish is None else "POST"
            connection.request(method, f"/_control/{switch}", body)
            answer = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer.get("ok", answer)

    def requests(self) -> list[Asked]:
        """Return every request so far, in order, read from the log file."""
        if not self.log.exists():
            return []
        whole_lines = self.log.read_text("utf-8").rpartition("\n")[0]
        return [Asked(**json.loads(line)) for line in whole_lines.split("\n") if line]

    def counts(self) -> dict[str, int]:
        """Return how often each path (with its query) was asked for."""
        found: dict[str, int] = self.control("requests")["by_path"]
        return found

    def close(self) -> None:
        """End the process and remove its log. May be called twice."""
        self._process.terminate()
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                with suppress(BrokenPipeError):
                    stream.close()
        try:
            self._process.wait(TIMEOUT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
