"""A seeded archive of real-sized rows: addresses of about 80 characters, texts of 5 KB.

Host 0 has half of all resources, all of them due; hosts 1 and 2 a tenth each; the rest is spread
over the others. A tenth of the resources has been visited and has a text. The rows are plain
tuples in the order of `COLUMNS`, with keys and forms made here by hand because a million calls of
`crawler.core.urls` would take longer than the whole benchmark; `check_forms()` compares a sample.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import blake2b, sha256
from typing import Any

from support import require

from crawler.core import urls
from crawler.core.words import Liveness, Outcome, Purpose, State

EPOCH = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
"""The hour the rows are made in; what is due lies within a month around it."""
HOSTS = 2_000
TEXT_CHARS = 5_000
HELD_EVERY = 10  # one resource in so many has been visited

_WORDS = [
    "council",
    "votes",
    "to",
    "keep",
    "the",
    "old",
    "harbour",
    "open",
    "as",
    "winter",
    "storms",
    "return",
    "and",
    "ferry",
    "crews",
    "ask",
    "for",
    "more",
    "time",
    "before",
    "the",
    "new",
    "rules",
    "on",
    "night",
    "sailing",
    "come",
    "into",
    "force",
    "next",
    "spring",
    "while",
    "ministers",
    "promise",
    "money",
    "for",
    "islands",
    "schools",
    "and",
    "the",
    "hospital",
    "whose",
    "roof",
    "was",
    "lost",
    "in",
    "december",
]
_HELD_PLACE = 3
_MIN = timedelta(minutes=1)
_URGENT, _NORMAL, _BACKFILL = 0, 1, 2
_DAYS = [f"{EPOCH - timedelta(days=days):%Y/%m/%d}" for days in range(900)]

COLUMNS = {
    "lane": ("name", "next_due_at"),
    "resource": (
        *("id", "key", "url", "surt", "host", "site_id", "found_how", "found_on", "headline"),
        *("first_seen_at", "state", "liveness", "outcome", "reason", "http_status", "visits"),
        *("last_ok_at", "last_visited_at", "has_complete_version"),
    ),
    "frontier": ("id", "resource_id", "purpose", "lane", "priority", "due_at"),
    "visit": (
        *("id", "errand", "harvest_id", "resource_id", "purpose", "source", "url", "started_at"),
        *("ended_at", "outcome", "http_status", "headers", "final_url", "liveness", "confidence"),
        *("reason", "reasons", "evidence", "rules_version", "etag", "bytes", "content_sha256"),
        *("payload_digest", "template_hash", "warc_file", "warc_offset", "payload_file"),
        "payload_offset",
    ),
    "article_version": (
        *("id", "resource_id", "version", "reading", "visit_id", "source", "captured_at", "title"),
        *("authors", "published_at", "published_at_source", "published_at_precision", "language"),
        *("text", "text_sha256", "simhash", "is_partial", "removed", "has_removed_notice"),
        "extractor_version",
    ),
}
"""Which columns are filled; the others keep their server's default."""


@dataclass(frozen=True, slots=True)
class Page:
    """What is known of the resource with a given number, from 1."""

    number: int
    host: int
    host_name: str  # as lanes name it
    path: str  # about 50 characters

    @property
    def url(self) -> str:
        """The address as stored."""
        return f"https://www.{self.host_name}{self.path}"

    @property
    def key(self) -> bytes:
        """The identity's hash."""
        return blake2b(f"{self.host_name}{self.path}".encode(), digest_size=16).digest()

    @property
    def due_at(self) -> datetime:
        """Within 30 days before `EPOCH` for host 0, around it for the others."""
        latest = EPOCH if self.host == 0 else EPOCH + timedelta(days=9)
        return latest - timedelta(seconds=self.number * 48_271 % 2_592_000)

    @property
    def is_held(self) -> bool:
        """Whether it has been visited and has a text."""
        return self.number % HELD_EVERY == _HELD_PLACE


@cache
def host_name(host: int) -> str:
    """Return the name of a host by its number."""
    return f"morning-post-{host:04d}.example"


def host_of(number: int) -> int:
    """Return the host that a resource's number falls on."""
    place, turn = number % 100, number // 100
    if place < 50:
        return 0
    if place < 70:
        return 1 + (place - 50) // 10
    return 3 + (turn * 30 + place - 70) % (HOSTS - 3)


def page(number: int) -> Page:
    """Return the resource with this number."""
    host = host_of(number)
    start = number * 7 % (len(_WORDS) - 4)
    slug = "-".join(_WORDS[start : start + 4])
    path = f"/{_DAYS[number % len(_DAYS)]}/{slug}-{number:07d}.html"
    return Page(number, host, host_name(host), path)


def headline(number: int) -> str:
    """Return the words a link to this page was offered under."""
    start = number * 11 % (len(_WORDS) - 8)
    return " ".join(_WORDS[start : start + 8]).capitalize() + f" ({number})"


