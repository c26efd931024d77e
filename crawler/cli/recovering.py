"""Carry out `recover`: leave out what is settled, run, and tell what came of each page."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from crawler.cli.harvesting import shortcoming
from crawler.cli.printing import say, write
from crawler.cli.recovered import lines, told
from crawler.cli.recovery_pace import Watch, pace
from crawler.config import Config
from crawler.errors import ArchiveUnavailable, ExitCode
from crawler.plans import HarvestPlan, HarvestReport
from storage import upgrade
from storage.engine import open_engine, opening
from storage.findings import Finding
from storage.library import Library


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the user wants back."""

    named: tuple[str, ...] = ()
    lost: bool = False  # also all that the ledger lacks
    again: bool = False  # also what archives have answered about already


def recover_all(config: Config, wish: Wish, *, as_json: bool) -> int:
    """Ask archives for what is wanted, print what came of each page, return the exit code.

    Nothing is asked that has an answer, unless the wish says so.
    """
    from crawler.reading.pool import begin_warming  # noqa: PLC0415 - only for a run

    begin_warming()
    urls, before = _standing(config, wish)
    if not urls:
        say("Nothing is lost.")
        return ExitCode.DONE
    wanted = tuple(
        found.url for found in before if not found.is_settled or (wish.again and _has_none(found))
    )
    report = _run(config, wanted, again=wish.again) if wanted else None
    with Library.open(config.database_url) as library:
        findings = library.findings(urls, config.warc_dir)
    write("\n".join(lines(findings) if as_json else told(findings)))
    return _ended(report, findings)


def _standing(config: Config, wish: Wish) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
    """Return all pages that are wanted, and what is known of each before anything is asked."""
    _make_ready(config)
    left_alone = [site.name for site in config.site if site.recover == "never"]
    with Library.open(config.database_url) as library:
        lost = library.lost_pages(left_alone) if wish.lost else ()
        urls = tuple(dict.fromkeys((*wish.named, *lost)))
        return urls, library.findings(urls, config.warc_dir)


def _make_ready(config: Config) -> None:
    """Create the tables if there are none: a list may be the first thing a morgue is given."""
    engine = open_engine(config.database_url, busy_seconds=config.run.busy_timeout)
    try:
        with opening(config.database_url):
            upgrade.ensure(engine)
    finally:
        engine.dispose()


def _has_none(found: Finding) -> bool:
    """Whether a page has no whole text yet, whatever archives said."""
    return found.result not in {"held", "recovered"} or found.is_partial


def _run(config: Config, urls: Sequence[str], *, again: bool) -> HarvestReport:
    from crawler.harvest import run_harvest  # noqa: PLC0415 - scrapy, a second

    plan = HarvestPlan(recover=tuple(urls)) if again else HarvestPlan(listed=tuple(urls))
    with ExitStack() as stack:
        watch = Watch(lambda: stack.enter_context(Library.open(config.database_url)))
        show = stack.enter_context(pace(config, watch))
        return run_harvest(config, plan, show)


def _ended(report: HarvestReport | None, findings: Sequence[Finding]) -> int:
    """Say why pages are still to come, and return the exit code."""
    code = report.exit_code if report is not None else ExitCode.DONE
    unasked = sum(found.result == "could_not_ask" for found in findings)
    waiting = sum(found.result == "waiting" for found in findings)
    if code in {ExitCode.DONE, ExitCode.ARCHIVE}:
        asked = not unasked and code == ExitCode.DONE
        settled = any(found.is_settled for found in findings)
        code = ExitCode.DONE if asked or settled else ExitCode.ARCHIVE
    if waiting:
        say(f"Still to be asked for: {_pages(waiting)}; run the same command again to go on.")
    if code == ExitCode.ARCHIVE:
        say(f"error: {_NONE}")
    elif unasked:
        say(f"Could not be asked for: {_pages(unasked)}. That is no absence; they stay due.")
    if report is not None and code != ExitCode.ARCHIVE and (fault := shortcoming(report)):
        say(f"error: {fault}")
    return code


def _pages(count: int) -> str:
    return "1 page" if count == 1 else f"{count} pages"


_NONE = ArchiveUnavailable(
    "no web archive could be asked",
    "no page counts as missing there for it",
    "Run it again later: the pages are still due",
)
