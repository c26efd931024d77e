"""`ReadingPool`: pages are read in processes that are killed when they hang, swell or crash.

`ReadingError` is the base of `ReadingTimedOut` (the worker was killed at the time limit) and
`ReadingFailed` (the worker died of memory or a crash, or the reading raised).
"""

import asyncio
import contextlib
import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future  # noqa: TC003 - typing.get_type_hints must resolve it
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from multiprocessing import forkserver
from multiprocessing.context import BaseContext
from typing import Any, Self, TypeVar

from pebble import ProcessExpired, ProcessPool

from crawler.core.values import Headers, PageReading, ReadingLimits

_log = logging.getLogger(__name__)
_T = TypeVar("_T")

_MEMORY = 1024 * 1024 * 1024  # bytes of address space; a worker at rest has 64 MiB
_MAX_TASKS = 2000  # readings before a worker is replaced; its memory was flat over 2,600
_START_LIMIT = 120.0  # seconds for a cold start on a slow machine
_CLOSE_LIMIT = 10.0  # seconds
_LOOK_AFTER = 0.5  # seconds; a pool that breaks or closes may leave a reading unanswered
_WARM = "crawler.reading.warm"
_SAFE_PATH = "PYTHONSAFEPATH"

_open_pools = 0
_open_lock = threading.Lock()


def begin_warming() -> None:
    """Start the server that workers are forked from, and do not wait for it to be warm.

    Its imports take a second; the caller's own go on meanwhile.
    """
    if _context().get_start_method() == "forkserver":
        with _without_current_directory():
            forkserver.ensure_running()


@contextlib.contextmanager
def _without_current_directory() -> Iterator[None]:
    """Keep the current directory off a new interpreter's path: its files may be a stranger's.

    The server is started by `python -c`, which would look there first for every module.
    """
    before = os.environ.get(_SAFE_PATH)
    os.environ[_SAFE_PATH] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_SAFE_PATH]
        else:
            os.environ[_SAFE_PATH] = before


class ReadingError(Exception):
    """The page could not be read."""


class ReadingTimedOut(ReadingError):  # noqa: N818 - named as the outcome is
    """Reading took longer than the limit, and its worker was ended."""


class ReadingFailed(ReadingError):  # noqa: N818 - named as the outcome is
    """The worker died or the reading raised."""


class _Broken(ReadingFailed):
    """All workers are gone, and this reading was not the reason."""


class ReadingPool:
    """Worker processes that read pages, a time limit and a memory limit on each reading.

    `time_limit` is in seconds, `memory_limit` in bytes of address space (None: no limit),
    `max_tasks` readings after which a worker is replaced. `start()` comes before any database is
    opened and any thread is started: what is forked must not hold their locks and files.
    """

    def __init__(
        self,
        *,
        workers: int = 2,
        time_limit: float = 10.0,
        memory_limit: int | None = _MEMORY,
        max_tasks: int = _MAX_TASKS,
        limits: ReadingLimits = ReadingLimits(),  # noqa: B008 - frozen
    ) -> None:
        self.workers = workers
        self.time_limit = time_limit
        self.memory_limit = memory_limit
        self.max_tasks = max_tasks
        self.limits = limits
        self._pool: ProcessPool | None = None
        self._ending: list[threading.Thread] = []

    def start(self) -> None:
        """Start the workers and wait until one has answered. Raises `ReadingFailed`."""
        if self._pool is not None:
            return
        _count_pools(1)
        begin_warming()
        self._pool = self._new_pool()
        try:
            self._pool.schedule(_answer, timeout=_START_LIMIT).result()
        except Exception as error:
            self.close()
            raise ReadingFailed(f"no reading worker came up: {error}") from error

    async def read(
        self,
        body: bytes,
        *,
        headers: Headers,
        url: str,
        truncated: bool = False,
        links: bool = True,
    ) -> PageReading:
        """Read one page in a worker, as `read_page` does.

        Without `links` the reading has none: finding them and sending them over is a twentieth
        of a page's cost. Raises `ReadingTimedOut` or `ReadingFailed`; other readings go on.
        """
        limits = self.limits if links else replace(self.limits, links=0)
        return await self.run(
            _read, body, headers=headers, url=url, truncated=truncated, limits=limits
        )

    async def run(self, function: Callable[..., _T], *args: Any, **kwargs: Any) -> _T:
        """Run any importable function in a worker under the same limits and errors.

        For the other readers of strangers' bytes: feeds, sitemaps, archive indexes.
        """
        call = (function, args, kwargs, self.time_limit)
        try:
            result: _T = await self._attempt(call)
        except _Broken:
            # Nobody's fault here: an idle worker was killed from outside, and the pool with it.
            result = await self._attempt(call)
        return result

    async def _attempt(self, call: tuple[Any, ...]) -> Any:
        pool = self._running()
        try:
            return await _answered(pool, self._schedule(pool, call))
        except BrokenProcessPool as error:
            self._replace(pool)
            raise _Broken(f"the reading workers broke down: {error}") from error
        except TimeoutError as error:
            limit = f"{self.time_limit:g} s"
            raise ReadingTimedOut(f"reading took over {limit}; its worker was ended") from error
        except ProcessExpired as error:
            raise ReadingFailed(_death(error)) from error
        except MemoryError as error:
            raise ReadingFailed("the page needs more memory than a worker may take") from error
        except Exception as error:
            raise ReadingFailed(f"{type(error).__name__}: {error}"[:500]) from error

    def _schedule(self, pool: ProcessPool, call: tuple[Any, ...]) -> "Future[Any]":
        try:
            return pool.schedule(_limited, args=call, timeout=self.time_limit)
        except RuntimeError as error:  # what pebble raises once a pool is broken or stopped
            raise BrokenProcessPool(str(error)) from error

    def close(self) -> None:
        """End every worker, busy or not, and wait until they are gone."""
        pool, self._pool = self._pool, None
        if pool is None:
            return
        _end(pool)
        for thread in self._ending:
            thread.join(_CLOSE_LIMIT)
        _count_pools(-1)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _running(self) -> ProcessPool:
        if self._pool is None:
            raise ReadingFailed("the reading pool is not started")
        return self._pool

    def _new_pool(self) -> ProcessPool:
        return ProcessPool(
            max_workers=self.workers,
            max_tasks=self.max_tasks,
            initializer=_prepare,
            initargs=(self.memory_limit,),
            context=_context(),
        )

    def _replace(self, broken: ProcessPool) -> None:
        """A worker that dies between two readings breaks pebble's pool for good: make a new one."""
        if self._pool is not broken:
            return
        _log.warning("The reading workers broke down and were replaced.")
        self._pool = self._new_pool()
        # Joining its threads may take seconds, and this is the event loop.
        ending = threading.Thread(target=_end, args=(broken,), daemon=True)
        ending.start()
        self._ending.append(ending)


