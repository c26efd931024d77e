"""The article's text. The one module that knows trafilatura.

Never call it in a thread: trafilatura's concurrent use crashes the interpreter (its issues 840
and 925). Workers are processes.
"""

import logging
from importlib.metadata import version

from trafilatura import bare_extraction

from crawler.reading.blocks import Page
from crawler.reading.signals import Seen
from crawler.reading.structured import Structured
from crawler.reading.tree import Element

RULES_VERSION = "1"  # of our cutting and choosing; raised with every change of what comes out
EXTRACTOR_VERSION = f"trafilatura-{version('trafilatura')}+newsmorgue-{RULES_VERSION}"

_MAX_ELEMENTS = 60_000  # above, trafilatura takes minutes: 300,000 links over 90 s
_MAX_CHARS = 1_500_000
_THIN = 250  # characters below which another source is tried
_MARKUP = "<"

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
logging.getLogger("htmldate").setLevel(logging.CRITICAL)
logging.getLogger("readability").setLevel(logging.CRITICAL)


def extract_text(root: Element, page: Page, seen: Seen, data: Structured, url: str) -> str:
    """Return the article's paragraphs, one a line, or an empty string.

    Trafilatura set for precision and without comments: F1 .946 over three sets of news pages,
    its best. Where it finds next to nothing, JSON-LD's articleBody or the page's own paragraphs
    stand in; on pages too large for it they stand in at once.
    """
    text = "" if is_huge(page) else _extract(root, url)
    if len(text) >= _THIN:
        return text
    others = (_plain(data.text("articleBody")), _prose(seen))
    best = max(others, key=len)
    return best if len(best) > max(len(text) * 2, _THIN) else text


def is_huge(page: Page) -> bool:
    """Whether the page is too large for extractors whose time grows with it."""
    return page.elements > _MAX_ELEMENTS or page.text_chars > _MAX_CHARS


def _extract(root: Element, url: str) -> str:
    document = bare_extraction(
        root, url=url, favor_precision=True, include_comments=False, with_metadata=False
    )
    text = getattr(document, "text", None)
    return _lines(text) if text else ""


def _lines(text: str) -> str:
    return "\n".join(line for raw in text.split("\n") if (line := raw.strip()))


def _prose(seen: Seen) -> str:
    return "\n".join(block.text for block in seen.prose)


def _plain(body: str) -> str:
    """Some publishers put markup into articleBody."""
    if _MARKUP not in body:
        return body
    from lxml import html  # noqa: PLC0415 - rare

    return " ".join(html.fragment_fromstring(body, create_parent="div").text_content().split())
