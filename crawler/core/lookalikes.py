"""Pages that stand where the article should: challenges, consent walls, parked domains.

The rules are data, in lookalikes.toml. Those on markup and title are tried in the reading
worker, which alone sees the markup; their numbers travel as markers. Headers, host, status and
the limit on prose are tried in the judge, since the same scripts stand on good pages too.
"""

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any
from urllib.parse import urlsplit

from crawler.core.values import Signals, Visit
from crawler.core.words import Liveness

_SCANNED = 600_000  # characters of markup that are searched
_MAX_TEXT = 2500  # characters of visible text; a page with more is no mere challenge or wall
_NO_LIMIT = 1 << 62


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One table of lookalikes.toml; the fields are explained there."""

    marker: str  # the code and the rule's place in the file: "consent_wall#17"
    code: str
    verdict: Liveness
    header: tuple[str, str] | None = None
    title: tuple[str, ...] = ()
    markup: tuple[str, ...] = ()
    host: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    max_prose: int = _NO_LIMIT
    status: frozenset[int] = frozenset()
    needs_bare: bool = False


def find_markers(markup: str, title: str, prose: int) -> tuple[str, ...]:
    """Return the markers of the rules whose title and markup conditions this page meets.

    `prose` is the page's characters of prose: rules it exceeds the limit of are not tried.
    """
    open_rules = [rule for rule in _page_rules() if prose <= rule.max_prose]
    if not open_rules:
        return ()
    low_markup, low_title = markup[:_SCANNED].lower(), title.lower()
    return tuple(
        rule.marker
        for rule in open_rules
        if _has_any(rule.title, low_title) and _has_any(rule.markup, low_markup)
    )


def by_wire(visit: Visit) -> Iterator[Rule]:
    """Yield the rules that headers, status or the final host meet: no page need be read."""
    return (rule for rule in _rules() if _meets_wire(rule, visit))


def by_page(visit: Visit, signals: Signals) -> Iterator[Rule]:
    """Yield the rules that the page meets by its markup or path, its prose being within limits."""
    return (
        rule
        for rule in _rules()
        if not _is_wire(rule)
        and (not rule.status or visit.status in rule.status)
        and signals.prose_chars <= rule.max_prose
        and _meets_page(rule, visit, signals)
    )


def _meets_page(rule: Rule, visit: Visit, signals: Signals) -> bool:
    if rule.path:
        return any(text in urlsplit(visit.final_url).path.lower() for text in rule.path)
    if rule.markup and not rule.title and signals.text_chars > _MAX_TEXT:
        return False
    return rule.marker in signals.lookalike_markers


def _is_wire(rule: Rule) -> bool:
    return bool(rule.header or rule.host)


def _meets_wire(rule: Rule, visit: Visit) -> bool:
    if rule.status and visit.status not in rule.status:
        return False
    if rule.header:
        name, text = rule.header
        return any(key == name and text in value.lower() for key, value in visit.headers)
    host = (urlsplit(visit.final_url).hostname or "") if rule.host else ""
    return any(host == name or host.endswith(f".{name}") for name in rule.host)


def _has_any(texts: Iterable[str], haystack: str) -> bool:
    """No texts: no such condition."""
    wanted = tuple(texts)
    return not wanted or any(text in haystack for text in wanted)


@cache
def _page_rules() -> tuple[Rule, ...]:
    return tuple(rule for rule in _rules() if rule.title or rule.markup)


@cache
def _rules() -> tuple[Rule, ...]:
    text = resources.files("crawler.core").joinpath("lookalikes.toml").read_text(encoding="utf-8")
    return tuple(_rule(number, table) for number, table in enumerate(tomllib.loads(text)["rule"]))


def _rule(number: int, table: dict[str, Any]) -> Rule:
    header = table.get("header")
    listed = {key: tuple(table.get(key, ())) for key in ("title", "markup", "host", "path")}
    return Rule(
        marker=f"{table['code']}#{number}",
        code=table["code"],
        verdict=Liveness(table["verdict"]),
        header=(header[0], header[1]) if header else None,
        status=frozenset(table.get("status", ())),
        needs_bare=table.get("bare", False),
        max_prose=table.get("max_prose", 0 if listed["markup"] else _NO_LIMIT),
        **listed,
    )
