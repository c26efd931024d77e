"""The baseline: waybackpy's `near()` and a plain download, as most scripts do it.

It is asked for the copy nearest to publication, which `newsmorgue recover` is not told. It runs in
a process of its own, since it may hang: one that says nothing for `HANGS` seconds is ended, and
another goes on with the next page.

As a program: `python recovery_near.py TASKS BASE FIRST`, one JSON line a page to standard output.
"""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue

from corpus_case import stamp
from recovery_case import Lost

from crawler.demo.replay import wanted
from crawler.demo.server import environment

HANGS = 6.0  # seconds
PACE = 0.25  # seconds between two pages: the same as ours
REAL = "https://web.archive.org"
_GZIP = b"\x1f\x8b"
_OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Got:
    """What came of one page. `said`: has, has_not, error, hung."""

    said: str
    detail: str = ""
    place: str = ""  # where the download ended, path and query
    is_packed: bool = False  # what was stored is unreadable gzip

    def is_right(self, page: Lost) -> bool:
        """Whether what was stored is the article."""
        ask = wanted(self.place)
        is_article = ask is not None and ask.time in page.right
        return self.said == "has" and is_article and not self.is_packed


def run(pages: Sequence[Lost], base: str, folder: Path) -> dict[str, Got]:
    """Ask for every page; return what came of it, by address."""
    tasks = folder / "near.jsonl"
    lines = (json.dumps({"url": page.url, "at": stamp(page.published)}) for page in pages)
    tasks.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    found: list[Got] = []
    while len(found) < len(pages):
        found += _stretch(tasks, base, len(found))
        if len(found) < len(pages):
            found.append(Got(said="hung"))
    return {page.url: got for page, got in zip(pages, found, strict=True)}


def _stretch(tasks: Path, base: str, first: int) -> list[Got]:
    """Run a process until it ends or hangs; return what it said."""
    command = [sys.executable, __file__, str(tasks), base, str(first)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment(), text=True
    ) as process:
        said: Queue[str | None] = Queue()
        listener = threading.Thread(target=_listen, args=(process, said))
        listener.start()
        found = [Got(**json.loads(line)) for line in _until_silence(said)]
        process.kill()
        listener.join()
    return found


def _listen(process: "subprocess.Popen[str]", said: "Queue[str | None]") -> None:
    for line in process.stdout or ():
        said.put(line)
    said.put(None)


def _until_silence(said: "Queue[str | None]") -> Iterator[str]:
    try:
        while (line := said.get(timeout=HANGS)) is not None:
            yield line
    except Empty:
        return


def main(tasks: str, base: str, first: str) -> None:
    """Ask for the pages from number `first` on."""
    lines = Path(tasks).read_text(encoding="utf-8").splitlines()[int(first) :]
    for line in lines:
        task = json.loads(line)
        began = time.monotonic()
        print(json.dumps(_asked(task["url"], task["at"], base)), flush=True)
        time.sleep(max(0.0, PACE - (time.monotonic() - began)))


def _asked(url: str, at: str, base: str) -> dict[str, object]:
    import requests  # noqa: PLC0415, TID251 - the baseline's own way
    from waybackpy import WaybackMachineCDXServerAPI  # noqa: PLC0415
    from waybackpy.exceptions import NoCDXRecordFound  # noqa: PLC0415

    try:
        index = WaybackMachineCDXServerAPI(url, user_agent="benchmark")
        index.endpoint = f"{base}/cdx/search/cdx"
        copy = index.near(wayback_machine_timestamp=at)
        answer = requests.get(copy.archive_url.replace(REAL, base))  # noqa: S113 - no time-out
    except NoCDXRecordFound as error:
        return {"said": "has_not", "detail": str(error)[:80]}
    except Exception as error:  # noqa: BLE001 - whatever it raises is its answer
        return {"said": "error", "detail": type(error).__name__}
    if answer.status_code != _OK:
        return {"said": "error", "detail": f"status {answer.status_code}"}
    return {
        "said": "has",
        "place": answer.url.removeprefix(base),
        "is_packed": answer.content.startswith(_GZIP) or _GZIP in answer.content[:100],
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
