"""Cut out of the page what is not the article: skip links and not-found notices.

First in the tree, before the article is looked for: trafilatura keeps such a notice in 37 % of
300 layouts. Then once more in the text, at its edges. What was cut is kept as evidence.
"""

from collections.abc import Iterator

from crawler.core import notices
from crawler.core.folding import fold
from crawler.core.values import RemovedSpan
from crawler.core.words import Place, SpanKind
from crawler.reading.blocks import Block, Page
from crawler.reading.signals import Seen
from crawler.reading.tree import Element

_SKIP_WITHIN = 25  # blocks from the top in which a skip link is looked for
_MAX_NOTICE = 400  # characters of everything that is cut with one notice
_MAX_KEPT = 2000  # characters of removed text that are kept
_LAST_LINES = 10
_FIRST_LINES = 3
_WHOLE = frozenset({"html", "body", "main", "article"})
_BOXES = frozenset({"div", "section", "aside"})
_BOXED = 2  # paragraphs in a box of a notice that are not known as notices
_LABEL = 20  # characters of a line that is more than a label
_OFFERED = 0.6  # share of links in what only offers them
_OFFERS = frozenset({"ul", "ol", "nav", "form"})  # "use the links below"


def cut(root: Element, page: Page, seen: Seen) -> list[RemovedSpan]:
    """Remove skip links, inert templates and notices from the tree; return what was removed.

    A page whose title speaks of "page not found" keeps its notices: either no article is on it,
    or it is an article about them.
    """
    removed = [*_cut_skip_links(root, page), *_cut_notices(root, page, seen)]
    for template in list(root.iter("template")):
        if "shadowrootmode" not in template.attrib:
            template.drop_tree()  # inert by the standard, but extractors take it for text
    return removed


def trim(text: str, seen: Seen) -> tuple[str, list[RemovedSpan]]:
    """Drop skip links among the first lines and notices among the last ones of a text."""
    lines = [line for raw in text.split("\n") if (line := raw.strip())]
    removed: list[RemovedSpan] = []
    for line in [line for line in lines[:_FIRST_LINES] if notices.is_skip_link(line)]:
        lines.remove(line)
        removed.append(RemovedSpan(kind=SpanKind.SKIP_LINK, place=Place.BEFORE, text=line))
    if not is_about_notices(seen):
        tail = lines[-_LAST_LINES:]
        kept = list(_without_notices(tail, removed))
        lines[len(lines) - len(tail) :] = kept
    return "\n".join(lines), removed


def without_headline(text: str, title: str | None) -> str:
    """Drop a first line that only repeats the title; a text that is nothing else keeps it."""
    first, _, rest = text.partition("\n")
    return rest if rest and title and fold(first) == fold(title) else text


def is_about_notices(seen: Seen) -> bool:
    """Whether the title itself speaks of a missing page."""
    return any(notice.place is Place.TITLE for notice in seen.signals.notices)


def _cut_skip_links(root: Element, page: Page) -> Iterator[RemovedSpan]:
    for block in page.blocks[:_SKIP_WITHIN]:
        if notices.is_skip_link(block.text) and _is_attached(root, block.element):
            _remove(block, page)
            yield RemovedSpan(kind=SpanKind.SKIP_LINK, place=Place.BEFORE, text=block.text)


def _cut_notices(root: Element, page: Page, seen: Seen) -> Iterator[RemovedSpan]:
    if is_about_notices(seen):
        return
    foreign = {block for block, _ in seen.notice_blocks}
    for block, notice in seen.notice_blocks:
        if not _is_attached(root, block.element):
            continue
        container = _container(block, page, foreign)
        if container is None:
            _remove(block, page)
            text = block.text
        else:
            text = " ".join(_texts(container, page))
            container.drop_tree()
        yield RemovedSpan(kind=notice.kind, place=notice.place, text=text[:_MAX_KEPT])


