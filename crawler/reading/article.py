"""The article's text. The one module that knows trafilatura.

Never call it in a thread: trafilatura's concurrent use crashes the interpreter (its issues 840
and 925). Workers are processes.
"""

import logging
from importlib.metadata import version

from trafilatura import bare_extraction

from crawler.reading import state
from crawler.reading.blocks import Page
from crawler.reading.lighten import lighten
from crawler.reading.signals import Seen
from crawler.reading.structured import Structured
from crawler.reading.tree import Element

RULES_VERSION = "3"  # of our cutting and choosing; raised with every change of what comes out
EXTRACTOR_VERSION = f"trafilatura-{version('trafilatura')}+newsmorgue-{RULES_VERSION}"

_MAX_ELEMENTS = 60_000  # above, trafilatura takes minutes: 300,000 links over 90 s
_MAX_CHARS = 1_500_000
_THIN = 250  # characters below which another source is tried
_SHARE = 0.7  # of the page's prose that a text without second opinions must be as long as

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
logging.getLogger("htmldate").setLevel(logging.CRITICAL)
logging.getLogger("readability").setLevel(logging.CRITICAL)


def extract_text(root: Element, page: Page, seen: Seen, data: Structured, url: str) -> str:
    """Return the article's paragraphs, one a line, or an empty string. The tree is used up.

    Trafilatura set for precision and without comments: F1 .946 over three sets of news pages,
    its best. Where it finds next to nothing, JSON-LD's articleBody or the page's own paragraphs
    stand in, or what the page carries for its scripts; on pages too large they do at once.
    """
    is_empty = seen.signals.prose_chars < _THIN
    scripts = state.scripts_of(root) if is_empty else []  # the extraction drops them
    text = "" if is_huge(page) else _extract(root, page, seen, url)
    if len(text) >= _THIN:
        return text
    others = ("\n".join(state.paragraphs(data.raw("articleBody"))), _prose(seen))
    best = max(others, key=len)
    if len(best) < _THIN and scripts:
        best = state.text_of(scripts)
    return best if len(best) > max(len(text) * 2, _THIN) else text


def is_huge(page: Page) -> bool:
    """Whether the page is too large for extractors whose time grows with it."""
    return page.elements > _MAX_ELEMENTS or page.text_chars > _MAX_CHARS


def _extract(root: Element, page: Page, seen: Seen, url: str) -> str:
    """Ask trafilatura without its second opinions, and with them where it found too little.

    The second opinions (readability, justext) are half of its time, and change 2 of 473 texts
    where the first is as long as most of the page's prose; 8 % of pages need them. On shares of
    .6, .7 and .8 the figures were alike.
    """
    lighten(root, page)
    text = _ask(root, url, fast=True)
    if len(text) >= max(_THIN, seen.signals.prose_chars * _SHARE):
        return text
    return _ask(root, url, fast=False)


def _ask(root: Element, url: str, *, fast: bool) -> str:
    document = bare_extraction(
        root,
        url=url,
        fast=fast,
        favor_precision=True,
        include_comments=False,
        with_metadata=False,
    )
    text = getattr(document, "text", None)
    return _lines(text) if text else ""


def _lines(text: str) -> str:
    return "\n".join(line for raw in text.split("\n") if (line := raw.strip()))


def _prose(seen: Seen) -> str:
    return "\n".join(block.text for block in seen.prose)
