"""What a link on a front page leads to, by its address and its words: article, section, neither.

No language is needed for the main signs: the words of the slug, dates and numbers in the path,
the length of the anchor. The lists of shapes.toml only name what is neither.
"""

import re
import tomllib
from calendar import monthrange
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache, lru_cache
from importlib import resources
from urllib.parse import unquote, urlsplit

from crawler.core import paths
from crawler.core.folding import fold

_DATE = re.compile(r"/(?:19|20)\d\d[/-]?(?:0[1-9]|1[0-2]|[a-z]{3})(?:[/-]|\d\d|$)", re.IGNORECASE)
_FULL_DATE = re.compile(
    r"(?:/|sitemap[^/]*?[-_])(?P<year>(?:19|20)\d\d)[/-]?(?P<month>0[1-9]|1[0-2])(?:[/-]?(?P<day>[0-3]\d))?(?=\D|$)"
)
_SEPARATOR = re.compile(r"[-_+.,~ ]+")
_NUMBER = re.compile(r"\d{4,}-?\d+|\b[0-9a-f]{16,}\b")
_DIGIT = re.compile(r"[\d_]")
_PAGE = re.compile(r"\.(?:s?html?|php\d?|aspx?|jsp|cms|ece)$", re.IGNORECASE)
_ENDING = re.compile(r"\.([a-z0-9]{2,5})$", re.IGNORECASE)
_ID = re.compile(
    r"(?:^|&)(?:\w*id|idx\w*|p|n|a|art\w*|story|nota|noticia)=\w*\d{3,}", re.IGNORECASE
)
_DENSE = re.compile("[\u3400-\u9fff\uac00-\ud7af]")  # a character is a word or a syllable
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u3040-\u30ff]")  # letters, no spaces
_SLUG_WORDS = 3  # words that make a segment the article's own
_WIDE_SLUG = 8  # dense characters, or twice as many letters of scripts that write no spaces
_HEADLINE, _LONG_HEADLINE = 25, 40  # characters; section names are shorter
_WIDE_WEIGHT = 2.5  # a dense character says as much as so many letters
_LABEL = 30  # characters of a section's name at most
_SECTION_DEPTH, _SECTION_WORDS = 2, 3
_ENOUGH, _STRONG = 2, 4  # signs that make an article; and one below a list's address


class Shape(StrEnum):
    """What a link seems to lead to."""

    ARTICLE = "article"
    SECTION = "section"
    NEITHER = "neither"


def shape_of(url: str, words: str = "") -> Shape:
    """Return what an address, offered under these words, seems to lead to.

    `url` is absolute and canonical. A wrong guess costs little: a section is recognised when it
    is read, and so is an article.
    """
    parts = _without_amp(paths.segments(url))
    query = urlsplit(url).query
    if (not parts and not query) or _is_file(parts):
        return Shape.NEITHER
    folded = _folded(parts)
    signs = _signs(urlsplit(url).path, query, parts, words)
    is_service, is_listing = _is_service(folded)
    if is_service or (is_listing and signs < _STRONG):
        return Shape.NEITHER
    if signs + _headline_signs(words) >= _ENOUGH:
        return Shape.ARTICLE
    return Shape.SECTION if not query and _is_section(folded, words) else Shape.NEITHER


def is_file(url: str) -> bool:
    """Whether the address is that of a picture, a film, a document: no page."""
    return _is_file(paths.segments(url))


def date_in(url: str) -> datetime | None:
    """Return the date an address carries in its path, as its day's or month's last moment, UTC.

    The end of the day or month, so that nothing is taken for older than it may be.
    """
    if not _FULL_DATE.search(url):  # most have none, and taking an address apart is slow
        return None
    found = _FULL_DATE.search(urlsplit(url).path)
    if found is None:
        return None
    year, month = int(found["year"]), int(found["month"])
    day = int(found["day"] or 0) or monthrange(year, month)[1]
    try:
        return datetime(year, month, day, 23, 59, 59, tzinfo=UTC)
    except ValueError:
        return None


