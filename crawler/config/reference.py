"""docs/reference/configuration.md, made from the models so that it cannot drift from them.

`python -m crawler.config.reference` prints the page; a test compares it with the file.
"""

import json
import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from pydantic import BaseModel, BeforeValidator
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from crawler.config.keys import NOT_A_KEY, section_of
from crawler.config.models import Config
from crawler.config.values import parse_seconds, parse_size, show_seconds, show_size

_HEAD = """\
# Configuration

One directory is one morgue. Its settings are in `newsmorgue.toml` there; without that file every
setting has its default. The directory is `--home DIR`, else `NEWSMORGUE_HOME`, else the current
one.

- A **duration** is a number of seconds, or a text: `"500 ms"`, `"60 s"`, `"1 h 30 min"`,
  `"3 days"`, `"2 weeks"`. `0` is allowed wherever a duration is.
- A **size** is a number of bytes, or a text: `"5MiB"`, `"500kB"`, `"1 GB"`.
- An **environment variable** wins over the file: `NEWSMORGUE_DATABASE`, and with two underscores
  inside a section, `NEWSMORGUE_FETCH__DELAY`. Lists of tables are written as JSON there. An empty
  variable counts as unset.
- A key that is not listed here is an error, with exit code 4: a mistyped setting is never
  silently ignored.

<!-- Made by `python -m crawler.config.reference`; edit the descriptions in crawler/config. -->
"""

_EXAMPLE = """\
## A whole file

```toml
database = "postgresql+psycopg://user@host/morgue"
contact = "https://library.example.org/crawler"

[fetch]
delay = "2 s"
max_size = "5MiB"

[lifecycle]
revisit_alive = "14 days"

[[archive]]
name = "wayback"
dialect = "wayback"
cdx_url = "https://web.archive.org/cdx/search/cdx"
replay_url = "https://web.archive.org/web/"

[[site]]
name = "courier"
seeds = ["https://www.courier.example/"]
schedule = "0 */6 * * *"
recover = "missing"
```
"""


def configuration_reference() -> str:
    """Return the whole page as Markdown."""
    return "\n".join([_HEAD, *_tables(), _EXAMPLE])


def _tables() -> Iterator[str]:
    """Yield the top-level keys, then each section."""
    top = {
        name: field
        for name, field in Config.model_fields.items()
        if name != NOT_A_KEY and section_of(field.annotation) is None
    }
    yield _table("At the top of the file", "", top)
    for name, field in Config.model_fields.items():
        model = section_of(field.annotation)
        if model is not None:
            is_list = not isinstance(field.default, BaseModel)
            heading = f"`[[{name}]]`" if is_list else f"`[{name}]`"
            yield _table(heading, _about(model, field), model.model_fields)


def _about(model: type[BaseModel], field: FieldInfo) -> str:
    """Return a section's own words, and what stands there when it is left out."""
    words = "\n".join(line.strip() for line in (model.__doc__ or "").strip().splitlines())
    if isinstance(field.default, tuple):
        left_out = ", ".join(entry.name for entry in field.default) or "none"
        words += f"\n\nWritten once for each. Left out: {left_out}."
    return f"{words}\n\n"


def _table(heading: str, about: str, fields: dict[str, FieldInfo]) -> str:
    """Return one section: heading, words, and a row for each key."""
    rows = "".join(
        f"| `{name}` | {_default(field)} | {field.description} |\n"
        for name, field in fields.items()
    )
    return f"## {heading}\n\n{about}| key | default | meaning |\n|---|---|---|\n{rows}"


def _default(field: FieldInfo) -> str:
    """Return a default as a reader would write it."""
    if field.default is PydanticUndefined:
        return "required"
    if field.default is None:
        return "none"
    return f"`{spelled(field.default, field)}`"


def spelled(value: Any, field: FieldInfo) -> str:
    """Return a value of a key in the spelling of newsmorgue.toml. Raises TypeError for a table."""
    parser = _parser(field)
    if isinstance(value, timedelta):
        return f'"{show_seconds(value.total_seconds())}"'
    if parser is parse_seconds:
        return f'"{show_seconds(value)}"'
    if parser is parse_size:
        return f'"{show_size(value)}"'
    return json.dumps(value)


def _parser(field: FieldInfo) -> Any:
    """Return the function that reads the value, which tells a size from a count."""
    readers = [item.func for item in field.metadata if isinstance(item, BeforeValidator)]
    return readers[0] if readers else None


if __name__ == "__main__":
    sys.stdout.write(configuration_reference())
