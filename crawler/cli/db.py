"""`newsmorgue db`: the database's schema."""

import sys

import typer

from crawler.cli.options import HomeOption

app = typer.Typer(rich_markup_mode=None)


@app.callback(invoke_without_command=True)
def db(context: typer.Context) -> None:
    """Look after the database."""
    if context.invoked_subcommand is None:
        sys.stdout.write(f"{context.get_help()}\n")


@app.command()
def upgrade(*, home: HomeOption = None) -> None:
    """Bring the database to the schema of this version."""
    from crawler.cli.home import open_to_write  # noqa: PLC0415 - not for --help
    from crawler.cli.printing import say  # noqa: PLC0415

    config = open_to_write(home)
    from storage import upgrade as schema  # noqa: PLC0415 - alembic and sqlalchemy, a second
    from storage.engine import open_engine, opening  # noqa: PLC0415

    engine = open_engine(config.database_url, busy_seconds=config.run.busy_timeout)
    try:
        with opening(config.database_url):
            before, after = schema.upgrade(engine)
    finally:
        engine.dispose()
    before = "an empty database" if before == schema.EMPTY else before
    change = "nothing to do" if before == after else f"upgraded from {before}"
    say(f"{config.database_shown} is at schema {after}: {change}.")
