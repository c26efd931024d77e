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
from crawler.reading.shells import promote
from crawler.reading.tags import HEADINGS, INLINE
from crawler.reading.tree import Element

MIN_PROSE = 40  # characters that make a paragraph more than a label
LONG_PROSE = 80
_MAX_LINK_SHARE = 0.5
_FRAME_DEPTH = 9  # elements above, at the most, of what belongs to the page's frame
_MIN_CARDS = 3
_MAX_CARD = 900  # characters; a longer one is an article of its own
_CARD_LINK_SHARE = 0.2
_MIN_CARD_LINK = 12  # characters of a linked headline
_MAX_MORE = 15  # characters of a "read more", or of a link that covers the card
_SKIPPED = word_set(
    "script style head iframe object embed svg math canvas audio video map "
    "select option textarea button input datalist"
)
_BODY = (Region.BODY, False)
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
    shells: tuple[Element, ...] = ()  # the elements around it that open a region, outermost first
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
    frames: list[Element] = field(default_factory=list)  # block-level elements near the root
    cards: set[Element] = field(default_factory=set)
    link_chars: int = 0
    text_chars: int = 0
    depth: int = 0
    elements: int = 0


class _Frame:
    """What is known so far of one open element that is a block, a link, or opens a region."""

    __slots__ = (
        "chars", "children", "element", "end", "has_heading", "href", "in_link", "is_block",
        "is_firm", "is_heading_linked", "link_chars", "owner", "region", "shells", "start", "tag",
    )  # fmt: skip

    def __init__(self, element: Element, tag: str, region: Region, is_firm: bool) -> None:  # noqa: FBT001
        self.element, self.tag = element, tag
        self.region, self.is_firm = region, is_firm  # firm: not the body, and a tag says so
        self.is_block = tag not in INLINE
        self.in_link = tag == "a"
        self.shells: tuple[Element, ...] = (element,) if region else ()
        self.owner = self
        self.chars = self.link_chars = self.start = self.end = 0
        self.href = (element.get("href") or "") if tag == "a" else ""
        self.has_heading = self.is_heading_linked = False
        self.children: dict[tuple[str, str], list[_Frame]] | None = None

    def stand_in(self, above: "_Frame") -> None:
        """Take over what the element around says of all that is inside it."""
        self.region = max(self.region, above.region)
        if above.shells:
            self.shells = above.shells + self.shells
        self.is_firm = above.is_firm or self.is_firm
        self.in_link = above.in_link or self.in_link
        if not self.is_block:
            self.owner = above.owner


def split(root: Element) -> Page:
    """Walk the tree once and return its blocks. Scripts and form controls have no text.

    Furniture that turns out to hold the article is made a plain <div>.
    """
    page = _Walk().run(root)
    promote(page.blocks)
    for block in page.blocks:
        if block.region is not Region.HIDDEN:
            page.text_chars += len(block.text)
            page.link_chars += min(block.link_chars, len(block.text))
    return page


class _Walk:
    """The state of the one walk: open elements, and the block being gathered."""

    def __init__(self) -> None:
        self.page = Page()
        self.stack: list[_Frame] = []
        self.pieces: list[str] = []
        self.linked = 0
        self.card_frames: list[_Frame] = []

    def run(self, root: Element) -> Page:
        page, depth = self.page, 0
        walk = etree.iterwalk(root, events=("start", "end"))
        for event, element in walk:
            if event == "start":
                depth += 1
                page.depth = max(page.depth, depth)
                page.elements += 1
                if not self._open(element):
                    walk.skip_subtree()
            else:
                depth -= 1
                self._close(element, depth)
        self._flush(None)
        for frame in self.card_frames:
            page.cards.add(frame.element)
            for block in page.blocks[frame.start : frame.end]:
                block.in_card = True
        return page

    def _open(self, element: Element) -> bool:
        """Begin an element; return whether what is inside it is text."""
        tag = element.tag
        if tag in _SKIPPED:
            self._flush(None)
            return False
        is_inline = tag in INLINE and tag != "a"
        # Half of all elements are inline and open nothing: their text is that of what is around.
        region, is_firm = _BODY if is_inline and not element.keys() else region_of(element, tag)
        if not is_inline or region or not self.stack:
            self._begin(_Frame(element, tag, region, is_firm))
        if element.text:
            self._add(element.text)
        return True

    def _begin(self, frame: _Frame) -> None:
        if frame.is_block:
            self._flush(None)
        if self.stack:
            frame.stand_in(self.stack[-1])
        self.stack.append(frame)
        frame.start = len(self.page.blocks) + bool(self.pieces)

    def _add(self, text: str) -> None:
        if not text.isspace():
            frame = self.stack[-1]
            size = len(text.strip())
            frame.chars += size
            if frame.in_link:
                frame.link_chars += size
                self.linked += size
        self.pieces.append(text)

    def _close(self, element: Element, depth: int) -> None:
        if self.stack and self.stack[-1].element is element:
            self._finish(self.stack.pop(), depth)
        if element.tail and self.stack:
            self._add(element.tail)

    def _finish(self, frame: _Frame, depth: int) -> None:
        if frame.is_block:
            self._flush(frame)
            self.page.chars[frame.element] = frame.chars
            if depth < _FRAME_DEPTH:
                self.page.frames.append(frame.element)
        frame.end = len(self.page.blocks)
        if frame.children:
            self._find_cards(frame)
        if self.stack:
            _give_up(frame, self.stack[-1])

    def _flush(self, frame: _Frame | None) -> None:
        if not self.pieces:
            return
        text = " ".join("".join(self.pieces).split())
        linked, self.linked = self.linked, 0
        self.pieces.clear()
        if not text or (frame is None and not self.stack):
            return
        owner = (frame or self.stack[-1]).owner
        guessed = owner.region is not Region.BODY and not owner.is_firm
        self.page.blocks.append(
            Block(owner.element, text, linked, owner.region, owner.tag, guessed, owner.shells)
        )

    def _find_cards(self, parent: _Frame) -> None:
        for alike in (parent.children or {}).values():
            if len(alike) >= _MIN_CARDS:
                cards = [frame for frame in alike if _is_card(frame)]
                if len({frame.href for frame in cards}) >= max(_MIN_CARDS, len(alike) // 2):
                    self.card_frames.extend(cards)
        parent.children = None


def _give_up(frame: _Frame, above: _Frame) -> None:
    """Add a closed element's totals to the one around it."""
    above.chars += frame.chars
    above.link_chars += frame.link_chars
    above.href = above.href or frame.href
    is_heading = frame.tag in HEADINGS
    if is_heading or frame.has_heading:
        above.has_heading = True
        is_linked = frame.is_heading_linked or (is_heading and frame.link_chars > 0)
        above.is_heading_linked = above.is_heading_linked or is_linked
    if frame.href and frame.chars and frame.tag in _CARD_TAGS:
        if above.children is None:
            above.children = defaultdict(list)
        above.children[frame.tag, _first_class(frame.element)].append(frame)


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
