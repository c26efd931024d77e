"""What a page says of its article beside text, title, authors and dates.

Its section, its own address, its picture, and whether all may read it.
"""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

from crawler.core import paths, urls
from crawler.core.confidence import SECTIONS, witness
from crawler.core.folding import fold, word_set
from crawler.core.values import Signals, Witness
from crawler.core.words import MetadataSource
from crawler.reading.metadata import plain, site_names
from crawler.reading.structured import Structured

_SECTION_META = (
    "article:section", "parsely-section", "cxenseparse:recs:category", "dcterms.subject.section",
    "sailthru.section", "section", "articlesection",
)  # fmt: skip
_IMAGE_META = (
    "og:image:secure_url",
    "og:image",
    "og:image:url",
    "twitter:image",
    "twitter:image:src",
)
_PLACEHOLDERS = word_set(
    "logo logos placeholder default blank pixel spacer 1x1 favicon avatar noimage fallback dummy"
)
_COMMON = word_set(
    "article articles artikel artikelen articulo articulos articolo articoli artigo artigos story "
    "stories post posts content contents node item items archive archives archiv page pages id amp "
    "www web site html php print detail details view show category categories tag tags topic "
    "topics author authors p a s c i news nachrichten actualites noticias notizie nieuws nyheter"
)
_NAME = re.compile(r"[^\W\d_]+(?:[-_ +&]+[^\W\d_]+){0,3}$")  # up to four words, no digits
_MAX_SECTION = 60  # characters
_MAX_URL = 2000
_LEAST_SIDE = 100  # pixels; less is a sign or a tracker
_HOME = word_set(
    "home homepage start startseite accueil inicio portada index frontpage news nachrichten "
    "главная 首页 ホーム トップ 홈 الرئيسية"
)


def section_of(
    data: Structured, meta: dict[str, str], url: str, title: str | None
) -> tuple[str | None, Witness | None]:
    """Return the section an article stands in: stated, the last breadcrumb, or the address's."""
    listed = (data.article or {}).get("articleSection")
    names = site_names(data, meta)
    found = {
        MetadataSource.JSON_LD: _first_of(listed if isinstance(listed, list) else [listed], names),
        MetadataSource.META: _first_of([meta.get(name) for name in _SECTION_META], names),
        MetadataSource.BREADCRUMB: _last_crumb(data.trail, names, title),
        MetadataSource.URL: _section_in(url),
    }
    source = next((source for source, name in found.items() if name), None)
    if source is None:
        return None, None
    section = found.pop(source)
    same = sum(fold(other) == fold(section) for other in found.values() if other and section)
    return section, witness(SECTIONS, source, agree=same)


def canonical_of(signals: Signals, url: str) -> str | None:
    """Return the address a page gives as its own, if it may be: same site, and no front page.

    `rel=canonical` goes before og:url. Only a front page may call itself one.
    """
    stated = (one for one in (signals.canonical, signals.og_url) if one)
    return next((one for one in stated if _may_be_canonical(one, url)), None)


def lead_image_of(data: Structured, meta: dict[str, str], url: str) -> str | None:
    """Return the picture of an article, absolute: JSON-LD's, og:image's or twitter:image's.

    Logos, placeholders and tracking pixels, by name or size, are none.
    """
    stated = [*_pictures((data.article or {}).get("image"))]
    if not _is_tiny(meta.get("og:image:width"), meta.get("og:image:height")):
        stated += [meta[name] for name in _IMAGE_META if name in meta]
    absolute = (urls.join(url, one) for one in stated if one and len(one) <= _MAX_URL)
    return next((one for one in absolute if one and not _is_placeholder(one)), None)


def is_free(data: Structured, meta: dict[str, str]) -> bool | None:
    """Return whether all may read the article, as the page states it; None if it does not.

    JSON-LD's isAccessibleForFree, of the article or of a part of it, else article:content_tier.
    An article of which a part is locked is not free.
    """
    article = data.article or {}
    parts = article.get("hasPart")
    parts = parts if isinstance(parts, list) else [parts]
    said = [_truth(article.get("isAccessibleForFree"))]
    said += [_truth(part.get("isAccessibleForFree")) for part in parts if isinstance(part, dict)]
    if False in said or True in said:
        return False not in said
    tier = meta.get("article:content_tier", "").lower()
    return {"free": True, "metered": False, "locked": False}.get(tier)


def _first_of(listed: list[Any], names: frozenset[str]) -> str | None:
    texts = (plain(text) for text in listed if isinstance(text, str))
    return next((text for text in texts if _is_section(text, names)), None)


def _is_section(text: str, names: frozenset[str]) -> bool:
    folded = fold(text)
    return bool(folded) and len(text) <= _MAX_SECTION and "://" not in text and folded not in names


def _last_crumb(trail: tuple[str, ...], names: frozenset[str], title: str | None) -> str | None:
    """Return the breadcrumb nearest to the article that is neither it nor the front page."""
    own = fold(title or "")
    for text in reversed([plain(crumb) for crumb in trail]):
        folded = fold(text)
        is_article = bool(own) and (folded in own or own in folded)
        if _is_section(text, names) and folded not in _HOME and not is_article:
            return text
    return None


def _section_in(url: str) -> str | None:
    """Return the first segment of the address that names a section, as it stands there.

    Dates, numbers and the words that every article of a house stands under are none.
    """
    above = (unquote(part, errors="replace") for part in paths.segments(url)[:-1])
    return next((part for part in above if _NAME.match(part) and fold(part) not in _COMMON), None)


def _may_be_canonical(stated: str, url: str) -> bool:
    if len(stated) > _MAX_URL or not paths.same_owner(stated, url):
        return False
    return paths.is_front(url) or not paths.is_front(stated)


def _pictures(value: Any) -> Iterator[str]:
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            picture = item.get("url") or item.get("contentUrl")
            if isinstance(picture, str) and not _is_tiny(item.get("width"), item.get("height")):
                yield picture
        elif isinstance(item, str):
            yield item


def _is_tiny(*sides: Any) -> bool:
    """Whether a picture is too small for one; a side that is no number says nothing."""
    return any(str(side).isdecimal() and int(str(side)) < _LEAST_SIDE for side in sides)


def _is_placeholder(url: str) -> bool:
    """Whether the words of a picture's file name say that it is none of the article's."""
    name = unquote(urlsplit(url).path.rpartition("/")[2], errors="replace")
    words = fold(name.rpartition(".")[0] or name).replace("_", "-").split("-")
    return not _PLACEHOLDERS.isdisjoint(word for part in words for word in part.split())


def _truth(value: Any) -> bool | None:
    return {"true": True, "false": False}.get(str(value).strip().lower().rsplit("/", 1)[-1])
