"""`newsmorgue demo`."""

from pathlib import Path
from typing import Annotated

import typer

from crawler.cli.options import JsonOption


def demo(
    *,
    keep: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Keep the demo's morgue here, a new directory."),
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """Crawl a little newspaper that comes along, offline.

    Some of its articles are gone, some say so with status 200, some say so and are there. The
    archive that comes along as well holds copies of most. The crawl is the real one, and what
    came of each page is held against the known answer.
    """
    from crawler.cli import home  # noqa: PLC0415 - not for --help
    from crawler.cli.demo_answer import compare  # noqa: PLC0415
    from crawler.cli.printing import emit, say, write  # noqa: PLC0415
    from crawler.cli.progress import progress  # noqa: PLC0415
    from crawler.cli.showcase import staged  # noqa: PLC0415
    from crawler.harvest import run_harvest  # noqa: PLC0415 - scrapy and sqlalchemy, 2 seconds
    from crawler.plans import HarvestPlan  # noqa: PLC0415
    from storage.library import Library  # noqa: PLC0415

    with staged(keep) as stage:
        config = home.open_to_write(stage.home)
        with progress(config.run.progress_every) as show:
            report = run_harvest(config, HarvestPlan(urls=stage.urls), show)
        with Library.open(config.database_url) as library:
            result = compare(library.pages(), stage.expected, report)
    if as_json:
        emit(result.as_record(), as_json=True)
    else:
        write(result.told(keep))
    for fault in result.faults:
        say(f"error: {fault}")
    return result.exit_code
