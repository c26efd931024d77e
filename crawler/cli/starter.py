"""A first newsmorgue.toml: every key with its words and its default, made from the models.

A line `#key = value` is a setting at its default; a line `# words` is a comment. The file says
the same with the first kind taken out or uncommented: a test loads both.
"""

import json
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from crawler.config import Config
from crawler.config.keys import NOT_A_KEY, section_of
from crawler.config.reference import spelled

_WIDTH = 94  # columns of a comment

_HEAD = """\
# The settings of this morgue. A line that begins with # and a key is a default: take the # away
# to change it. Durations are seconds or texts like "2 s" and "3 days", sizes bytes or "5MiB".
# `newsmorgue doctor` checks this file.
"""

# What stands behind the # of a key without a default.
_EXAMPLES: Mapping[str, Any] = {
    "database": "postgresql+psycopg://user@host/morgue",
    "contact": "https://library.example.org/crawler",
    "name": "courier",
    "seeds": ["https://www.courier.example/"],
    "schedule": "0 */6 * * *",
    "horizon": timedelta(days=30),
}

Table = Mapping[str, Any]


def starter(values: Table, sites: Sequence[Table] = ()) -> str:
    """Return the text of a newsmorgue.toml with these keys of its top set, and these [[site]]s."""
    top = {
        name: field
        for name, field in Config.model_fields.items()
        if name != NOT_A_KEY and section_of(field.annotation) is None
    }
    parts = [_HEAD, "\n".join(_keys(top, values))]
    for name, field in Config.model_fields.items():
        model = section_of(field.annotation)
        if model is not None and isinstance(field.default, BaseModel):
            parts.append("\n".join([_about(model), f"[{name}]", *_keys(model.model_fields, {})]))
        elif model is not None:
            tables = sites if name == "site" else ()
            parts.append("\n".join(_list_of_tables(name, model, field, tables)))
    return "\n\n".join(part.rstrip("\n") for part in parts) + "\n"


def _list_of_tables(
    name: str, model: type[BaseModel], field: FieldInfo, tables: Sequence[Table]
) -> Iterator[str]:
    """Yield the lines of a section that is written once for each; without any, an example."""
    yield _about(model)
    if not tables:
        built_in = [dict(entry) for entry in field.default]
        yield f"#[[{name}]]"
        yield from _keys(model.model_fields, {}, built_in[0] if built_in else {})
        return
    yield f"[[{name}]]"
    yield from _keys(model.model_fields, tables[0])
    for table in tables[1:]:
        yield f"\n[[{name}]]"
        yield from (f"{key} = {toml(value)}" for key, value in table.items())


def _about(model: type[BaseModel]) -> str:
    """Return a section's own words as a comment."""
    paragraphs = [" ".join(words.split()) for words in (model.__doc__ or "").split("\n\n")]
    return "\n".join(_comment(words) for words in paragraphs)


def _keys(
    fields: Mapping[str, FieldInfo], values: Table, built_in: Table | None = None
) -> Iterator[str]:
    """Yield each key's words, then the key: as set, else its default behind a #."""
    for name, field in fields.items():
        yield _comment(field.description or "")
        if values.get(name) is not None:
            yield f"{name} = {toml(values[name])}"
            continue
        default = (built_in or {}).get(name, field.default)
        is_open = default is None or default is PydanticUndefined
        yield f"#{name} = {spelled(_EXAMPLES[name] if is_open else default, field)}"


def toml(value: str | Sequence[str]) -> str:
    """Return a text or a list of texts as TOML. A JSON string is one, but for two escapes."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _comment(words: str) -> str:
    """Return words as comment lines."""
    return textwrap.fill(words, _WIDTH, initial_indent="# ", subsequent_indent="# ")
