"""`newsmorgue show`."""

from typing import Annotated

import typer

from crawler.cli.options import HomeOption, JsonOption
from crawler.errors import NewsmorgueError


def show(
    url: Annotated[str, typer.Argument(metavar="URL", help="The page, in any spelling.")],
    *,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell one page's life.

    Its visits and verdicts with the evidence, its versions, and where each text came from.
    """
    from crawler.cli.home import open_to_read  # noqa: PLC0415 - not for --help
    from crawler.cli.lives import life_told  # noqa: PLC0415
    from crawler.cli.printing import emit, write  # noqa: PLC0415
    from crawler.cli.targets import urls_only  # noqa: PLC0415

    (wanted,) = urls_only([url], None)
    config = open_to_read(home)
    from crawler.cli.values import plain  # noqa: PLC0415
    from storage.library import Library  # noqa: PLC0415 - sqlalchemy, a second

    with Library.open(config.database_url) as library:
        life = library.show(wanted)
    if life is None:
        raise NewsmorgueError(
            f"this morgue knows nothing of {url}",
            "it was neither named nor found",
            "Add it with `newsmorgue crawl URL`",
        )
    if as_json:
        emit(life, as_json=True)
    else:
        write(life_told(plain(life)))
