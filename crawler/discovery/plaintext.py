"""Text sitemaps: one address a line."""

import re
from collections.abc import Iterator
from itertools import islice

from crawler.core.listings import Listing, ListKind
from crawler.discovery.gather import Gathered

_LINE = re.compile(rb"[^\r\n]+")
_ADDRESS = re.compile(rb"\s*https?://\S+\s*\Z", re.IGNORECASE)
_SAMPLE = 1000  # lines looked at to tell a list from prose with an address in it


def read_text(text: bytes, gathered: Gathered, *, was_cut: bool) -> Listing | None:
    """Read a list of addresses; None if less than half of the lines are addresses.

    `was_cut` says the file broke off: an unfinished last line is then no address.
    """
    if not _is_list(text):
        return None
    whole = text[: max(text.rfind(b"\n"), text.rfind(b"\r")) + 1] if was_cut else text
    for line in _lines(whole):
        if gathered.was_full:
            break
        if _ADDRESS.match(line):
            gathered.add(line.decode("utf-8", "replace").strip())
        else:
            gathered.refuse()
    return Listing(kind=ListKind.TEXT, entries=tuple(gathered.pages.values()))


def _is_list(text: bytes) -> bool:
    sample = list(islice(_lines(text), _SAMPLE))
    return 2 * sum(1 for line in sample if _ADDRESS.match(line)) >= max(1, len(sample))


def _lines(text: bytes) -> Iterator[bytes]:
    """Yield the lines that hold something and are no comment."""
    for match in _LINE.finditer(text):
        line = match.group().strip()
        if line and not line.startswith(b"#"):
            yield line
