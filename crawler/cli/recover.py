"""`newsmorgue recover`."""

from typing import Annotated

import typer

from crawler.cli.options import FromOption, HomeOption
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
    again: Annotated[
        bool,
        typer.Option("--again", help="Ask archives once more that have answered already."),
    ] = False,
    home: HomeOption = None,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print a JSON object for each page, one a line."),
    ] = False,
) -> int:
    """Fetch missing pages from web archives.

    Each copy is proved before it is kept: archives hold error pages too. Stop it when you like:
    the same command goes on where it was, and asks nothing that has been answered. The live web is
    left alone.
    """
    from crawler.cli.home import open_to_write  # noqa: PLC0415 - not for --help
    from crawler.cli.recovering import Wish, recover_all  # noqa: PLC0415
    from crawler.cli.targets import urls_only  # noqa: PLC0415

    named = urls_only(urls or (), source)
    if not named and not lost:
        raise UsageError(
            "there is nothing to recover",
            "no URL was named",
            "Name URLs, a list with --from FILE, or everything that is missing with --lost",
        )
    wish = Wish(named=named, lost=lost, again=again)
    return recover_all(open_to_write(home), wish, as_json=as_json)
