"""A feed of any dialect cut down to what a list needs: addresses, titles, dates, one plain shape.

feedparser takes 28 s for 1.2 MB of unclosed items and spends most of an ordinary feed's time on
the bodies of its articles, which nobody asks for here. What it is given is this: RSS 2.0 or Atom
without bodies, with every address made absolute the way browsers do.
"""

from lxml import etree

from crawler.discovery.gather import resolve
from crawler.discovery.markup import ATOM, USUAL_SPACES, split_tag

_ATOM_03 = "http://purl.org/atom/ns#"
_DC, _DCTERMS = USUAL_SPACES["dc"], USUAL_SPACES["dcterms"]
_FEEDBURNER = USUAL_SPACES["feedburner"]
_RDF_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
_XML = "{http://www.w3.org/XML/1998/namespace}"
_FRAME = frozenset({"rss", "feed", "rdf", "channel", "items", "mended"})
_ENTRIES = frozenset({"item", "entry"})
_IN_FEED = frozenset({"title", "link", "language"})
_IN_ENTRY = {
    "title": "title",
    "link": "link",
    "guid": "guid",
    "id": "guid",
    "pubdate": "pubDate",
    "date": "pubDate",
    "published": "published",
    "issued": "issued",
    "updated": "updated",
    "modified": "modified",
    "created": "created",
}
# Modules: the same fields in other namespaces.
_MODULES = {
    (_DC, "date"): f"{{{_DC}}}date",
    (_DC, "title"): f"{{{_DC}}}title",
    (_DC, "language"): "language",
    (_DCTERMS, "issued"): f"{{{_DCTERMS}}}issued",
    (_DCTERMS, "created"): f"{{{_DCTERMS}}}created",
    (_DCTERMS, "modified"): f"{{{_DCTERMS}}}modified",
    (_FEEDBURNER, "origlink"): f"{{{_FEEDBURNER}}}origLink",
    (ATOM, "link"): "link",
}
_SPACED = frozenset({"br", "p", "div", "li", "td"})
_WEB = ("http://", "https://")
_MAX_TEXT = 8192  # characters of one field; no resolved address is longer


class Sieve:
    """Takes the events of a feed and keeps a small tree of it; `url` is where it came from."""

    def __init__(self, url: str, limit: int) -> None:
        self.is_full = False
        self.language: str | None = None
        self._limit = limit
        self._entries = 0
        self._home: str | None = None  # the channel's own link, where relative ones start
        self._bases: list[str | None] = [None]  # by xml:base, of the elements open
        self._url = url
        self._tree = etree.Element("rss", version="2.0")
        self._top = etree.SubElement(self._tree, "channel")
        self._entry: etree._Element | None = None
        self._entry_depth = 0
        self._space = ""  # the feed's own namespace, or its entry's
        self._core = ""  # the namespace written for it
        self._skipped = 0  # depth inside an element that is left out
        self._field: tuple[str, dict[str, str]] | None = None
        self._inner = 0  # depth inside a field
        self._text: list[str] = []

    def tree(self) -> bytes:
        """Return the feed so far as XML, without declaration, in ASCII."""
        text: bytes = etree.tostring(self._tree)
        return text

    def start(self, tag: str, attrib: dict[str, str]) -> None:
        """Take a start tag: of the frame, of an entry, of a field, or of what is left out."""
        space, name = split_tag(tag)
        if self._skipped:
            self._skipped += 1
        elif self._field:
            self._inner += 1
            self._text.append(" " if name in _SPACED else "")
        else:
            self._bases.append(self._based(attrib.get(f"{_XML}base")))
            self._open(space, name, attrib)

    def data(self, data: str) -> None:
        """Take text, if it is of a field."""
        if self._field and not self._skipped:
            self._text.append(data)

    def end(self, _tag: str) -> None:
        """Take an end tag, and keep the field it ends."""
        if self._skipped > 1 or self._inner:
            self._skipped -= bool(self._skipped)
            self._inner -= bool(self._inner)
            return
        self._skipped = 0
        if self._field:
            self._keep(*self._field, "".join(self._text).strip())
        elif self._entry is not None and len(self._bases) == self._entry_depth:
            self._entry = None
        self._field = None
        self._bases.pop()

    def close(self) -> None:
        """What is there is whole."""

    def _open(self, space: str, name: str, attrib: dict[str, str]) -> None:
        if self._entry is None and name in _FRAME:
            self._frame(space, name, attrib)
        elif self._entry is None and name in _ENTRIES:
            self._begin(space, name, attrib)
        elif field := self._field_of(space, name):
            self._field = (field, dict(attrib))
            self._text = []
        else:
            self._skipped = 1

    def _frame(self, space: str, name: str, attrib: dict[str, str]) -> None:
        self._space = space
        self.language = self.language or attrib.get(f"{_XML}lang")
        if name == "feed" and not self._core and not self._entries:
            # With Atom, the types of titles count; any other namespace is taken for Atom's.
            self._core = f"{{{_ATOM_03 if space == _ATOM_03 else ATOM}}}"
            self._tree = self._top = etree.Element(f"{self._core}feed")

    def _begin(self, space: str, name: str, attrib: dict[str, str]) -> None:
        if self._entries >= self._limit:
            self.is_full = True
            self._skipped = 1
            return
        self._entries += 1
        self._space = space
        self._entry_depth = len(self._bases)
        self._entry = etree.SubElement(self._top, f"{self._core}{name}")
        if about := attrib.get(_RDF_ABOUT):
            self._keep("guid", {}, about)

    def _field_of(self, space: str, name: str) -> str | None:
        if field := _MODULES.get((space, name)):
            return field
        if space != self._space:
            return None
        if self._entry is None:
            return name if name in _IN_FEED else None
        return _IN_ENTRY.get(name)

    def _keep(self, field: str, attrib: dict[str, str], text: str) -> None:
        """Put a field into the tree, if it says something."""
        said: dict[str, str] | None = {}
        if field == "link":
            said, text = self._link(attrib, text)
        elif field.endswith("origLink"):
            text = resolve(self._base(), text) or ""
        elif field == "guid":
            text = self._permanent(attrib, text)
        elif field == "title":
            said = {key: attrib[key] for key in ("type", "mode") if attrib.get(key)}
            said |= {"type": "text"} if said.get("type", "").endswith("xhtml") else {}
        if not text and not said:
            return
        name = field if field.startswith("{") else f"{self._core}{field}"
        place = self._top if self._entry is None else self._entry
        etree.SubElement(place, name, said).text = text[:_MAX_TEXT]

    def _link(self, attrib: dict[str, str], text: str) -> tuple[dict[str, str], str]:
        """Return a link's attributes with its address made absolute, and its text likewise."""
        if href := attrib.get("href", "").strip():
            url = resolve(self._base(), href)
            said = {key: attrib[key] for key in ("rel", "type") if attrib.get(key)}
            return ({**said, "href": url} if url else {}), ""
        url = resolve(self._base(), text) if text else None
        if url and self._entry is None and not self._core:
            self._home = self._home or url
        return {}, url or ""

    def _permanent(self, attrib: dict[str, str], text: str) -> str:
        """Return an identifier that serves as address, or nothing."""
        says_no = attrib.get("isPermaLink", "").lower() == "false"
        is_web = text.lower().startswith(_WEB)
        return (resolve(self._base(), text) or "") if is_web and not says_no else ""

    def _base(self) -> str:
        return self._bases[-1] or self._home or self._url

    def _based(self, base: str | None) -> str | None:
        above = self._bases[-1]
        return (resolve(above or self._url, base) or above) if base else above
