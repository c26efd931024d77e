"""Make paragraphs of text that stands loose in a <div>, parted by line breaks.

Old pages and old editors write `first<br><br>second`. Extractors look for paragraphs, and lose
such a text or its beginning.
"""

from crawler.core.folding import word_set
from crawler.reading.tags import INLINE
from crawler.reading.tree import Element

_CONTAINERS = word_set("article blockquote body center dd div font li main section span td th")
_MIN_PARAGRAPH = 40  # characters that make a <div> more than a label
_WITHIN_TEXT = INLINE | word_set("script style")


def wrap_loose(root: Element) -> None:
    """Put each run of loose text between two or more <br>, or at their edge, into a <p>.

    A single <br> stays a line break within its paragraph, and a <div> of text beside them becomes
    a paragraph as they are. Nothing of the text changes.
    """
    for parent in dict.fromkeys(_broken(root)):
        _Wrapping(parent).run()


def _broken(root: Element) -> list[Element]:
    """Return the parents of line breaks that follow each other with nothing between."""
    return [
        parent
        for br in root.iter("br")
        if (follower := br.getnext()) is not None
        and follower.tag == "br"
        and _is_blank(br.tail)
        and (parent := br.getparent()).tag in _CONTAINERS
    ]


class _Wrapping:
    """The rebuilding of one parent: the paragraph being filled, and what is done."""

    def __init__(self, parent: Element) -> None:
        self.parent = parent
        self.done: list[Element] = []
        self.breaks: list[Element] = []  # met since the last text
        self.paragraph = parent.makeelement("p")
        self.has_text = False

    def run(self) -> None:
        children, text = list(self.parent), self.parent.text
        self.parent.text = None
        self._add_text(text)
        for child in children:
            tail, child.tail = child.tail, None
            self._add_child(child)
            self._add_text(tail)
        self._end()
        if self.parent.tag in INLINE:
            self.parent.tag = "div"  # a <span> holds no paragraphs
        self.parent.extend(self.done)

    def _add_child(self, child: Element) -> None:
        if child.tag == "br":
            self.breaks.append(child)
        elif child.tag in _WITHIN_TEXT:
            self._break()
            self.paragraph.append(child)
            self.has_text = self.has_text or not _is_blank("".join(child.itertext()))
        else:
            self._end()
            if _is_paragraph(child):
                child.tag = "p"
            self.done.append(child)

    def _add_text(self, text: str | None) -> None:
        if not text or (_is_blank(text) and self.breaks):
            return
        self._break()
        self.has_text = self.has_text or not _is_blank(text)
        last = self.paragraph[-1] if len(self.paragraph) else None
        if last is None:
            self.paragraph.text = (self.paragraph.text or "") + text
        else:
            last.tail = (last.tail or "") + text

    def _break(self) -> None:
        """Begin a new paragraph after two breaks; keep a single one."""
        if len(self.breaks) > 1:
            self._end()
        elif self.breaks:
            self.paragraph.append(self.breaks.pop())

    def _end(self) -> None:
        self.breaks.clear()
        if self.has_text:
            self.done.append(self.paragraph)
        else:
            self.done.extend(self.paragraph)
        self.paragraph, self.has_text = self.parent.makeelement("p"), False


def _is_paragraph(child: Element) -> bool:
    """Whether a <div> among the paragraphs is one: text, and no block in it."""
    if child.tag != "div" or any(inner.tag not in INLINE for inner in child.iterdescendants()):
        return False
    return len("".join(child.itertext()).strip()) >= _MIN_PARAGRAPH


def _is_blank(text: str | None) -> bool:
    return not text or text.isspace()
