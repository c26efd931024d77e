"""The reading pool: real worker processes that hang, swell, crash and are replaced."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from crawler.reading.pool import ReadingFailed, ReadingPool, ReadingTimedOut

URL = "https://times.example/world/old-lighthouse-shines-again"
LINE = "<p>In the village by the bay the keeper counted {} boats, and none of them was his own.</p>"
PAGE = (
    "<html><head><title>Old lighthouse shines again</title></head><body><main><h1>Old light</h1>"
    + "".join(LINE.format(n) for n in range(9))
    + "</main></body></html>"
).encode()
HEADERS = (("content-type", "text/html"),)
LIMIT = 1.0


@pytest.fixture(scope="module")
def pool() -> Iterator[ReadingPool]:
    with ReadingPool(workers=2, time_limit=LIMIT) as running:
        yield running


def below_us() -> set[int]:
    """Return the processes below this one, but for the interpreter's own resource tracker."""
    children = psutil.Process().children(recursive=True)
    return {one.pid for one in children if "resource_tracker" not in " ".join(one.cmdline())}


async def gone(pids: set[int]) -> None:
    while any(psutil.pid_exists(pid) for pid in pids):  # noqa: ASYNC110 - no event is to be had
        await asyncio.sleep(0.01)


def test_a_page_is_read_in_another_process(pool: ReadingPool) -> None:
    """The reading crosses the process border whole."""

    async def both() -> None:
        reading = await pool.read(PAGE, headers=HEADERS, url=URL, truncated=True)
        assert reading.article is not None
        assert "counted 8 boats" in reading.article.text
        assert reading.was_truncated
        assert await pool.run(os.getpid) != os.getpid()

    asyncio.run(both())


def test_many_pages_at_once_are_all_answered(pool: ReadingPool) -> None:
    """More readings than workers wait their turn; none is lost or mixed up."""

    async def many() -> list[str]:
        pages = [PAGE.replace(b"counted 8", b"counted %d" % (100 + n)) for n in range(40)]
        readings = await asyncio.gather(
            *(pool.read(page, headers=HEADERS, url=URL) for page in pages)
        )
        return [reading.article.text if reading.article else "" for reading in readings]

    texts = asyncio.run(many())
    assert [f"counted {100 + n} boats" in text for n, text in enumerate(texts)] == [True] * 40


def test_a_hung_reading_is_killed_and_others_go_on(pool: ReadingPool) -> None:
    """At its limit the worker is ended, in C code too; a page beside it is read."""

    async def beside() -> None:
        hung = asyncio.create_task(pool.run(time.sleep, 3600))
        reading = await pool.read(PAGE, headers=HEADERS, url=URL)
        assert reading.article is not None
        with pytest.raises(ReadingTimedOut, match="over 1 s"):
            await hung

    asyncio.run(beside())


def test_a_crash_is_told_and_survived(pool: ReadingPool) -> None:
    """A worker that dies by a signal fails its own reading only."""

    async def crash() -> None:
        with pytest.raises(ReadingFailed, match="SIGABRT"):
            await pool.run(os.abort)
        with pytest.raises(ReadingFailed, match="code 3"):
            await pool.run(os._exit, 3)
        assert (await pool.read(PAGE, headers=HEADERS, url=URL)).article is not None

    asyncio.run(crash())


def test_a_reading_that_swells_is_refused_its_memory(pool: ReadingPool) -> None:
    """The memory limit is the worker's, not the crawl's."""

    async def swell() -> None:
        with pytest.raises(ReadingFailed, match="memory"):
            await pool.run(bytearray, 8 * 1024**3)
        assert (await pool.read(PAGE, headers=HEADERS, url=URL)).article is not None

    asyncio.run(swell())


def test_an_exception_in_the_worker_is_told(pool: ReadingPool) -> None:
    """What the reading raises comes back as one sentence, and the worker lives on."""

    async def fail() -> None:
        with pytest.raises(ReadingFailed, match="ValueError"):
            await pool.run(int, "x")

    asyncio.run(fail())


def test_idle_workers_killed_from_outside_are_replaced(pool: ReadingPool) -> None:
    """When the system's memory killer takes idle workers, later readings still succeed."""

    async def kill_all() -> None:
        pids = {await pool.run(os.getpid) for _ in range(10)}
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        await gone(pids)
        for _ in range(5):
            assert (await pool.read(PAGE, headers=HEADERS, url=URL)).article is not None

    asyncio.run(kill_all())


