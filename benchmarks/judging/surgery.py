"""Edits of a real page: find its article, take it out, put something else in."""

import copy
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml import etree, html

from crawler.reading.charset import to_text

Element = html.HtmlElement

_BLOCKS = "//p|//h2|//h3|//h4|//li|//blockquote|//td|//pre|//div[not(.//p)]"
_ABOUT_ARTICLE = (
    '//script[contains(@type, "json")]',
    '//script[@id="__NEXT_DATA__"]',
    '//link[@rel="canonical" or @rel="amphtml" or @rel="shortlink"]',
    '//meta[starts-with(@property, "og:") or starts-with(@property, "article:")]',
    '//meta[starts-with(@name, "twitter:") or starts-with(@name, "parsely")]',
    '//meta[@name="description" or @name="keywords" or @name="author" or @name="title"]',
    "//meta[@itemprop]",
)
# What goes with an article and is gone with it, though it stands outside its element.
_COMPANIONS = re.compile(
    r"comments?|disqus|respond|byline|breadcrumbs?|author-?bio|post-?meta|entry-?(?:header|meta)",
    re.IGNORECASE,
)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_NOT_A_WORD = re.compile(r"[\W_]+")
_LONG = 40  # characters of a block that can be told to be the article's
_RUN, _ALIKE = 4, 0.6  # words of a run; share of runs in common that make a block the article's
_SHARE = 0.85  # of the article's text that its element must hold
_BEGINNING = 25  # characters by which a shortened headline is known
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_PROSE = (*_HEADINGS, "p", "li", "blockquote", "pre", "figure", "table", "dl", "div")
_FURNITURE = frozenset({"nav", "footer", "aside", "header"})
_CARDS = frozenset({"li", "article", "div", "section"})
_MAX_CARD = 600  # characters
_OFFERED, _OFFERED_SHARE = 20, 0.15  # characters of a card's link at least, and of the card
_MAX_COMPANION = 20_000  # characters; what is larger is the page


@dataclass(frozen=True, slots=True)
class Body:
    """A page's tree with the parts of its article. Edit it, then `write` it."""

    root: Element
    container: Element  # the innermost element that holds nearly all of the article
    blocks: tuple[Element, ...]  # of the article's text, in order


@dataclass(frozen=True, slots=True)
class Anatomy:
    """A page cut open once; `fresh` gives a copy to edit."""

    root: Element
    container: str
    blocks: tuple[str, ...]

    def fresh(self) -> Body:
        """Return a copy of the page."""
        root = copy.deepcopy(self.root)
        blocks = tuple(root.xpath(path)[0] for path in self.blocks)
        return Body(root, root.xpath(self.container)[0], blocks)


def plain(text: str) -> str:
    """Return a text's words, lower case, one space between: for comparing only."""
    return _NOT_A_WORD.sub(" ", text).casefold().strip()


def dissect(body: bytes, text: str) -> Anatomy | None:
    """Find the article of known text in a page; None if nothing of it stands in the markup."""
    markup = _DECLARATION.sub("", _NO_TEXT.sub("", to_text(body, None).text))
    parser = html.HTMLParser(huge_tree=True)
    root = html.document_fromstring(markup, parser=parser)
    if root.find("body") is None:
        return None
    blocks = list(_blocks_of(root, plain(text)))
    container = _container(blocks)
    if container is None:
        return None
    path = root.getroottree().getpath
    return Anatomy(root, path(container), tuple(map(path, blocks)))


def write(root: Element) -> bytes:
    """Return the page as UTF-8."""
    found: bytes = etree.tostring(root, method="html", encoding="utf-8", doctype="<!DOCTYPE html>")
    return found


def element(tag: str, text: str = "", **attributes: str) -> Element:
    """Return a new element; `class_` stands for the class attribute."""
    named = {name.rstrip("_"): value for name, value in attributes.items() if value}
    made: Element = html.Element(tag, named)
    made.text = _NO_TEXT.sub("", text) or None
    return made


def fragment(markup: str) -> list[Element]:
    """Return the elements of a piece of markup."""
    return [one for one in html.fragments_fromstring(markup) if not isinstance(one, str)]


def empty(page: Body, headline: str) -> Element:
    """Take the article out, with all that speaks of it. Return the element where it stood.

    What stays is the site's frame and offers of other pages. Truths may leave out a summary, a
    list of sources or half of a long article: the prose around it goes too.
    """
    place, region = page.container, _region(page)
    if place.tag in {"body", "html"}:
        place = element("div")
        page.blocks[0].addprevious(place)
    else:
        _clear(place)
    keep = {place, *place.iterancestors()}
    for told in (*page.blocks, *_companions(page.root, headline), *_remains(region, place)):
        if told not in keep:
            drop(told)
    return place


def drop(told: Element) -> None:
    """Take an element out of its page; the text after it stays."""
    if told.getparent() is not None:
        told.drop_tree()


def fill(place: Element, parts: Sequence[Element]) -> None:
    """Put elements where the article stood."""
    for part in parts:
        place.append(part)


def set_title(root: Element, text: str) -> None:
    """Give the page another title."""
    for old in root.xpath("//title[not(ancestor::svg)]"):  # broken heads leave theirs in the body
        drop(old)
    _head(root).insert(0, element("title", text))


