"""Which part of a page an element opens: body, furniture, or what no reader sees."""

import re
from collections.abc import Mapping
from enum import IntEnum

from crawler.core.folding import word_set
from crawler.reading.tree import Element

_FURNITURE = word_set("nav aside footer menu dialog")
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
    attributes = element.attrib
    if tag == "noscript" or (tag == "template" and "shadowrootmode" not in attributes):
        return Region.HIDDEN, True
    if attributes and _is_hidden(attributes):
        return Region.HIDDEN, False
    if tag in _FURNITURE:
        return Region.FURNITURE, True
    if attributes and _is_furniture(tag, attributes):
        return Region.FURNITURE, False
    return Region.BODY, False


def _is_hidden(attributes: Mapping[str, str]) -> bool:
    return "hidden" in attributes or bool(_HIDING.search(attributes.get("style", "")))


def _is_furniture(tag: str, attributes: Mapping[str, str]) -> bool:
    if tag in _WHOLE:
        return False
    if attributes.get("role") in _ROLES or attributes.get("aria-hidden") == "true":
        return True
    return bool(_TOKENS.search(attributes.get("class", "")))