def _without_amp(parts: tuple[str, ...]) -> tuple[str, ...]:
    """Leave out the last segment of an AMP twin: the one before it is the article's."""
    return parts[:-1] if parts and parts[-1].lower() == "amp" else parts


def _signs(path: str, query: str, parts: tuple[str, ...], words: str) -> int:
    """Count what an address has of an article: a slug, a date, a number, a page's ending."""
    by_query = 2 * bool(_ID.search(query))
    if not parts:
        return by_query
    slug, number = _slug(parts)
    signs = _slug_signs(slug, words, is_deep=len(parts) > 1, has_number=number)
    signs += 2 * bool(_DATE.search(path) and len(parts) > _SECTION_DEPTH)
    signs += number * (2 if _words(slug) else 1)
    signs += bool(_PAGE.search(path) and not signs)
    return signs + by_query


def _slug(parts: tuple[str, ...]) -> tuple[str, bool]:
    """Return the segment that may hold the article's words, and whether a number marks it."""
    last = _PAGE.sub("", unquote(parts[-1], errors="replace"))
    number = bool(_NUMBER.search(last))
    if number and not _words(last) and len(parts) > 1:
        return unquote(parts[-2], errors="replace"), number
    return last, number


def _slug_signs(slug: str, words: str, *, is_deep: bool, has_number: bool) -> int:
    count = len(_words(slug))
    if _wide(slug) >= _WIDE_SLUG or count > _SLUG_WORDS:
        return 3 if has_number else 2
    is_named = bool(words) and len(words) < _HEADLINE  # "Life & style": /lifestyle/life-and-style
    if count == _SLUG_WORDS:
        return 1 if is_named else 2
    return int(count == _SLUG_WORDS - 1 and is_deep)


def _words(segment: str) -> list[str]:
    """Return the words of a segment; numbers and what is made of digits are none."""
    return [word for word in _SEPARATOR.split(segment) if len(_DIGIT.sub("", word)) > 1]


def _wide(text: str) -> float:
    """Return how much a text holds of scripts without spaces, in dense characters."""
    return len(_DENSE.findall(text)) + len(_UNSPACED.findall(text)) / 2


def _headline_signs(words: str) -> int:
    """Count what the anchor has of a headline: 0 to 2."""
    weight = len(words) + _wide(words) * (_WIDE_WEIGHT - 1)
    return (weight >= _HEADLINE) + (weight >= _LONG_HEADLINE)


def _is_section(parts: tuple[str, ...], words: str) -> bool:
    named = all(
        len(_SEPARATOR.split(part)) <= _SECTION_WORDS and not _NUMBER.search(part) for part in parts
    )
    return named and 0 < len(parts) <= _SECTION_DEPTH and len(words) <= _LABEL


def _is_service(folded: tuple[str, ...]) -> tuple[bool, bool]:
    """Whether the house itself is meant, and whether a list of articles by name or date is."""
    names, listings, beginnings, _ = _lists()
    is_service = any(part in names for part in folded[:_SECTION_DEPTH]) or bool(
        folded and folded[-1].startswith(beginnings)
    )
    return is_service, any(part in listings for part in folded)


def _is_file(parts: tuple[str, ...]) -> bool:
    ending = _ENDING.search(parts[-1]) if parts else None
    return ending is not None and ending.group(1).lower() in _lists()[3]


@lru_cache(maxsize=4096)
def _folded(parts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_PAGE.sub("", fold(unquote(part, errors="replace"))) for part in parts)


@cache
def _lists() -> tuple[frozenset[str], frozenset[str], tuple[str, ...], frozenset[str]]:
    text = resources.files("crawler.core").joinpath("shapes.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    names, listings, beginnings, files = (
        [word for line in data[table].values() for word in line.split()]
        for table in ("service", "listings", "service_beginnings", "files")
    )
    return frozenset(names), frozenset(listings), tuple(beginnings), frozenset(files)
