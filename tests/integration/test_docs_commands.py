"""Every command line in the tutorial and the how-tos can be typed as it stands."""

import re
import shlex
from pathlib import Path

import pytest

from crawler.cli.reference import commands

DOCS = Path(__file__).parents[2] / "docs"
PAGES = sorted(path for room in ("tutorial", "howto") for path in (DOCS / room).glob("*.md"))
LINE = re.compile(r"(?:^|/|\$ |\*  )newsmorgue (.+)$", re.MULTILINE)
SPAN = re.compile(r"`newsmorgue ([^`]+)`")
ENDS = {"|", "||", "&&", ">", ">>", "2>>", "<"}
KNOWN = {path.removeprefix("newsmorgue").strip(): command for path, command in commands()}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_and_options_exist(page: Path) -> None:
    """Each `newsmorgue ...` names a command that there is, with options that it takes."""
    text = page.read_text(encoding="utf-8")
    for line in [*LINE.findall(text), *SPAN.findall(text)]:
        words = shlex.split(line, comments=True)
        words = words[: next((at for at, word in enumerate(words) if word in ENDS), None)]
        name = " ".join(words[:2]) if words[0] == "db" else words[0]
        assert name in KNOWN, line
        options = {option for parameter in KNOWN[name].params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options, line


def test_there_is_a_page_for_each_task() -> None:
    """The tutorial and the how-tos are where README says they are."""
    assert {page.name for page in PAGES} >= {
        "first-archive.md",
        "query-the-archive.md",
        "browse-with-datasette.md",
        "use-postgres.md",
        "run-from-cron.md",
        "recover-a-list-of-dead-links.md",
    }
