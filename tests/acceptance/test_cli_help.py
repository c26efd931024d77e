"""Help and version: they cost nothing, and every command is documented."""

import re
from pathlib import Path

import pytest
from support.cli import ROOT, newsmorgue

import crawler
from crawler import errors
from crawler.cli.reference import EXAMPLES, commands, commands_reference
from crawler.errors import ExitCode, NewsmorgueError

HEAVY = ("scrapy", "twisted", "sqlalchemy", "alembic", "trafilatura", "lxml", "rich", "waybackpy")
OURS = ("crawler.config", "crawler.core", "crawler.fetching", "storage")


@pytest.mark.parametrize("arguments", [("--help",), ("crawl", "--help"), ("--version",), ()])
def test_help_imports_nothing_heavy(arguments: tuple[str, ...]) -> None:
    """Help, version and a bare call answer without loading what only the work needs."""
    ran = newsmorgue(*arguments, python=("-X", "importtime"))
    loaded = set(re.findall(r"\|\s+([\w.]+)$", ran.err, flags=re.MULTILINE))
    assert "typer" in loaded
    assert [name for name in loaded if name.startswith((*HEAVY, *OURS))] == []
    assert ran.code == ExitCode.DONE
    assert ran.out


def test_version_is_the_package_version() -> None:
    """`--version` prints name and version, to standard output."""
    ran = newsmorgue("--version")
    assert (ran.code, ran.out) == (0, f"newsmorgue {crawler.__version__}\n")


def test_every_command_answers_help() -> None:
    """Each command, also below `db`, explains itself with code 0."""
    for path, command in commands():
        ran = newsmorgue(*path.split()[1:], "--help")
        assert ran.code == 0
        assert command.help.split("\n")[0].split(".")[0][:40] in ran.out


def test_the_command_reference_is_made_from_the_commands() -> None:
    """docs/reference/commands.md is what the help texts say, word for word, with examples."""
    page = (ROOT / "docs/reference/commands.md").read_text(encoding="utf-8")
    assert page == commands_reference()
    for path, command in commands():
        assert f"## `{path}`" in page
        assert command.help
        assert all(parameter.help for parameter in command.params)
        assert path in EXAMPLES or hasattr(command, "commands")


def test_every_exit_code_is_documented() -> None:
    """docs/reference/exit-codes.md has each code with its name, and no others."""
    page = (ROOT / "docs/reference/exit-codes.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| (\d+) \| `(\w+)` \|", page, flags=re.MULTILINE))
    assert documented == {(str(code.value), code.name) for code in ExitCode}


def test_every_fault_is_drawn_in_the_tree() -> None:
    """The docstring of crawler.errors has each class with its exit code."""
    drawn = dict(re.findall(r"(\w+) +(\d+)   ", errors.__doc__ or ""))
    kinds = [NewsmorgueError]
    for kind in kinds:
        kinds += kind.__subclasses__()
        if kind.__module__ == errors.__name__:
            assert drawn[kind.__name__] == str(kind.exit_code.value)


@pytest.mark.parametrize("page", ["README.md", "docs/reference/commands.md"])
def test_commands_shown_in_the_documents_exist(page: str) -> None:
    """Each `newsmorgue ...` line of the documents names a command and options that exist."""
    known = {path.removeprefix("newsmorgue").strip(): command for path, command in commands()}
    text = (ROOT / page).read_text(encoding="utf-8")
    shown = re.findall(r"^(?:\S*/)?newsmorgue ([^#&|>\n]+)", text, flags=re.MULTILINE)
    assert shown
    for line in shown:
        words = line.split()
        name = " ".join(words[:2]) if words[0] == "db" else words[0]
        options = {option for parameter in known[name].params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options


def test_the_documents_link_to_files_that_exist() -> None:
    """No relative link of README or the reference leads nowhere."""
    for page in (ROOT / "README.md", *ROOT.glob("docs/**/*.md")):
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / Path(target)).exists(), f"{page}: {target}"
