"""The parts of the recovery benchmark: each starts its archive, recovers, and says what it saw."""

import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import recovery_figures
import recovery_live
import recovery_near
import recovery_pace
import recovery_pywb
import recovery_runs
from corpus_case import read_corpus
from recovery_case import Lost, Scene, write_plan
from recovery_near import Got
from recovery_runs import LOOKUPS, REPLAYS, Ran
from support import Figure

from crawler.demo.launch import ArchiveServer
from crawler.demo.server import Server

AT_ONCE = {"sqlite": 2, "postgres": 4}  # processes of the whole recovery
SAMPLE_AT_ONCE = {"sqlite": 1, "postgres": 2}
WINDOW = 6.0  # seconds that stand for a minute
FEW = 36  # pages with which every number of processes is tried
FEW_REPLAYS = 210.0  # a minute: so few that they have to wait as well
RESUMED = 40  # pages
BY_PYWB = 160  # pages
REAL_WINDOW, REAL_RATE, REAL_PAGES = 60.0, 24.0, 72
_NEWS = 10.0  # seconds between two progress lines
_ADDRESSES = {"sqlite": "127.0.0.40", "postgres": "127.0.0.41", "near": "127.0.0.42"}
_LIVE_ADDRESS = "127.0.0.43"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The pages, the storms of the archive, and a folder for what comes of it all."""

    corpus: Path
    pages: Sequence[Lost]
    storms: Sequence[dict[str, Any]]
    folder: Path
    is_sample: bool
    pywb: Path | None = None  # its server program

    @property
    def answering(self) -> Counter[str]:
        """How many storms cost a request each to be noticed, by what they befall."""
        return Counter(storm["on"] for storm in self.storms if storm["kind"] != "refused")


def whole(stage: Stage, engines: Sequence[str]) -> tuple[list[Ran], Mapping[str, Got]]:
    """Recover every page to each engine, all at the same time, and by the baseline."""
    at_once = SAMPLE_AT_ONCE if stage.is_sample else AT_ONCE
    plan = write_plan(stage.pages, stage.storms, stage.folder, "whole")
    with ExitStack() as stack:
        servers = {
            name: stack.enter_context(recovery_runs.archive(plan, _ADDRESSES[name]))
            for name in (*engines, "near")
        }
        threads = stack.enter_context(ThreadPoolExecutor(len(servers)))
        jobs: list[Future[Ran]] = [
            threads.submit(_recover, stage, engine, servers[engine], at_once[engine])
            for engine in engines
        ]
        base = threads.submit(
            recovery_near.run, stage.pages, servers["near"].base_url(), stage.folder
        )
        _tell("the whole recovery", [*jobs, base], servers)
        return [job.result() for job in jobs], base.result()


def _recover(
    stage: Stage, engine: str, server: ArchiveServer, processes: int, few: int | None = None
) -> Ran:
    name = f"{'whole' if few is None else 'few'}-{engine}-{processes}"
    replays = REPLAYS if few is None else FEW_REPLAYS
    with recovery_runs.home(stage.folder / name, engine) as place:
        ran = recovery_runs.recover(place, server, stage.pages[:few], processes, replays=replays)
        shutil.copy(server.log, place.folder / "archive.jsonl")
        return ran


def _tell(what: str, jobs: Sequence[Future[Any]], servers: Mapping[str, ArchiveServer]) -> None:
    """Say now and then how far it is, until all is done."""
    spoken = time.monotonic()
    while not all(job.done() for job in jobs):
        time.sleep(0.2)
        if time.monotonic() - spoken >= _NEWS:
            spoken = time.monotonic()
            asked = {name: sum(_counts(server)) for name, server in servers.items()}
            print(f"{what}: requests so far {asked}", file=sys.stderr)


def _counts(server: ArchiveServer) -> list[int]:
    try:
        return list(server.counts().values())
    except OSError:  # it refuses connections for a while: one of its bad days
        return []


def paces(
    ran: Ran, lookups: float = LOOKUPS, replays: float = REPLAYS, window: float = WINDOW
) -> Iterator[Figure]:
    """Yield how evenly the questions and the requests for copies came; rates are a minute's."""
    on = f"{ran.engine}, {ran.processes} at once"
    asked = recovery_pace.pace(recovery_pace.lookups(ran.requests), lookups, window)
    fetched = recovery_pace.pace(recovery_pace.replays(ran.requests), replays, window)
    yield from recovery_figures.pace_figures(on, "lookups", asked)
    yield from recovery_figures.pace_figures(on, "replays", fetched)


