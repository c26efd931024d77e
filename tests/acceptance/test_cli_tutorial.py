"""The tutorial's transcripts are what its commands print."""

import re
import shlex
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from sqlite3 import connect

import pytest
from support.cli import ROOT, newsmorgue

PAGE = (ROOT / "docs/tutorial/first-archive.md").read_text(encoding="utf-8")
TRANSCRIPT = re.compile(r"^```console\n\$ ([^\n]+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TRANSCRIPTS = TRANSCRIPT.findall(PAGE)
BASE = re.compile(r"http://127\.0\.0\.2:\d+")
# What differs between two runs: times, durations, ports, places in files.
VARYING = re.compile(r"\d[\d.:TZ-]*\d|\d")


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The tutorial's commands run in order in one directory: command -> output."""
    folder = tmp_path_factory.mktemp("tutorial")
    return {command: run(command, folder) for command, _ in TRANSCRIPTS}


def run(command: str, folder: Path) -> str:
    """Run one command of the page and return what it prints; it must succeed."""
    program, *arguments = shlex.split(command)
    if program == "ls":
        return "".join(f"{path.name}\n" for path in sorted((folder / arguments[0]).iterdir()))
    assert program == "newsmorgue"
    ran = newsmorgue(*placed(arguments, folder))
    assert ran.code == 0, ran.err
    return ran.out


def placed(arguments: list[str], folder: Path) -> Iterator[str]:
    """Yield arguments with the page's directory in this folder and its port as it is here."""
    for argument in arguments:
        if argument == "paper":
            yield str(folder / argument)
        elif BASE.match(argument):
            yield BASE.sub(base(folder / "paper"), argument)
        else:
            yield argument


def base(home: Path) -> str:
    """Return where the demo's newspaper was this time."""
    with closing(connect(home / "newsmorgue.db")) as database:
        (url,) = database.execute("SELECT url FROM link_health LIMIT 1").fetchone()
    return "/".join(str(url).split("/")[:3])


def shape(text: str) -> str:
    """Return a text with everything that may differ put as 0."""
    return VARYING.sub("0", text)


@pytest.mark.parametrize(("command", "printed"), TRANSCRIPTS)
def test_a_transcript_is_what_is_printed(
    played: dict[str, str], command: str, printed: str
) -> None:
    """Line for line, but for numbers; `...` stands for any text."""
    pattern = ".*".join(re.escape(part) for part in shape(printed.rstrip("\n")).split("..."))
    assert re.fullmatch(pattern, shape(played[command].rstrip("\n")), flags=re.DOTALL), played[
        command
    ]


def test_the_tutorial_has_its_transcripts() -> None:
    """Demo, directory, status and one page: none is lost to a slip of the markup."""
    assert [command.split()[0:2] for command, _ in TRANSCRIPTS] == [
        ["newsmorgue", "demo"],
        ["ls", "paper"],
        ["newsmorgue", "status"],
        ["newsmorgue", "show"],
    ]
    assert PAGE.count("```console") == len(TRANSCRIPTS)
