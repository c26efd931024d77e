"""A run in a process of its own, told what to do line by line on its standard input.

`claim N` prints the claimed addresses, `record` writes an outcome for each, `beat` beats,
`close` ends well. Each answer is one line of JSON.
"""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

from crawler.core.urls import lane_host
from storage.engine import open_engine
from storage.records import Claim
from storage.runs import Closing
from storage.session import Session, Terms
from support.records import limits, record


class Holder:
    """The process, seen from a test."""

    def __init__(self, url: str, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "support.holder", url, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
            env=_environment(),
        )
        self.run_id: int = self.answer()

    def send(self, order: str) -> None:
        """Give an order without waiting for its answer."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{order}\n")
        self.process.stdin.flush()

    def answer(self) -> Any:
        """Wait for the next answer."""
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())

    def ask(self, order: str) -> Any:
        """Give an order and return its answer."""
        self.send(order)
        return self.answer()

    def kill(self) -> None:
        """End the process as a power cut would, and see it gone."""
        self.process.kill()
        self.process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()


def _environment() -> dict[str, str]:
    import os  # noqa: PLC0415 - of the parent alone

    here = Path(__file__).parents[1]
    return os.environ | {"PYTHONPATH": f"{here.parent}{os.pathsep}{here}"}


async def _obey(session: Session, order: str, held: list[Claim]) -> Any:
    word, _, number = order.partition(" ")
    if word == "claim":
        claims = await session.claim(limits(int(number)))
        held += claims
        return [claim.url for claim in claims]
    if word == "record":
        await asyncio.gather(*(session.record(record(claim)) for claim in held))
        done = sorted({lane_host(claim.url) for claim in held})
        held.clear()
        return done
    if word == "beat":
        return await session.beat()
    raise ValueError(order)


async def _serve(session: Session) -> None:
    held: list[Claim] = []
    for line in sys.stdin:
        if line.strip() == "close":
            return
        print(json.dumps(await _obey(session, line.strip(), held)), flush=True)  # noqa: T201


def _main(url: str, folder: str) -> None:
    terms = Terms(warc_directory=Path(folder) / "warc", user_agent="tests")
    session = Session.open(open_engine(url), terms)
    print(session.run_id, flush=True)  # noqa: T201 - its parent reads it
    asyncio.run(_serve(session))
    session.close(Closing(reason="finished", exit_code=0))


if __name__ == "__main__":
    _main(*sys.argv[1:])
