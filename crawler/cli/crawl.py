"""`newsmorgue crawl`."""

from typing import Annotated

import typer

from crawler.cli.options import FromOption, HomeOption, JsonOption


def crawl(
    targets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SITE|URL",
            help="Configured sites or URLs. None: everything that is due.",
            show_default=False,
        ),
    ] = None,
    *,
    source: FromOption = None,
    limit: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Stop after so many pages.")
    ] = None,
    max_time: Annotated[
        float | None, typer.Option(min=0, metavar="S", help="Stop after so many seconds.")
    ] = None,
    backfill: Annotated[
        bool,
        typer.Option("--backfill", help="Also fetch what sitemaps list as older than the horizon."),
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> int:
    """Visit what is due, then stop. URLs named here are added as seeds first.

    Pages that are gone are looked for in web archives in the same run. Interrupted, even killed,
    it loses nothing: the next crawl goes on where this one stopped.
    """
    from crawler.cli.harvesting import harvest  # noqa: PLC0415 - not for --help
    from crawler.cli.home import open_to_write  # noqa: PLC0415
    from crawler.cli.targets import sites_and_urls  # noqa: PLC0415
    from crawler.plans import HarvestPlan  # noqa: PLC0415

    config = open_to_write(home)
    sites, urls = sites_and_urls(targets or (), source, config)
    plan = HarvestPlan(urls=urls, sites=sites, limit=limit, max_time=max_time, backfill=backfill)
    return harvest(config, plan, as_json=as_json)
