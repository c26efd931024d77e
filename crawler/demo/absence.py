"""Pages that are not there: honest 404s, and the soft ones that answer 200.

A soft page keeps the paper's chrome and offers teasers of other stories. No word of the slug that
was asked for stands on it.
"""

from collections.abc import Callable
from html import escape

from crawler.demo.pages import document, labels, teasers
from crawler.demo.prose import numbers_in, seeded, words

OG_WEBSITE = '<meta property="og:type" content="website">'


def _notice(language: str, kind: str) -> tuple[str, str]:
    first, second = words(language)["notices"][kind]
    return escape(first, quote=False), escape(second, quote=False)


def _cards(language: str, seed: str, articles: int, count: int = 6) -> str:
    pool = numbers_in(language, articles)
    picks = sorted(seeded("teasers", seed).sample(pool, min(count, len(pool))))
    return teasers(language, picks, title="most_read")


def _heading(language: str, cards: str) -> str:
    first, second = _notice(language, "soft")
    content = f"<section><h1>{first}</h1><p>{second}</p></section>\n{cards}"
    return document(language, labels(language)["not_found_title"], content, head=OG_WEBSITE)


def _paragraph(language: str, cards: str) -> str:
    first, second = _notice(language, "soft")
    content = f'<div class="text"><p>{first}. {second}</p></div>\n{cards}'
    return document(language, labels(language)["paper"], content, head=OG_WEBSITE)


def _expired(language: str, cards: str) -> str:
    first, second = _notice(language, "expired")
    content = f"<article><h1>{first}</h1><p>{second}</p></article>\n{cards}"
    return document(language, labels(language)["paper"], content)


def _wordpress(language: str, cards: str) -> str:
    first, second = _notice(language, "soft")
    form = '<form action="/search"><input name="q" type="search"></form>'
    box = f'<h1 class="page-title">{first}</h1><p>{second}</p>{form}'
    content = f'<section class="error-404 not-found">{box}</section>\n{cards}'
    return document(
        language, labels(language)["not_found_title"], content, body_class="error404 hfeed"
    )


def _state(language: str, cards: str) -> str:
    script = '<script>window.dataLayer = [{"pageType": "error", "statusCode": 404}];</script>'
    first, second = _notice(language, "soft")
    content = f"<div><h2>{first}</h2><p>{second}</p></div>\n{cards}"
    return document(language, labels(language)["paper"], content, head=script)


def _teasers(language: str, cards: str) -> str:
    return document(language, labels(language)["paper"], cards, head=OG_WEBSITE)


def _founding(language: str, cards: str) -> str:
    """Return the inverse of the founding case: the same notice, and no article."""
    first, second = _notice(language, "founding")
    skip = f'<a class="skip" href="#content">{escape(labels(language)["skip"])}</a>'
    content = f'<div class="t-content__error"><p>{first}</p><p>{second}</p></div>\n{cards}'
    return document(language, labels(language)["paper"], content, top=skip)


def _withdrawn(language: str, cards: str) -> str:
    first, second = _notice(language, "withdrawn")
    content = f"<article><h1>{first}</h1><p>{second}</p></article>\n{cards}"
    return document(language, labels(language)["paper"], content)


STYLES: dict[str, Callable[[str, str], str]] = {
    "heading": _heading,
    "paragraph": _paragraph,
    "founding": _founding,
    "expired": _expired,
    "wordpress": _wordpress,
    "state": _state,
    "teasers": _teasers,
}


def soft_page(style: str, language: str, seed: str, articles: int) -> str:
    """Return a soft-404 page. Raises KeyError for a style that is not in `STYLES`."""
    return STYLES[style](language, _cards(language, seed, articles))


def withdrawn_page(language: str, seed: str, articles: int) -> str:
    """Return the page of a story the publisher took back."""
    return _withdrawn(language, _cards(language, seed, articles))


def honest_page(language: str, seed: str, articles: int) -> str:
    """Return the body that goes with a true 404 or 410."""
    return _heading(language, _cards(language, seed, articles, count=3))
