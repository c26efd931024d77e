"""Data written flat: one list of values, in which objects and lists name each other's places.

Nuxt 3 writes `__NUXT_DATA__` so, with the library devalue (its README gives the form): place 0
is the whole, an object's values and a list's items are places, and a list that begins with a
word, such as `["Reactive", 4]`, wraps what follows.
"""

from typing import Any

_MAX_DEPTH = 60
_MAX_NODES = 50_000  # values that may come out; places may be named over and over


def is_flat(value: Any) -> bool:
    """Whether data is such a list: its first value is made of places only."""
    if not isinstance(value, list) or not value:
        return False
    first = value[0]
    if isinstance(first, list):
        places = first[1:] if first and isinstance(first[0], str) else first
        return bool(places) and all(_is_place(place, value) for place in places)
    return isinstance(first, dict) and all(_is_place(place, value) for place in first.values())


def unfolded(value: list[Any]) -> Any:
    """Return the data that a flat list stands for. What leads in a circle ends at a depth."""
    return _Unfolding(value).at(0, 0)


def _is_place(place: Any, value: list[Any]) -> bool:
    return isinstance(place, int) and not isinstance(place, bool) and place < len(value)


class _Unfolding:
    """One list being unfolded, and how much more may come of it."""

    def __init__(self, values: list[Any]) -> None:
        self.values = values
        self.left = _MAX_NODES

    def at(self, place: Any, depth: int) -> Any:
        self.left -= 1
        if self.left < 0 or depth > _MAX_DEPTH or not _is_place(place, self.values) or place < 0:
            return None  # devalue writes "undefined" and its like as negative numbers
        value = self.values[place]
        if isinstance(value, dict):
            return {key: self.at(inner, depth + 1) for key, inner in value.items()}
        if isinstance(value, list):
            is_wrapped = bool(value) and isinstance(value[0], str)
            return [self.at(inner, depth + 1) for inner in value[is_wrapped:]]
        return value
