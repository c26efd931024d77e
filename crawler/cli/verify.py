"""`newsmorgue verify`."""

from typing import Annotated

import typer

from crawler.cli.options import HomeOption, JsonOption
from crawler.errors import ExitCode


def verify(
    *,
    site: Annotated[
        str | None,
        typer.Option("--site", metavar="NAME", help="Only what was fetched of this site."),
    ] = None,
    sample: Annotated[
        int | None,
        typer.Option("--sample", metavar="N", min=1, help="Only N visits, taken by chance."),
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> int:
    """Check that bytes and texts are what they were when they were written.

    Every record of every WARC file is read and its digests are computed anew; every visit must
    find its record at its place, every text must have its digest, and no change may be missing.
    What is damaged is named, with the rows that rest on it. Nothing is written.
    """
    from crawler.cli.fixity_told import as_record, told  # noqa: PLC0415 - not for --help
    from crawler.cli.home import open_to_read  # noqa: PLC0415
    from crawler.cli.meter import meter  # noqa: PLC0415
    from crawler.cli.printing import emit, say, write  # noqa: PLC0415

    config = open_to_read(home)
    from storage.library import Library  # noqa: PLC0415 - sqlalchemy, a second

    with Library.open(config.database_url) as library:
        audit = library.audit(config.warc_dir, site=site, sample=sample)
        with meter(audit.total_bytes(), config.run.progress_every) as tell:
            faults = list(audit.faults(tell))
    if as_json:
        emit(as_record(audit.tally, faults, audit.remarks), as_json=True)
    else:
        write(told(audit.tally, faults))
    for remark in audit.remarks:
        say(remark)
    if faults:
        say(f"error: {len(faults)} faults were found. {_ADVICE}")
    return ExitCode.ERROR if faults else ExitCode.DONE


_ADVICE = "Copy what is named from a backup. Nothing was changed by looking."
