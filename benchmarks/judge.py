"""How well the judge tells dead pages from living ones: `python benchmarks/judge.py [FOLDER]`.

FOLDER holds `ground-truth.jsonl` and `html/<id>.html.gz`, as for `corpus.py`; nothing of it is
copied. Without it the built-in sample is taken. From each living page the cases of `judging/` are
made: living, living with a notice in one of many layouts and languages, soft-gone with and
without a phrase, headlines about missing pages, look-alikes. `--split tune` has other domains and
other wordings than `--split report`.

Exit code 1 when a floor is missed; never for a slow time.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import judge_cost
from judging import figures, sources
from judging.cases import cases_of, survey
from judging.figures import SAYINGS, Measure
from judging.sample import sample
from judging.trial import Bench, Clock
from judging.values import Source, Tried
from support import machine

from crawler.reading import warm


@dataclass(slots=True)
class Run:
    """What was chosen, what was tried, and what it took."""

    every: list[Source]
    chosen: list[Source]
    kinds: tuple[str, ...]
    keep: Path | None
    clock: Clock = field(default_factory=Clock)
    skipped: Counter[str] = field(default_factory=Counter)
    tried: list[Tried] = field(default_factory=list)


def main() -> int:
    """Measure and print. Return the exit code."""
    options = _options()
    run = _chosen(options)
    warm.warm()
    run.tried = [_light(one) for one in _all(run)]
    found = list(figures.measures(run.tried))
    if not options.no_cost:
        found += judge_cost.measures(run.chosen)
    _print(run, found)
    if options.misses:
        _write_misses(options.misses, run.tried)
    if options.json:
        _write_json(options.json, found, run.tried)
    return 0 if all(one.is_met for one in found) else 1


def _chosen(options: argparse.Namespace) -> Run:
    every = list(sources.corpus(options.corpus)) if options.corpus else sample()
    chosen = [one for one in every if options.split in {"all", one.split}]
    step = max(1, len(chosen) // options.sample) if options.sample else 1
    kinds = tuple(filter(None, options.kinds.split(",")))
    return Run(every=every, chosen=chosen[::step], kinds=kinds, keep=options.keep)


def _options() -> argparse.Namespace:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    options.add_argument("corpus", type=Path, nargs="?", help="left out: the built-in sample")
    options.add_argument("--split", choices=("tune", "report", "all"), default="report")
    options.add_argument("--sample", type=int, default=0, help="take about so many pages")
    options.add_argument("--kinds", default="", help="only these, separated by commas")
    options.add_argument("--misses", type=Path, help="write each miss to this file, one a line")
    options.add_argument("--keep", type=Path, help="write the page of each miss to this folder")
    options.add_argument("--json", type=Path, help="write the figures to this file as well")
    options.add_argument("--no-cost", action="store_true", help="leave out F1 and CPU")
    return options.parse_args()


def _all(run: Run) -> Iterator[Tried]:
    for number, source in enumerate(run.chosen, start=1):
        if number % 20 == 0 or number == len(run.chosen):
            print(f"{number} of {len(run.chosen)} pages", file=sys.stderr, flush=True)
        ground = survey(source, run.every)
        if ground is None:
            run.skipped["no article found in the markup"] += 1
            continue
        for one in Bench(ground, run.clock).tried(cases_of(ground, run.kinds)):
            if run.keep and _faults(one):
                run.keep.mkdir(parents=True, exist_ok=True)
                (run.keep / f"{one.case.name[:150]}.html").write_bytes(one.case.body)
            yield one


def _faults(one: Tried) -> list[str]:
    """Say what is wrong with one case, if anything."""
    found = [
        f"{group}: {says(one).liveness.value}"
        for group, says in SAYINGS.items()
        if says(one).liveness not in one.case.expected
    ]
    found += [f"left: {text}" for text in figures.left(one)]
    return found + ([f"paragraphs lost: {one.lost}"] if one.lost else [])


def _light(one: Tried) -> Tried:
    """Return the same without bytes and links, which would fill the memory."""
    reading = replace(one.reading, links=(), feeds=())
    return replace(one, case=replace(one.case, body=b"", probe=None), reading=reading)


def _print(run: Run, found: Iterable[Measure]) -> None:
    domains = {one.domain for one in run.chosen}
    languages = {one.case.language for one in run.tried if one.case.language}
    print(f"{len(run.chosen)} pages of {len(domains)} domains, {len(run.tried)} cases, ", end="")
    print(f"words in {len(languages)} languages; skipped: {dict(run.skipped)}\n")
    for group, says in SAYINGS.items():
        print(f"Said of each kind, {group}:")
        for kind, row in figures.confusion(run.tried, says).items():
            print(f"  {kind}: {', '.join(f'{name} {count}' for name, count in row.most_common())}")
    print("\nSomething left in the text, by place, markup and help:")
    for part in range(3):
        print(f"  {_told(figures.left_by(run.tried, part))}")
    print("Not-found pages missed by the page alone, by language:")
    print(f"  {_told(figures.missed_by_language(run.tried, SAYINGS['page alone']))}")
    print("\n| on | what | figure | of | to reach |\n|---|---|--:|--:|---|")
    for one in found:
        word = "met" if one.is_met else "MISSED"
        floor = f"{one.floor.good} {one.floor.value:g}: {word}" if one.floor else ""
        print(f"| {one.group} | {one.name} | {one.value:.4g} | {one.of} | {floor} |")
    clock = run.clock
    print(f"\njudge(): {clock.judging * 1000 / max(1, clock.verdicts):.3f} ms a verdict, ", end="")
    print(f"reading {clock.reading * 1000 / max(1, clock.readings):.1f} ms a case")
    print(json.dumps(machine()))


def _told(tally: figures.Tally) -> str:
    return ", ".join(f"{name} {so}/{of}" for name, (so, of) in tally.items())


def _write_misses(file: Path, tried: Iterable[Tried]) -> None:
    with file.open("w", encoding="utf-8") as lines:
        for one in tried:
            if wrong := _faults(one):
                lines.write(json.dumps(_miss(one, wrong), ensure_ascii=False) + "\n")


def _miss(one: Tried, wrong: list[str]) -> dict[str, object]:
    signals = one.reading.signals
    return {
        "case": one.case.name,
        "kind": one.case.kind,
        "variant": one.case.variant,
        "url": one.case.url,
        "expected": sorted(one.case.expected),
        "wrong": wrong,
        **{
            group: [says(one).reasons, [(seen.place, seen.text) for seen in says(one).evidence]]
            for group, says in SAYINGS.items()
        },
        "title": signals.title,
        "prose": [signals.prose_chars, signals.prose_blocks, signals.prose_head[:300]],
        "cards": [signals.teaser_cards, signals.link_chars, signals.text_chars],
        "notices": [(notice.place.value, notice.text) for notice in signals.notices],
        "text": one.text[:300],
    }


def _write_json(file: Path, found: Iterable[Measure], tried: Sequence[Tried]) -> None:
    rows = [
        {"group": one.group, "name": one.name, "value": one.value, "of": one.of}
        | {"floor": one.floor and f"{one.floor.good} {one.floor.value:g}", "is_met": one.is_met}
        for one in found
    ]
    table = {group: figures.confusion(tried, says) for group, says in SAYINGS.items()}
    document = {
        "command": " ".join(["python", *sys.argv]), "machine": machine(), "figures": rows,
        "confusion": table,
    }  # fmt: skip
    file.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    raise SystemExit(main())
