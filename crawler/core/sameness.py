"""Whether two pages of a host are the same page under two addresses.

Teasers, dates and the address itself change from one showing of an error page to the next; title,
h1 and the first prose do not. Digits and the words of the address are left out before comparing.
Hashes cost some 70 microseconds, and are reckoned of pages in doubt only.
"""

import re
from urllib.parse import unquote_plus, urlsplit

from crawler.core.fingerprint import simhash, template_hash
from crawler.core.folding import fold, word_set
from crawler.core.values import ErrorPage, PageReading, Signals

_HEAD = 400  # characters of prose that make a page what it is
_SOME_PROSE = 200  # characters that can be compared by themselves
_LINE = 40  # characters of prose under which there is none
_NEAR = 6  # of 64 bits: texts that differ by less than an edit (Bar-Yossef's shingles, .9 alike)
_CARDS = 5
_WORD = re.compile(r"[^\W\d_]+")
_NONE = word_set("")


def page_hash(signals: Signals, url: str) -> int:
    """Return the signed 64-bit hash of title, h1s and first prose; 0 for a page without any.

    `url` is where the page was found: its last words are no words of the page.
    """
    return _hash((signals.title, *signals.headings, signals.prose_head[:_HEAD]), url)


def head_hash(signals: Signals, url: str) -> int:
    """Return the same of title and h1s alone."""
    return _hash((signals.title, *signals.headings), url)


def prose_hash(signals: Signals) -> int:
    """Return the simhash of the prose; 0 where there is too little to compare."""
    return simhash(signals.prose_head) if signals.prose_chars >= _SOME_PROSE else 0


def has_content(signals: Signals) -> bool:
    """Whether the page says anything that could be compared: a shell with its menu does not."""
    says = bool(signals.notices or signals.error_markers)
    return says or signals.prose_chars >= _LINE or signals.teaser_cards >= _CARDS


def is_same(known: ErrorPage, reading: PageReading, url: str) -> bool:
    """Whether a page is one that is known, its changing parts left aside.

    Equal heads suffice where the rest is teasers or a line; equal prose suffices under any head.
    """
    signals = reading.signals
    if known.page_hash and known.page_hash == page_hash(signals, url):
        return True
    own = prose_hash(signals)
    if own and known.simhash and _distance(own, known.simhash) <= _NEAR:
        return True
    is_thin = not own or signals.teaser_cards >= _CARDS
    return is_thin and bool(known.head_hash) and known.head_hash == head_hash(signals, url)


def error_page(reading: PageReading, url: str, final_url: str | None = None) -> ErrorPage:
    """Return a page as one to be known again. `url` is the address that was asked for.

    A template without a notice in it may be that of every page of a plain site: it proves nothing.
    """
    signals = reading.signals
    return ErrorPage(
        url=url,
        page_hash=page_hash(signals, final_url or url),
        head_hash=head_hash(signals, final_url or url),
        simhash=prose_hash(signals),
        template_hash=reading.template_hash if signals.notices else 0,
        final_url=final_url,
    )


def _hash(texts: tuple[str, ...], url: str) -> int:
    own = _own_words(url)
    kept = (
        " ".join(word for word in _WORD.findall(fold(text)) if word not in own) for text in texts
    )
    return template_hash(f"{place}:{words}" for place, words in enumerate(kept) if words)


def _own_words(url: str) -> frozenset[str]:
    """Return the words of the last segment and the query, folded."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return _NONE
    last = parts.path.rstrip("/").rpartition("/")[2]
    return frozenset(_WORD.findall(fold(unquote_plus(f"{last} {parts.query}"))))


def _distance(one: int, other: int) -> int:
    return ((one ^ other) & ((1 << 64) - 1)).bit_count()
