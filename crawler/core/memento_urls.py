"""Addresses and times of archived copies: the replay form, its timestamp, page equality."""

import re
from datetime import UTC, datetime
from urllib.parse import unquote

from crawler.core.urls import BadUrl, canonicalize, identity

RAW = "id_/"
"""What follows the timestamp of a replay address that gives the bytes as captured."""

_REPLAY = re.compile(r"(\d{1,14})(?:[a-z]{2}_)?/(.+)", re.DOTALL | re.ASCII)
_FOURTEEN_DIGITS = re.compile(r"\d{14}", re.ASCII)
_SCHEME = re.compile(r"^https?:", re.IGNORECASE)
_SLUG = re.compile(r"/[^/]*(?:[^/-]+-[^/-]+-|\d{5})[^/]*$")
_TWIN = re.compile(r"(?:/index\.(?:html?|php|aspx?)|[/.]amp)$", re.IGNORECASE)
_SCRIPT = re.compile(r"\.(?:php\d?|aspx?|jsp|cgi|pl|do|cfm|dll)$", re.IGNORECASE)
_AMP = frozenset({"amp", "outputType=amp", "output=amp"})
# A parameter of such a name picks the article, or a page of it.
_PICKS = re.compile(
    r"[a-z_]*id|article|story|doc|item|p|page|pg|seite|start|offset|nr|no|num(?:ber)?",
    re.IGNORECASE,
)


def memento_datetime(timestamp: str) -> datetime:
    """Read the 14 digits of a capture, in UTC. Raises `ValueError`.

    Captures of 2000 exist with a stray "00" before the month or the day, which pushed the
    seconds out (20000800241623 was taken on 2000-08-24 at 16:23); EDGI's wayback repairs the same.
    """
    if not _FOURTEEN_DIGITS.fullmatch(timestamp):
        raise ValueError(f"{timestamp[:40]!r} is no timestamp of 14 digits")
    for stray in (4, 6):
        if timestamp[stray : stray + 2] == "00":
            timestamp = f"{timestamp[:stray]}{timestamp[stray + 2 :]}00"
    month, day, hour, minute, second = (int(timestamp[at : at + 2]) for at in range(4, 14, 2))
    return datetime(int(timestamp[:4]), month, day, hour, minute, second, tzinfo=UTC)


def timestamp_of(at: datetime) -> str:
    """Write an aware point in time as the 14 digits archives use."""
    return at.astimezone(UTC).strftime("%Y%m%d%H%M%S")


def memento_url(prefix: str, timestamp: str, original: str) -> str:
    """Return where the bytes as captured are replayed: `id_`, no rewriting, no toolbar."""
    return f"{prefix}{timestamp}{RAW}{original.replace('#', '%23')}"


def split_memento_url(prefix: str, url: str) -> tuple[str, str] | None:
    """Return timestamp and original of a replay address; None if it is not under the prefix.

    http and https are the same archive here; the prefix ends in a slash.
    """
    try:
        start, address = bare(canonicalize(prefix)), bare(canonicalize(url))
    except BadUrl:
        return None
    match = _REPLAY.fullmatch(address.removeprefix(start)) if address.startswith(start) else None
    return (match[1], match[2]) if match else None


def same_page(one: str, other: str) -> bool:
    """Whether two addresses name one page to an archive's index.

    Beyond the identity it folds a final slash, percent-encoding and the order of parameters.
    The case of the path counts: some sites tell articles apart by it. Raises `BadUrl`.
    """
    return _page(one) == _page(other)


def same_article(one: str, other: str) -> bool:
    """Whether two addresses are two spellings of one article's, such as an index does not fold.

    Beyond `same_page` it folds `/index.html` and the AMP twin, and a query that one of them lacks,
    if the path names an article by itself and no parameter picks one. Raises `BadUrl`.
    """
    if same_page(one, other):
        return True
    (path, query), (other_path, other_query) = _article(one), _article(other)
    if path != other_path or "/" not in path:
        return False
    if query == other_query:
        return True
    return not (query and other_query) and _is_told_by_path(path, [*query, *other_query])


def stem(url: str) -> str | None:
    """Return the address that every spelling of an article's begins with; None if there is none.

    Without query, final slash, `/index.html` and AMP ending. A front page has none, nor has a
    script whose query picks the article. Raises `BadUrl`.
    """
    address, _, query = canonicalize(url).partition("?")
    bare = _TWIN.sub("", address.rstrip("/"))
    if bare.count("/") < 3 or (query and _SCRIPT.search(address)):  # noqa: PLR2004 - scheme://host
        return None
    return bare


def slug_of(url: str) -> str | None:
    """Return the end of a path in which an article is named, with its slash. Raises `BadUrl`."""
    found = _SLUG.search(identity(url).partition("?")[0].rstrip("/"))
    return found[0] if found else None


def _article(url: str) -> tuple[str, list[str]]:
    path, query = _page(url)
    return _TWIN.sub("", path), [part for part in query if part and part not in _AMP]


def _is_told_by_path(path: str, parameters: list[str]) -> bool:
    names = (part.partition("=")[0] for part in parameters)
    is_article = _SLUG.search(path) is not None and _SCRIPT.search(path) is None
    return is_article and not any(map(_PICKS.fullmatch, names))


def _page(url: str) -> tuple[str, list[str]]:
    path, _, query = identity(url).partition("?")
    return unquote(path).rstrip("/"), sorted(unquote(part) for part in query.split("&"))


def bare(url: str) -> str:
    """Return an address without its scheme: to an archive http and https are one."""
    return _SCHEME.sub("", url)
