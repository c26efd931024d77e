"""What one parse of a page saw, before any judgement."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from crawler.core import lookalikes, notices, urls
from crawler.core.folding import word_set
from crawler.core.overlap import is_unspaced
from crawler.core.values import Notice, Signals
from crawler.core.words import Place
from crawler.reading import walls
from crawler.reading.blocks import LONG_PROSE, Block, Page
from crawler.reading.regions import Region
from crawler.reading.structured import Structured
from crawler.reading.tree import Element

_PROSE_HEAD = 2000
_MAX_TEXT = 500
_MAX_HEADINGS = 10
_MAX_NOTICES = 20
_MAX_LEADING = 120  # characters of a line that leads to links
_LINKED = 0.8  # share of link text above which a block is an offer, not a notice
_REFRESH = re.compile(
    r"^\s*\d*(?:\.\d*)?\s*[;,]?\s*(?:url\s*=\s*)?[\"']?\s*(.+?)[\"']?\s*$", re.IGNORECASE
)
_ERROR_CLASS = re.compile(
    r"(?:^|\s)(?:error-?404|error-?page|page-?404|is-404|not-?found|page-?not-?found|"
    r"http-?404|template-?404|404|404-page|error-?not-?found)(?=\s|$)",
    re.IGNORECASE,
)
_ERROR = r"error|404|error[-_ ]?404|not[-_ ]?found|page[-_ ]?not[-_ ]?found"
_PAGE_TYPE = word_set("pagetype page_type pagecategory template contenttype pagename page_name")
# Name, letters that are quick to look for, and the pattern where they stand.
_ERROR_CODE = (
    ("next.error", '"page"', re.compile(r'"page"\s*:\s*"/(?:_error|404)"')),
    *(
        ("next.status", key, re.compile(rf'"{key}"\s*:\s*"?(?:404|410)\b'))
        for key in ("statuscode", "status_code", "httpstatus")
    ),
    *(
        ("page.type", key, re.compile(rf"{key}[\"']?\s*[:=]\s*[\"'](?:{_ERROR})[\"']"))
        for key in sorted(_PAGE_TYPE)
    ),
)
_SCRIPT_SCAN = 400_000  # characters of script searched for error markers


@dataclass(slots=True, kw_only=True)
class Seen:
    """The signals of a page, and the blocks in which its notices stand."""

    signals: Signals
    meta: dict[str, str] = field(default_factory=dict)  # first content by lower-case name
    notice_blocks: list[tuple[Block, Notice]] = field(default_factory=list)
    prose: list[Block] = field(default_factory=list)
    prompts: list[Block] = field(default_factory=list)  # by which a paywall asks for money


def see(root: Element, page: Page, data: Structured, *, url: str, markup: str) -> Seen:
    """Gather the signals. `url` makes relative addresses absolute, `markup` is the raw text."""
    meta = _meta(root)
    title = _text(root.find(".//head/title"), root.find(".//title"))
    found = list(_notices(page))
    foreign = {block for block, _ in found}
    prose = [block for block in page.blocks if block.is_prose and block not in foreign]
    tier = meta.get("article:content_tier", "")
    asked = walls.prompts(page, is_closed=_free(data) is False or tier == "locked")
    prose = [block for block in prose if block not in asked.blocks]
    headings = tuple(block.text[:_MAX_TEXT] for block in page.blocks if _is_headline(block))
    scripts = [script for script in root.iter("script") if _is_code(script)]
    prose_chars = sum(len(block.text) for block in prose)
    head = " ".join(block.text for block in prose)[:_PROSE_HEAD]
    long = _long_prose(head)
    told = walls.Head(title, headings, tier, prose_chars)
    signals = Signals(
        title=title,
        headings=headings[:_MAX_HEADINGS],
        canonical=_link(root, "canonical", url),
        og_url=urls.join(url, meta["og:url"]) if meta.get("og:url") else None,
        og_type=meta.get("og:type"),
        og_title=meta.get("og:title"),
        page_language=(root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang")),
        jsonld_types=data.types,
        jsonld_headline=data.text("headline") or None,
        accessible_for_free=_free(data),
        has_published_date=bool(data.text("datePublished") or meta.get("article:published_time")),
        meta_robots=meta.get("robots"),
        meta_refresh=_refresh(root, url),
        error_markers=tuple(_error_markers(root, scripts)),
        lookalike_markers=(
            *lookalikes.find_markers(markup, title, prose_chars),
            *walls.find_markers(root, page, told, asked),
        ),
        notices=tuple(_title_notices(title)) + tuple(notice for _, notice in found),
        prose_chars=prose_chars,
        prose_blocks=sum(len(block.text) >= long for block in prose),
        prose_head=head,
        text_chars=page.text_chars,
        teaser_cards=len(page.cards),
        link_chars=page.link_chars,
        script_count=len(scripts),
        has_password_input=any(_is_password(field) for field in root.iter("input")),
        depth=page.depth,
        body_chars=len(data.text("articleBody")),
    )
    return Seen(
        signals=signals,
        meta=meta,
        notice_blocks=found,
        prose=prose,
        prompts=list(asked.blocks),
    )


def _long_prose(head: str) -> int:
    """Return the characters of a paragraph that is more than a line, in the script of the prose."""
    return LONG_PROSE * 2 // 5 if is_unspaced(head) else LONG_PROSE


def _notices(page: Page) -> Iterator[tuple[Block, Notice]]:
    """Yield the blocks that are notices, with their place among the paragraphs."""
    matches = dict(_matches(page))
    prose = [n for n, block in enumerate(page.blocks) if block.is_prose and n not in matches]
    for number, match in list(matches.items())[:_MAX_NOTICES]:
        block = page.blocks[number]
        yield (
            block,
            Notice(
                kind=match.kind,
                language=match.language,
                phrase=match.phrase,
                text=block.text,
                place=_place(number, block, prose),
            ),
        )


def _matches(page: Page) -> Iterator[tuple[int, notices.NoticeMatch]]:
    """Yield the numbers of notice blocks; what follows one directly and goes on belongs to it."""
    previous: notices.NoticeMatch | None = None
    for number, block in enumerate(page.blocks):
        match = notices.find_notice(block.text) if _may_be_notice(block) else None
        if match is None and previous and _goes_on(page.blocks, number):
            match = previous
        if match:
            yield number, match
        previous = match


def _goes_on(blocks: list[Block], number: int) -> bool:
    """Whether the block after a notice is its help: by its words, or by the links it leads to."""
    block = blocks[number]
    if not _may_be_notice(block) or block.tag == "h1":
        return False
    if notices.goes_on(block.text):
        return True
    following = blocks[number + 1] if number + 1 < len(blocks) else None
    if following is None or len(block.text) > _MAX_LEADING * 2:
        return False
    if not _may_be_notice(following):
        return len(block.text) <= _MAX_LEADING and not block.text.endswith(".")
    return notices.is_help(following.text) or notices.find_notice(following.text) is not None


def _may_be_notice(block: Block) -> bool:
    return block.link_chars <= len(block.text) * _LINKED


def _place(number: int, block: Block, prose: list[int]) -> Place:
    if block.region is not Region.BODY or block.in_card:
        return Place.OUTSIDE
    if block.tag == "h1":
        return Place.HEADING
    if not prose or number < prose[0]:
        return Place.BEFORE
    return Place.AFTER if number > prose[-1] else Place.BETWEEN


def _title_notices(title: str) -> Iterator[Notice]:
    match = notices.find_title_notice(title)
    if match:
        yield Notice(
            kind=match.kind,
            language=match.language,
            phrase=match.phrase,
            text=title,
            place=Place.TITLE,
        )


def _is_headline(block: Block) -> bool:
    return block.tag == "h1" and block.region is not Region.HIDDEN


def _meta(root: Element) -> dict[str, str]:
    """Return the first content of each meta name or property, lower-case names."""
    found: dict[str, str] = {}
    for element in root.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop")
        content = element.get("content")
        if name and content and content.strip():
            found.setdefault(name.strip().lower(), " ".join(content.split()))
    return found


def _text(*elements: Element | None) -> str:
    """Return the text of the first element that is there."""
    element = next((element for element in elements if element is not None), None)
    return " ".join(element.text_content().split())[:_MAX_TEXT] if element is not None else ""


def _link(root: Element, relation: str, url: str) -> str | None:
    for element in root.iter("link"):
        if relation in (element.get("rel") or "").lower().split() and element.get("href"):
            return urls.join(url, element.get("href"))
    return None


def _refresh(root: Element, url: str) -> str | None:
    for element in root.iter("meta"):
        is_refresh = (element.get("http-equiv") or "").strip().lower() == "refresh"
        if is_refresh and next(element.iterancestors("noscript"), None) is None:
            match = _REFRESH.match(element.get("content") or "")
            return urls.join(url, match.group(1)) if match else None
    return None


def _free(data: Structured) -> bool | None:
    """Return what JSON-LD says of the article, or of a part of it: one that is locked counts."""
    article = data.article or {}
    parts = article.get("hasPart")
    listed = [article, *(parts if isinstance(parts, list) else [parts])]
    values = (one.get("isAccessibleForFree") for one in listed if isinstance(one, dict))
    said = {str(value).strip().lower().rsplit("/", 1)[-1] for value in values}
    return False if "false" in said else True if "true" in said else None


def _is_code(script: Element) -> bool:
    kind = (script.get("type") or "").lower()
    return "ld+json" not in kind


def _is_password(element: Element) -> bool:
    return (element.get("type") or "").lower() == "password"


def _error_markers(root: Element, scripts: list[Element]) -> Iterator[str]:
    for element in root.iter("html", "body", "main"):
        for attribute in ("class", "id", "data-page-type", "data-template", "data-page"):
            value = element.get(attribute) or ""
            match = _ERROR_CLASS.search(value)
            if match or (attribute.startswith("data-") and value.lower() == "error"):
                yield f"{element.tag}.{match.group().strip() if match else value}"
    code = "\n".join(script.text for script in scripts if script.text)[:_SCRIPT_SCAN].lower()
    yield from dict.fromkeys(
        name for name, key, pattern in _ERROR_CODE if key in code and pattern.search(code)
    )
