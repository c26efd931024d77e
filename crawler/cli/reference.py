"""docs/reference/commands.md, made from the commands' own help so that it cannot drift from it.

`python -m crawler.cli.reference` prints the page; a test compares it with the file.
"""

import sys
from collections.abc import Iterator, Mapping
from typing import Any

import typer.main

from crawler.cli.app import app

_HEAD = """\
# Commands

Standard output carries the result, standard error the talk: progress, skipped lines, faults. With
`--json` the result is JSON: times are ISO 8601 in UTC with `Z`, enums are their words. A bar shows
the progress on a terminal, a plain line every `[run] progress_every` elsewhere. `NO_COLOR` is
honoured. A fault is one line that says what, why and what to do; [exit codes](exit-codes.md) tell
programs the same. `python -m crawler` is the same as `newsmorgue`.

<!-- Made by `python -m crawler.cli.reference`; edit the help texts and examples in crawler/cli. -->
"""

EXAMPLES: Mapping[str, str] = {
    "newsmorgue init": """\
newsmorgue init /srv/morgue --site https://www.courier.example/ --contact crawls@library.example.org
newsmorgue init --database postgresql+psycopg://morgue@db.example.org/morgue""",
    "newsmorgue crawl": """\
newsmorgue crawl https://www.courier.example/        # a page, or a whole site
newsmorgue crawl courier --limit 500                 # a site of newsmorgue.toml
newsmorgue crawl --from urls.csv --json > report.json
newsmorgue crawl                                     # everything that is due, as a timer would""",
    "newsmorgue recover": """\
newsmorgue recover https://www.courier.example/2014/harbour-fire
newsmorgue recover --from dead-links.csv --json > came-of-it.jsonl
newsmorgue recover --lost                            # everything that is missing""",
    "newsmorgue status": """\
newsmorgue status --home /srv/morgue
newsmorgue status --json""",
    "newsmorgue show": """\
newsmorgue show https://www.courier.example/2014/harbour-fire""",
    "newsmorgue verify": """\
newsmorgue verify                                    # all of it, after a copy or a move
newsmorgue verify --sample 500 --json                # every night
newsmorgue verify --site courier""",
    "newsmorgue demo": """\
newsmorgue demo
newsmorgue demo --keep demo && newsmorgue status --home demo""",
    "newsmorgue doctor": """\
newsmorgue doctor""",
    "newsmorgue db upgrade": """\
newsmorgue db upgrade --home /srv/morgue             # after an upgrade of Newsmorgue""",
}


def commands_reference() -> str:
    """Return the whole page as Markdown."""
    return "\n".join([_HEAD, *(_section(path, command) for path, command in commands())])


def commands() -> Iterator[tuple[str, Any]]:
    """Yield (path, command) of the program and of every command below it."""
    yield from _below("newsmorgue", typer.main.get_command(app))


def _below(path: str, command: Any) -> Iterator[tuple[str, Any]]:
    """Yield a command and those below it. The types are of the parser inside typer."""
    yield path, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from _below(f"{path} {name}", inner)


def _section(path: str, command: Any) -> str:
    """Return one command's heading, words, parameters and examples."""
    words = "\n".join(line.strip() for line in (command.help or "").strip().splitlines())
    rows = "".join(_row(parameter) for parameter in command.params)
    table = f"\n| argument, option | meaning |\n|---|---|\n{rows}" if rows else ""
    example = EXAMPLES.get(path)
    shown = f"\n```sh\n{example}\n```\n" if example else ""
    return f"## `{path}`\n\n{words}\n{table}{shown}"


def _row(parameter: Any) -> str:
    """Return the table row of an argument or option."""
    metavar = (parameter.metavar or "").replace("|", "\\|")
    if parameter.param_type_name == "argument":
        several = "..." if parameter.nargs < 0 else ""
        name = metavar if parameter.required else f"[{metavar}]{several}"
    else:
        name = " ".join(filter(None, (parameter.opts[0], metavar)))
    return f"| `{name}` | {parameter.help} |\n"


if __name__ == "__main__":
    sys.stdout.write(commands_reference())
