"""The reference of the reason codes names what the judge can say, all of it and nothing else."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.core import walls
from crawler.core.listings import ListKind
from crawler.core.verdict import _BY_OUTCOME
from crawler.core.words import Liveness
from crawler.reading.page import read_page

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "reasons.md"
CORE = ROOT / "crawler" / "core"
ROW = re.compile(r"^\| `([^`]+)` \| ([^|]+) \| \S", re.MULTILINE)
ROWS = ROW.findall(PAGE.read_text(encoding="utf-8"))
# What a rule hands on from elsewhere; each is collected by a function below.
ELSEWHERE = {"rule.code", "wall.kind.code", "visit.outcome.value", "str(reason)", "reason"}


def calls() -> Iterator[ast.Call]:
    """Yield every call of `say` in the judge."""
    for path in CORE.glob("verdict*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "say":
                yield node


def said() -> Iterator[str]:
    """Yield the codes as they are written in rules, with {} for what varies."""
    for call in calls():
        if not isinstance(call.args[0], ast.Starred):
            yield from spelled(call.args[2])


def spelled(node: ast.expr) -> Iterator[str]:
    """Yield the code an expression stands for; nothing when it comes from elsewhere."""
    if isinstance(node, ast.Constant):
        yield str(node.value)
    elif isinstance(node, ast.JoinedStr):
        parts = (str(p.value) if isinstance(p, ast.Constant) else "{}" for p in node.values)
        yield "".join(parts)
    else:
        assert ast.unparse(node) in ELSEWHERE, f"collect {ast.unparse(node)} here as well"


def handed_on() -> Iterator[str]:
    """Yield the codes that rules choose between, or yield to the one that says them."""
    for path in CORE.glob("verdict*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple):
                yield from spelled(node.value.elts[2])
            is_choice = isinstance(node, ast.Assign) and isinstance(node.value, ast.IfExp)
            if is_choice and ast.unparse(node.targets[0]) == "reason":
                yield from spelled(node.value.body)
                yield from spelled(node.value.orelse)


def from_elsewhere() -> Iterator[str]:
    """Yield the codes of outcomes, lookalikes, lists, and pages that could not be read."""
    yield from (outcome.value for outcome in _BY_OUTCOME)
    rules = tomllib.loads((CORE / "lookalikes.toml").read_text(encoding="utf-8"))["rule"]
    yield from (rule["code"] for rule in rules)
    yield from (kind.code for kind in walls.kinds())
    told = re.search(r"with the reason: (.*?)\.", read_page.__doc__ or "", re.DOTALL)
    assert told, "read_page no longer lists its reasons"
    yield from (code for code in re.findall(r"`(\w+)`", told[1]) if code != "no_text")


def known() -> set[str]:
    """Return every code; where a part varies it stands as {}."""
    return {*said(), *handed_on(), *from_elsewhere()}


def matches(code: str, row: str) -> bool:
    """Whether a line of the page is about this code."""
    return re.fullmatch(re.escape(code).replace(r"\{\}", ".+"), row) is not None


@pytest.mark.parametrize("code", sorted(known()))
def test_every_code_has_its_line(code: str) -> None:
    """Whatever a verdict can carry is explained."""
    assert any(matches(code, row) for row, _ in ROWS)


@pytest.mark.parametrize("row", [row for row, _ in ROWS])
def test_every_line_is_a_code(row: str) -> None:
    """The page explains nothing that no verdict carries, and nothing twice."""
    assert any(matches(code, row) for code in known())
    assert [name for name, _ in ROWS].count(row) == 1


def test_every_kind_of_list_has_its_line() -> None:
    """`read_` and what it was: each kind by its name."""
    kinds = {f"read_{kind.value}" for kind in ListKind if kind is not ListKind.NONE}
    assert kinds <= {row for row, _ in ROWS}


def test_the_verdicts_are_words_of_liveness() -> None:
    """The second column says which verdict it is, in the glossary's word."""
    words = {word for _, verdicts in ROWS for word in verdicts.split(" or ")}
    assert words - {"by the status"} <= {word.value for word in Liveness}
