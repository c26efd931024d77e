"""`newsmorgue init`."""

from pathlib import Path
from typing import Annotated

import typer

from crawler.cli.options import HomeOption, JsonOption


def init(
    directory: Annotated[
        Path | None,
        typer.Argument(metavar="DIR", help="The morgue's directory. Left out: as --home."),
    ] = None,
    *,
    site: Annotated[
        list[str] | None,
        typer.Option("--site", metavar="URL", help="A news site to crawl; may be repeated."),
    ] = None,
    contact: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="A web or mail address; goes into the User-Agent."),
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Left out: SQLite, in newsmorgue.db in the directory."),
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Begin a morgue: settings with their defaults, an empty database, a place for WARC files.

    Nothing that is there is overwritten.
    """
    from crawler.cli.beginning import begin  # noqa: PLC0415 - not for --help
    from crawler.cli.printing import emit, say  # noqa: PLC0415
    from crawler.cli.targets import urls_only  # noqa: PLC0415

    begun = begin(directory, home, urls_only(site or (), None), contact, database)
    emit(begun, as_json=as_json)
    what = "" if begun.sites else " https://paper.example/"
    say(f"Next: newsmorgue crawl{what} --home {begun.home}")
