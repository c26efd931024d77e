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

import frontier_cases
import ledger_cases
import rows
from filling import Morgue, postgres_morgue, sqlite_morgue
from support import Figure, WrongResult, amount, machine, print_table, write_json

_MEGA = 1_000_000
_LEAST = 20_000
_ENGINES: dict[str, Callable[[Path, int], AbstractContextManager[Morgue]]] = {
    "sqlite": sqlite_morgue,
    "postgres": postgres_morgue,
}
_CASES = (
    frontier_cases.opening,
    frontier_cases.claims,
    frontier_cases.claims_beside_a_flood,
    frontier_cases.links,
    ledger_cases.outcomes,
    ledger_cases.outcomes_with_warc,
    ledger_cases.outcomes_with_links,
    ledger_cases.reads,
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
    where = f"{about['cores']} cores, {about['processor']}, load average {about['load']}"
    print(f"\n{options.resources:,} resources; {where}\n")
    print_table(figures)
    if options.json is not None:
        write_json(options.json, " ".join(["python", *sys.argv]), figures)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Ledger and frontier at scale.")
    parser.add_argument("--resources", type=int, default=_MEGA, help="at least 20,000")
    parser.add_argument("--engine", choices=[*_ENGINES, "both"], default="both")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    options = parser.parse_args()
    if options.resources < _LEAST:
        parser.error(f"--resources: at least {_LEAST:,}, so that all hosts have some")
    return options


def _measure(name: str, count: int) -> Iterator[Figure]:
    started = time.perf_counter()
    with _directory() as directory, _ENGINES[name](directory, count) as morgue:
        yield amount(name, "size when filled", "MB", morgue.size() / _MEGA)
        _say(f"{name}: filled after {time.perf_counter() - started:.0f} s")
        for case in _CASES:
            yield from case(morgue)
            _say(f"{name}: {case.__name__} after {time.perf_counter() - started:.0f} s")
        yield amount(name, "size at the end", "MB", morgue.size() / _MEGA)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


@contextmanager
def _directory() -> Iterator[Path]:
    # The Postgres server may still be deleting its own files when it has said it is down.
    with tempfile.TemporaryDirectory(prefix="newsmorgue-bench-", ignore_cleanup_errors=True) as at:
        yield Path(at)


if __name__ == "__main__":
    sys.exit(main())
