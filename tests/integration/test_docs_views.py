"""The reference of the views is the views."""

import re
from pathlib import Path

import pytest

from storage.views import VIEWS

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "views.md"
SECTION = re.compile(r"^## (\w+)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
ROW = re.compile(r"^\| (\w+) \| (?!type)", re.MULTILINE)


def documented() -> dict[str, list[str]]:
    """Return the columns that the page lists, by view."""
    return {name: ROW.findall(body) for name, body in SECTION.findall(PAGE.read_text())}


def test_every_view_has_its_section() -> None:
    """No view is undocumented, and no section speaks of a view that is not there."""
    assert list(documented()) == list(VIEWS)


@pytest.mark.parametrize("view", VIEWS)
def test_every_column_has_its_line_in_order(view: str) -> None:
    """A view's table in the reference names its columns, all of them, in their order."""
    assert documented()[view] == [column.name for column in VIEWS[view].selected_columns]
