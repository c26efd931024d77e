"""Furniture that is none: an <aside> left open, a whole page in class="sidebar-left".

Class names promise nothing, scripts unhide what servers send hidden, and a <nav> nobody closed
takes in all that follows. Where the body has next to no prose and such a shell has much, the
shell is the body.
"""

from collections import Counter
from typing import TYPE_CHECKING

from crawler.core.folding import word_set
from crawler.reading.regions import FURNITURE, Region
from crawler.reading.tree import Element

if TYPE_CHECKING:
    from crawler.reading.blocks import Block

_LITTLE_PROSE, _MUCH_PROSE, _TIMES = 1000, 800, 5  # characters
_ARTICLE = word_set("h1 article main")
_MARKS = ("class", "id", "role", "hidden", "style", "aria-hidden")  # by which extractors judge


def promote(blocks: "list[Block]") -> None:
    """Take shells for the body that they are; change their regions, and their elements to <div>.

    Guessed shells (class, role, hiding) count together. The one chain of shells with most prose
    is changed in the tree too, and needs a headline or an article if a tag says that it is
    furniture: the legal text of a footer is no article.
    """
    body = sum(len(block.text) for block in blocks if block.is_prose)
    if body >= _LITTLE_PROSE:
        return
    enough = max(_MUCH_PROSE, body * _TIMES)
    outside = [block for block in blocks if block.shells and block.is_running]
    shells = _largest(outside, enough)
    if sum(len(block.text) for block in outside if block.is_guess) >= enough:
        for block in blocks:
            if block.is_guess:
                block.region = Region.BODY
    for block in blocks if shells else ():
        if shells.issuperset(block.shells):
            block.region = Region.BODY
    for shell in shells:
        _make_plain(shell)


def _largest(outside: "list[Block]", enough: int) -> frozenset[Element]:
    """Return the shells around most of the prose, if that is enough and they hold an article."""
    masses = Counter[tuple[Element, ...]]()
    for block in outside:
        masses[block.shells] += len(block.text)
    shells, mass = next(iter(masses.most_common(1)), ((), 0))
    if mass < enough or any(shell.tag in {"noscript", "template"} for shell in shells):
        return frozenset()
    is_tagged = any(shell.tag in FURNITURE for shell in shells)
    return frozenset() if is_tagged and not _has_article(shells[-1]) else frozenset(shells)


def _has_article(shell: Element) -> bool:
    inside = next(shell.iterdescendants(*_ARTICLE), None)
    return inside is not None or next(shell.iterancestors("article", "main"), None) is not None


def _make_plain(shell: Element) -> None:
    if shell.tag in FURNITURE:
        shell.tag = "div"
    for mark in _MARKS:
        shell.attrib.pop(mark, None)