class Texts:
    """Article texts: slices of one long random text, so that making them costs nothing."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        lines = (" ".join(self._random.choices(_WORDS, k=40)) for _ in range(1_000))
        self._long = "\n".join(lines)

    def __call__(self, number: int) -> str:
        """Return a text of TEXT_CHARS characters that no other number has."""
        start = self._random.randrange(len(self._long) - TEXT_CHARS)
        head = f"Report {number}. "
        return head + self._long[start : start + TEXT_CHARS - len(head)]


def check_forms(count: int) -> None:
    """Raise `WrongResult` if these rows are not what `crawler.core.urls` would make."""
    for number in range(1, count, max(1, count // 500)):
        made = page(number)
        require(urls.url_key(made.url), made.key, f"key of {made.url}")
        require(urls.canonicalize(made.url), made.url, f"form of {made.url}")
        require(urls.surt(made.url), _surt(made), f"surt of {made.url}")
        require(urls.lane_host(made.url), made.host_name, f"lane of {made.url}")


def _surt(made: Page) -> str:
    return f"{_turned(made.host_name)}){made.path}"


@cache
def _turned(name: str) -> str:
    return ",".join(reversed(name.split(".")))


def tables(count: int, harvest_id: int, site_id: int) -> dict[str, Iterator[tuple[Any, ...]]]:
    """Return the rows of each table of `COLUMNS`, in the order to write them."""
    return {
        "lane": _lanes(count),
        "resource": (_resource(page(number), site_id) for number in range(1, count + 1)),
        "frontier": (_entry(page(number)) for number in range(1, count + 1)),
        "visit": (_visit(page(number), harvest_id) for number in _held(count)),
        "article_version": _articles(count),
    }


def _held(count: int) -> range:
    return range(_HELD_PLACE, count + 1, HELD_EVERY)


def _lanes(count: int) -> Iterator[tuple[Any, ...]]:
    earliest: dict[str, datetime] = {}
    for number in range(1, count + 1):
        made = page(number)
        name, due_at = f"host:{made.host_name}", made.due_at
        if due_at < earliest.get(name, due_at + _MIN):
            earliest[name] = due_at
    yield from sorted(earliest.items())


def _resource(made: Page, site_id: int) -> tuple[Any, ...]:
    seen = EPOCH - timedelta(days=made.number % 30)
    base = (
        *(made.number, made.key, made.url, _surt(made), made.host_name, site_id, "link"),
        *(made.number // 100 + 1, headline(made.number), seen),
    )
    if not made.is_held:
        return (*base, State.UNVISITED.value, *(None,) * 4, 0, None, None, False)
    alive = (Liveness.ALIVE.value, Outcome.FETCHED.value, "article_found", 200)
    return (*base, State.ALIVE.value, *alive, 1, EPOCH, EPOCH, True)


def _entry(made: Page) -> tuple[Any, ...]:
    priority = (_URGENT, _BACKFILL, _NORMAL)[min(made.number // 100 % 20, 2)]
    lane = f"host:{made.host_name}"
    return made.number, made.number, Purpose.VISIT.value, lane, priority, made.due_at


def _visit(made: Page, harvest_id: int) -> tuple[Any, ...]:
    at = EPOCH - made.number * timedelta(seconds=1)
    sha = sha256(made.key).hexdigest()
    digest = f"sha1:{sha[:32].upper()}"
    file, offset = f"newsmorgue-20260101000000-h000001-{made.number // 9000:05d}.warc.gz", 40_000
    return (
        *(made.number, made.key, harvest_id, made.number, Purpose.VISIT.value, "live", made.url),
        *(at, at, Outcome.FETCHED.value, 200, HEADERS_JSON, made.url, Liveness.ALIVE.value, 0.95),
        *("article_found", '["article_found"]', EVIDENCE_JSON, "1", f'"{sha[:16]}"', 40_000, sha),
        *(digest, made.number, file, made.number * offset, file, made.number * offset),
    )


def _articles(count: int) -> Iterator[tuple[Any, ...]]:
    texts = Texts(seed=1)
    for number in _held(count):
        text = texts(number)
        at = EPOCH - number * timedelta(seconds=1)
        yield (
            *(number, number, 1, 1, number, "live", at, headline(number), '["A. Reporter"]', at),
            *("json_ld", "second", "en", text, sha256(text.encode()).hexdigest(), number, False),
            *("[]", False, "newsmorgue/0.1.0"),
        )


HEADERS = (
    ("date", "Mon, 05 Jan 2026 08:00:00 GMT"),
    ("content-type", "text/html; charset=utf-8"),
    ("content-encoding", "gzip"),
    ("server", "nginx"),
    ("cache-control", "public, max-age=60"),
    ("etag", '"5f3c9a1b2d4e6f70"'),
    ("vary", "Accept-Encoding, User-Agent"),
    ("strict-transport-security", "max-age=63072000; includeSubDomains; preload"),
    ("content-security-policy", "upgrade-insecure-requests; frame-ancestors 'self'"),
)
"""What a news site's server sends along; pairs as in `values.Headers`."""
HEADERS_JSON = json.dumps(HEADERS)
EVIDENCE_JSON = '[{"rule": "article_found", "place": "main", "text": "1204 characters of prose"}]'
