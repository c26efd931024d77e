"""Crawls as processes that are killed: in the n-th request, at an exact operation, or by hand.

Every wait here is for an event (a request in a server's log, the end of a process), with a limit
only so that a test that went wrong ends.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from crawler.demo.server import Server

ROOT = Path(__file__).parents[2]
DOOMED = Path(__file__).with_name("doomed.py")
LIMIT = 120.0  # seconds until a wait is given up
PAUSE = 0.004  # seconds between two looks


def until(event: Callable[[], bool], what: str, limit: float = LIMIT) -> None:
    """Return once the event has come; AssertionError names what did not."""
    give_up_at = time.monotonic() + limit
    while not event():
        assert time.monotonic() < give_up_at, f"waited {limit:.0f} s in vain for {what}"
        time.sleep(PAUSE)


@contextmanager
def frozen(server: Server) -> Iterator[Callable[[], None]]:
    """Stop a server in its tracks: connects succeed and nobody answers, until the thaw is called.

    What happens meanwhile can be waited for; no moment has to be guessed.
    """
    os.kill(server.pid, signal.SIGSTOP)
    try:
        yield lambda: os.kill(server.pid, signal.SIGCONT)
    finally:
        os.kill(server.pid, signal.SIGCONT)


class Tail:
    """Counts the requests that reach some servers from now on, from their logs."""

    def __init__(self, *servers: Server) -> None:
        self._logs = [server.log for server in servers]
        self._at = [0] * len(servers)
        self.forget()

    def seen(self) -> int:
        """Return how many requests there were since this was made or `forget` was last called."""
        for number, log in enumerate(self._logs):
            if log.exists():
                with log.open("rb") as stream:
                    stream.seek(self._at[number])
                    new = stream.read()
                self._at[number] += len(new)
                self._seen += new.count(b"\n")
        return self._seen

    def forget(self) -> None:
        """Begin to count anew."""
        self._seen = 0
        self.seen()
        self._seen = 0


class Crawl:
    """A `newsmorgue` process that leads a session of its own. Its output goes to files."""

    def __init__(
        self,
        home: Path,
        *arguments: object,
        doom: str | None = None,
        env: Mapping[str, str] | None = None,
    ) -> None:
        """Start it. `doom` is an operation of `support.doomed` at which it kills itself."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("NEWSMORGUE_")}
        paths = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
        program = [str(DOOMED), doom] if doom else ["-m", "crawler"]
        number = len(list(home.glob("*.out")))
        self._out, self._err = home / f"crawl-{number}.out", home / f"crawl-{number}.err"
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self._process = subprocess.Popen(
                [sys.executable, *program, *map(str, arguments), "--home", str(home)],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env={**inherited, "PYTHONPATH": paths, **(env or {})},
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The process's id, which is also its session's and its group's."""
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        """Whether the process is no more."""
        return self._process.poll() is not None

    def kill(self, *, whole_group: bool = False) -> None:
        """Kill -9 the process, or it with its workers; returns when it is gone."""
        (os.killpg if whole_group else os.kill)(self.pid, signal.SIGKILL)
        self._process.wait()

    def terminate(self) -> None:
        """Ask it to stop."""
        self._process.send_signal(signal.SIGTERM)

    def code(self) -> int:
        """Wait for the end and return the exit code; negative for a signal."""
        try:
            return self._process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            self.kill(whole_group=True)
            raise

    @property
    def err(self) -> str:
        """What it has said so far."""
        return self._err.read_text("utf-8")

    @property
    def out(self) -> str:
        """What it has printed so far."""
        return self._out.read_text("utf-8")

    def report(self) -> dict[str, Any]:
        """Return what it printed with --json."""
        told: dict[str, Any] = json.loads(self.out)
        return told

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if not self.has_ended:
            with suppress(ProcessLookupError):
                self.kill(whole_group=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill:
    """When to kill a crawl: after further requests, or (`doom`) at an operation of its own."""

    requests: int = 0
    doom: str | None = None
    whole_group: bool = False

    def strike(self, home: Path, arguments: Sequence[object], tail: Tail) -> Crawl:
        """Start a crawl, kill it, and return it; it has ended by itself if it was faster."""
        tail.forget()
        crawl = Crawl(home, *arguments, doom=self.doom)
        if self.doom:
            crawl.code()
            return crawl
        until(lambda: crawl.has_ended or tail.seen() >= self.requests, f"{self}")
        if not crawl.has_ended:
            crawl.kill(whole_group=self.whole_group)
        return crawl


def lingering(sessions: Sequence[int]) -> list[int]:
    """Return the pids of living processes in these sessions."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = stat.read_text("utf-8", "replace").rpartition(")")[2].split()
            if fields[0] not in {"Z", "X"} and int(fields[3]) in sessions:
                found.append(int(stat.parent.name))
    return found
