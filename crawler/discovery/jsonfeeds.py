"""JSON Feed, versions 1.0 and 1.1 (jsonfeed.org); feedparser does not read it."""

import json
import re
from typing import Any

from crawler.core.listings import Listing, ListKind
from crawler.discovery import moments, wording
from crawler.discovery.gather import Gathered

_MAX_LOADED = 16 * 1024 * 1024  # as objects, JSON takes up to thirty times its size
_VERSION = "jsonfeed.org/version/"
_ITEMS = re.compile(r'"items"\s*:\s*\[')
_BETWEEN = re.compile(r"[\s,]*")
_VERSION_IN_TEXT = re.compile(r'"version"\s*:\s*"([^"]{0,200})"')


def read_json_feed(text: bytes, gathered: Gathered) -> tuple[Listing, str | None] | None:
    """Read a JSON Feed; also return its fault, if any. None for JSON of another kind.

    The address of an item is its url, else its external_url, else an id that is an address.
    """
    document, fault = _load(text.decode("utf-8", "replace"), gathered.limit)
    items = document.get("items")
    if not isinstance(items, list) or not _is_feed(document, items):
        return None
    for item in items:
        if gathered.was_full:
            break
        if isinstance(item, dict):
            _gather(item, gathered)
    if further := _text(document, "next_url"):
        gathered.add(further, is_list=True)
    listing = Listing(
        kind=ListKind.FEED,
        entries=tuple(gathered.pages.values()),
        lists=tuple(gathered.lists.values()),
        title=wording.from_plain(_text(document, "title")),
        language=wording.language(_text(document, "language")),
    )
    return listing, fault


def _load(text: str, most: int) -> tuple[dict[str, Any], str | None]:
    if len(text) > _MAX_LOADED:
        return _salvage(text, most), f"it is larger than {_MAX_LOADED:,} characters"
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        return _salvage(text, most), f"it is not valid JSON: {str(error)[:200]}"
    return (document if isinstance(document, dict) else {}), None


def _salvage(text: str, most: int) -> dict[str, Any]:
    """Return version and items one by one, as far as they can be read."""
    begun = _ITEMS.search(text)
    if begun is None:
        return {}
    version = _VERSION_IN_TEXT.search(text)
    items: list[Any] = []
    decoder = json.JSONDecoder()
    at = begun.end()
    try:
        while at < len(text) and len(items) <= most:
            item, at = decoder.raw_decode(text, at)
            items.append(item)
            between = _BETWEEN.match(text, at)
            at = between.end() if between else at
    except (ValueError, RecursionError):
        pass  # here the file breaks off
    return {"version": version[1] if version else "", "items": items}


def _is_feed(document: dict[str, Any], items: list[Any]) -> bool:
    if _VERSION in (_text(document, "version") or ""):
        return True
    first = items[0] if items else None
    return isinstance(first, dict) and {"url", "id"} <= first.keys()


def _gather(item: dict[str, Any], gathered: Gathered) -> None:
    name = _text(item, "id") or ""
    permanent = name if name.startswith(("http://", "https://")) else None
    address = _text(item, "url") or _text(item, "external_url") or permanent
    if address is None:
        gathered.refuse()
        return
    gathered.add(
        address,
        headline=wording.from_plain(_text(item, "title")),
        published=moments.from_text(_text(item, "date_published")),
        modified=moments.from_text(_text(item, "date_modified")),
    )


def _text(holder: dict[str, Any], key: str) -> str | None:
    value = holder.get(key)
    return value.strip() or None if isinstance(value, str) else None
