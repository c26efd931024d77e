"""The commands gathered, and the one place where exceptions become exit codes."""

import os
import signal
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from crawler import __version__
from crawler.cli import crawl, db, demo, doctor, faults, init, recover, show, status, verify
from crawler.errors import ExitCode, Interrupted

app = typer.Typer(
    name="newsmorgue",
    help="Keep a newspaper's archive that does not rot: crawl, judge, recover, prove.",
    rich_markup_mode=None,  # plain help: it reads the same everywhere, and rich stays unloaded
    add_completion=True,
    pretty_exceptions_enable=False,
)
app.command("init")(init.init)
app.command("crawl")(crawl.crawl)
app.command("recover")(recover.recover)
app.command("status")(status.status)
app.command("show")(show.show)
app.command("verify")(verify.verify)
app.command("demo")(demo.demo)
app.command("doctor")(doctor.doctor)
app.add_typer(db.app, name="db")


def _version(*, wanted: bool) -> None:
    """Print the version and stop."""
    if wanted:
        sys.stdout.write(f"newsmorgue {__version__}\n")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    *,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the traceback of an unexpected fault.")
    ] = False,
    version: Annotated[  # noqa: ARG001 - its callback does the work
        bool,
        typer.Option("--version", help="Print the version.", callback=_version, is_eager=True),
    ] = False,
) -> None:
    """Keep a newspaper's archive that does not rot: crawl, judge, recover, prove."""
    if debug:
        os.environ[faults.DEBUG] = "1"
    if context.invoked_subcommand is None:
        sys.stdout.write(f"{context.get_help()}\n")


def main() -> None:
    """Run the command line and leave with its exit code."""
    # Before the crawl takes the signals over, one that asks to stop is as good as Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code. Every fault has been told by then."""
    try:
        code = app(args=list(arguments), prog_name="newsmorgue", standalone_mode=False)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the last line of defence
        return faults.report(error)
    if code == ExitCode.INTERRUPTED:
        faults.report(Interrupted())
    return int(code or ExitCode.DONE)
