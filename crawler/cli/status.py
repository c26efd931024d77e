"""`newsmorgue status`."""

from crawler.cli.options import HomeOption, JsonOption


def status(*, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Tell what the morgue holds.

    Pages by state, what is due, what is rotting, and which runs are under way.
    """
    from crawler.cli.home import open_to_read  # noqa: PLC0415 - not for --help
    from crawler.cli.printing import emit, write  # noqa: PLC0415
    from crawler.cli.standing import status_told  # noqa: PLC0415

    config = open_to_read(home)
    from storage.library import Library  # noqa: PLC0415 - sqlalchemy, a second

    with Library.open(config.database_url) as library:
        report = library.status()
    if as_json:
        emit(report, as_json=True)
    else:
        write(status_told(report))
