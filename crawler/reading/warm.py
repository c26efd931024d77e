"""Load and use once everything a reading needs: the first use in a process costs over a second.

Imported by the fork server, so that every worker forked from it is warm.
"""

from crawler.core.values import ReadingLimits
from crawler.discovery.listing import read_listing
from crawler.reading.metadata import detector
from crawler.reading.page import read_page

_LINE = "<p>The committee met on a cold morning and spoke at length about the bridge in town.</p>"
_PAGE = (
    "<html lang='en'><head><title>Warm</title></head><body><a href='/'>Skip to main content</a>"
    f"<main><article><h1>Warm</h1>{_LINE * 8}</article><p>Page not found</p></main></body></html>"
)
_FEED = (
    b"<rss version='2.0'><channel><title>Warm</title><item><title>Warm</title>"
    b"<link>http://warm.example/warm</link><pubDate>Tue, 24 Nov 2026 06:00:00 GMT</pubDate>"
    b"</item></channel></rss>"
)


def warm() -> None:
    """Read one page and one feed: models, regular expressions and tables are then loaded."""
    detector()
    headers = (("content-type", "text/html; charset=utf-8"),)
    read_page(
        _PAGE.encode(), headers=headers, url="http://warm.example/warm", limits=ReadingLimits()
    )
    read_listing(_FEED, headers=(), url="http://warm.example/feed")


warm()
