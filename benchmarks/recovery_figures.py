"""What a recovery was worth: figures with their floors, and a line for everything wrong."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import recovery_pace
from corpus_case import stamp
from corpus_checks import instant
from corpus_score import precision
from recovery_case import Lost
from recovery_near import Got
from recovery_pace import Pace
from recovery_runs import Ran
from support import Figure, Floor, amount

_ALIKE = 0.3  # a text of which less is in the article, or the other way round, is another's
_SLACK = 1.15  # requests over the least possible
_REFUSALS = frozenset({"has_not", "excluded"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What became of one page."""

    page: Lost
    is_right: bool
    is_wrong: bool  # something is stored that no capture of the article is
    is_unlike: bool  # the right capture is stored, and its text is not the article's
    is_cut: bool  # what is stored came from a transfer that broke off
    is_traceless: bool  # where it came from does not agree with when it was taken
    is_denied: bool  # the archive holds it, and it is said that it does not
    answers: tuple[str, ...]
    refused: tuple[str, ...]
    lookups: int
    replays: int
    is_pending: bool


def fates(pages: Sequence[Lost], ran: Ran) -> list[Fate]:
    """Return what became of each page."""
    asked = recovery_pace.asked_about(recovery_pace.lookups(ran.requests))
    fetched = recovery_pace.asked_about(recovery_pace.replays(ran.requests))
    return [_fate(page, ran, asked[page.mark], fetched[page.mark]) for page in pages]


def _fate(page: Lost, ran: Ran, lookups: int, replays: int) -> Fate:
    articles = ran.left.articles.get(page.url, [])
    rows = ran.left.lookups.get(page.url, [])
    answers = tuple(row["answer"] for row in rows)
    takes = [_is_capture(page, row) for row in articles]
    unlike = any(not _is_alike(page, row) for row in articles)
    visits = ran.left.visits.get(page.url, [])
    cut = bool(articles) and bool(visits) and bool(visits[-1]["truncated"])
    gone = any(
        visit["purpose"] == "replay" and visit["outcome"] == "archive_has_not" for visit in visits
    )
    return Fate(
        page=page,
        is_right=takes == [True] and not unlike and not cut,
        is_wrong=not all(takes) or len(takes) > 1,
        is_unlike=unlike and all(takes),
        is_cut=cut,
        is_traceless=not all(map(_has_provenance, articles)),
        is_denied=page.is_held and (gone or not _REFUSALS.isdisjoint(answers)),
        answers=answers,
        refused=tuple(f"{one['reason']}" for row in rows for one in _json(row["refused"])),
        lookups=lookups,
        replays=replays,
        is_pending=bool(ran.left.pending.get(page.url)),
    )


def _json(value: Any) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(value) if isinstance(value, str) else value or []
    return found


def _is_capture(page: Lost, row: Mapping[str, Any]) -> bool:
    taken = instant(row["memento_datetime"])
    return taken is not None and stamp(taken) in page.right


def _has_provenance(row: Mapping[str, Any]) -> bool:
    taken = instant(row["memento_datetime"])
    return taken is not None and f"/{stamp(taken)}" in (row["memento_url"] or "")


def _is_alike(page: Lost, row: Mapping[str, Any]) -> bool:
    """Whether a text is the page's: part of what is known of it, or the other way round."""
    text, truth = row["text"], page.truth.body
    return precision(text, truth) >= _ALIKE or precision(truth, text) >= _ALIKE


def bounded(figure: Figure, good: Any, value: float) -> Figure:
    """Return a figure with what is to be reached."""
    return replace(figure, floor=Floor(value=value, good=good))


def recovery_figures(pages: Sequence[Lost], ran: Ran, storms: Counter[str]) -> Iterator[Figure]:
    """Yield the figures of one recovery. `storms` counts those that answer, by what they befall."""
    on = f"{ran.engine}, {ran.processes} at once"
    yield from outcome_figures(on, pages, ran)
    yield from _economy(on, fates(pages, ran), storms)
    yield amount(on, "the whole recovery", "s", ran.seconds)


def outcome_figures(on: str, pages: Sequence[Lost], ran: Ran) -> Iterator[Figure]:
    """Yield what became of the pages, whatever it cost."""
    found = fates(pages, ran)
    held = [one for one in found if one.page.is_held and one.page.is_asked]
    share = sum(one.is_right for one in held) / len(held)
    yield bounded(amount(on, f"right page of {len(held)} recoverable", "", share), "at least", 0.98)
    yield _none(on, "wrong or garbage pages stored", sum(one.is_wrong for one in found))
    yield _none(on, "`has not` for a page the archive has", sum(one.is_denied for one in found))
    yield _none(on, "without an answer or a date to ask again", len(list(dropped(found))))
    yield _none(on, "excluded, and not told so", sum(_untold(one) for one in found))
    yield amount(
        on, "right copy, of which other text was read", "", sum(one.is_unlike for one in found)
    )


def resumed_figures(pages: Sequence[Lost], ran: Ran) -> Iterator[Figure]:
    """Yield what a recovery was worth that was killed half-way and begun again."""
    on = f"{ran.engine}, {ran.processes} killed half-way and run again"
    found = fates(pages, ran)
    held = [one for one in found if one.page.is_held]
    share = sum(one.is_right for one in held) / len(held)
    yield bounded(amount(on, f"right page of {len(held)} recoverable", "", share), "at least", 0.98)
    yield from _economy(on, found, Counter())


