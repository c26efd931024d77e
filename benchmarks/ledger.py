"""Ledger and frontier at a million resources, on SQLite and on Postgres.

    python benchmarks/ledger.py [--resources 1000000] [--engine sqlite|postgres|both] [--json FILE]

Fills a database in a temporary directory (removed at the end), then measures on an engine opened as
the crawler opens it, fsync and all: claims of 100, link upserts, whole outcomes through the writer
thread without and with WARC, and what readers ask. Ends with an error only if a result is wrong,
never for a time. Needs the packages of the `test` extra.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import ledger_cases as cases
import rows
from filling import Morgue, postgres_morgue, sqlite_morgue
from support import Figure, Stopwatch, WrongResult, amount, duration, machine, print_table
from support import write_json as write_figures

_MEGA = 1_000_000
_ENGINES: dict[str, Callable[[Path, int], AbstractContextManager[Morgue]]] = {
    "sqlite": sqlite_morgue,
    "postgres": postgres_morgue,
}
_CASES = (
    cases.opening,
    cases.claims,
    cases.claims_beside_a_flood,
    cases.links,
    cases.outcomes,
    cases.outcomes_with_warc,
    cases.outcomes_with_links,
    cases.reads,
)


def main() -> int:
    """Measure, print, and say whether all results were right."""
    options = _options()
    engines = list(_ENGINES) if options.engine == "both" else [options.engine]
    rows.check_forms(options.resources)
    figures: list[Figure] = []
    try:
        for name in engines:
            figures += _measure(name, options.resources)
    except WrongResult as wrong:
        print(f"wrong result: {wrong}", file=sys.stderr)
        return 1
    about = machine()
    print(f"\n{options.resources:,} resources; {about['cores']} cores, {about['processor']}\n")
    print_table(figures)
    if options.json is not None:
        write_figures(options.json, " ".join(["python", *sys.argv]), figures)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Ledger and frontier at scale.")
    parser.add_argument("--resources", type=int, default=_MEGA, help="at least 20,000")
    parser.add_argument("--engine", choices=[*_ENGINES, "both"], default="both")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    options = parser.parse_args()
    if options.resources < cases.LEAST_RESOURCES:
        parser.error(f"--resources: at least {cases.LEAST_RESOURCES:,}, so that all hosts have some")
    return options


def _measure(name: str, count: int) -> Iterator[Figure]:
    with _directory() as directory:
        with Stopwatch() as filling, _ENGINES[name](directory, count) as morgue:
            pass
    yield from ()


@contextmanager
def _directory() -> Iterator[Path]:
    # The Postgres server may still be deleting its own files when it has said it is down.
    with tempfile.TemporaryDirectory(prefix="newsmorgue-bench-", ignore_cleanup_errors=True) as at:
        yield Path(at)
