"""Which keys there are, and which one a mistyped key was meant to be."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from crawler.config.locate import Loc
from crawler.config.models import Config

NOT_A_KEY = "home"  # an attribute of Config that no file and no variable sets


def section_of(annotation: Any) -> type[BaseModel] | None:
    """Return the model of a table or of a list of tables; None for a plain value."""
    for kind in (annotation, *get_args(annotation)):
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind
    return None


def section_of_list(name: str) -> type[BaseModel] | None:
    """Return the model of the tables that stand in a list under `name`, such as [[site]]."""
    field = Config.model_fields.get(name)
    if field is None or get_origin(field.annotation) is not tuple:
        return None
    return section_of(field.annotation)


def keys_of(model: type[BaseModel]) -> tuple[str, ...]:
    """Return the keys a table knows."""
    return tuple(name for name in model.model_fields if name != NOT_A_KEY)


def model_at(loc: Loc) -> type[BaseModel]:
    """Return the model of the table that holds `loc`; the whole if there is no such table."""
    field = Config.model_fields.get(str(loc[0])) if len(loc) > 1 else None
    return (section_of(field.annotation) if field else None) or Config


def table_named(loc: Loc) -> str:
    """Return how the table around `loc` is written: "[fetch]", "[[site]]" or "the top"."""
    if len(loc) <= 1:
        return "the top of the file"
    return f"[[{loc[0]}]]" if isinstance(loc[1], int) else f"[{loc[0]}]"


def all_keys() -> Iterator[tuple[str, str]]:
    """Yield (table, key) for every key; the table is "" at the top."""
    for name, field in Config.model_fields.items():
        model = section_of(field.annotation)
        if model is not None:
            yield from ((name, key) for key in keys_of(model))
        elif name != NOT_A_KEY:
            yield "", name


def nearest(word: str, words: tuple[str, ...]) -> str | None:
    """Return the word most like `word`, or None if nothing is like it."""
    folded = {known.casefold(): known for known in words}
    found = get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else None


def suggestion(loc: Loc) -> str:
    """Return a sentence on the key `loc` was meant to be, or the list of keys there are."""
    word = str(loc[-1])
    known = keys_of(model_at(loc))
    near = nearest(word, known)
    if near:
        return f"did you mean `{near}`?"
    elsewhere = next((table for table, key in all_keys() if key == word), None)
    if elsewhere is not None:
        return f"`{word}` belongs in [{elsewhere}]" if elsewhere else f"`{word}` belongs at the top"
    return f"known there are {', '.join(known)}"
