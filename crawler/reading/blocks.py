"""The page as blocks of text: what stands in which element, in which region, in which card.

One walk over the tree. A block is the text between two edges of block-level elements; its
region says whether it is body text or furniture; a card is one of several alike siblings that
each link elsewhere, such as the teasers of other articles.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from lxml import etree

from crawler.core.folding import word_set
from crawler.reading.regions import Region, region_of
from crawler.reading.tags import HEADINGS, INLINE
from crawler.reading.tree import Element

MIN_PROSE = 40  # characters that make a paragraph more than a label
LONG_PROSE = 80
_MAX_LINK_SHARE = 0.5
_LITTLE_PROSE, _MUCH_PROSE, _TIMES = 1000, 800, 5  # characters, see _promote
_MIN_CARDS = 3
_MAX_CARD = 900  # characters; a longer one is an article of its own
_CARD_LINK_SHARE = 0.2
_MIN_CARD_LINK = 12  # characters of a linked headline
_MAX_MORE = 15  # characters of a "read more", or of a link that covers the card
_SILENT = word_set("script style head iframe object embed svg math canvas audio video map")
_FORM = word_set("select option textarea button input datalist")
_CARD_TAGS = word_set("li article div section a td figure dd tr")


@dataclass(slots=True, eq=False)
class Block:
    """The text between two edges of block-level elements."""

    element: Element
    text: str
    link_chars: int
    region: Region
    tag: str
    is_guess: bool = False  # the region comes from class, role or hiding, not from the tag
    in_card: bool = False

    @property
    def is_prose(self) -> bool:
        """Whether it is running text in the body of the page."""
        return self.region is Region.BODY and self.is_running

    @property
    def is_running(self) -> bool:
        """Whether it is running text: long enough, not mainly links, no heading, no card."""
        return (
            not self.in_card
            and len(self.text) >= MIN_PROSE
            and self.tag not in HEADINGS
            and self.link_chars < len(self.text) * _MAX_LINK_SHARE
        )


@dataclass(slots=True)
class Page:
    """All blocks of a page in order, with the totals no single block has."""

    blocks: list[Block] = field(default_factory=list)
    chars: dict[Element, int] = field(default_factory=dict)  # of each block-level element
    cards: set[Element] = field(default_factory=set)
    link_chars: int = 0
    text_chars: int = 0
    depth: int = 0
    elements: int = 0


@dataclass(slots=True)
class _Frame:
    """What is known so far of one open element."""

    element: Element
    tag: str
    region: Region
    is_firm: bool  # the region, if it is not the body, is that of a tag
    is_block: bool
    in_link: bool
    chars: int = 0
    link_chars: int = 0
    href: str = ""
    has_heading: bool = False
    is_heading_linked: bool = False
    children: dict[tuple[str, str], list["_Frame"]] | None = None


def split(root: Element) -> Page:
    """Walk the tree once and return its blocks. Scripts and form controls have no text."""
    return _Walk().run(root)


class _Walk:
    """The state of the one walk: open elements, and the block being gathered."""

    def __init__(self) -> None:
        self.page = Page()
        self.stack: list[_Frame] = []
        self.pieces: list[str] = []
        self.linked = 0
        self.owner: _Frame | None = None

    def run(self, root: Element) -> Page:
        walk = etree.iterwalk(root, events=("start", "end"))
        for event, element in walk:
            if event == "start":
                self._open(element)
                if element.tag in _SILENT or element.tag in _FORM:
                    walk.skip_subtree()
                elif element.text:
                    self._add(element.text)
            else:
                self._close(element)
        self._flush()
        self._mark_cards()
        _promote(self.page.blocks)
        for block in self.page.blocks:
            if block.region is not Region.HIDDEN:
                self.page.text_chars += len(block.text)
                self.page.link_chars += min(block.link_chars, len(block.text))
        return self.page

    def _open(self, element: Element) -> None:
        above = self.stack[-1] if self.stack else None
        tag = element.tag
        is_block = tag not in INLINE
        if is_block:
            self._flush()
        elif tag == "br":
            self.pieces.append(" ")
        own, is_firm = region_of(element, tag)
        region = max(above.region, own) if above else own
        frame = _Frame(
            element,
            tag,
            region,
            is_firm or (above is not None and above.is_firm),
            is_block,
            tag == "a" or (above is not None and above.in_link),
        )
        if tag == "a":
            frame.href = element.get("href") or ""
        self.stack.append(frame)
        self.page.elements += 1
        self.page.depth = max(self.page.depth, len(self.stack))

    def _add(self, text: str) -> None:
        if not text.isspace():
            frame = self.stack[-1]
            size = len(text.strip())
            frame.chars += size
            if frame.in_link:
                frame.link_chars += size
                self.linked += size
        self.pieces.append(text)

    def _close(self, element: Element) -> None:
        frame = self.stack.pop()
        if frame.is_block:
            self._flush(frame)
            self.page.chars[element] = frame.chars
        if frame.children:
            self._find_cards(frame)
        if self.stack:
            self._give_up(frame, self.stack[-1])
            if element.tail:
                self._add(element.tail)

    def _give_up(self, frame: _Frame, above: _Frame) -> None:
        """Add a closed element's totals to the one around it."""
        above.chars += frame.chars
        above.link_chars += frame.link_chars
        above.href = above.href or frame.href
        is_heading = frame.tag in HEADINGS
        above.has_heading = above.has_heading or frame.has_heading or is_heading
        is_linked = frame.is_heading_linked or (is_heading and frame.link_chars > 0)
        above.is_heading_linked = above.is_heading_linked or is_linked
        if frame.tag in _CARD_TAGS and frame.href and frame.chars:
            above.children = above.children if above.children is not None else defaultdict(list)
            above.children[frame.tag, _first_class(frame.element)].append(frame)

    def _flush(self, frame: _Frame | None = None) -> None:
        if not self.pieces:
            return
        text = " ".join("".join(self.pieces).split())
        linked, self.linked = self.linked, 0
        self.pieces.clear()
        owner = frame or next((up for up in reversed(self.stack) if up.is_block), None)
        if not text or owner is None:
            return
        guessed = owner.region is not Region.BODY and not owner.is_firm
        block = Block(owner.element, text, linked, owner.region, owner.tag, guessed)
        self.page.blocks.append(block)

    def _find_cards(self, parent: _Frame) -> None:
        for alike in (parent.children or {}).values():
            if len(alike) >= _MIN_CARDS:
                cards = [frame for frame in alike if _is_card(frame)]
                if len({frame.href for frame in cards}) >= max(_MIN_CARDS, len(alike) // 2):
                    self.page.cards.update(frame.element for frame in cards)
        parent.children = None

    def _mark_cards(self) -> None:
        cards = self.page.cards
        for block in self.page.blocks if cards else ():
            if block.element in cards or any(up in cards for up in block.element.iterancestors()):
                block.in_card = True


def _promote(blocks: list[Block]) -> None:
    """Take a whole page wrapped in class="sidebar-left" or <div hidden> for the body it is.

    Scripts unhide what servers send hidden, and class names promise nothing; so where the body
    has next to no prose and such wrappers have much, they are the body.
    """
    body = sum(len(block.text) for block in blocks if block.is_prose)
    guessed = sum(len(block.text) for block in blocks if block.is_guess and block.is_running)
    if body < _LITTLE_PROSE and guessed >= max(_MUCH_PROSE, body * _TIMES):
        for block in blocks:
            if block.is_guess:
                block.region = Region.BODY


def _is_card(frame: _Frame) -> bool:
    """Whether it offers another page: by a linked heading, or links that are much of its text.

    A part of an article with a heading and a link in its text is none.
    """
    if not 0 < frame.chars <= _MAX_CARD:
        return False
    if frame.has_heading and (frame.is_heading_linked or frame.link_chars <= _MAX_MORE):
        return True
    is_long = frame.link_chars >= _MIN_CARD_LINK
    return is_long and frame.link_chars >= frame.chars * _CARD_LINK_SHARE


def _first_class(element: Element) -> str:
    return next(iter((element.get("class") or "").split(None, 1)), "")
