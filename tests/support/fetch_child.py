"""The crawl that `support.fetch_run` starts: a specification on stdin, what came on stdout."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response
from scrapy.resolver import HostResolution
from scrapy.settings import Settings
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.interfaces import IHostnameResolver
from zope.interface import implementer

from crawler.fetching.caps import Caps, is_truncated
from crawler.fetching.failures import classify
from crawler.fetching.headers import request_line, request_pairs, response_pairs, status_line
from crawler.fetching.robots import RobotsMiddleware, robots_answered
from crawler.fetching.robots_cache import RobotsAnswer, Standing


class ProbeSpider(Spider):
    """Fetches what it is told to and writes down how each fetch ended."""

    name = "probe"

    def __init__(self, specification: dict[str, Any], answer: dict[str, Any]) -> None:
        super().__init__()
        self.specification = specification
        self.answer = answer

    async def start(self) -> AsyncIterator[Any]:
        """Fetch the groups, then hand the rest to the scheduler."""
        self.crawler.signals.connect(self.robots_told, robots_answered)
        robots = self.crawler.get_downloader_middleware(RobotsMiddleware)
        if robots is not None:
            robots.cache.seed(_seeded(seed) for seed in self.specification.get("seed", ()))
        for group in self.specification["groups"]:
            self.answer["results"] += await asyncio.gather(*map(self.fetch, group))
        for url in self.specification.get("scheduled", ()):
            yield self.request(url, callback=self.page, errback=self.failed)
        self.look_around()

    def request(self, url: str, **kwargs: Any) -> Request:
        """Make a request with the meta of the specification."""
        return Request(url, meta=dict(self.specification.get("meta", {})), **kwargs)

    async def fetch(self, url: str) -> dict[str, Any]:
        """Fetch one address, and one hop more if told to."""
        try:
            response = await self.crawler.engine.download_async(self.request(url))
            if self.specification.get("follow") and "Location" in response.headers:
                target = response.headers["Location"].decode("latin-1")
                response = await self.crawler.engine.download_async(self.request(target))
        except Exception as problem:  # noqa: BLE001 - every failure is a result here
            return _failure(url, problem)
        self.look_around()
        return _result(url, response)

    async def page(self, response: Response) -> None:
        """Take an answer from the scheduler."""
        self.answer["results"].append(_result(response.url, response))

    async def failed(self, problem: Any) -> None:
        """Take a failure from the scheduler."""
        self.answer["results"].append(_failure(problem.request.url, problem.value))

    def robots_told(self, answer: RobotsAnswer, responses: list[Response]) -> None:
        """Note what storage would be told."""
        self.answer["told"].append([answer.authority, answer.standing.value, len(responses)])

    def look_around(self) -> None:
        """Note what the process looks like while it crawls."""
        slots = self.crawler.engine.downloader.slots
        self.answer["listening"] += _listening()
        self.answer["in_flight"] = self.crawler.get_extension(Caps).budget.in_flight
        self.answer["delays"] = {key: slot.delay for key, slot in slots.items()}


@implementer(IHostnameResolver)
class Names:
    """A resolver to stand below the guard: it answers each lookup of a name differently."""

    def __init__(self, names: dict[str, list[list[str]]]) -> None:
        self._names = names

    def resolveHostName(  # noqa: N802 - Twisted's name
        self, receiver: Any, name: str, port: int = 0, *_: Any
    ) -> HostResolution:
        """Give the next answer; the last one stays."""
        answers = self._names.get(name, [[]])
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        resolution = HostResolution(name)
        receiver.resolutionBegan(resolution)
        for address in addresses:
            kind = IPv6Address if ":" in address else IPv4Address
            receiver.addressResolved(kind("TCP", address, port))
        receiver.resolutionComplete()
        return resolution


def main() -> None:
    """Read the specification, crawl, write what came."""
    specification = json.loads(sys.stdin.read())
    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    settings.update(specification["settings"], priority="cmdline")
    answer: dict[str, Any] = {"results": [], "listening": [], "told": []}
    process = AsyncCrawlerProcess(settings)
    crawler = process.create_crawler(ProbeSpider)
    process.crawl(crawler, specification=specification, answer=answer)
    if specification.get("names"):
        from twisted.internet import reactor  # noqa: PLC0415 - only now is it installed

        reactor.installNameResolver(Names(specification["names"]))
    process.start()
    stats = crawler.stats.get_stats().items()
    answer["stats"] = {key: value for key, value in stats if not isinstance(value, datetime)}
    sys.stdout.write(json.dumps(answer))


def _result(url: str, response: Response) -> dict[str, Any]:
    return {
        "url": url,
        "status": response.status,
        "size": len(response.body),
        "head": response.body[:200].decode("latin-1"),
        "truncated": is_truncated(response),
        "peer": str(response.ip_address),
        "request": [request_line(response.request), *request_pairs(response.request)],
        "response": [status_line(response), *response_pairs(response)],
    }


def _failure(url: str, problem: BaseException) -> dict[str, Any]:
    outcome, sentence = classify(problem)
    return {"url": url, "outcome": outcome.value, "problem": sentence}


def _seeded(seed: dict[str, Any]) -> RobotsAnswer:
    return RobotsAnswer(
        authority=seed["authority"],
        standing=Standing.RULES,
        body=seed["body"].encode(),
        asked_at=datetime.now(UTC) - timedelta(hours=seed["hours_ago"]),
    )


def _listening() -> list[str]:
    """Return the local addresses this process listens on, as /proc writes them."""
    own = {_target(entry) for entry in Path("/proc/self/fd").iterdir()}
    tables = [Path(f"/proc/self/net/{table}").read_text() for table in ("tcp", "tcp6")]
    rows = [line.split() for table in tables for line in table.splitlines()[1:]]
    return [row[1] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in own]


def _target(entry: Path) -> str:
    try:
        return str(entry.readlink())
    except OSError:  # the descriptor that lists the directory is gone by now
        return ""


if __name__ == "__main__":
    main()
