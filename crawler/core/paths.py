"""What an address says by its shape: a front page, a section, an error page, a way to log in."""

import re
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit

from crawler.core import urls
from crawler.core.folding import word_set

_ERROR = re.compile(
    r"(?:^|/)(?:404|410|error|errors?/?(?:404|page)?|error-?404|not-?found|notfound|page-?not-?found|"
    r"404-?(?:page|error)?|erreur|fehler|oops|page_not_found|not_found|missing|unavailable)"
    r"(?:\.\w{2,5})?/?$",
    re.IGNORECASE,
)
_LOGIN = re.compile(
    r"(?:^|/)(?:log-?in|sign-?in|sign_in|signup|sso|oauth2?|auth|authenticate|authorize|account/login|"
    r"users?/sign_in|register|connexion|anmelden|einloggen)(?:[/.]|$)",
    re.IGNORECASE,
)
_SEARCH = re.compile(
    r"(?:^|/)(?:search|suche|recherche|buscar|busca|ricerca|zoeken)/?$", re.IGNORECASE
)
_INDEX = re.compile(r"^(?:index|default|home|homepage)(?:\.\w{2,5})?$", re.IGNORECASE)
_LANGUAGE = re.compile(r"^[a-z]{2}(?:[-_][A-Za-z]{2,4})?$")
_PARKED_HOST = re.compile(r"^ww\d{1,3}\.")
# Suffixes under which a name is registered one label further down; enough to tell "same owner".
_SECOND = word_set("co com org net gov edu ac or ne go gob gouv nom")


@lru_cache(maxsize=512)
def segments(url: str) -> tuple[str, ...]:
    """Return the path's segments without empty ones, a trailing index page and a language code."""
    try:
        parts = [part for part in urlsplit(url).path.split("/") if part]
    except ValueError:
        return ()
    if parts and _INDEX.match(parts[-1]):
        parts.pop()
    return tuple(parts[1:] if parts and _LANGUAGE.match(parts[0]) else parts)


def is_front(url: str) -> bool:
    """Whether it is a host's first page, in one language or in all, without a query."""
    return not segments(url) and not _split(url).query


def is_error_path(url: str) -> bool:
    """Whether the path itself says that something was not found."""
    return bool(_ERROR.search(_split(url).path))


def is_login(url: str) -> bool:
    """Whether the path leads to a login."""
    return bool(_LOGIN.search(_split(url).path))


def is_search(url: str) -> bool:
    """Whether it is a search with a query."""
    parts = _split(url)
    return bool(_SEARCH.search(parts.path) and parts.query)


def is_parked_host(url: str) -> bool:
    """Whether the host is one of those (ww1., ww17.) that parked domains redirect to."""
    return bool(_PARKED_HOST.match(host(url)))


def is_section_of(url: str, original: str) -> bool:
    """Whether `url` lies above `original`: its path is a true beginning of the other's."""
    above, below = segments(url), segments(original)
    return len(above) < len(below) and below[: len(above)] == above


def host(url: str) -> str:
    """Return the host without a leading `www.`, lower case."""
    return (_split(url).hostname or "").removeprefix("www.")


def same_owner(one: str, other: str) -> bool:
    """Whether two addresses lie under one registered domain, as far as their labels tell."""
    return _registered(host(one)) == _registered(host(other))


def same_page(one: str, other: str) -> bool:
    """Whether two addresses differ in nothing but scheme, `www.`, tracking and a final slash."""
    return _identity(one) == _identity(other)


def _identity(url: str) -> str:
    try:
        return urls.identity(url).rstrip("/").lower()
    except urls.BadUrl:
        return url


def _registered(name: str) -> tuple[str, ...]:
    labels = name.split(".")
    size = 3 if len(labels) > 2 and labels[-2] in _SECOND else 2  # noqa: PLR2004
    return tuple(labels[-size:])


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")
