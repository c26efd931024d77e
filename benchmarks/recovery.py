"""Bringing lost pages back: `python benchmarks/recovery.py FOLDER [--engine both] [--sample N]`.

Its parts: `whole`, all pages beside the baseline; `together`, the pace by every number of
processes; `resumed`, killed half-way; `living`, whether living pages wait for lost ones.
FOLDER holds `ground-truth.jsonl` and `html/<id>.html.gz`. From it are made lost pages in all the
situations archives have (see `recovery_situations`), held by a mock archive with bad days, and
`newsmorgue recover --from FILE` fetches them as one to four processes. A minute of the archive's
pace lasts six seconds, except with `--real-rate`. Beside it stock waybackpy asks the same archive.

Exit code 1 when a floor is missed; each is named, and so is every page that went wrong.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import recovery_figures
import recovery_parts
from corpus_case import read_corpus
from recovery_case import PAGES, lay_out
from recovery_parts import Stage
from recovery_situations import set_all
from support import Figure, machine, print_table, write_json

ENGINES = ("sqlite", "postgres")
PARTS = ("whole", "together", "resumed", "living")  # a sample has the first and the last


def main() -> int:
    """Recover, judge, print. Return the exit code."""
    options = _options()
    engines = ENGINES if options.engine == "both" else (options.engine,)
    began = time.monotonic()
    with staged(options) as stage:
        figures = list(
            recovery_parts.real_rate(stage, engines[0])
            if options.real_rate
            else measured(stage, engines, options.part)
        )
    print_table(figures)
    print(f"\n{json.dumps(machine())} {time.monotonic() - began:.0f} s in all")
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
    options.add_argument("--part", choices=PARTS, help="run only this; left out: all of them")
    options.add_argument("--sample", type=int, help=f"lost pages; left out: {PAGES}")
    options.add_argument(
        "--real-rate", action="store_true", help="only this: three minutes at 24 lookups a minute"
    )
    options.add_argument(
        "--pywb", type=Path, metavar="WAYBACK", help="also ask a real pywb, started by this program"
    )
    options.add_argument("--keep", type=Path, help="leave databases and logs in this new folder")
    options.add_argument("--json", type=Path, help="write the figures to this file as well")
    return options.parse_args()


@contextmanager
def staged(options: argparse.Namespace) -> Iterator[Stage]:
    """Lay the pages out, each in its situation."""
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="nmrecovery")))
        folder = options.keep or scratch / "kept"
        folder.mkdir()
        count = options.sample or PAGES
        pages = lay_out(options.corpus, count)
        bodies = scratch / "bodies"
        bodies.mkdir()
        set_all(pages, read_corpus(options.corpus), bodies)
        yield Stage(
            corpus=options.corpus,
            pages=pages,
            storms=storms(count),
            folder=folder,
            is_sample=options.sample is not None,
            pywb=options.pywb,
        )


def storms(count: int) -> list[dict[str, Any]]:
    """Return what befalls the whole archive while so many pages are asked about."""
    told = [
        {"on": "cdx", "kind": "429", "seconds": 3, "retry_after": "4"},
        {"on": "cdx", "kind": "429-short", "seconds": 4},
        {"on": "cdx", "kind": "refused", "seconds": 4},
        {"on": "cdx", "kind": "503", "seconds": 3},
        {"on": "cdx", "kind": "403-nginx", "seconds": 3},
        {"on": "replay", "kind": "429", "seconds": 3, "retry_after": "2"},
        {"on": "replay", "kind": "503", "seconds": 3},
        {"on": "cdx", "kind": "outage-page", "seconds": 3},
    ]
    if count < PAGES // 2:
        told = [told[0], told[5]]
    share = count // (len(told) + 1)
    return [{**storm, "at": share * number} for number, storm in enumerate(told, 1)]


def measured(stage: Stage, engines: Sequence[str], part: str | None = None) -> Iterator[Figure]:
    """Run everything, or one part; yield the figures, and print at once what explains them."""
    parts = (part,) if part else (PARTS[:1] + PARTS[-1:] if stage.is_sample else PARTS)
    if "whole" in parts:
        yield from recovered(stage, engines)
    if stage.pywb is not None:
        pages, ran = recovery_parts.by_pywb(stage, stage.pywb, engines[0])
        yield from recovery_figures.outcome_figures(f"pywb, {ran.engine}", pages, ran)
        print(*recovery_figures.complaints(pages, ran), sep="\n", flush=True)
    if "together" in parts:
        yield from recovery_parts.together(stage, engines)
    if "resumed" in parts:
        yield from recovery_parts.resumed(stage, engines[0])
    if "living" in parts:
        for engine in engines if part or not stage.is_sample else engines[:1]:
            yield from recovery_parts.living(stage, engine)


def recovered(stage: Stage, engines: Sequence[str]) -> Iterator[Figure]:
    """Yield the figures of the whole recovery and of the baseline; print every page amiss."""
    runs, got = recovery_parts.whole(stage, engines)
    for ran in runs:
        yield from recovery_figures.recovery_figures(stage.pages, ran, stage.answering)
        yield from recovery_parts.paces(ran)
    yield from recovery_figures.near_figures(stage.pages, got)
    print(*recovery_figures.by_situation(stage.pages, runs, got), "", sep="\n")
    for ran in runs:
        print(*recovery_figures.complaints(stage.pages, ran), sep="\n")
        print(f"{ran.engine}: exit codes {ran.codes}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
