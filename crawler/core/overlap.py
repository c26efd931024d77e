"""How much of what an address or a headline promises is found on the page.

The share of slug words found in title, h1 and prose is the strongest signal that needs no
language: median 1.00 on live articles (10th percentile .80), 0.00 on soft-404s (90th .33).
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from crawler.core.folding import fold, word_set
from crawler.core.transliteration import share_spelled

_WORD = re.compile(r"[^\W_]+")
_EXTENSION = re.compile(r"\.(?:s?html?|php\d?|aspx?|jsp|amp|cms|ece)$")
_LATIN = re.compile(r"[a-z]")
_LETTER = re.compile(r"[^\W\d_]")
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]"
)
_MIN_LETTERS = 4
_ENOUGH = 3  # words that make a segment the article's own
_MIN_WORDS = 2  # one word in common proves nothing
_STEM = 6  # letters that must agree, so that inflected words do
_SAMPLE = 4000  # characters looked at to tell a page's script
_SPELLED = 0.6  # share of a slug's words that a text in another script must spell
_STOP = word_set(
    "html article articles news story stories index page pages post posts archive archives blog "
    "content item default with from that this have will your pour avec dans sont plus comme "
    "nach eine einen einem auch oder para como esta este sobre della delle nella sono"
)


@lru_cache(maxsize=256)
def slug_words(url: str) -> tuple[str, ...]:
    """Return the telling words of an address, folded: at least four letters, in order, once each.

    They come from the last path segment that has three of them, as sections may be wordy too,
    or else from the one that has most. Empty for an address made of numbers.
    """
    try:
        path = unquote(urlsplit(url).path, errors="replace").rstrip("/")
    except ValueError:
        return ()
    path = _EXTENSION.sub("", path)
    segments = [_words(segment) for segment in path.split("/")]
    full = (words for words in reversed(segments) if len(words) >= _ENOUGH)
    return next(full, max(segments, key=len, default=()))


def headline_words(headline: str | None) -> tuple[str, ...]:
    """Return the telling words of a headline, folded, as `slug_words` does for an address."""
    return _words(headline or "")


def overlap(words: tuple[str, ...], text: str) -> float | None:
    """Return the share of words found in the text, 0 to 1, or None if it proves nothing.

    None stands for too few words, and for a Latin slug on a page in another script: one that
    spells the page's own words counts, one that does not may be a translation.
    """
    if len(words) < _MIN_WORDS:
        return None
    folded = fold(text)
    if _is_latin("".join(words)) and folded and not _is_latin(folded[:_SAMPLE]):
        share = share_spelled(words, folded[:_SAMPLE])
        return share if share is not None and share >= _SPELLED else None
    stems = {word[:_STEM] for word in _WORD.findall(folded)}
    return sum(_is_found(word, folded, stems) for word in words) / len(words)


def is_unspaced(text: str) -> bool:
    """Whether a text is mainly in a script without spaces between words, such as Japanese."""
    return len(_UNSPACED.findall(text[:_SAMPLE])) * 2 > len(text[:_SAMPLE])


def _words(text: str) -> tuple[str, ...]:
    found = (word for run in _WORD.findall(fold(text)) for word in _split(run))
    return tuple(dict.fromkeys(word for word in found if _is_telling(word)))


def _split(run: str) -> Iterator[str]:
    """Cut a run of a script without spaces into its pairs of characters, as search engines do."""
    if not _UNSPACED.search(run):
        yield run
    else:
        yield from (run[start : start + 2] for start in range(max(1, len(run) - 1)))


def _is_telling(word: str) -> bool:
    if _UNSPACED.search(word):
        return len(word) > 1
    return (
        len(word) >= _MIN_LETTERS
        and bool(_LETTER.search(word))
        and word not in _STOP
        and _is_word(word)
    )


def _is_word(word: str) -> bool:
    """Whether it is no identifier such as a1b2c3."""
    return sum(character.isdigit() for character in word) * 3 < len(word)


def _is_found(word: str, folded: str, stems: set[str]) -> bool:
    if any(form[:_STEM] in stems for form in _spellings(word)):
        return True
    return not word.isascii() and word in folded  # scripts without spaces


def _spellings(word: str) -> tuple[str, ...]:
    """Umlauts are written out in addresses: muenchen is folded muenchen, the text says munchen."""
    plain = word.replace("ae", "a").replace("oe", "o").replace("ue", "u")
    return (word, plain) if plain != word else (word,)


def _is_latin(folded: str) -> bool:
    if folded.isascii():
        return True
    letters = len(_LETTER.findall(folded))
    return letters == 0 or len(_LATIN.findall(folded)) * 2 > letters
