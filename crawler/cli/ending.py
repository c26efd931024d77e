"""How a harvest ended, as a person reads it: what was done, why it stopped, what is to come."""

import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

from crawler.cli.printing import block
from crawler.cli.progress import tally
from crawler.cli.values import cell, utc
from crawler.plans import HarvestReport

ENDED: Mapping[str, str] = {
    "finished": "nothing more is due",
    "limit": "the limit of pages was reached",
    "max_time": "the time that was given is over",
    "first_contact": "a first contact takes no more of a site in one call",
    "waiting": "what is due may not be asked for yet, and waiting would take too long",
    "interrupted": "it was asked to stop",
    "error": "a fault ended it",
}
"""Why a run stopped, by `finish_reason`."""


def ending_told(report: HarvestReport, *, recovered: int, home: Path) -> str:
    """Return the summary; `recovered` counts the archives' copies that were accepted."""
    return block(dict(_lines(report, recovered, home)))


def _lines(report: HarvestReport, recovered: int, home: Path) -> Iterator[tuple[str, str]]:
    """Yield each line with its name."""
    yield "done", visits_told(report.tally)
    if recovered:
        yield "recovered", f"{_several(recovered, 'text')} from web archives"
    yield "ended", f"after {cell(round(report.seconds, 1))} s: {_why(report)}"
    yield "due now", cell(report.still_due)
    yield (
        "next due",
        "nothing is planned" if report.next_due_at is None else utc(report.next_due_at),
    )
    where = "" if home == Path.cwd() else f" --home {shlex.quote(str(home))}"
    yield "look", f"`newsmorgue status{where}`; of one page: `newsmorgue show URL{where}`"


def _why(report: HarvestReport) -> str:
    """Return why the run stopped, in words."""
    if report.lanes_held and not report.tally:
        return f"another run holds {', '.join(report.lanes_held)}"
    return ENDED.get(report.finish_reason, report.finish_reason)


def visits_told(counts: Mapping[str, int]) -> str:
    """Return how many visits there were, and how they ended."""
    total = sum(counts.values())
    return f"{_several(total, 'visit')}: {tally(counts)}" if total else "nothing"


def _several(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def count_recovered(database_url: str, harvest_id: int) -> int:
    """Return how many copies of archives one run accepted."""
    from sqlalchemy import func, select  # noqa: PLC0415 - not for --help

    from crawler.core.words import Outcome, Purpose  # noqa: PLC0415
    from storage.engine import open_engine, reading  # noqa: PLC0415
    from storage.schema import visit  # noqa: PLC0415

    accepted = select(func.count()).where(
        visit.c.harvest_id == harvest_id,
        visit.c.outcome == Outcome.ARCHIVE_HAS,
        visit.c.purpose == Purpose.REPLAY,
    )
    engine = open_engine(database_url)
    try:
        with reading(engine) as connection:
            return connection.execute(accepted).scalar_one()
    finally:
        engine.dispose()
