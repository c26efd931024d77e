"""The ledger's side of a crawl in a process of its own, forked anew for each trial.

Nothing is fetched and nothing is read: what is recorded is made up, by address. So hundreds of
faults of `support.faulty` take as long as one crawl. Run as a process, it takes orders line by
line on standard input and answers each with how its child ended.
"""

import asyncio
import json
import os
import subprocess
import sys
import traceback
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

PAGES = tuple(f"http://paper{host}.example/{number}" for host in range(4) for number in range(6))
AT_ONCE = 5  # records that are written together


class Drill:
    """The process, seen from a test. A context manager."""

    def __init__(self) -> None:
        here = Path(__file__).parents[1]
        paths = os.pathsep.join([str(here.parent), str(here)])
        self._process = subprocess.Popen(
            [sys.executable, "-m", "support.drill"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": paths},
        )

    def run(self, url: str, home: Path, spec: str, tally: Path) -> tuple[int, str]:
        """Do all the work that is left in a morgue; return its exit code and what it said."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        order = {"url": url, "home": str(home), "spec": spec, "tally": str(tally)}
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        code = int(self._process.stdout.readline())
        return code, (home / "said").read_text("utf-8") if code >= 0 else ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()
        self._process.wait()


def _obey() -> None:
    from support.faulty import Fault  # noqa: PLC0415 - heavy, and of this process only

    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            code = 70
            try:
                fault = Fault(order["spec"], order["tally"])
                fault.arm()
                code = _work(order)
                fault.tell()
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201 - its parent reads it


def _work(order: Mapping[str, str]) -> int:
    """Do what the command line does with the ledger: open, work, say in a sentence what failed."""
    from crawler.errors import NewsmorgueError  # noqa: PLC0415

    said, code = "", 0
    try:
        _harvest(order)
    except NewsmorgueError as error:
        said, code = f"error: {error}", int(error.exit_code)
    except Exception:  # noqa: BLE001 - it is what the trial looks for
        said, code = traceback.format_exc(), 1
    (Path(order["home"]) / "said").write_text(said, "utf-8")
    return code


def _harvest(order: Mapping[str, str]) -> None:
    from storage import upgrade  # noqa: PLC0415
    from storage.engine import open_engine, opening  # noqa: PLC0415
    from storage.retry import Patience  # noqa: PLC0415
    from storage.runs import Closing  # noqa: PLC0415
    from storage.session import Session, Terms  # noqa: PLC0415

    engine = open_engine(order["url"])
    with opening(order["url"]):
        upgrade.ensure(engine)
    terms = Terms(
        warc_directory=Path(order["home"]) / "warc",
        user_agent="tests",
        archives=("wayback",),
        patience=Patience(total=10, first_wait=0.01),
    )
    with opening(order["url"]):
        session = Session.open(engine, terms)
    closing, told = Closing(reason="finished", exit_code=0), None
    try:
        asyncio.run(_crawl(session))
    except Exception as error:  # noqa: BLE001 - whatever ended it, it is told and the run is closed
        told = session.as_user_error(error)
        closing = Closing(reason="error", exit_code=int(told.exit_code))
    try:
        session.close(closing)
    except Exception as error:  # noqa: BLE001 - as a run of the command line does
        told = told or session.as_user_error(error)
    if told is not None:
        raise told


async def _crawl(session: Any) -> None:
    from storage.records import Seed  # noqa: PLC0415
    from support.records import limits  # noqa: PLC0415

    await session.add_seeds([Seed(url=url) for url in PAGES])
    while claims := await session.claim(limits(AT_ONCE)):
        await asyncio.gather(*(session.record(_record(claim)) for claim in claims))


def _record(claim: Any) -> Any:
    """Return what an errand finds, by its purpose and address alone."""
    from crawler.core.offers import Offer  # noqa: PLC0415
    from crawler.core.words import Answer, Liveness, Purpose  # noqa: PLC0415
    from support import records  # noqa: PLC0415

    parts = urlsplit(claim.url)
    kind = parts.path.strip("/")
    body = f"<p>the page at {claim.url}</p>".encode() * 40
    of_page = (records.exchange(claim.url, body=body),)
    copy = f"http://archive.example/web/20180101000000id_/{claim.url}"
    candidate = {**records.CANDIDATE, "memento_url": copy, "original": claim.url}
    if claim.purpose is Purpose.LOOKUP:
        if kind == "1":
            return records.lookup_record(claim, Answer.HAS, candidates=(candidate,))
        return records.lookup_record(claim, Answer.HAS_NOT)
    if claim.purpose is Purpose.REPLAY:
        found = records.memento(memento_url=copy, original=claim.url)
        copied = (records.exchange(copy, body=body),)
        return records.replay_record(claim, found, exchanges=copied)
    if kind in {"1", "2"}:
        gone = (replace(of_page[0], status=404),)
        return records.bad_record(claim, Liveness.GONE, exchanges=gone)
    links = (
        [Offer(url=f"http://{parts.netloc}/{kind}/{n}") for n in range(2)] if kind == "3" else []
    )
    text = f"The text of {claim.url}.\nNothing was decided."
    return records.record(
        claim, exchanges=of_page, links=tuple(links), reading=records.page_reading(text)
    )


if __name__ == "__main__":
    _obey()
