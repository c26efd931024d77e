"""What is known of each authority's robots.txt, in memory, with its age."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from crawler.fetching.robots_rules import RobotsRules

LIFETIME = timedelta(hours=24)
"""How long an answer holds; RFC 9309 section 2.4 says not over 24 hours."""

_MOST_BYTES = 64 * 1024 * 1024  # of bodies kept; the oldest go first
_OVERHEAD = 1024  # what an entry costs beside its body


class Standing(StrEnum):
    """What a robots.txt said, or why it said nothing."""

    RULES = "rules"
    FREE = "free"  # there is none: 4xx
    UNREACHABLE = "unreachable"  # 5xx, 429, too many redirects, unreadable
    FAILED = "failed"  # no answer at all; the failure is the page's as well


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotsAnswer:
    """One authority's answer. `body` is at most 500 KiB and only kept for rules."""

    authority: str  # scheme://host[:port]
    standing: Standing
    asked_at: datetime
    status: int | None = None
    body: bytes = b""
    reason: str = ""  # for the two last standings
    failure: Exception | None = None  # for FAILED

    @property
    def is_final(self) -> bool:
        """Whether the site has spoken; the other answers are asked for again soon."""
        return self.standing in {Standing.RULES, Standing.FREE}


class RobotsCache:
    """Answers by authority. `retry` is how long one that is not final holds."""

    def __init__(self, retry: timedelta, lifetime: timedelta = LIFETIME) -> None:
        self._retry = retry
        self._lifetime = lifetime
        self._known: OrderedDict[str, tuple[RobotsAnswer, RobotsRules | None]] = OrderedDict()
        self._bytes = 0

    def get(self, authority: str, now: datetime) -> RobotsAnswer | None:
        """Return the answer unless there is none or it has grown too old."""
        answer, _ = self._known.get(authority, (None, None))
        if answer is None or now - answer.asked_at >= self._holds(answer):
            return None
        return answer

    def put(self, answer: RobotsAnswer) -> None:
        """Keep an answer in place of an older one."""
        self._drop(answer.authority)
        rules = RobotsRules(answer.body) if answer.standing is Standing.RULES else None
        self._known[answer.authority] = (answer, rules)
        self._bytes += _cost(answer)
        while self._bytes > _MOST_BYTES:
            self._drop(next(iter(self._known)))

    def seed(self, answers: Iterable[RobotsAnswer]) -> None:
        """Take over answers of an earlier run."""
        for answer in answers:
            self.put(answer)

    def rules(self, url: str) -> RobotsRules | None:
        """Return the rules last seen for an address's authority, however old, or None."""
        return self._known.get(authority_of(url), (None, None))[1]

    def _holds(self, answer: RobotsAnswer) -> timedelta:
        return self._lifetime if answer.is_final else self._retry

    def _drop(self, authority: str) -> None:
        answer, _ = self._known.pop(authority, (None, None))
        if answer is not None:
            self._bytes -= _cost(answer)


def authority_of(url: str) -> str:
    """Return `scheme://host[:port]` of an address, in lower case, without credentials."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}".lower()


def _cost(answer: RobotsAnswer) -> int:
    # The body, its cleaned text, and what the parser makes of it.
    return 3 * len(answer.body) + _OVERHEAD
