"""The kinds of values newsmorgue.toml holds: durations, sizes, networks, and their parsers.

Every parser takes what TOML or an environment variable gives and raises ValueError with a
sentence that says what would be right: pydantic makes a ValueError, and no other, a fault of
that key.
"""

import math
import re
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer

Network = IPv4Network | IPv6Network

_SECONDS = {"ms": 0.001, "s": 1, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}
_UNIT_NAMES = {
    "ms": ("ms", "millisecond", "milliseconds"),
    "s": ("s", "sec", "second", "seconds"),
    "min": ("m", "min", "minute", "minutes"),
    "h": ("h", "hour", "hours"),
    "d": ("d", "day", "days"),
    "w": ("w", "week", "weeks"),
}
_UNITS = {name: _SECONDS[unit] for unit, names in _UNIT_NAMES.items() for name in names}
_TERM = r"(\d+(?:\.\d+)?)\s*([a-z]*)"
_DURATION = re.compile(rf"{_TERM}(?:\s*{_TERM})*")
_LONGEST = 100 * 366 * 86_400.0  # a century: sums with a date stay inside datetime's range

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]*)", re.IGNORECASE)
_BYTES = {
    "": 1,
    "b": 1,
    "kb": 1000,
    "mb": 1000**2,
    "gb": 1000**3,
    "kib": 1024,
    "mib": 1024**2,
    "gib": 1024**3,
}


def parse_seconds(value: Any) -> float:
    """Return a duration in seconds from 2.5, "2.5", "60 s", "3 days" or "1 h 30 min".

    Raises ValueError for anything else, for a negative one and for more than a century.
    """
    seconds = _seconds(value)
    if not 0 <= seconds <= _LONGEST:
        raise ValueError("a duration lies between 0 and 100 years")
    return seconds


def _seconds(value: Any) -> float:
    """Return the seconds of a number, a timedelta or a text; NaN and nonsense are refused."""
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, str):
        return _seconds_of_text(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
        raise ValueError('a duration is a number of seconds or a text like "60 s" or "3 days"')
    return float(value)


def _seconds_of_text(text: str) -> float:
    """Return the seconds of "90", "60 s" or "1 h 30 min"."""
    wanted = text.strip().lower()
    terms = re.findall(_TERM, wanted)
    bare = len(terms) == 1 and not terms[0][1]
    if not _DURATION.fullmatch(wanted) or not (bare or all(unit in _UNITS for _, unit in terms)):
        raise ValueError(f'{text!r} is no duration; write seconds or a text like "3 days"')
    return sum(float(number) * _UNITS.get(unit, 1) for number, unit in terms)


def parse_timedelta(value: Any) -> timedelta:
    """Return a duration as `parse_seconds` does, as a timedelta."""
    return timedelta(seconds=parse_seconds(value))


def parse_size(value: Any) -> int:
    """Return bytes from 5242880, "5MiB", "5 MB" or "512 kB". Raises ValueError."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    match = _SIZE.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None or match[2].lower() not in _BYTES:
        raise ValueError('a size is a number of bytes or a text like "5MiB" or "500kB"')
    return int(float(match[1]) * _BYTES[match[2].lower()])


def parse_networks(value: Any) -> tuple[Network, ...]:
    """Return the networks of a list, or of a text with commas or spaces. Raises ValueError."""
    parts = value.replace(",", " ").split() if isinstance(value, str) else value
    if not isinstance(parts, list | tuple):
        raise ValueError('networks are a list like ["127.0.0.0/8"]')  # noqa: TRY004 - see above
    return tuple(_network(part) for part in parts)


def _network(part: Any) -> Network:
    """Return one network in CIDR form; a single address is a network of one."""
    if isinstance(part, IPv4Network | IPv6Network):
        return part
    if not isinstance(part, str):
        raise ValueError('a network is a text like "127.0.0.0/8"')  # noqa: TRY004
    try:
        return ip_network(part.strip())
    except ValueError as error:
        raise ValueError(f"{error}; a network is written like 10.0.0.0/8") from None


_SHOWN_SIZES = (("GiB", 1024**3), ("GB", 1000**3), ("MiB", 1024**2), ("KiB", 1024))


def show_seconds(seconds: float) -> str:
    """Return the shortest exact spelling: 259200 -> "3 days", 90 -> "90 s", 0 -> "0 s"."""
    for unit, word in (("d", "day"), ("h", "hour"), ("min", "minute")):
        count, rest = divmod(seconds, _SECONDS[unit])
        if count and not rest:
            return f"{count:.0f} {word}{'s' if count > 1 else ''}"
    return f"{seconds:.6f}".rstrip("0").rstrip(".") + " s"


def show_size(size: int) -> str:
    """Return the shortest exact spelling: 5242880 -> "5MiB"."""
    for unit, factor in _SHOWN_SIZES:
        if size and size % factor == 0:
            return f"{size // factor}{unit}"
    return str(size)


Seconds = Annotated[float, BeforeValidator(parse_seconds)]
Duration = Annotated[
    timedelta,
    BeforeValidator(parse_timedelta),
    PlainSerializer(timedelta.total_seconds, return_type=float, when_used="json"),
]
Size = Annotated[int, BeforeValidator(parse_size)]
Networks = Annotated[tuple[Network, ...], BeforeValidator(parse_networks)]
