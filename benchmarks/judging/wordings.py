"""The words cases are made with: wordings.toml and lookalikes.toml, chosen by seed and split."""

import random
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from judging.values import Split

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """A notice with what sites put around it, in one language."""

    language: str
    heading: str
    sentence: str
    help: str
    skip: str
    links: tuple[str, ...]
    others: str


def languages() -> list[str]:
    """Return the tags of all languages that notices are written in."""
    return list(_tables())


def wording(dice: random.Random, language: str, split: Split, kind: str = "") -> Wording | None:
    """Draw a notice of a language, kind ("" or "withdrawn") and split; None if there is none."""
    table = _tables().get(language)
    notices = table["notice"] if table else []
    fitting = [one for one in notices if one["split"] == split and one.get("kind", "") == kind]
    if table is None or not fitting:
        return None
    drawn = dice.choice(fitting)
    return Wording(
        language=language,
        heading=drawn["heading"],
        sentence=drawn["sentence"],
        help=dice.choice(table["help"]),
        skip=dice.choice(table["skip"]),
        links=tuple(table["links"]),
        others=table["others"],
    )


def phrases(table: str, language: str, split: Split) -> list[dict[str, str]]:
    """Return the rows of "about", "paywall" or "banner" in a language; see wordings.toml."""
    rows = _load("wordings.toml")[table]
    return [row for row in rows if row["tag"] == language and row["split"] == split]


def lookalikes(split: Split) -> dict[str, list[dict[str, Any]]]:
    """Return the look-alikes of a split by kind."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in _load("lookalikes.toml")["page"]:
        if row["split"] == split:
            found.setdefault(row["kind"], []).append(row)
    return found


@cache
def _tables() -> dict[str, dict[str, Any]]:
    return {row["tag"]: row for row in _load("wordings.toml")["language"]}


@cache
def _load(name: str) -> dict[str, Any]:
    return tomllib.loads((_HERE / name).read_text(encoding="utf-8"))
