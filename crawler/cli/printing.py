"""The result on standard output: JSON, tables and blocks; colour only where there is a terminal.

`emit` prints any mapping or dataclass: plain values stand as `name  value` in a block, lists of
records as tables and mappings as blocks of their own, each under its name.
"""

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from crawler.cli.values import cell, paragraph, plain, to_json

_FEW = 5  # columns that a terminal can fold and stay readable
_WIDE = 160  # columns of a table where there is no terminal


def emit(value: Any, *, as_json: bool) -> None:
    """Print a result to standard output."""
    if as_json:
        write(to_json(value))
        return
    blocks = _blocks("", plain(value))
    write("\n\n".join(block for block in blocks if block))


def write(text: str) -> None:
    """Print to standard output; what its encoding cannot hold is shown escaped."""
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    sys.stdout.flush()


def say(text: str) -> None:
    """Print a line of talk to standard error."""
    sys.stderr.write(f"{cell(text)}\n")
    sys.stderr.flush()


def block(pairs: Mapping[str, Any]) -> str:
    """Return `name  value` lines, the values aligned; a text of several lines is indented."""
    width = max((len(name) for name in pairs), default=0)
    return "\n".join(_named(name, _value(value), width) for name, value in pairs.items())


def _named(name: str, shown: str, width: int) -> str:
    """Return a name and its value: beside it, or below if it has several lines."""
    return f"{bold(name)}{shown}" if shown[:1] == "\n" else f"{bold(name.ljust(width))}  {shown}"


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return records as a table: drawn on a terminal, aligned columns elsewhere.

    The columns are those of all rows, in the order they appear. Records of many fields that do
    not fit side by side stand one below the other. Nothing is cut off.
    """
    heads = list(dict.fromkeys(name for row in rows for name in row))
    grid = [[cell(row.get(name)) for name in heads] for row in rows]
    if len(heads) > _FEW and max(map(len, _aligned([heads, *grid]).split("\n"))) > room():
        return "\n\n".join(block(_present(row)) for row in rows)
    return _drawn(heads, grid) if on_terminal() else _aligned([heads, *grid])


def _present(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a record that hold something."""
    return {name: value for name, value in row.items() if value not in (None, "", [], {})}


def room() -> int:
    """Return how many columns a table may take."""
    return shutil.get_terminal_size().columns if on_terminal() else _WIDE


def on_terminal() -> bool:
    """Whether standard output is a terminal."""
    return sys.stdout.isatty()


def bold(text: str) -> str:
    """Return a text in bold where there is a terminal and colour is not refused."""
    if not on_terminal() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return text
    return f"\x1b[1m{text}\x1b[0m"


def _blocks(title: str, value: Any) -> list[str]:
    """Return a mapping's own block, then a block or table for each nested value."""
    if not isinstance(value, dict):
        return [_headed(title, _nested(value))]
    flat = {name: item for name, item in value.items() if not _is_nested(item)}
    own = _headed(title, block(flat)) if flat else ""
    inner = [(name, item) for name, item in value.items() if name not in flat]
    return [own, *(_block for name, item in inner for _block in _blocks(name, item))]


def _is_nested(value: Any) -> bool:
    """Whether a value needs a block of its own: a mapping, or a list of mappings."""
    is_records = isinstance(value, list) and any(isinstance(item, dict) for item in value)
    return bool(value) and (isinstance(value, dict) or is_records)


def _nested(value: Any) -> str:
    """Return a list as a table of records, or any other value as one line."""
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        return table([item if isinstance(item, dict) else {"value": item} for item in value])
    return cell(value)


def _headed(title: str, body: str) -> str:
    """Return a body under its title."""
    return f"{bold(title)}\n{body}" if title else body


def _value(value: Any) -> str:
    """Return a value beside its name; a text of several lines stands below it."""
    if isinstance(value, str) and "\n" in value.strip():
        return "\n" + "\n".join(f"    {line}" for line in paragraph(value.strip()).split("\n"))
    return cell(value)


def _aligned(grid: Sequence[Sequence[str]]) -> str:
    """Return rows as columns two spaces apart."""
    widths = [max(len(row[at]) for row in grid) for at in range(len(grid[0]))]
    lines = ("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in grid)
    return "\n".join(line.rstrip() for line in lines)


def _drawn(heads: Sequence[str], grid: Sequence[Sequence[str]]) -> str:
    """Return a table as rich draws it in the terminal's width."""
    from rich.console import Console  # noqa: PLC0415 - only where there is a terminal
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    drawn = Table(box=None, header_style="bold", pad_edge=False)
    for head in heads:
        drawn.add_column(head, overflow="fold")
    for row in grid:
        drawn.add_row(*(Text(text) for text in row))
    console = Console()
    with console.capture() as captured:
        console.print(drawn)
    return captured.get().rstrip("\n")
