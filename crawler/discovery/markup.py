"""From the bytes of a list to XML events: charset, the place where the list begins, the parse.

No DTD is ever seen by the parser: it is cut away with everything else before the root element, so
that no entity can grow or reach outside. What is well-formed is parsed as it is; the rest is
mended first.
"""

import codecs
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, Protocol, TypeVar

from lxml import etree

from crawler.discovery.mend import frame, mend
from crawler.reading.charset import to_text

MAX_TAGS = 2_500_000  # what 50,000 addresses with forty translations each come to
MAX_MENDED_TAGS = 1_000_000  # mending one takes three times as long as parsing it
ATOM = "http://www.w3.org/2005/Atom"
USUAL_SPACES = {
    "atom": ATOM,
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
}
_PIECE = 64 * 1024
_WIDE = 512  # bytes within which UTF-16 shows by its zeros
_HEAD = 1024 * 1024  # bytes within which a list must begin
_ESCAPE = b"\x1b"  # of ISO-2022-JP, which is valid UTF-8 too
_DECLARED = re.compile(rb"<\?xml[^>]{0,120}?encoding\s*=\s*[\"']([\w.:+-]{2,40})", re.IGNORECASE)
_PREFIXED = re.compile(rb"<([A-Za-z_][\w.-]{0,30}):[A-Za-z_]")
_XMLNS = re.compile(rb"\sxmlns:([A-Za-z_][\w.-]{0,30})\s*=")
_MAX_PREFIXES = 100
_DOCTYPE = re.compile(rb"<!DOCTYPE\b[^\[<>]{0,2000}(\[?)", re.IGNORECASE)
_SUBSET_END = re.compile(rb"\]\s*>")
_BEGINNING = re.compile(
    rb"<!--.*?(?:-->|\Z)|<(?P<page>!doctype\s+html|html|head|body)\b"
    rb"|<(?:[\w.-]{1,30}:)?(?P<root>rss|feed|rdf|channel|urlset|sitemapindex|item|entry|url|sitemap)"
    rb"(?=[\s/>])",
    re.IGNORECASE | re.DOTALL,
)


class _Target(Protocol):
    """What takes the events of a parse. Tags are in Clark's notation, `{namespace}name`."""

    @property
    def is_full(self) -> bool: ...

    def start(self, tag: str, attrib: dict[str, str]) -> None: ...

    def end(self, tag: str) -> None: ...

    def data(self, data: str) -> None: ...

    def close(self) -> None: ...


_T = TypeVar("_T", bound=_Target)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed(Generic[_T]):
    """The target with what it took, the fault of the markup, and whether a part was left out."""

    target: _T
    fault: str | None = None
    was_cut: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """Where markup begins: the place and name of a list's root, or that it is a web page."""

    at: int = 0
    root: str | None = None
    is_page: bool = False


def to_utf8(data: bytes, content_type: str | None) -> bytes:
    """Return the text of a list in UTF-8 without byte order mark.

    Valid UTF-8 is what it seems, whatever the labels say. Otherwise the XML declaration is
    believed before the header: who wrote the file knew it better than the server does.
    """
    data = data.removeprefix(codecs.BOM_UTF8)
    if _ESCAPE not in data and data.count(0, 0, _WIDE) == 0 and _is_utf8(data):
        return data
    if data.count(0, 0, _WIDE):
        content_type = None  # wide characters, of which many servers know nothing
    declared = _DECLARED.search(data[:_PIECE])
    if declared and declared[1].lower() not in {b"utf-8", b"utf8"}:
        data, content_type = data[declared.start() :], None
    return to_text(data, content_type).text.encode("utf-8", "replace").removeprefix(codecs.BOM_UTF8)


def beginning(text: bytes) -> Beginning:
    """Find the root element of a list, past junk, comments and a document type."""
    head = text[:_HEAD]
    doctype = _DOCTYPE.search(head)
    skipped = 0
    if doctype and doctype[1]:
        ended = _SUBSET_END.search(text, doctype.end())
        skipped = ended.end() if ended else doctype.end()
    for match in _BEGINNING.finditer(text, skipped, skipped + _HEAD):
        if match["page"]:
            return Beginning(is_page=True)
        if match["root"]:
            return Beginning(at=match.start(), root=match["root"].decode("ascii").lower())
    return Beginning()


def parse(markup: bytes, target: _T, mended_target: _T) -> Parsed[_T]:
    """Send the events of `markup` to a target.

    The second, fresh target is for a second parse, of mended markup, if the first one failed.
    """
    spaces = _undeclared(markup)
    is_huge = markup.count(b"<") > MAX_TAGS
    fault = "it has more tags than any list"
    if not is_huge:
        try:
            _feed(frame(markup, spaces) if spaces else markup, target, recover=False)
        except etree.XMLSyntaxError as error:
            fault = f"it is not well-formed XML: {' '.join(str(error.msg).split())[:200]}"
        else:
            return Parsed(target=target)
    part = _first_tags(markup, MAX_MENDED_TAGS)
    _feed(frame(mend(part), spaces), mended_target, recover=True)
    return Parsed(target=mended_target, fault=fault, was_cut=len(part) < len(markup))


@lru_cache(maxsize=4096)
def split_tag(tag: str) -> tuple[str, str]:
    """Return namespace and lower-case local name."""
    space, _, name = tag.rpartition("}")
    return space[1:], name.lower()


def _undeclared(markup: bytes) -> dict[str, str]:
    """Return the namespaces of prefixes that nobody declared, which the parser would drop."""
    missing = set(_PREFIXED.findall(markup)) - set(_XMLNS.findall(markup))
    names = [prefix.decode("ascii") for prefix in sorted(missing)[:_MAX_PREFIXES]]
    return {name: USUAL_SPACES.get(name, f"urn:undeclared:{name}") for name in names}


def _first_tags(markup: bytes, most: int) -> bytes:
    """Return as much of the markup as holds about so many tags."""
    tags = markup.count(b"<")
    return markup if tags <= most else markup[: len(markup) * most // tags]


def _feed(markup: bytes, target: _Target, *, recover: bool) -> None:
    parser = etree.XMLParser(
        target=target,
        recover=recover,
        huge_tree=True,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        encoding="utf-8",
    )
    for start in range(0, len(markup), _PIECE):
        parser.feed(markup[start : start + _PIECE])
        if target.is_full:
            return
    parser.close()


def _is_utf8(data: bytes) -> bool:
    """In pieces: the text of a large sitemap need not be held a second time."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(data), _PIECE):
            decoder.decode(data[start : start + _PIECE])
    except UnicodeDecodeError:
        return False
    return True  # a last character that was cut off is no fault