def dropped(found: Sequence[Fate]) -> Iterator[Fate]:
    """Yield pages of which nothing was said, or that could not be asked and never will be."""
    for one in found:
        if not one.answers or (one.answers[-1] == "could_not_ask" and not one.is_pending):
            yield one


def _untold(one: Fate) -> bool:
    return one.page.situation == "excluded" and set(one.answers[-1:]) != {"excluded"}


def _none(on: str, name: str, count: int) -> Figure:
    return bounded(amount(on, name, "", count), "at most", 0)


def _economy(on: str, found: Sequence[Fate], storms: Counter[str]) -> Iterator[Figure]:
    counted = [one for one in found if one.page.is_asked]
    lookups = sum(one.lookups for one in counted)
    replays = sum(one.replays for one in counted)
    least_lookups = sum(one.page.least.lookups for one in counted) + storms["cdx"]
    least_replays = sum(one.page.least.replays for one in counted) + storms["replay"]
    yield bounded(
        amount(on, f"lookups : the least, {least_lookups}", "", lookups / least_lookups),
        "at most",
        _SLACK,
    )
    yield bounded(
        amount(on, f"replays : the least, {least_replays}", "", replays / least_replays),
        "at most",
        _SLACK,
    )


def pace_figures(on: str, kind: str, kept: Pace) -> Iterator[Figure]:
    """Yield how evenly one kind of request came."""
    name = f"{kind}: most in any {kept.window:g} s, of {kept.count}"
    yield bounded(amount(on, name, "", kept.most), "at most", kept.permitted)
    name = f"{kind}: least gap, evenly {kept.spacing * 1000:.4g}"
    yield amount(on, name, "ms", kept.least_gap * 1000)


def near_figures(pages: Sequence[Lost], got: Mapping[str, Got]) -> Iterator[Figure]:
    """Yield what the baseline made of the same holdings."""
    on = "waybackpy near() + download"
    held = [page for page in pages if page.is_held and page.is_asked]
    share = sum(got[page.url].is_right(page) for page in held) / len(held)
    wrong = sum(got[page.url].said == "has" and not got[page.url].is_right(page) for page in pages)
    denied = sum(page.is_held and got[page.url].said == "has_not" for page in pages)
    yield amount(on, f"right page of {len(held)} recoverable", "", share)
    yield amount(on, "wrong or garbage pages stored", "", wrong)
    yield amount(on, "`has not` for a page the archive has", "", denied)
    yield amount(on, "pages on which it hung", "", sum(one.said == "hung" for one in got.values()))


def by_situation(
    pages: Sequence[Lost], runs: Sequence[Ran], got: Mapping[str, Got]
) -> Iterator[str]:
    """Yield a Markdown table: what became of the pages of each situation."""
    yield "| situation | pages | right | baseline | stored wrong | lookups (least) | replays |"
    yield "|---|--:|--:|--:|--:|--:|--:|"
    rows: dict[str, list[Fate]] = {}
    for ran in runs:
        for one in fates(pages, ran):
            rows.setdefault(one.page.situation, []).append(one)
    for name in sorted(rows):
        yield _situation_line(name, rows[name], len(runs), got)


def _situation_line(name: str, found: Sequence[Fate], runs: int, got: Mapping[str, Got]) -> str:
    pages = [one.page for one in found]
    right = sum(one.is_right for one in found) / runs
    base = sum(got[page.url].is_right(page) for page in pages if page.url in got) / runs
    wrong = sum(one.is_wrong for one in found)
    lookups = sum(one.lookups for one in found) / runs
    replays = sum(one.replays for one in found) / runs
    least = [sum(page.least.lookups for page in pages) / runs]
    least.append(sum(page.least.replays for page in pages) / runs)
    held = "" if pages[0].is_held and pages[0].is_asked else " (not to be had)"
    return (
        f"| {name}{held} | {len(found) / runs:g} | {right:g} | {base:g} | {wrong} "
        f"| {lookups:g} ({least[0]:g}) | {replays:g} ({least[1]:g}) |"
    )


def complaints(pages: Sequence[Lost], ran: Ran) -> Iterator[str]:
    """Yield a line for every page that did not end as it should."""
    found = fates(pages, ran)
    lost = {id(one) for one in dropped(found)}
    for one in found:
        wanted = one.page.is_held and one.page.is_asked
        faults = {
            "NOT RECOVERED": wanted and not one.is_right,
            "WRONG PAGE STORED": one.is_wrong,
            "OTHER TEXT": one.is_unlike,
            "CUT": one.is_cut,
            "NO PROVENANCE": one.is_traceless,
            "DENIED": one.is_denied,
            "DROPPED": id(one) in lost,
            "NOT TOLD AS EXCLUDED": _untold(one),
        }
        said = ", ".join(name for name, is_so in faults.items() if is_so)
        if said:
            yield (
                f"{ran.engine}: {said}: {one.page.situation}: {one.page.truth.id} {one.page.url} "
                f"answers {list(one.answers)} refused {list(one.refused)[:8]}"
            )
