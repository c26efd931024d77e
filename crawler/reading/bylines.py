"""Who wrote an article, as its byline shows it: where neither JSON-LD nor a meta element says."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from crawler.reading.blocks import Block, Page
from crawler.reading.metadata import is_name, split_names
from crawler.reading.tree import Element

_INNER = ("a", "span", "cite", "strong", "b", "address")
_CLASS = re.compile(
    r"(?:^|[\s_-])(?:byline|author|auteur|autor|autore|firma|signature)"
    r"(?:s|[_-]+(?:name|names|nombre|nom|link|text))?(?:\s|$)",
    re.IGNORECASE,
)
_NAME_CLASS = re.compile(r"(?:author|auteur|autore?)s?[_-]+(?:name|nombre|nom|link)", re.IGNORECASE)
_OTHERS = re.compile(r"comment|related|teaser|card|promo|avatar|image|photo|social", re.IGNORECASE)
_MAX_LINE = 120  # characters; more is about the author
_MAX_TEXT = 2000
_MAX_WORDS = 5
_LEAD = re.compile(
    r"^(?:(?:written|story|recipe|text|article|report|words|posted|published)\s+by"
    r"|about the authors?|authors?|autore?n?|auteure?|texte?|texto)\s*:?\s+(?=\w)",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"\s*[|\u2022\u00b7\u2013\u2014(].*$|\s+-(?:\s.*)?$"
    r"|\s+(?:\d|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+\d).*$",
    re.IGNORECASE,
)
_UNNAMED = re.compile(
    r"[\d@:?!/]|\b(?:follow|share|e-?mail|comments?|updated?|published|posted|reporter|editors?|"
    r"correspondent|columnist|expert|founder|reviewer|staff|team|writer|redaktion|redaction|redacci[oó]n)\b",
    re.IGNORECASE,
)
_MIN_WORDS = 2
_PROSE = 3  # paragraphs after which no byline is looked for
_ABOVE = 2  # blocks above the headline that are looked at, too
_MOST = 30  # short blocks looked at
_MOST_INNER = 8  # elements of one block


def bylines_of(page: Page) -> tuple[str, ...]:
    """Return the names in the first byline that holds any: marked so by rel, itemprop or class.

    It is a short block above the article's first paragraphs or among them. What marks the name
    alone goes before what marks the line. A name has two to five words, two of them with a
    capital: where a script has none, no name is told from a sentence.
    """
    for block in _short_blocks(page.blocks):
        marked = sorted(filter(_is_byline, _around(block.element)), key=_marks_line)
        found = (tuple(_names(_line_of(element))) for element in marked)
        names = next(filter(None, found), ())
        if names:
            return names
    return ()


def _short_blocks(blocks: Sequence[Block]) -> Iterator[Block]:
    headline = next((n for n, block in enumerate(blocks) if block.tag == "h1"), 0)
    prose = short = 0
    for block in blocks[max(headline - _ABOVE, 0) :]:
        prose += block.is_prose
        if prose >= _PROSE or short >= _MOST:
            return
        if len(block.text) <= _MAX_LINE and not block.in_card and block.tag != "h1":
            short += 1
            yield block


def _around(element: Element) -> Iterator[Element]:
    """Yield a block's element, the one around it, and the first ones in it."""
    yield element
    parent = element.getparent()
    if parent is not None:
        yield parent
    yield from islice(element.iter(*_INNER), _MOST_INNER)


def _is_byline(element: Element) -> bool:
    kind = element.get("class") or ""
    is_marked = _CLASS.search(kind) if kind else None
    return bool(is_marked or _marks_name(element)) and not _OTHERS.search(kind)


def _marks_name(element: Element) -> bool:
    return "author" in (element.get("rel"), element.get("itemprop"))


def _marks_line(element: Element) -> bool:
    return not _marks_name(element) and not _NAME_CLASS.search(element.get("class") or "")


def _line_of(element: Element) -> str:
    return " ".join(element.text_content()[:_MAX_TEXT].split())


def _names(line: str) -> Iterator[str]:
    if line and len(line) <= _MAX_LINE:
        yield from _persons(split_names(_TAIL.sub("", _LEAD.sub("", line))))


def _persons(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        words = name.split()
        capitals = sum(word[:1].isupper() for word in words)
        is_person = _MIN_WORDS <= len(words) <= _MAX_WORDS and capitals >= _MIN_WORDS
        if is_person and is_name(name) and not _UNNAMED.search(name):
            yield name
