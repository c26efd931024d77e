"""The reference of refused copies names every reason there is, and nothing else."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from crawler.reading.pool import ReadingFailed, ReadingTimedOut

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "refused-copies.md"
TOLD = set(re.findall(r"^\| `([^`]+)` \| \S", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
JUDGED = {"verdict.reasons[0]", "type(failure).__name__", "reason"}  # named elsewhere


def spelled(node: ast.expr) -> Iterator[str]:
    """Yield the reasons an expression stands for, with NNN for what varies."""
    if isinstance(node, ast.Constant):
        yield from [node.value] if isinstance(node.value, str) else []
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(p.value) if isinstance(p, ast.Constant) else "NNN" for p in node.values)
    elif isinstance(node, ast.IfExp):
        yield from spelled(node.body)
        yield from spelled(node.orelse)
    else:
        assert ast.unparse(node) in JUDGED, f"collect {ast.unparse(node)} here as well"


def nodes(path: str) -> list[ast.AST]:
    """Return all nodes of a module."""
    return list(ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))))


def by_row() -> Iterator[str]:
    """Yield what `choose_mementos` can say of a row."""
    for node in nodes("crawler/core/mementos.py"):
        if isinstance(node, ast.FunctionDef) and node.name.endswith("_objections"):
            yields = (part for part in ast.walk(node) if isinstance(part, ast.Yield))
            for part in yields:
                yield from spelled(part.value or ast.Constant(None))
        if isinstance(node, ast.FunctionDef) and node.name == "_late_objection":
            returns = (part for part in ast.walk(node) if isinstance(part, ast.Return))
            for given in returns:
                yield from spelled(given.value or ast.Constant(None))


def by_call(path: str, name: str, place: int) -> Iterator[str]:
    """Yield what is given to a function or class at a place of its arguments."""
    for node in nodes(path):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == name:
            yield from spelled(node.args[place])


def test_every_reason_is_explained_and_no_other() -> None:
    """A reason without a line, or a line without a reason, is found here."""
    said = {
        *by_row(),
        *by_call("crawler/core/replays.py", "Refuse", 0),
        *by_call("spiders/replay.py", "self._refuse", 1),
        ReadingFailed.__name__,
        ReadingTimedOut.__name__,
    }
    assert said == TOLD
