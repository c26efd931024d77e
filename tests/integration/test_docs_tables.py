"""The reference of the tables is the schema, and the glossary knows every word they may hold."""

import re
from enum import StrEnum
from pathlib import Path

import pytest
from support.table_docs import tables_reference

from crawler.core import offers, words
from storage.schema import metadata

DOCS = Path(__file__).parents[2] / "docs"
LIST = re.compile(r"^### (\w+)\n(.*?)(?=^### |\Z)", re.MULTILINE | re.DOTALL)
WORD = re.compile(r"^\| `(\w+)` \| \S", re.MULTILINE)

LISTS = {
    kind.__name__: kind
    for module in (words, offers)
    for kind in vars(module).values()
    if isinstance(kind, type) and issubclass(kind, StrEnum) and kind.__module__ == module.__name__
}


def test_the_page_is_made_from_the_schema() -> None:
    """Each table and column has its line, with the schema's own words.

    To make it anew: `cd tests && PYTHONPATH=.. python -m support.table_docs`.
    """
    page = (DOCS / "reference/tables.md").read_text(encoding="utf-8")
    assert page == tables_reference()
    assert re.findall(r"^## (\w+)$", page, flags=re.MULTILINE) == list(metadata.tables)


@pytest.mark.parametrize("name", LISTS)
def test_the_glossary_has_every_word(name: str) -> None:
    """A closed list of words stands in the glossary, each word with its meaning, in its order."""
    lists = dict(LIST.findall((DOCS / "glossary.md").read_text(encoding="utf-8")))
    assert WORD.findall(lists[name]) == [word.value for word in LISTS[name]]
