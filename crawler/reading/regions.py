"""Which part of a page an element opens: body, furniture, or what no reader sees."""

import re
from enum import IntEnum
from functools import lru_cache

from crawler.core.folding import word_set
from crawler.reading.tree import Element

FURNITURE = word_set("nav aside footer menu dialog")
_ROLES = word_set("navigation complementary contentinfo banner dialog alertdialog menu search")
_TOKENS = re.compile(
    r"(?:^|\s)(?:nav|navbar|navigation|menu|footer|sidebar|breadcrumbs?|related|recommended|"
    r"recommendations|most-?read|most-?popular|newsletter|cookie|consent|gdpr|share|social|"
    r"comments?|promo|advert|ads?|banner|subscribe|trending|read-?more|see-?also)"
    r"(?:[-_]+\w+)*(?=\s|$)",
    re.IGNORECASE,
)
_HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_WHOLE = word_set("html body main article")  # classes on these say nothing


class Region(IntEnum):
    """What part of the page a block stands in; the higher one wins for what is inside it."""

    BODY = 0
    FURNITURE = 1  # navigation, sidebars, footers, dialogs
    HIDDEN = 2  # template, noscript, display:none: no reader sees it


def region_of(element: Element, tag: str) -> tuple[Region, bool]:
    """Return the region an element opens, and whether its very tag says so."""
    get = element.get
    if tag == "noscript" or (tag == "template" and get("shadowrootmode") is None):
        return Region.HIDDEN, True
    style = get("style")
    if get("hidden") is not None or (style and _hides(style)):
        return Region.HIDDEN, False
    if tag in FURNITURE:
        return Region.FURNITURE, True
    if tag not in _WHOLE and _is_furniture(get("role"), get("aria-hidden"), get("class")):
        return Region.FURNITURE, False
    return Region.BODY, False


def _is_furniture(role: str | None, hidden: str | None, classes: str | None) -> bool:
    return role in _ROLES or hidden == "true" or (classes is not None and _names_it(classes))


@lru_cache(maxsize=2048)
def _hides(style: str) -> bool:
    return bool(_HIDING.search(style))


@lru_cache(maxsize=8192)
def _names_it(classes: str) -> bool:
    return bool(_TOKENS.search(classes))
