"""Lanes in the downloader: one slot a host, ports and `www.` aside, and its delay."""

from typing import Any, Self

from scrapy.core.downloader import Downloader
from scrapy.crawler import Crawler
from scrapy.http import Request

from crawler.core.urls import BadUrl, lane_host


class LaneSlots:
    """Downloader middleware that names the slot of every request that names none itself.

    A request made with `replace()` keeps the slot of the one it was made from: whoever follows a
    redirect sets `meta["download_slot"]` anew, or makes a new request.
    """

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:  # noqa: ARG003 - nothing to set
        """There is nothing to set."""
        return cls()

    def process_request(self, request: Request) -> None:
        """Name the slot. An address without a web host keeps Scrapy's, and fails later."""
        if Downloader.DOWNLOAD_SLOT not in request.meta:
            slot = slot_of(request.url)
            if slot is not None:
                request.meta[Downloader.DOWNLOAD_SLOT] = slot


def slot_of(url: str) -> str | None:
    """Return the slot an address belongs to, or None for one that is no web address."""
    try:
        return lane_host(url)
    except BadUrl:
        return None


class SlotDelays:
    """Raises the delay of a slot to what robots.txt asks, up to a cap.

    Several authorities (http and https, ports) may share a slot: the longest delay holds. An
    existing slot changes at once; one that Scrapy throws away when idle comes back with it.
    """

    def __init__(self, downloader: Any, default: float, cap: float) -> None:
        self._downloader = downloader
        self._default = default
        self._cap = cap
        self._own: dict[str, float] = {}  # what the settings give each slot
        self._asked: dict[str, dict[str, float]] = {}

    def set(self, slot: str, authority: str, delay: float | None) -> float:
        """Note what an authority asks (seconds, None: nothing); return the slot's delay."""
        settings = self._downloader.per_slot_settings
        own = self._own.setdefault(slot, settings.get(slot, {}).get("delay", self._default))
        asked = self._asked.setdefault(slot, {})
        asked[authority] = min(delay or 0.0, self._cap)
        chosen = max(own, *asked.values())
        if chosen != own or slot in settings:
            settings.setdefault(slot, {})["delay"] = chosen
        if slot in self._downloader.slots:
            self._downloader.slots[slot].delay = chosen
        return chosen