def _texts(container: Element, page: Page) -> Iterator[str]:
    """Yield the container's text and that of the links it points to, and drop those lists."""
    yield from (" ".join(text.split()) for text in container.itertext() if not text.isspace())
    follower = container.getnext()
    while follower is not None and follower.tag in _OFFERS and _is_offer(follower, page):
        yield from (" ".join(text.split()) for text in follower.itertext() if not text.isspace())
        follower, offers = follower.getnext(), follower
        offers.drop_tree()


def _is_offer(element: Element, page: Page) -> bool:
    """Whether a list is links and hardly anything else: the article may have lists of its own."""
    blocks = list(_within(element, page))
    linked = sum(block.link_chars for block in blocks)
    return linked >= sum(len(block.text) for block in blocks) * _OFFERED


def _container(block: Block, page: Page, foreign: set[Block]) -> Element | None:
    """Return the widest element that holds this notice and no paragraph, or None if none does."""
    best, element = None, block.element
    while element is not None and element.tag not in _WHOLE:
        if page.chars.get(element, _MAX_NOTICE + 1) > _MAX_NOTICE:
            break
        if any(_is_own_text(other) and other not in foreign for other in _within(element, page)):
            break
        best, element = element, element.getparent()
    box = _box(block, page, foreign) if best is block.element else None
    return best if box is None else box


def _is_own_text(block: Block) -> bool:
    """Whether a block is text that may be the article's: a paragraph, a list's item, a caption."""
    return block.is_prose or (
        len(block.text) >= _LABEL and block.link_chars < len(block.text) * _OFFERED
    )


def _box(block: Block, page: Page, foreign: set[Block]) -> Element | None:
    """Return the box around a notice that begins it, whatever else it says, or None.

    In a box of its own, a heading that is a notice speaks for the lines below it.
    """
    box = block.element.getparent()
    if box is None or box.tag not in _BOXES or page.chars.get(box, 0) > _MAX_NOTICE:
        return None
    inside = list(_within(box, page))
    others = [other for other in inside if _is_own_text(other) and other not in foreign]
    elsewhere = sum(len(each.text) for each in page.blocks if each.is_prose and each not in others)
    is_first = bool(inside) and inside[0] is block
    return box if is_first and len(others) <= _BOXED and elsewhere > 2 * _MAX_NOTICE else None


def _within(element: Element, page: Page) -> Iterator[Block]:
    inside = set(element.iter())
    return (block for block in page.blocks if block.element in inside)


def _is_attached(root: Element, element: Element) -> bool:
    return element is root or any(above is root for above in element.iterancestors())


def _remove(block: Block, page: Page) -> None:
    """Take a block's text out of its element, with the element if it holds nothing else."""
    element = block.element
    if element.tag not in _WHOLE and page.chars.get(element, 0) <= len(block.text):
        element.drop_tree()
        return
    run = _run(element, block.text)
    for owner, attribute in run:
        if attribute == "tree":
            owner.drop_tree()
        else:
            setattr(owner, attribute, None)


def _run(element: Element, text: str) -> list[tuple[Element, str]]:
    """Return the direct texts and inline children that together make up the text."""
    run: list[tuple[Element, str]] = []
    rest = text
    for owner, attribute, piece in _pieces(element):
        if not piece:
            continue
        if not rest.startswith(piece):
            run, rest = [], text
        if rest.startswith(piece):
            run.append((owner, attribute))
            rest = rest[len(piece) :].lstrip()
        if not rest:
            break
    return [] if rest else run


def _pieces(element: Element) -> Iterator[tuple[Element, str, str]]:
    yield element, "text", " ".join((element.text or "").split())
    for child in element:
        yield child, "tree", " ".join(child.text_content().split())
        yield child, "tail", " ".join((child.tail or "").split())


def _without_notices(lines: list[str], removed: list[RemovedSpan]) -> Iterator[str]:
    following = False
    for line in lines:
        match = notices.find_notice(line)
        following = match is not None or (following and notices.is_help(line))
        if following:
            kind = match.kind if match else SpanKind.NOT_FOUND
            removed.append(RemovedSpan(kind=kind, place=Place.AFTER, text=line[:_MAX_KEPT]))
        else:
            yield line
