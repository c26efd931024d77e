"""What on a page hints at a wall: its own few words, and the prompt of a paywall.

Looked at only where there is little prose, so that an ordinary article costs nothing.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crawler.core import walls
from crawler.reading.blocks import Block, Page
from crawler.reading.regions import Region
from crawler.reading.tree import Element

MAX_PROSE = 1500  # characters; a page with more is no wall
_MAX_TEXT = 3000  # characters outside links
_MAX_OWN = 2000  # of the page's own words that are looked at
_LINKED = 0.8
_LITTLE = 60  # characters of body below which dialogs and banners are the page
_MAX_BUTTONS = 12
_MIN_PROMPT, _MAX_PROMPT = 12, 400  # characters of one block
_MAX_UNNAMED = 250  # of one that only its words give away
_MAX_PROMPTS = 5
_MAX_BOX = 700  # of everything that goes with one prompt
_BOXES = frozenset({"div", "section", "aside", "form"})
_BEGINNING = 1500  # characters of an article that a paywall shows at the most
_REST = 500  # characters of prose below a prompt that are no article
_NO_LIMIT = 1 << 62
LOGIN_TITLE = "login_title@"  # before the language: the title says "log in" and no more
_NAMED = re.compile(
    r"(?:^|[\s_-])(?:paywall|pay-wall|regwall|piano|tp-modal|poool|subscribe-wall|subscription-wall|"
    r"premium-wall|meter-?wall|locked|subscriber-only|offer-wall|abo-wall|content-gate|gate)"
    r"(?=$|[\s_-])",
    re.IGNORECASE,
)
_ABOVE = 4  # elements above a block that may name it
_CLOSED_TIERS = frozenset({"locked", "paid", "premium", "subscriber", "subscribers"})


@dataclass(frozen=True, slots=True)
class Head:
    """What a page says of itself before its text."""

    title: str
    headings: tuple[str, ...]
    tier: str  # of meta article:content_tier
    prose: int  # characters of it on the page


@dataclass(frozen=True, slots=True)
class Asked:
    """The prompts of a paywall."""

    blocks: tuple[Block, ...] = ()
    is_near: bool = False  # little of an article stands between the headline and them


def find_markers(root: Element, page: Page, head: Head, asked: Asked) -> Iterator[str]:
    """Yield a marker for each kind of wall whose words the page shows: `core.walls`.

    Of a paywall: `paywall@tier` for a meta element that says so, `paywall@near` for a prompt
    that stands a little below the headline, as it does below a mere beginning.
    """
    usurped = walls.find_usurped((head.title, *head.headings))
    if usurped:
        yield usurped.marker
    language = walls.is_login_title(head.title)
    if language:
        yield f"{LOGIN_TITLE}{language}"
    if head.tier.lower() in _CLOSED_TIERS:
        yield "paywall@tier"
    if asked.is_near:
        yield "paywall@near"
    if head.prose <= MAX_PROSE and page.text_chars - page.link_chars <= _MAX_TEXT:
        body = list(_own(root, page))
        if sum(map(len, body)) <= _MAX_OWN:
            found = walls.find_walls((head.title, *head.headings), body)
            yield from (wall.marker for wall in found)


def prompts(page: Page, *, is_closed: bool) -> Asked:
    """Find the blocks by which a paywall asks for money: named so, or last on the page.

    `is_closed`: the page calls itself so, and then prompts may stand anywhere. Otherwise only a
    beginning's prose may stand before and behind them.
    """
    body = [b for b in page.blocks if b.region is not Region.HIDDEN and not b.in_card]
    start = next((number for number, block in enumerate(body) if block.tag == "h1"), 0)
    body = body[start:]
    reach = body if is_closed else list(_within_reach(body))
    found = [block for block in reach if _may_ask(block) and _asks(block)]
    if not found:
        return Asked()
    if len(found) > _MAX_PROMPTS or any(walls.is_prompt(b.text) for b in body if b.tag == "h1"):
        found = [block for block in found if _is_named(block)]  # the article is about such things
    last = [one for one in found if is_closed or _is_named(one) or not _after(body, one, found)]
    if not last:
        return Asked()
    blocks = last + [block for block in _beside(page, last) if block not in last]
    first = next(number for number, block in enumerate(body) if block in blocks)
    before = sum(len(block.text) for block in body[:first] if block.is_prose)
    if not before and not is_closed:
        return Asked()  # nothing stands above that could be a beginning
    # What calls itself closed, and asks for money where its text ends, shows a long beginning.
    is_end = is_closed and _after(body, body[first], blocks) < _REST
    return Asked(tuple(blocks), is_near=0 < before < (_NO_LIMIT if is_end else _BEGINNING))


def _within_reach(body: list[Block]) -> Iterator[Block]:
    """Yield the blocks with no more than a beginning's prose before and as much behind them."""
    sizes = [len(block.text) if block.is_prose else 0 for block in body]
    before, total = 0, sum(sizes)
    for block, size in zip(body, sizes, strict=True):
        before += size
        if before - size < _BEGINNING and total - before < _BEGINNING:
            yield block


def _beside(page: Page, found: list[Block]) -> Iterator[Block]:
    """Yield the blocks in whose box a prompt is the first thing said: it speaks for them all."""
    boxes = dict.fromkeys(block.element.getparent() for block in found)
    for box in boxes:
        if box is None or box.tag not in _BOXES or page.chars.get(box, 0) > _MAX_BOX:
            continue
        inside = set(box.iter())
        blocks = [block for block in page.blocks if block.element in inside]
        if blocks and blocks[0] in found:
            yield from blocks


def _may_ask(block: Block) -> bool:
    size = len(block.text)
    if not _MIN_PROMPT <= size <= _MAX_PROMPT or block.link_chars > size * _LINKED:
        return False
    if block.region is not Region.BODY and not block.is_guess:
        return False
    return walls.may_be_prompt(block.text)


def _asks(block: Block) -> bool:
    is_named = _is_named(block)
    if not is_named and (block.region is not Region.BODY or len(block.text) > _MAX_UNNAMED):
        return False
    return walls.is_prompt(block.text, is_named=is_named)


def _after(body: list[Block], block: Block, found: Sequence[Block]) -> int:
    """Return the characters of prose that follow a block and ask for nothing."""
    later = body[body.index(block) + 1 :]
    return sum(len(other.text) for other in later if other.is_prose and other not in found)


def _is_named(block: Block) -> bool:
    element: Element | None = block.element
    for _ in range(_ABOVE):
        if element is None or element.tag in {"html", "body", "main", "article"}:
            return False
        if _NAMED.search(f"{element.get('class') or ''} {element.get('id') or ''}"):
            return True
        element = element.getparent()
    return False


def _own(root: Element, page: Page) -> Iterator[str]:
    """Yield the page's own words: no teasers, no lists of links; dialogs if there is no body."""
    shown = [block for block in page.blocks if _is_own(block)]
    body = [block.text for block in shown if block.region is Region.BODY]
    yield from body
    if sum(map(len, body)) < _LITTLE:
        yield from (block.text for block in shown if block.region is not Region.BODY)
    buttons = (" ".join(one.text_content().split()) for one in root.iter("button"))
    for number, text in enumerate(buttons):
        if number >= _MAX_BUTTONS:
            return
        yield text


def _is_own(block: Block) -> bool:
    is_shown = block.region is not Region.HIDDEN and not block.in_card
    return is_shown and block.link_chars <= len(block.text) * _LINKED
