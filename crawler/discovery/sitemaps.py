"""Sitemaps by their protocol (sitemaps.org, Google News): a parse that keeps no tree."""

from crawler.core.listings import Listing, ListKind
from crawler.discovery import markup, moments, wording
from crawler.discovery.gather import Gathered

_ENTRIES = frozenset({"url", "sitemap"})
_INDEX = "sitemapindex"
# Parent and name -> what it is. Images and videos have titles and addresses of their own.
_FIELDS = {
    ("url", "loc"): "loc",
    ("sitemap", "loc"): "loc",
    ("url", "lastmod"): "lastmod",
    ("sitemap", "lastmod"): "lastmod",
    ("news", "title"): "title",
    ("news", "publication_date"): "published",
    ("publication", "name"): "paper",
    ("publication", "language"): "language",
    ("news", "language"): "language",
}
_WEB = ("http://", "https://")
_MAX_NAMES = 16


def read_sitemap(text: bytes, root: str, gathered: Gathered) -> tuple[Listing, str | None]:
    """Read the markup of a sitemap or of an index of sitemaps; also return its fault, if any."""
    parsed = markup.parse(text, _Sitemap(gathered, root), _Sitemap(gathered, root))
    found = parsed.target
    is_index = bool(gathered.lists or root == _INDEX) and not gathered.pages
    kind = ListKind.SITEMAP_INDEX if is_index else ListKind.SITEMAP
    listing = Listing(
        kind=kind,
        entries=tuple(gathered.pages.values()),
        lists=tuple(gathered.lists.values()),
        title=wording.from_html(_only(found.papers)),
        language=wording.language(_only(found.languages)),
        was_truncated=parsed.was_cut,
    )
    return listing, parsed.fault


def _only(names: dict[str, None]) -> str | None:
    return next(iter(names)) if len(names) == 1 else None


class _Sitemap:
    """Takes the events of a sitemap, any namespace or none, and gathers its entries."""

    def __init__(self, gathered: Gathered, root: str) -> None:
        self.gathered = gathered
        self.papers: dict[str, None] = {}
        self.languages: dict[str, None] = {}
        self._path = [root]
        self._space = ""  # of the entry: an address of its picture has another
        self._text: list[str] | None = None  # of the innermost element, while it has no child
        self._said: dict[str, str] = {}

    @property
    def is_full(self) -> bool:
        return self.gathered.was_full

    def start(self, tag: str, _attrib: dict[str, str]) -> None:
        space, name = markup.split_tag(tag)
        if name in _ENTRIES:
            self._said = {}
            self._space = space
        self._path.append(name)
        self._text = []

    def data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def end(self, tag: str) -> None:
        name = self._path.pop()
        above = self._path[-1]
        field = _FIELDS.get((above, name))
        text, self._text = self._text, None
        if above in _ENTRIES and markup.split_tag(tag)[0] != self._space:
            return
        if field and text:
            self._said.setdefault(field, "".join(text).strip())
        elif name in _ENTRIES:
            self._entry(name, "".join(text or ()).strip())

    def close(self) -> None:
        """Nothing is left open: entries are gathered as they end."""

    def _entry(self, name: str, text: str) -> None:
        said = self._said
        self._said = {}
        # Some indexes put the address into <sitemap> itself.
        address = said.get("loc") or (text if text.startswith(_WEB) else "")
        if not address:
            return
        self.gathered.add(
            address,
            headline=wording.from_html(said.get("title")),
            published=moments.from_text(said.get("published")),
            modified=moments.from_text(said.get("lastmod")),
            is_list=name == "sitemap" or self._path[-1] == _INDEX,
        )
        self._note(self.papers, said.get("paper"))
        self._note(self.languages, said.get("language"))

    @staticmethod
    def _note(names: dict[str, None], name: str | None) -> None:
        if name and len(names) < _MAX_NAMES:
            names[name] = None
