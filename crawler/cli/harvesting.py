"""Run a plan, show how far it is, print the report; what a run fell short of, for all commands."""

from collections.abc import Iterator

from crawler.cli.ending import count_recovered, ending_told
from crawler.cli.printing import emit, say, write
from crawler.cli.progress import progress, tally
from crawler.cli.values import utc
from crawler.config import Config
from crawler.core.words import Outcome
from crawler.errors import ArchiveUnavailable, ExitCode, LanesHeld, NewsmorgueError
from crawler.plans import HarvestPlan, HarvestReport


def harvest(config: Config, plan: HarvestPlan, *, as_json: bool) -> int:
    """Carry out a plan, print its report to standard output and return its exit code."""
    from crawler.reading.pool import begin_warming  # noqa: PLC0415 - not for --help

    begin_warming()
    from crawler.harvest import run_harvest  # noqa: PLC0415 - scrapy and sqlalchemy, 2 seconds

    with progress(config.run.progress_every) as show:
        report = run_harvest(config, plan, show)
    idle = _is_idle(report)
    if as_json:
        emit(report, as_json=True)
    elif not idle:
        write(_summary(config, report))
    if idle:
        say(_idle(report))
    for remark in _remarks(report):
        say(remark)
    fault = shortcoming(report)
    if fault is not None:
        say(f"error: {fault}")
    return report.exit_code


def _remarks(report: HarvestReport) -> Iterator[str]:
    """Yield what a harvest that went well left undone, and how to go on."""
    for host in report.bounded:
        yield (
            f"{host}: a first contact takes no more pages in one call; the rest stays due. "
            "Go on with `newsmorgue crawl`, or take more at once with --limit."
        )
    for name in report.barren:
        yield (
            f"{name}: nothing there looks like an article: no feed or sitemap lists any, and no "
            "link of the front page leads to one. Is it a news site? Name an article's or a "
            "section's address to begin with."
        )


def _summary(config: Config, report: HarvestReport) -> str:
    """Return the report as a person reads it."""
    asked = Outcome.ARCHIVE_HAS in report.tally
    recovered = count_recovered(config.database_url, report.harvest_id) if asked else 0
    return ending_told(report, recovered=recovered, home=config.home)


def _is_idle(report: HarvestReport) -> bool:
    """Whether there was nothing to do."""
    return not report.tally and report.finish_reason == "finished" and not report.lanes_held


def _idle(report: HarvestReport) -> str:
    """Return why nothing was done, and when there will be something to do."""
    if report.next_due_at is None:
        return "Nothing was done: nothing is planned. Name sites or URLs to begin with."
    return f"Nothing was done: nothing is due before {utc(report.next_due_at)}."


def shortcoming(report: HarvestReport) -> NewsmorgueError | None:
    """Return what a harvest that ran to its end fell short of, for the codes 3, 5 and 7."""
    match report.exit_code:
        case ExitCode.LANES_HELD:
            return LanesHeld(report.lanes_held)
        case ExitCode.ARCHIVE:
            return ArchiveUnavailable(
                "no web archive could be asked",
                "no page counts as missing there for it",
                "Run it again later: the pages are still due",
            )
        case ExitCode.FAILURES:
            return _failures(report)
    return None


def _failures(report: HarvestReport) -> NewsmorgueError:
    own = report.tally.get(Outcome.INTERNAL_ERROR, 0)
    if own:
        return NewsmorgueError(
            f"{own} pages met a fault of Newsmorgue itself",
            "their bytes are kept, and they are due again tomorrow",
            "`newsmorgue show URL` tells more of each; please report it",
        )
    return NewsmorgueError(
        "nothing could be fetched",
        f"it ended in {tally(report.tally)}",
        "`newsmorgue show URL` tells why; what failed is tried again when it is due",
    )
