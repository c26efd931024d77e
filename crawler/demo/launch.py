"""Start the demo servers as processes and talk to them: for the demo, the tests, the benchmarks.

Both kinds of server are context managers; `close()` ends them as well.
"""

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path

from crawler.demo.server import Server


class NewspaperServer(Server):
    """A running mock newspaper. `articles` is how many stories it lists."""

    articles = 300

    def behave(self, path: str, like: str | None, times: int | None = None) -> None:
        """Let a path answer as another path would; `like` None lifts it."""
        self.control("behave", {"path": path, "as": like, "times": times})

    def robots(self, mode: str, host: str | None = None) -> None:
        """Set robots.txt of a host (default: the first) to a mode of `crawler.demo.robots`."""
        self.control("robots", {"host": host or next(iter(self.hosts)), "mode": mode})

    def page(self, path: str, host: str | None = None) -> bytes:
        """Return the body a path has, without asking the server: the log stays the crawler's.

        Raises TypeError for a route that answers with a raw fault.
        """
        # Imported here because most who launch a server never need its templates.
        from crawler.demo.newspaper import body_of  # noqa: PLC0415

        return body_of(self.base_url(host), path, self.articles)

    def urls(
        self, n: int | None = None, kind: str = "article", host: str | None = None
    ) -> list[str]:
        """Return absolute URLs of a kind: article, founding, soft404, gone404."""
        from crawler.demo.routes_lists import listed  # noqa: PLC0415 - as in page()

        return [self.url(path, host) for path in listed(kind, n or self.articles)]


def start_newspaper(
    hosts: Sequence[str] = ("127.0.0.2",),
    *,
    port: int = 0,
    articles: int = 300,
    robots: Mapping[str, str] | None = None,
) -> NewspaperServer:
    """Start a newspaper on loopback hosts, each a news site of its own.

    `robots` maps a host to a mode of `crawler.demo.robots`. Raises RuntimeError when it cannot
    listen.
    """
    arguments = ["--port", str(port), "--articles", str(articles)]
    for host, mode in (robots or {}).items():
        arguments += ["--robots", f"{host}={mode}"]
    server = NewspaperServer("crawler.demo.newspaper", hosts, arguments)
    server.articles = articles
    return server


class ArchiveServer(Server):
    """A running mock Internet Archive."""

    @property
    def cdx_url(self) -> str:
        """Where the index is asked."""
        return self.url("/cdx/search/cdx")

    @property
    def replay_url(self) -> str:
        """What a timestamp and an address are appended to."""
        return self.url("/web/")

    def memento_url(self, timestamp: str, url: str) -> str:
        """Return the address of a capture's stored bytes."""
        return f"{self.replay_url}{timestamp}id_/{url}"

    def hold(
        self, url: str, timestamp: str, body: str | bytes = b"", **more: object
    ) -> dict[str, str]:
        """File one capture and return its index row.

        `more`: status, mimetype, headers (a mapping), body_file, revisit, digest, length; see
        `crawler.demo.holdings`. Raises RuntimeError for a declaration the archive refuses.
        """
        content = body.encode() if isinstance(body, str) else body
        wish = {"url": url, "timestamp": timestamp, **more}
        if content:
            wish["body_base64"] = base64.b64encode(content).decode()
        row: dict[str, str] = self.control("hold", wish)[0]
        return row

    def fault(self, kind: str | None, **how: object) -> None:
        """Switch a fault of `crawler.demo.outages`; None lifts them all.

        `how`: on (`cdx`, `replay`, `any`), count (None: until lifted), seconds, retry_after.
        """
        self.control("fault", {"kind": kind, **how})

    def exclude(self, host: str) -> None:
        """Keep a host out, as its owner may ask of the real one."""
        self.control("exclude", {"host": host})


def start_archive(
    hosts: Sequence[str] = ("127.0.0.9",), *, port: int = 0, holdings: Path | None = None
) -> ArchiveServer:
    """Start an archive; `holdings` is a JSON lines file, see `crawler.demo.holdings`.

    Raises RuntimeError when it cannot listen or read its holdings.
    """
    arguments = ["--port", str(port)]
    if holdings is not None:
        arguments += ["--holdings", str(holdings)]
    return ArchiveServer("crawler.demo.archive", hosts, arguments)
