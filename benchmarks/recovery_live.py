"""Whether living pages wait for lost ones: one crawl with dead links, one without, in turns.

Twenty hosts of living pages at a pace of their own; in the crawls with dead links as many hosts
more, whose pages answer 404 and are held by the archive. What is timed is the living pages: from
the first request for one to the last outcome of one.
"""

import json
import os
import statistics
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import corpus_meter
import recovery_runs
from corpus_checks import instant
from corpus_meter import Cost
from recovery_case import Lost
from recovery_figures import bounded
from recovery_runs import Home
from support import Figure, amount

from crawler.demo.launch import ArchiveServer
from crawler.demo.server import Server, environment

HOSTS = 20
DELAY = 1.5  # seconds between two requests to one host
LIVE_HOSTS = tuple(f"127.0.0.{60 + number}" for number in range(HOSTS))
DEAD_HOSTS = tuple(f"127.0.0.{90 + number}" for number in range(HOSTS))
LIMIT = 300.0  # seconds for one crawl
_LATER = 1.05  # with dead links : without
_BY_PACE = 1.1  # above it something else than the pace held the crawl up
_BUSY = 0.5  # of all cores: above it the crawl is bound by them, not by its pace


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The servers and the addresses. `dead` are pages the archive holds, on hosts of their own."""

    living: Sequence[str]
    dead: Sequence[str]
    archive: ArchiveServer


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """One crawl: seconds its living pages took, and the share of all cores it used meanwhile."""

    seconds: float
    busy: float
    recovered: int


def addresses(folder: Path, pages: Sequence[Lost], per_host: int) -> tuple[Path, list[str]]:
    """Return the routes of the living pages, and their paths by host in turn."""
    routes = folder / "living.jsonl"
    paths = []
    with routes.open("w", encoding="utf-8") as lines:
        for number in range(HOSTS * per_host):
            page, host = pages[number % len(pages)], LIVE_HOSTS[number % HOSTS]
            path = f"{urlsplit(page.url).path}?turn={number // len(pages)}"
            row = {"host": host, "target": path, "status": 200, "file": str(page.file)}
            lines.write(json.dumps(row) + "\n")
            paths.append(path)
    return routes, paths


def serve(routes: Path) -> Server:
    """Start the sites: what is not in the routes is an honest 404."""
    arguments = ["--routes", str(routes)]
    return Server("benchmarks.serve_corpus", (*LIVE_HOSTS, *DEAD_HOSTS), arguments)


def moved(pages: Sequence[Lost], server: Server) -> list[Lost]:
    """Return lost pages at addresses of the server's dead hosts."""
    bases = [server.hosts[host] for host in DEAD_HOSTS]
    return [
        replace(page, url=bases[number % HOSTS] + urlsplit(page.url).path, captures=[], right=set())
        for number, page in enumerate(pages)
    ]


def timed(place: Home, case: Case, *, with_dead: bool) -> Timed:
    """Crawl once and return how long the living pages took."""
    place.configure(case.archive.base_url(), delay=DELAY)
    urls = [*case.living, *(case.dead if with_dead else ())]
    listed = place.folder / "list.txt"
    listed.write_text("".join(f"{url}\n" for url in urls), encoding="utf-8")
    command = [sys.executable, "-m", "crawler", "crawl", "--home", str(place.folder), "--from"]
    log = place.folder / "crawl.log"
    cost = corpus_meter.run([*command, str(listed)], log=log, env=environment(), limit=LIMIT)
    return _timed(place, case, cost)


def _timed(place: Home, case: Case, cost: Cost) -> Timed:
    left = place.left()
    visits = [
        visit
        for url in case.living
        for visit in left.visits.get(url, [])
        if visit["purpose"] == "visit"
    ]
    ends = [at.timestamp() for visit in visits if (at := instant(visit["ended_at"]))]
    starts = [at.timestamp() for visit in visits if (at := instant(visit["started_at"]))]
    if len(visits) != len(case.living):
        raise SystemExit(f"{len(visits)} outcomes for {len(case.living)} living pages")
    first, last = min(starts), max(ends)
    used = sum(cost.between(first, last))
    return Timed(
        seconds=last - first,
        busy=used / (last - first) / (os.cpu_count() or 1),
        recovered=sum(url in left.articles for url in case.dead),
    )


def figures(
    on: str, without: Sequence[Timed], beside: Sequence[Timed], case: Case
) -> Iterator[Figure]:
    """Yield how much later living pages were done beside dead links.

    Where the first figure is missed the machine was busy, and the others say nothing.
    """
    dead, least = len(case.dead), (len(case.living) / HOSTS - 1) * DELAY
    plain, loaded = (statistics.median(one.seconds for one in runs) for runs in (without, beside))
    by_pace = amount(on, "no dead links : what the pace alone takes", "", plain / least)
    yield bounded(by_pace, "at most", _BY_PACE)
    yield _spread(amount(on, "living pages, no dead links", "s", plain), without)
    yield _spread(amount(on, f"living pages beside {dead} dead links", "s", loaded), beside)
    yield bounded(amount(on, "with : without", "", loaded / plain), "at most", _LATER)
    busy = max(one.busy for one in beside)
    yield bounded(amount(on, "CPU of all cores, dead links too", "", busy), "at most", _BUSY)
    back = min(one.recovered for one in beside)
    yield amount(on, f"recovered meanwhile, of {dead}", "", back)


def _spread(figure: Figure, runs: Sequence[Timed]) -> Figure:
    seconds = [one.seconds for one in runs]
    return replace(figure, least=min(seconds), most=max(seconds), repeats=len(seconds))


def crawls(folder: Path, engine: str, case: Case, repeats: int) -> Mapping[bool, list[Timed]]:
    """Crawl without and with dead links, in turns, each to a database of its own."""
    found: dict[bool, list[Timed]] = {False: [], True: []}
    for number in range(repeats):
        for with_dead in (False, True) if number % 2 == 0 else (True, False):
            name = f"live-{engine}-{number}-{'with' if with_dead else 'without'}"
            with recovery_runs.home(folder / name, engine) as place:
                found[with_dead].append(timed(place, case, with_dead=with_dead))
    return found
