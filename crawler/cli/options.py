"""Options that several commands share, each with its one help text."""

from pathlib import Path
from typing import Annotated

import typer

HomeOption = Annotated[
    Path | None,
    typer.Option(
        "--home",
        metavar="DIR",
        help="The directory of the morgue. Left out: NEWSMORGUE_HOME, else the current one.",
    ),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print the result as JSON on standard output.")
]
FromOption = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="FILE",
        help="Read URLs from a file, one a line or a CSV with a url column; - is standard input.",
    ),
]