async def _answered(pool: ProcessPool, asked: "Future[Any]") -> Any:
    """Wait for the result; raise `BrokenProcessPool` where the pool ended without giving one.

    pebble leaves what was queued or running when a pool stops or breaks as it is, by chance of
    timing: awaited alone, such a reading would never return.
    """
    answer = asyncio.wrap_future(asked)
    try:
        while not answer.done():
            alive = pool.active
            await asyncio.wait({answer}, timeout=_LOOK_AFTER)
            if not alive and not answer.done():
                raise BrokenProcessPool("the pool ended before this reading was done")
        return answer.result()
    finally:
        answer.cancel()


def _end(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]
    with contextlib.suppress(TimeoutError):
        pool.join(timeout=_CLOSE_LIMIT)


def _death(error: ProcessExpired) -> str:
    code = error.exitcode
    if isinstance(code, int) and code < 0:
        with contextlib.suppress(ValueError):
            return f"the reading worker was killed by {signal.Signals(-code).name}"
    return f"the reading worker ended with code {code}"


def _context() -> BaseContext:
    """Workers are forked from a warm server; where there is none they start from nothing."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([_WARM])
    return context


def _count_pools(change: int) -> None:
    """End the fork server with the last pool: it holds a model and outlives its workers."""
    global _open_pools  # noqa: PLW0603 - the server, too, is one for the process
    with _open_lock:
        _open_pools += change
        server: Any = getattr(forkserver, "_forkserver", None)
        if _open_pools == 0 and hasattr(server, "_stop"):
            server._stop()  # noqa: SLF001 - there is no public way


def _prepare(memory_limit: int | None) -> None:
    """In a worker, before its first task: limits, and the modules if the server lacks them."""
    import importlib  # noqa: PLC0415 - of the worker only

    importlib.import_module(_WARM)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    os.nice(5)  # the process that moves the bytes goes first
    if memory_limit is not None:
        import resource  # noqa: PLC0415 - not on every system

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (memory_limit, hard))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _answer() -> int:
    return os.getpid()


def _limited(
    function: Callable[..., _T], args: tuple[Any, ...], kwargs: dict[str, Any], time_limit: float
) -> _T:
    """Run under an alarm of its own: a worker whose parent was killed must not run for ever."""
    signal.alarm(int(time_limit * 2) + 5)
    try:
        return function(*args, **kwargs)
    finally:
        signal.alarm(0)


def _read(
    body: bytes, *, headers: Headers, url: str, truncated: bool, limits: ReadingLimits
) -> PageReading:
    from crawler.reading.page import read_page  # noqa: PLC0415 - heavy, and of the worker only

    return read_page(body, headers=headers, url=url, truncated=truncated, limits=limits)
