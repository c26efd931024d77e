"""A user's choices as Scrapy settings, laid over `crawler.settings`."""

from typing import Any

from crawler.config.models import Config
from crawler.fetching.headers import user_agent


def scrapy_settings(config: Config) -> dict[str, Any]:
    """Return the settings that newsmorgue.toml decides; all others stand as they are."""
    return {
        "NEWSMORGUE_ALLOW_PRIVATE": [str(network) for network in config.allow_private],
        "NEWSMORGUE_MAX_SIZE": config.fetch.max_size,
        "NEWSMORGUE_MAX_IN_FLIGHT": config.fetch.max_in_flight,
        "NEWSMORGUE_ROBOTS_RETRY": config.robots.retry,
        "NEWSMORGUE_MAX_CRAWL_DELAY": config.robots.max_delay,
        "SCRAPER_SLOT_MAX_ACTIVE_SIZE": config.fetch.max_in_flight,
        "CONCURRENT_REQUESTS": config.fetch.concurrency,
        "DOWNLOAD_DELAY": config.fetch.delay,
        "DOWNLOAD_TIMEOUT": config.fetch.timeout,
        "USER_AGENT": user_agent(config.contact),
        # An archive's pace is kept by its tokens: nothing waits for its turn inside a slot.
        "DOWNLOAD_SLOTS": {
            f"archive:{archive.name}": {"concurrency": 8, "delay": 0.0}
            for archive in config.archive
        },
    }
