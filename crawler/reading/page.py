"""`read_page`: from the bytes of one page, as received, to everything we ever ask of them."""

from collections.abc import Iterator
from dataclasses import replace

from crawler.core import dating
from crawler.core.fingerprint import simhash, template_hash
from crawler.core.values import (
    Article,
    Headers,
    PageReading,
    ReadingLimits,
    RemovedSpan,
    Signals,
)
from crawler.reading import blocks, dates, links, metadata, particulars
from crawler.reading.article import EXTRACTOR_VERSION, extract_text, is_huge
from crawler.reading.bylines import bylines_of
from crawler.reading.charset import Text, to_text
from crawler.reading.cut import cut, trim, without_headline
from crawler.reading.decode import decode_body
from crawler.reading.loose import wrap_loose
from crawler.reading.prompts import cut_prompts, is_stub, trim_prompts
from crawler.reading.signals import Seen, see
from crawler.reading.sniff import has_words, is_binary, media_type
from crawler.reading.structured import Structured, read_structured
from crawler.reading.tree import Element, parse

_MAX_PARTS = 5000


def read_page(
    body: bytes,
    *,
    headers: Headers,
    url: str,
    limits: ReadingLimits = ReadingLimits(),  # noqa: B008 - frozen
    truncated: bool = False,
) -> PageReading:
    """Read one page. `body` is as received, still content-encoded; `url` is where it came from.

    `truncated` says the body was cut on the wire. What is no page gives a reading without
    article and with the reason: `empty_body`, `bad_encoding`, `too_many_encodings`, `not_html`,
    `binary`, `no_markup`, `no_text`. Strange bytes raise nothing; only the worker's limits end a
    reading.
    """
    named = _first_values(headers)
    decoded = decode_body(body, named.get("content-encoding"), limits.decoded_bytes)
    was_truncated = truncated or decoded.was_truncated
    kind = media_type(named.get("content-type"), decoded.data) if decoded.data else ""
    reason = decoded.fault or ("" if decoded.data.strip() else "empty_body")
    reason = reason or ("" if kind == "text/html" else "not_html")
    if reason:
        return _no_page(reason, kind, len(decoded.data), was_truncated=was_truncated)
    text = to_text(decoded.data, named.get("content-type"))
    is_junk = is_binary(text.text)
    root = None if is_junk else parse(text.text)
    if root is None:
        reason = "binary" if is_junk else "no_markup"
        return _no_page(reason, kind, len(decoded.data), was_truncated=was_truncated)
    return _read(root, text, len(decoded.data), url, limits, was_truncated=was_truncated)


def _read(
    root: Element, text: Text, size: int, url: str, limits: ReadingLimits, *, was_truncated: bool
) -> PageReading:
    base = links.base_of(root, url)
    data = read_structured(root)
    wrap_loose(root)
    page = blocks.split(root)
    seen = see(root, page, data, url=base, markup=text.text)
    offered = links.links_of(root, base, limits.links) if limits.links else ()
    template = template_hash(_template(page, seen))
    feeds = links.feeds_of(root, base)
    removed = cut(root, page, seen) + cut_prompts(root, page, seen)
    # Before the text is looked for, which uses the tree up.
    told = _told(root, page, data, seen.meta, url)
    body, trimmed = trim(extract_text(root, page, seen, data, url), seen)
    body, prompts = trim_prompts(body, seen)
    body = body[: limits.text_chars] if has_words(body) else ""
    return PageReading(
        signals=seen.signals,
        article=_article(body, seen, data, told, url=base, was_cut=was_truncated),
        no_article=None if body else "no_text",
        removed=_each_once(removed + trimmed + prompts),
        links=offered,
        feeds=feeds,
        template_hash=template,
        media_type="text/html",
        charset=text.charset,
        decoded_size=size,
        was_truncated=was_truncated,
        extractor_version=EXTRACTOR_VERSION,
    )


def _told(
    root: Element, page: blocks.Page, data: Structured, meta: dict[str, str], url: str
) -> Article:
    """Return an article that holds what the tree and the page's own words tell of it, no text."""
    found = dates.published(root, data, meta, url, search=not is_huge(page))
    authors, by = metadata.authors_of(data, meta)
    if not authors:
        authors, by = metadata.authors_of(data, meta, bylines_of(page))
    changes = dates.modified(data, meta)
    published = dating.publication(found).at
    return Article(
        text="",
        authors=authors,
        authors_by=by,
        published=published,
        dates=found,
        modified=dating.last_change(changes, published).at,
        changes=changes,
        is_free=particulars.is_free(data, meta),
    )


def _article(
    body: str, seen: Seen, data: Structured, told: Article, *, url: str, was_cut: bool
) -> Article | None:
    if not body:
        return None
    signals = seen.signals
    title, title_by = metadata.title_of(signals, data, seen.meta)
    body = without_headline(body, title)
    language, language_by = metadata.told_language(body, signals.page_language)
    section, section_by = particulars.section_of(data, seen.meta, url, title)
    return replace(
        told,
        text=body,
        title=title,
        title_by=title_by,
        language=language,
        language_by=language_by,
        section=section,
        section_by=section_by,
        canonical_url=particulars.canonical_of(signals, url),
        lead_image=particulars.lead_image_of(data, seen.meta, url),
        simhash=simhash(body),
        is_partial=was_cut or is_stub(body, seen),
    )


def _template(page: blocks.Page, seen: Seen) -> Iterator[str]:
    """Name the parts that make the page's skeleton: furniture and frames, not what they hold."""
    yield from (f"notice:{notice.phrase}" for notice in seen.signals.notices)
    for element in page.frames[:_MAX_PARTS]:
        if element not in page.cards:
            yield f"{element.tag}.{element.get('class', '')}#{element.get('id', '')}"


def _first_values(headers: Headers) -> dict[str, str]:
    """Return the first value of each header; repeated content-encodings are one list."""
    found: dict[str, str] = {}
    for name, value in headers:
        if name == "content-encoding" and name in found:
            found[name] = f"{found[name]}, {value}"
        found.setdefault(name, value)
    return found


def _each_once(removed: list[RemovedSpan]) -> tuple[RemovedSpan, ...]:
    return tuple(dict.fromkeys(removed))


def _no_page(reason: str, kind: str, size: int, *, was_truncated: bool) -> PageReading:
    return PageReading(
        signals=Signals(),
        no_article=reason,
        media_type=kind,
        decoded_size=size,
        was_truncated=was_truncated,
        extractor_version=EXTRACTOR_VERSION,
    )
