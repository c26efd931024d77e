"""The reference of the stats names what the code counts, all of it and nothing else."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "stats.md"
COUNTING = {"inc_value", "set_value", "max_value", "min_value"}
ROW = re.compile(r"^\| `([^`]+)` \| \S", re.MULTILINE)


def counted(path: Path) -> Iterator[str]:
    """Yield the names that a module counts under, each with {} for what varies.

    A name is the first argument of a stats method, or of a `_count` that passes it on.
    """
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        if node.args and node.func.attr in COUNTING | {"_count"}:
            name = spelled(node.args[0])
            if name is not None:
                yield name


def spelled(node: ast.expr) -> str | None:
    """Return a text or f-string as it is written; None for a variable."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(spelled(part) or "{}" for part in node.values)
    return None


def test_every_count_is_documented() -> None:
    """Each name the crawler counts under has its line, and each line is counted somewhere."""
    modules = [path for room in ("crawler", "spiders") for path in (ROOT / room).rglob("*.py")]
    in_code = {name for path in modules for name in counted(path)}
    assert {"outcome/{}", "robots/requests", "guard/refused/{}"} <= in_code
    documented = {re.sub(r"\{\w+\}", "{}", name) for name in ROW.findall(PAGE.read_text())}
    assert documented == in_code
