"""Addresses and times of archived copies: the replay form, its timestamp, page equality."""

import re
from datetime import UTC, datetime
from urllib.parse import unquote

from crawler.core.urls import BadUrl, canonicalize, identity

_REPLAY = re.compile(r"(\d{1,14})(?:[a-z]{2}_)?/(.+)", re.DOTALL | re.ASCII)
_FOURTEEN_DIGITS = re.compile(r"\d{14}", re.ASCII)
_SCHEME = re.compile(r"^https?:", re.IGNORECASE)


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
    return f"{prefix}{timestamp}id_/{original.replace('#', '%23')}"


def split_memento_url(prefix: str, url: str) -> tuple[str, str] | None:
    """Return timestamp and original of a replay address; None if it is not under the prefix.

    http and https are the same archive here; the prefix ends in a slash.
    """
    try:
        start, address = _bare(canonicalize(prefix)), _bare(canonicalize(url))
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


def _page(url: str) -> tuple[str, list[str]]:
    path, _, query = identity(url).partition("?")
    return unquote(path).rstrip("/"), sorted(unquote(part) for part in query.split("&"))


def _bare(url: str) -> str:
    return _SCHEME.sub("", url)
