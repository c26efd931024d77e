"""A morgue's standing as a person reads it: what it holds, what is to come, what the runs did."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from crawler.cli.printing import block, bold
from crawler.cli.progress import tally
from crawler.cli.values import cell, utc
from crawler.core.words import State

if TYPE_CHECKING:
    from storage.library import HarvestRow, StatusReport


def status_told(report: "StatusReport") -> str:
    """Return the summary, then the latest runs."""
    runs = [line for run in report.harvests for line in _run(run)]
    return "\n".join(
        [block(dict(_summary(report))), *(["", bold("Latest runs")] if runs else []), *runs]
    )


def _summary(report: "StatusReport") -> Iterator[tuple[str, str]]:
    """Yield each figure with its name."""
    yield "pages", _counted(report.pages)
    yield "texts", _counted(report.articles)
    lost = sum(report.pages.get(state, 0) for state in (State.SUSPECTED, State.DEAD))
    if lost:
        yield "lost", f"{lost} suspected or dead; `newsmorgue recover --lost` looks for their texts"
    if report.archive_lookups:
        yield "archives", _counted(report.archive_lookups)
    yield "changes", _counted(report.changes)
    yield "due now", cell(report.due_now)
    yield (
        "next due",
        "nothing is planned" if report.next_due_at is None else utc(report.next_due_at),
    )
    if report.quarantined:
        yield "quarantine", f"{report.quarantined} errands that could not be written; please report"


def _counted(counts: Mapping[str, int]) -> str:
    """Return a sum and what it is made of."""
    parts = tally(counts)
    return f"{sum(counts.values())}: {parts}" if parts else "none"


def _run(run: "HarvestRow") -> Iterator[str]:
    """Yield one run: when, how long, how it ended, and its outcomes."""
    if run.ended_at is None:
        ended = "still running, or killed"
    else:
        seconds = (run.ended_at - run.started_at).total_seconds()
        due = f", {run.still_due} still due" if run.still_due else ""
        ended = f"{cell(seconds)} s, {run.finish_reason}, exit code {run.exit_code}{due}"
    yield f"{run.harvest_id}  {utc(run.started_at)}  {ended}"
    if run.tally:
        yield f"   {tally(run.tally)}"
