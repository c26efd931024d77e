"""`newsmorgue recover`."""

from typing import Annotated

import typer

from crawler.cli.options import FromOption, HomeOption, JsonOption
from crawler.errors import UsageError


def recover(
    urls: Annotated[
        list[str] | None,
        typer.Argument(metavar="URL", help="Pages to fetch.", show_default=False),
    ] = None,
    *,
    source: FromOption = None,
    lost: Annotated[
        bool, typer.Option("--lost", help="All pages that are lost and have no good version.")
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> int:
    """Fetch missing pages from web archives.

    Each copy is proved before it is kept: archives hold error pages too.
    """
    from crawler.cli.harvesting import harvest  # noqa: PLC0415 - not for --help
    from crawler.cli.home import open_to_write  # noqa: PLC0415
    from crawler.cli.targets import urls_only  # noqa: PLC0415
    from crawler.plans import HarvestPlan  # noqa: PLC0415

    named = urls_only(urls or (), source)
    if not named and not lost:
        raise UsageError(
            "there is nothing to recover",
            "no URL was named",
            "Name URLs, a list with --from FILE, or everything that is missing with --lost",
        )
    return harvest(open_to_write(home), HarvestPlan(recover=named, lost=lost), as_json=as_json)
