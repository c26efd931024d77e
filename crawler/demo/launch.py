"""Start the demo servers as processes and talk to them: for the demo, the tests, the benchmarks.

with start_newspaper(hosts=("127.0.0.2",), articles=300) as paper:
    crawl(paper.url("/urls.txt"))
    asked = paper.requests()
"""

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
        lines = self.log.read_text("utf-8").splitlines()
        return [Asked(**json.loads(line)) for line in lines]

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


class NewspaperServer(Server):
    """A running mock newspaper."""

    def behave(self, path: str, like: str | None, times: int | None = None) -> None:
        """Let a path answer as another path would; `like` None lifts it."""
        self.control("behave", {"path": path, "as": like, "times": times})

    def robots(self, mode: str, host: str | None = None) -> None:
        """Set robots.txt of a host (default: the first) to a mode of `crawler.demo.robots`."""
        self.control("robots", {"host": host or next(iter(self.hosts)), "mode": mode})

    def urls(
        self, n: int | None = None, kind: str = "article", host: str | None = None
    ) -> list[str]:
        """Return absolute URLs of a kind: article, founding, soft404, gone404."""
        # Asked of the paper's own rules, so that the log holds the crawler's requests alone.
        from crawler.demo.routes_pages import listed  # noqa: PLC0415 - keeps launching light

        return [self.url(path, host) for path in listed(kind, n or self.articles)]

    articles = 300


def start_newspaper(
    hosts: Sequence[str] = ("127.0.0.2",),
    *,
    port: int = 0,
    articles: int = 300,
    robots: Mapping[str, str] | None = None,
) -> NewspaperServer:
    """Start a newspaper on loopback hosts, each a news site of its own.

    `robots` maps a host to a mode of `crawler.demo.robots`. Raises RuntimeError when it cannot
    listen.
    """
    arguments = ["--port", str(port), "--articles", str(articles)]
    for host, mode in (robots or {}).items():
        arguments += ["--robots", f"{host}={mode}"]
    server = NewspaperServer("crawler.demo.newspaper", hosts, arguments)
    server.articles = articles
    return server


class ArchiveServer(Server):
    """A running mock Internet Archive."""


def start_archive(
    hosts: Sequence[str] = ("127.0.0.9",), *, port: int = 0, holdings: Path | None = None
) -> ArchiveServer:
    """Start an archive; `holdings` is a JSON lines file, see `crawler.demo.holdings`.

    Raises RuntimeError when it cannot listen or read its holdings.
    """
    arguments = ["--port", str(port)]
    if holdings is not None:
        arguments += ["--holdings", str(holdings)]
    return ArchiveServer("crawler.demo.archive", hosts, arguments)
