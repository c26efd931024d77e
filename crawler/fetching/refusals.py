"""Requests that robots.txt stops. A tree of two, under Scrapy's own "ignore this request".

IgnoreRequest
├── RobotsDisallowed    the rules say no
└── RobotsUnreachable   no rules could be had, which RFC 9309 takes for a no
"""

from scrapy.exceptions import IgnoreRequest


class RobotsDisallowed(IgnoreRequest):
    """The site's robots.txt disallows the address."""

    def __init__(self, robots_url: str, *, status: int | None = None) -> None:
        super().__init__(f"{robots_url} disallows it")
        self.robots_url = robots_url
        self.status = status  # of the robots.txt that said so
        self.reason = "disallowed"


class RobotsUnreachable(IgnoreRequest):
    """The site's robots.txt could not be had, though its server answered."""

    def __init__(self, robots_url: str, reason: str, *, status: int | None = None) -> None:
        super().__init__(f"{robots_url} could not be read: {reason}")
        self.robots_url = robots_url
        self.status = status  # None: not a matter of status
        self.reason = reason