def test_a_cancelled_reading_frees_its_worker() -> None:
    """A visit that is given up does not keep a worker busy."""

    async def cancel() -> None:
        with ReadingPool(workers=1, time_limit=3600) as small:
            busy = asyncio.create_task(small.run(time.sleep, 3600))
            await asyncio.sleep(0)
            busy.cancel()
            with pytest.raises(asyncio.CancelledError):
                await busy
            assert (await small.read(PAGE, headers=HEADERS, url=URL)).article is not None

    asyncio.run(cancel())


def test_workers_are_recycled_without_losing_a_page() -> None:
    """After max_tasks readings a worker is replaced; nobody notices."""

    async def recycle() -> set[int]:
        with ReadingPool(workers=1, max_tasks=3) as small:
            return {await small.run(os.getpid) for _ in range(8)}

    assert len(asyncio.run(recycle())) >= 2


def test_close_ends_every_process_even_a_hung_one() -> None:
    """After close nothing is left below us: no worker, no server, no zombie."""
    before = below_us()

    async def leave() -> set[int]:
        running = ReadingPool(workers=2, time_limit=3600)
        running.start()
        hung = asyncio.ensure_future(running.run(time.sleep, 3600))
        await running.run(os.getpid)
        started = below_us() - before
        running.close()
        with pytest.raises(ReadingFailed):
            await hung
        await gone(started & below_us())
        return started

    assert len(asyncio.run(leave())) >= 2
    assert below_us() <= before


@pytest.mark.parametrize("waiting", [1, 30])
def test_close_answers_every_reading_that_runs_or_waits(waiting: int) -> None:
    """Whoever waits for a reading when the pool is closed is told, and never waits for ever."""

    async def leave() -> list[object]:
        running = ReadingPool(workers=1, time_limit=3600)
        running.start()
        asked = [asyncio.ensure_future(running.run(time.sleep, 3600)) for _ in range(waiting)]
        await asyncio.sleep(0)
        running.close()
        return await asyncio.gather(*asked, return_exceptions=True)

    for _ in range(4):
        assert [type(one) for one in asyncio.run(leave())] == [ReadingFailed] * waiting


def test_a_pool_can_be_closed_twice_and_not_used_after() -> None:
    """Closing is final and harmless."""
    running = ReadingPool(workers=1)
    running.start()
    running.start()
    running.close()
    running.close()
    with pytest.raises(ReadingFailed, match="not started"):
        asyncio.run(running.read(PAGE, headers=HEADERS, url=URL))


ORPHANS = """
import asyncio, os, sys, time
from crawler.reading.pool import ReadingPool

async def main():
    pool = ReadingPool(workers=2, time_limit=3600)
    pool.start()
    print(*{await pool.run(os.getpid) for _ in range(20)}, flush=True)
    sys.stdin.read()

if __name__ == "__main__":
    asyncio.run(main())
"""


def test_killing_the_crawl_leaves_no_worker(tmp_path: Path) -> None:
    """Workers see their parent's end and go: kill -9 of a crawl leaves nothing running."""
    script = tmp_path / "orphans.py"
    script.write_text(ORPHANS, encoding="utf-8")
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        cwd=root, env={**os.environ, "PYTHONPATH": str(root)},
    ) as crawl:  # fmt: skip
        assert crawl.stdout is not None
        pids = {int(pid) for pid in crawl.stdout.readline().split()}
        crawl.kill()
        crawl.wait()
    assert pids
    asyncio.run(gone(pids))


READ_HERE = """
import asyncio, sys
from crawler.reading.pool import ReadingPool

async def read(pool):
    return await pool.read(b"<p>A line of text.</p>", headers=(), url="http://a.example/")

if __name__ == "__main__":
    with ReadingPool(workers=1) as pool:
        asyncio.run(read(pool))
"""


def test_workers_import_nothing_from_the_directory_they_are_started_in(tmp_path: Path) -> None:
    """A module that somebody laid into the current directory does not run."""
    script, here = tmp_path / "bin" / "read.py", tmp_path / "here"
    for folder in (script.parent, here):
        folder.mkdir()
    script.write_text(READ_HERE, "utf-8")
    (here / "trafilatura.py").write_text("open('it-ran', 'w').close()\n", "utf-8")
    (here / "crawler.py").write_text("open('it-ran', 'w').close()\n", "utf-8")
    root = str(Path(__file__).parents[2])
    subprocess.run(
        [sys.executable, script],
        cwd=here,
        check=True,
        timeout=120,
        env={**os.environ, "PYTHONPATH": root},
    )
    assert not (here / "it-ran").exists()
