"""Cut the prompts of paywalls out of the beginning of an article that they let through.

First in the tree, then once more among the last lines of the text. What was cut is kept as
evidence; the text stays, and is marked as partial.
"""

from crawler.core import walls
from crawler.core.values import RemovedSpan
from crawler.core.words import Place, SpanKind
from crawler.reading.blocks import Block, Page
from crawler.reading.signals import Seen
from crawler.reading.tree import Element

_WHOLE = frozenset({"html", "body", "main", "article"})
_MAX_PROMPT = 700  # characters of everything that is cut with one prompt
_MAX_LINE = 400
_LAST_LINES = 5
_STUB = 1500  # characters; more is hardly the beginning that a paywall shows


def cut_prompts(root: Element, page: Page, seen: Seen) -> list[RemovedSpan]:
    """Remove the prompts from the tree, each with the box it stands in; return what was removed."""
    removed = []
    for block in seen.prompts:
        box = _box(block, page, seen)
        if box is None or not _is_attached(root, box):
            continue
        text = " ".join(" ".join(box.itertext()).split())[:_MAX_PROMPT]
        box.drop_tree()
        removed.append(RemovedSpan(kind=SpanKind.PAYWALL, place=Place.AFTER, text=text))
    return removed


def trim_prompts(text: str, seen: Seen) -> tuple[str, list[RemovedSpan]]:
    """Drop the prompts among the last lines of a text that is a paywall's beginning."""
    if not is_stub(text, seen):
        return text, []
    lines = text.split("\n")
    last = lines[1:][-_LAST_LINES:]
    late = [line for line in last if _is_prompt(line, seen)]
    kept = [line for line in lines if line not in late]
    spans = [RemovedSpan(kind=SpanKind.PAYWALL, place=Place.AFTER, text=line) for line in late]
    return "\n".join(kept), spans


def is_stub(text: str, seen: Seen) -> bool:
    """Whether a text is hardly more than the beginning that a paywall shows."""
    signals = seen.signals
    marked = {one for one in signals.lookalike_markers if one.startswith("paywall@")}
    # The text may hold teasers that the extractor took along; the prose does not.
    size = max(signals.prose_chars, signals.body_chars) or len(text)
    if "paywall@near" in marked:
        return True
    is_closed = signals.accessible_for_free is False or bool(marked)
    return is_closed and min(size, len(text)) < _STUB


def _is_prompt(line: str, seen: Seen) -> bool:
    if any(line == block.text for block in seen.prompts):
        return True
    return len(line) <= _MAX_LINE and walls.is_prompt(line)


def _box(block: Block, page: Page, seen: Seen) -> Element | None:
    """Return the widest element that holds prompts and no paragraph or headline, or None."""
    best, element = None, block.element
    while element is not None and element.tag not in _WHOLE:
        if page.chars.get(element, _MAX_PROMPT + 1) > _MAX_PROMPT:
            break
        if any(_is_article(other, seen) for other in _within(element, page)):
            break
        best, element = element, element.getparent()
    return best


def _is_article(block: Block, seen: Seen) -> bool:
    return (block.is_prose and block not in seen.prompts) or block.tag == "h1"


def _within(element: Element, page: Page) -> list[Block]:
    inside = set(element.iter())
    return [block for block in page.blocks if block.element in inside]


def _is_attached(root: Element, element: Element) -> bool:
    return any(above is root for above in element.iterancestors())