def set_meta(root: Element, **named: str) -> None:
    """Add Open Graph metas to the head: `type`, `title`, `url` ..."""
    for name, value in named.items():
        meta = element("meta", property=f"og:{name}", content=_NO_TEXT.sub("", value))
        _head(root).append(meta)


def set_canonical(root: Element, url: str) -> None:
    """Name the page's address in the head."""
    _head(root).append(element("link", rel="canonical", href=url))


def readdress(root: Element, url: str) -> None:
    """Let the page name another address as its own, where it names one."""
    for link in root.xpath('//link[@rel="canonical"]'):
        link.set("href", url)
    for meta in root.xpath('//meta[@property="og:url"]'):
        meta.set("content", url)


def site_name(root: Element, host: str) -> str:
    """Return what the page calls its site, or the host."""
    named = root.xpath('//meta[@property="og:site_name"]/@content')
    return str(named[0]).strip() if named and named[0].strip() else host.removeprefix("www.")


def _head(root: Element) -> Element:
    head = root.find("head")
    if head is None:
        head = element("head")
        root.insert(0, head)
    return head


def _clear(place: Element) -> None:
    for child in list(place):
        place.remove(child)
    place.text = None


def _region(page: Body) -> Element:
    """Return the innermost element around the article and its heading, or an article element."""
    above = [page.container, *page.container.iterancestors()]
    marked = [one for one in above if one.tag == "article"]
    headings = [set(one.iterancestors()) for one in page.root.xpath("//body//h1")]
    common = [one for one in above if any(one in holders for holders in headings)]
    wide = [one for one in (*marked[-1:], *common[:1]) if one.tag != "html"]
    return max(wide, key=lambda one: len(one.text_content()), default=page.container)


def _remains(region: Element, place: Element) -> Iterator[Element]:
    """Yield headings and prose of a region that are no offer of another page."""
    for one in region.iter(*_PROSE):
        text = " ".join(one.text_content().split())
        if one is place or one.find(".//p") is not None or _is_furniture(one):
            continue
        if (one.tag in _HEADINGS or len(text) >= _LONG) and not _is_offer(one, region):
            yield one


def _is_furniture(one: Element) -> bool:
    """Whether it is the site's own; a header with the article's headline is not."""
    above = (holder for holder in one.iterancestors() if holder.tag in _FURNITURE)
    return any(holder.tag != "header" or holder.find(".//h1") is None for holder in above)


def _is_offer(one: Element, region: Element) -> bool:
    for above in (one, *one.iterancestors()):
        if above is region:
            return False
        if above.tag == "a":
            return True
        chars = len(above.text_content())
        if above.tag not in _CARDS or chars > _MAX_CARD:
            continue
        longest = max((len(link.text_content()) for link in above.iter("a")), default=0)
        if longest >= max(_OFFERED, chars * _OFFERED_SHARE):
            return True
    return False


def summaries(root: Element, headline: str = "") -> list[Element]:
    """Return the elements that repeat the page's description, or its headline."""
    texts = root.xpath('//meta[contains(@name, "description")]/@content')
    texts += root.xpath('//meta[contains(@property, "description")]/@content')
    told = {plain(text) for text in (headline, *texts)} - {""}
    bare = root.xpath("//body//*[not(*)]")
    return [one for one in bare if one.text and _repeats(plain(one.text), told)]


def _repeats(text: str, told: set[str]) -> bool:
    """Whether a text is one of those told, or the beginning of one as breadcrumbs show it."""
    return text in told or (len(text) >= _BEGINNING and any(one.startswith(text) for one in told))


def _companions(root: Element, headline: str) -> Iterator[Element]:
    """Yield headlines, summaries, metadata, dates, comments and breadcrumbs of the article."""
    for path in ("//h1", "//time", *_ABOUT_ARTICLE):
        yield from root.xpath(path)
    for one in root.xpath("//body//*[@class or @id]"):
        name = f"{one.get('id', '')} {one.get('class', '')}"
        if _COMPANIONS.search(name) and len(one.text_content()) < _MAX_COMPANION:
            yield one
    yield from summaries(root, headline)


def _blocks_of(root: Element, article: str) -> Iterator[Element]:
    """Yield the innermost blocks whose text is the article's, or nearly: truths leave parts out."""
    runs = _runs(article)
    found = []
    for block in root.xpath(_BLOCKS):
        text = plain(block.text_content())
        if len(text) >= _LONG and (text in article or _is_mostly(_runs(text), runs)):
            found.append(block)
    holders = {above for block in found for above in block.iterancestors()}
    return (block for block in found if block not in holders)


def _is_mostly(some: set[tuple[str, ...]], runs: set[tuple[str, ...]]) -> bool:
    return len(some & runs) > len(some) * _ALIKE


def _runs(text: str) -> set[tuple[str, ...]]:
    words = text.split()
    return set(zip(*(words[start:] for start in range(_RUN)), strict=False))


def _container(blocks: Sequence[Element]) -> Element | None:
    weights: dict[Element, int] = {}
    total = 0
    for block in blocks:
        size = len(block.text_content())
        total += size
        for above in block.iterancestors():
            weights[above] = weights.get(above, 0) + size
    holders = [one for one, size in weights.items() if size >= total * _SHARE]
    return max(holders, key=lambda one: len(list(one.iterancestors())), default=None)
