"""robots.txt in the ways hosts get it right and wrong; one mode a host."""

import codecs
import gzip
from collections.abc import Callable
from http import HTTPStatus

from crawler.demo import wire
from crawler.demo.http1 import Answer, Reply, redirect

TEXT = "text/plain; charset=utf-8"
HUGE = 600 * 1024  # over the 500 KiB that RFC 9309 asks a crawler to read
RULES = """User-agent: *
Disallow: /robots-denied/
Disallow: /search
Allow: /

Sitemap: {origin}/sitemap.xml
Sitemap: {origin}/news-sitemap.xml
"""


def _text(body: str) -> Reply:
    return Reply(body=body.encode(), media_type=TEXT)


def _huge(origin: str) -> Reply:
    line = "Disallow: /nowhere/at/all/in/particular\n"
    rules = RULES.format(origin=origin)
    return _text(f"User-agent: *\nDisallow: /robots-denied/\n{line * (HUGE // len(line))}\n{rules}")


def _delay(seconds: str, origin: str) -> Reply:
    return _text(
        RULES.format(origin=origin).replace("Allow: /", f"Allow: /\nCrawl-delay: {seconds}")
    )


def _status(code: str) -> Reply:
    return Reply(status=int(code), body=b"User-agent: *\nDisallow: /\n", media_type=TEXT)


def _gzipped(origin: str) -> Reply:
    body = gzip.compress(RULES.format(origin=origin).encode())
    return Reply(body=body, media_type=TEXT, headers=(("Content-Encoding", "gzip"),))


def _utf16(origin: str) -> Reply:
    body = codecs.BOM_UTF16_LE + RULES.format(origin=origin).encode("utf-16-le")
    return Reply(body=body, media_type="text/plain")


MODES: dict[str, Callable[[str], Answer]] = {
    "ok": lambda origin: _text(RULES.format(origin=origin)),
    "missing": lambda _: Reply(status=HTTPStatus.NOT_FOUND, body=b"<html>Not found</html>"),
    "error": lambda _: Reply(status=HTTPStatus.SERVICE_UNAVAILABLE, body=b"<html>Busy</html>"),
    "drop": lambda _: wire.drop(),
    "hang": lambda _: wire.hang(),
    "deny": lambda _: _text("User-agent: *\nDisallow: /\n"),
    "empty": lambda _: _text(""),
    "huge": _huge,
    "redirect": lambda _: redirect("/robots-elsewhere.txt", HTTPStatus.MOVED_PERMANENTLY),
    "redirect-loop": lambda _: redirect("/robots.txt", HTTPStatus.MOVED_PERMANENTLY),
    "html": lambda _: Reply(body=b"<!DOCTYPE html><html><body><p>Disallow: /</p></body></html>"),
    "bom": lambda origin: Reply(
        body=codecs.BOM_UTF8 + RULES.format(origin=origin).encode(), media_type=TEXT
    ),
    "utf16": _utf16,
    "nul": lambda origin: _text("\0\n" + RULES.format(origin=origin)),
    "gzip": _gzipped,
    "slow-crawl-delay": lambda origin: _delay("1000000000", origin),
}


def answer(mode: str, origin: str) -> Answer:
    """Return robots.txt in a mode of `MODES`, `status:<code>` or `crawl-delay:<seconds>`.

    Raises ValueError for any other mode.
    """
    name, _, value = mode.partition(":")
    if name == "status" and value.isdecimal():
        return _status(value)
    if name == "crawl-delay" and value:
        return _delay(value, origin)
    if mode not in MODES:
        raise ValueError(f"unknown robots mode {mode!r}; known: {', '.join(MODES)}")
    return MODES[mode](origin)