def by_pywb(stage: Stage, wayback: Path, engine: str) -> tuple[list[Lost], Ran]:
    """Recover from a real pywb what it can play."""
    pages = [page for page in stage.pages if recovery_pywb.can_play(page)][:BY_PYWB]
    folder = stage.folder / "pywb"
    folder.mkdir()
    print(f"{len(pages)} pages by pywb", file=sys.stderr)
    with (
        recovery_pywb.serve(wayback, pages, folder) as server,
        recovery_runs.home(stage.folder / f"by-pywb-{engine}", engine) as place,
    ):
        return pages, recovery_runs.recover(place, server, pages, 1, dialect="pywb")


def together(stage: Stage, engines: Sequence[str]) -> Iterator[Figure]:
    """Yield how the pace was kept by one to four processes on each engine."""
    plan = write_plan(stage.pages[:FEW], (), stage.folder, "few")
    for processes in (1, 2, 3, 4):
        with ExitStack() as stack:
            servers = {
                engine: stack.enter_context(recovery_runs.archive(plan, _ADDRESSES[engine]))
                for engine in engines
            }
            threads = stack.enter_context(ThreadPoolExecutor(len(engines)))
            jobs = [
                threads.submit(_recover, stage, engine, servers[engine], processes, FEW)
                for engine in engines
            ]
            _tell(f"{processes} at once", jobs, servers)
            for job in jobs:
                yield from paces(job.result(), replays=FEW_REPLAYS)


def resumed(stage: Stage, engine: str) -> Iterator[Figure]:
    """Yield what a kill in the middle cost: each page should be asked about once all the same."""
    pages = [page for page in stage.pages if not page.faults][:RESUMED]
    plan = write_plan(pages, (), stage.folder, "resumed")
    print(f"{len(pages)} pages, killed half-way, on {engine}", file=sys.stderr)
    with (
        recovery_runs.archive(plan, _ADDRESSES[engine]) as server,
        recovery_runs.home(stage.folder / f"resumed-{engine}", engine) as place,
    ):
        ran = recovery_runs.recover(place, server, pages, 2, killed_at=len(pages))
    yield from recovery_figures.resumed_figures(pages, ran)


def living(stage: Stage, engine: str) -> Iterator[Figure]:
    """Yield how living pages fared beside lost ones."""
    per_host, repeats, dead = (6, 1, 20) if stage.is_sample else (9, 2, 70)
    folder = stage.folder / f"living-{engine}"
    folder.mkdir()
    routes, paths = recovery_live.addresses(folder, stage.pages, per_host)
    with recovery_live.serve(routes) as sites, _held(stage, sites, folder, dead) as held:
        lost, archive = held
        bases = [sites.hosts[host] for host in recovery_live.LIVE_HOSTS]
        case = recovery_live.Case(
            living=[bases[number % len(bases)] + path for number, path in enumerate(paths)],
            dead=[page.url for page in lost],
            archive=archive,
        )
        print(f"living pages on {engine}", file=sys.stderr)
        found = recovery_live.crawls(folder, engine, case, repeats)
    yield from recovery_live.figures(engine, found[False], found[True], case)


@contextmanager
def _held(
    stage: Stage, sites: Server, folder: Path, count: int
) -> Iterator[tuple[list[Lost], ArchiveServer]]:
    """Start an archive that holds one sound copy of each page of the dead hosts."""
    bodies = folder / "bodies"
    bodies.mkdir()
    lost = recovery_live.moved(stage.pages[:count], sites)
    truths = read_corpus(stage.corpus)
    for page in lost:
        page.faults = []
        Scene(page, Random(0), truths, bodies).article(3)
    plan = write_plan(lost, (), folder, "living")
    with recovery_runs.archive(plan, _LIVE_ADDRESS) as archive:
        yield lost, archive


def real_rate(stage: Stage, engine: str) -> Iterator[Figure]:
    """Yield how the real pace was kept: as many pages as three minutes have room for."""
    pages = [page for page in stage.pages if not page.faults][:REAL_PAGES]
    plan = write_plan(pages, (), stage.folder, "real")
    with (
        recovery_runs.archive(plan, _ADDRESSES[engine]) as server,
        recovery_runs.home(stage.folder / f"real-{engine}", engine) as place,
        ThreadPoolExecutor(1) as threads,
    ):
        job = threads.submit(recovery_runs.recover, place, server, pages, 2, rate=REAL_RATE)
        _tell("at the real rate", [job], {engine: server})
        ran = job.result()
    yield from paces(ran, REAL_RATE, REAL_RATE * 20, REAL_WINDOW)
