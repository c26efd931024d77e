"""Where in newsmorgue.toml a key stands. The TOML reader of the standard library does not say."""

import re
from collections import Counter
from collections.abc import Iterator

Loc = tuple[int | str, ...]
"""A place as pydantic names it: ("site", 1, "seeds", 0) is the second site's first seed."""

_HEADER = re.compile(r"\s*(\[\[?)\s*([A-Za-z0-9_.\"'-]+)\s*\]\]?\s*(?:#.*)?")
_KEY = re.compile(r"\s*([A-Za-z0-9_.\"'-]+)\s*=")


def line_of(text: str, loc: Loc) -> int | None:
    """Return the line, from 1, of a key or of the nearest table around it; None if unseen.

    Tables and keys written one to a line are found; tables inside braces are not.
    """
    seen: dict[Loc, int] = {}
    for number, place in _places(text):
        seen.setdefault(place, number)
    for length in range(len(loc), 0, -1):
        if loc[:length] in seen:
            return seen[loc[:length]]
    return None


def _places(text: str) -> Iterator[tuple[int, Loc]]:
    """Yield each line that opens a table or sets a key, with its place."""
    table: Loc = ()
    counts: Counter[str] = Counter()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.fullmatch(line):
            table = _parts(header[2])
            if header[1] == "[[":
                table = (*table, counts[header[2]])
                counts[header[2]] += 1
            yield number, table
        elif key := _KEY.match(line):
            yield number, (*table, *_parts(key[1]))


def _parts(dotted: str) -> Loc:
    """Return the parts of a dotted key without quotes."""
    return tuple(part.strip("\"' ") for part in dotted.split("."))
