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
    archive that comes along as well holds copies of most. The crawl is the real one.
    """
    from crawler.cli import home  # noqa: PLC0415 - not for --help
    from crawler.cli.harvesting import harvest  # noqa: PLC0415
    from crawler.cli.printing import say, write  # noqa: PLC0415
    from crawler.cli.showcase import staged  # noqa: PLC0415
    from crawler.cli.standing import status_told  # noqa: PLC0415
    from crawler.plans import HarvestPlan  # noqa: PLC0415

    with staged(keep) as stage:
        config = home.open_to_write(stage.home)
        code = harvest(config, HarvestPlan(urls=stage.urls), as_json=as_json)
        if not as_json:
            from storage.library import Library  # noqa: PLC0415 - sqlalchemy, a second

            write("")
            with Library.open(config.database_url) as library:
                write(status_told(library.status()))
    if keep is not None:
        say(f"Look around: newsmorgue status --home {keep}")
    return code
