"""One parse of a page, made safe before and after.

Before: characters and references XML forbids go (one `&#x1F;` makes trafilatura drop a whole
article). After: overlong titles and attribute lists are cut, and nesting is made shallow.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, TypeAlias

import lxml.html
from lxml import etree

from crawler.core.folding import word_set
from crawler.reading import nesting

Element: TypeAlias = Any  # lxml ships no types; an lxml.html.HtmlElement

MAX_DEPTH = 200  # libxml2 and its users stop silently at about 255 nested elements
_PARSER_DEPTH = 2040  # with huge_tree libxml2 gives up below 2048 and loses the rest
_MAX_ATTRIBUTES = 64  # 200,000 attributes on one element cost over 90 s further down
_MAX_TITLE = 2000
_OVERLOADED = etree.XPath(f"//*[count(@*) > {_MAX_ATTRIBUTES}]")
_ILLEGAL = re.compile(
    "[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
_REFERENCE = re.compile(r"&#(?:[xX]0*([0-9a-fA-F]{1,8})(?![0-9a-fA-F])|0*([0-9]{1,10})(?![0-9]));?")
_BREAK = "\x0b\x0c"
_HEAD = word_set("title meta link base script style noscript template")
_KEPT = word_set(
    "html head body title meta link base script style template noscript p br h1 h2 h3 h4 h5 h6 a"
)
_NESTING_TAG = re.compile(
    rf"</?(?!(?:{'|'.join(sorted(_KEPT))})\b)([a-z][\w:-]*)\b[^<>]*>", re.IGNORECASE
)
_EDGES = word_set("div section article li td th tr table blockquote ul ol dl dd dt center")
_LONG = 16_384  # characters of a tag that are looked at for too many attributes
_LONG_TAG = re.compile(rf"<[a-zA-Z][^<>]{{{_LONG},}}>")
# What _ILLEGAL matches, in UTF-8, sought by a fixed first byte.
_CONTROLS = bytes([*range(9), 11, 12, *range(14, 32), 0x7F])
_ILLEGAL_BYTES = (
    re.compile(rb"\xc2[\x80-\x84\x86-\x9f]"),
    re.compile(rb"\xef\xb7[\x90-\xaf]"),
    re.compile(rb"\xef\xbf[\xbe\xbf]"),
)
# One class for all elements, looked up in C: lxml.html's own choice by tag name is made in Python
# each time an element is touched, a tenth of the time of a reading.
_LOOKUP = etree.ElementDefaultClassLookup(element=lxml.html.HtmlElement)
_ATTRIBUTE = re.compile(r"\s[^\s=<>]+(?=[\s=>])")
_MAX_PARSED = 2000  # attributes of one tag
_MAX_CODE = 0x10FFFF
# What HTML makes of references to the C1 range: the characters of windows-1252.
_C1 = range(0x80, 0xA0)


def parse(text: str) -> Element | None:
    """Return the root of the page's tree, or None if there is no markup in it.

    A page is parsed once, unless libxml2 is known to have misread it.
    """
    clean = scrub(text)
    root, is_misnested = _parse(clean)
    if is_misnested:
        clean = nesting.close_open(clean)
        root, _ = _parse(clean)
    depth = 0 if root is None else _depth(root, _PARSER_DEPTH)
    if depth > _PARSER_DEPTH:
        # Parsed anew, as above, for this one case: below here libxml2 has thrown the text away.
        root, _ = _parse(_NESTING_TAG.sub(_as_break, clean))
        depth = _PARSER_DEPTH
    if root is None:
        return None
    _clear_head(root)
    _tame(root)
    if depth > MAX_DEPTH:
        _flatten(root)
    return root


def _clear_head(root: Element) -> None:
    """Move what cannot stand in a head to the body, with all that follows it.

    A page may leave out <body>, and minifiers do. HTML then begins the body at the first other
    element; libxml2 knows none of HTML5's and leaves <main>, <article>, <header> in the head.
    """
    head = root.find("head")
    children = () if head is None else tuple(head)
    at = next((n for n, child in enumerate(children) if child.tag not in _HEAD), None)
    if at is None:
        return
    body = root.find("body")
    if body is None:
        body = root.makeelement("body")
        root.append(body)
    for place, child in enumerate(children[at:]):
        body.insert(place, child)


def scrub(text: str) -> str:
    """Replace characters and numeric references that XML forbids by U+FFFD, breaks by a space.

    NULs are dropped, as HTML drops them from text: 5 million of them are nothing, not U+FFFD.
    """
    text = text.replace("\x00", "").replace("\x0b", " ").replace("\x0c", " ")
    if _may_be_illegal(text):
        text = _ILLEGAL.sub("\ufffd", text)
    text = _REFERENCE.sub(_legal_reference, text)
    return _LONG_TAG.sub(_without_attributes, text) if _may_have_long_tag(text) else text


def _may_be_illegal(text: str) -> bool:
    """Tell most pages from those to search, at a tenth of the time: by their bytes."""
    try:
        data = text.encode()
    except UnicodeEncodeError:
        return True  # a lone surrogate
    if len(data.translate(None, _CONTROLS)) != len(data):
        return True
    return len(data) != len(text) and any(pattern.search(data) for pattern in _ILLEGAL_BYTES)


def _may_have_long_tag(text: str) -> bool:
    pieces = (piece for piece in text.split("<") if len(piece) > _LONG)
    return any(">" not in piece[:_LONG] for piece in pieces)


def _depth(root: Element, enough: int) -> int:
    """Return how many levels of elements lie under the root; `enough` + 1 for any more."""
    level = [root]
    for depth in range(enough + 1):
        level = [child for element in level for child in element]
        if not level:
            return depth
    return enough + 1


def _parse(text: str) -> tuple[Element | None, bool]:
    """Return the tree, and whether libxml2 passed over end tags that HTML heeds."""
    parser = etree.HTMLParser(
        huge_tree=True, remove_comments=True, remove_pis=True, encoding="utf-8"
    )
    parser.set_element_class_lookup(_LOOKUP)
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, AssertionError):
        return None, False
    return root, nesting.is_misnested(error.message for error in parser.error_log)


def _legal_reference(match: re.Match[str]) -> str:
    code = int(match.group(1), 16) if match.group(1) else int(match.group(2))
    if code in _C1:
        return bytes([code]).decode("windows-1252", "replace")
    if not 0 < code <= _MAX_CODE or _ILLEGAL.match(chr(code)):
        return " " if 0 < code <= _MAX_CODE and chr(code) in _BREAK else "\ufffd"
    return match.group()


def _without_attributes(match: re.Match[str]) -> str:
    """Libxml2 compares each attribute with all before it: 50,000 on one tag take 10 s."""
    tag = match.group()
    few = len(_ATTRIBUTE.findall(tag)) <= _MAX_PARSED
    return tag if few else f"{tag.split(None, 1)[0]}>"


def _as_break(match: re.Match[str]) -> str:
    """Keep the edge between paragraphs where a block was, a space where an inline element was."""
    return "<p>" if match.group(1).lower() in _EDGES else " "


def _tame(root: Element) -> None:
    for element in _OVERLOADED(root):
        first = list(islice(element.attrib.items(), _MAX_ATTRIBUTES))
        element.attrib.clear()
        element.attrib.update(first)
    for title in root.iter("title"):
        if title.text and len(title.text) > _MAX_TITLE:
            title.text = title.text[:_MAX_TITLE]


def _flatten(root: Element) -> None:
    """Unwrap elements below the depth that later steps can follow."""
    for element in list(_too_deep(root)):
        if element.tag not in _KEPT:
            element.drop_tag()


def _too_deep(root: Element) -> Iterator[Element]:
    here = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        here += 1 if event == "start" else -1
        if event == "end" and here >= MAX_DEPTH:
            yield element
