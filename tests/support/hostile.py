"""Hostile answers among good pages: what is asked for, and a server for what HTTP has no word for.

Most come from the demo's newspaper; those that need the bare socket are routes of `support.wire`.
"""

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crawler.demo.launch import NewspaperServer, start_newspaper
from crawler.demo.packing import CODECS
from support.crawls import Home
from support.trials import run_program
from support.wire import Route, Talk, Wire, endless, page, raw, redirect

PROBED = Path(__file__).with_name("probed.py")
SLOW = ("attributes", "inline", "links", "paragraphs", "nested", "title")
SECRET = "the-secret-of-the-local-file"  # noqa: S105 - a word to look for
HTML = b"Content-Type: text/html; charset=utf-8\r\n"
_OK = b"HTTP/1.1 200 OK\r\n" + HTML
_BODY = b"<html><title>Wall</title><p>" + b"The council met on the harbour wall again. " * 30
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """The servers, and what is asked of them."""

    paper: NewspaperServer
    wire: Wire
    good: tuple[str, ...]
    hostile: tuple[str, ...]
    lists: tuple[str, ...]  # hostile feeds and sitemaps, to be named as seeds


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What a crawl of a scene left."""

    home: Home
    code: int
    err: str
    probe: Mapping[str, Any]
    seconds: float  # from the first good page to the last, by the newspaper's clock
    stored: int  # good pages of which a whole article is held
    odd: list[str] = field(default_factory=list)  # hostile addresses without one outcome and reason


@contextmanager
def staged(hosts: Sequence[str], secret: Path, *, each: int, few: bool = False) -> Iterator[Scene]:
    """Give the servers: good pages on all hosts but the last six, hostile ones on those.

    `each` is how many good pages a host has. `secret` is a file no page may read.
    """
    secret.write_text(SECRET, "utf-8")
    with ExitStack() as stack:
        paper = stack.enter_context(start_newspaper(hosts[:-1], articles=each + 10))
        routes = _routes(secret)
        wire = stack.enter_context(Wire(routes, host=hosts[-1]))
        good = [url for host in hosts[:-6] for url in paper.urls(each, "article", host)]
        hostile = list(_hostile(paper, hosts[-6:-1], few=few))
        lists = [wire.url(path) for path in routes if path.startswith("/lists/")]
        hostile += [wire.url(path) for path in routes if not path.startswith("/lists/")]
        hostile += [*_odd_addresses(wire, few=few), wire.url("/endless-redirect?n=1")]
        yield Scene(
            paper=paper,
            wire=wire,
            good=tuple(good),
            hostile=tuple(dict.fromkeys(hostile)),
            lists=tuple(lists),
        )


def _hostile(paper: NewspaperServer, hosts: Sequence[str], *, few: bool) -> Iterator[str]:
    packs, broken, slow, silent, shapes = hosts
    megabytes = 64 if few else 1024
    for codec in CODECS:
        yield paper.url(f"/bomb/{codec}?mb={megabytes}", packs)
        yield paper.url(f"/encoding/{codec}/1?cut=50", packs)
        yield paper.url(f"/encoding/{codec}/2?flip", packs)
    yield paper.url("/bomb/gzip?mb=64&layers=3", packs)
    yield paper.url("/bomb/gzip?mb=64&layers=12", packs)
    for path in ("partial", "drop", "bad-header", "not-http", "redirect-loop", "big/100"):
        yield paper.url(f"/{path}", broken)
    yield paper.url("/big/100?chunked", broken)
    for kind in ("application/pdf", "image/png", "application/json", ""):
        yield paper.url(f"/type?is={kind}", broken)
    for path in ("hang", "drip/600") if few else ("hang", "hang-body", "drip/600", "drip-head/600"):
        yield paper.url(f"/{path}", silent)
    for kind in SLOW[:1] if few else SLOW:
        yield paper.url(f"/slow-reading/{kind}", slow)
    for name in ("utf-16", "gb18030", "shift_jis", "windows-1252"):
        yield paper.url(f"/charset/{name}?label=both&claim=utf-8", shapes)


def _odd_addresses(wire: Wire, *, few: bool) -> Iterator[str]:
    yield wire.url("/long/" + "x" * (12_000 if few else 64_000))
    yield wire.url("/bidi/%E2%80%AE%00%0d%0aX-Forged:%201")
    yield wire.url("/..%2f..%2f..%2fetc/passwd")
    yield wire.url("/a//b/./../c?x=%ff%fe&y[]=1#frag")
    yield "http://xn--.example/"
    yield f"http://no-such-host.invalid:{wire.port}/"


def _routes(secret: Path) -> dict[str, Route]:
    bombs = {
        "xml": f'<?xml version="1.0"?><!DOCTYPE z [<!ENTITY l0 "lol">{LAUGHS}]>',
        "xxe": f'<?xml version="1.0"?><!DOCTYPE z [<!ENTITY l9 SYSTEM "file://{secret}">]>',
    }
    xml = "application/xml"
    routes: dict[str, Route] = {}
    for name, head in bombs.items():
        sitemap = f"{head}<urlset><url><loc>http://wire.example/&l9;</loc></url></urlset>"
        feed = f"{head}<rss><channel><item><title>&l9;</title></item></channel></rss>"
        routes[f"/lists/{name}-sitemap.xml"] = page(sitemap.encode(), Content_Type=xml)
        routes[f"/lists/{name}-feed.xml"] = page(feed.encode(), Content_Type="application/rss+xml")
    unclosed = b"<rss><channel>" + b"<item><title>a</title>" * 200_000
    routes["/lists/unclosed-feed.xml"] = page(unclosed, Content_Type="application/rss+xml")
    packed = gzip.compress(b"<urlset>" + b"\n" * (256 << 20))
    routes["/lists/bomb.xml.gz"] = page(packed, Content_Type="application/gzip")
    return {
        **routes,
        "/length/too-long": raw(_OK + b"Content-Length: 900000\r\n\r\n" + _BODY),
        "/length/too-short": raw(_OK + b"Content-Length: 10\r\n\r\n" + _BODY),
        "/length/none": raw(_OK + b"\r\n" + _BODY),
        "/length/nan": raw(_OK + b"Content-Length: NaN\r\n\r\n" + _BODY),
        "/length/negative": raw(_OK + b"Content-Length: -5\r\n\r\n" + _BODY),
        "/length/two": raw(_OK + b"Content-Length: 5\r\nContent-Length: 900\r\n\r\n" + _BODY),
        "/length/huge": raw(_OK + b"Content-Length: 99999999999999999999\r\n\r\n" + _BODY),
        "/chunks/bad": raw(_OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n" + _BODY),
        "/chunks/endless": endless,
        "/headers/flood": _flood,
        "/headers/one-megabyte": raw(_OK + b"X-Big: " + b"a" * (1 << 20) + b"\r\n\r\n" + _BODY),
        "/headers/many": raw(_OK + b"X-Many: a\r\n" * 50_000 + b"\r\n" + _BODY),
        "/headers/forged": raw(_OK + b"X-A: 1\rWARC/1.1\r\nX-B: a\x00b\r\n\r\n" + _BODY),
        "/status/none": raw(b"\r\n\r\n" + _BODY),
        "/status/odd": raw(b"HTTP/1.1 999 \xff\xfe\r\n" + HTML + b"\r\n" + _BODY),
        "/status/continues": raw(b"HTTP/1.1 100 Continue\r\n\r\n" * 5_000 + _OK + b"\r\n" + _BODY),
        "/endless-redirect": _further,
        "/redirect/control": redirect("/\x00\x01\x1f%0d%0a"),
        "/redirect/file": redirect("file:///etc/hostname"),
        "/redirect/long": redirect("/" + "y" * 64_000),
    }


def _flood(talk: Talk) -> None:
    """Send headers for ever."""
    going = talk.send(_OK)
    while going:
        going = talk.send(b"X-Flood: " + b"f" * 1000 + b"\r\n")


def _further(talk: Talk) -> None:
    number = int(talk.path.rpartition("=")[2] or 0) if "=" in talk.path else 0
    redirect(f"/endless-redirect?n={number + 1}")(talk)


def crawled(scene: Scene, folder: Path, *, delay: float, with_hostile: bool = True) -> Outcome:
    """Crawl the good pages, with the hostile ones among them, into a new morgue."""
    home = Home(folder)
    home.configure(
        sites=[{"name": "lists", "seeds": scene.lists}] if with_hostile else (),
        fetch={"delay": delay, "timeout": 5},
        reading={"time_limit": 5},
    )
    urls = [*(scene.hostile if with_hostile else ()), *scene.good]
    (folder / "urls.txt").write_text("".join(f"{url}\n" for url in urls), encoding="utf-8")
    before = len(scene.paper.requests())
    sites = ["lists"] if with_hostile else []
    command = ["crawl", *sites, "--from", folder / "urls.txt", "--json", "--home", folder]
    out, err, told = folder / "out", folder / "err", folder / "probe.json"
    code = run_program([PROBED, told, *command], out, err, limit=600)
    wanted = {url.partition("://")[2] for url in scene.good}
    clocks = [
        one.clock
        for one in scene.paper.requests()[before:]
        if scene.paper.hosts[one.host].partition("://")[2] + one.path in wanted
    ]
    return Outcome(
        home=home,
        code=code,
        err=err.read_text("utf-8"),
        probe=json.loads(told.read_text("utf-8")),
        seconds=max(clocks) - min(clocks),
        stored=_stored(home, scene.good),
        odd=list(_odd(home, scene)) if with_hostile else [],
    )


def _stored(home: Home, urls: Sequence[str]) -> int:
    held = {row["url"] for row in home.rows("SELECT url FROM articles WHERE is_partial = 0")}
    return len(held.intersection(urls))


def _odd(home: Home, scene: Scene) -> Iterator[str]:
    """Yield what is wrong: a hostile address without just one outcome, or one without a reason."""
    rows = home.rows(
        "SELECT r.url, count(v.id) AS times, min(v.outcome) AS outcome, min(v.problem) AS problem,"
        " min(v.reasons) AS reasons FROM resource r LEFT JOIN visit v ON v.resource_id = r.id"
        " AND v.source = 'live' GROUP BY r.url"
    )
    for row in rows:
        if row["times"] == 0:
            yield f"no outcome: {row['url'][:200]}"
        elif row["outcome"] == "internal_error":
            yield f"a fault of our own: {row['problem']} {row['url'][:200]}"
        elif not row["problem"] and row["reasons"] in {None, "[]"}:
            yield f"no reason: {row['outcome']} {row['url'][:200]}"
    asked = len(scene.hostile) + len(scene.lists) + len(scene.good)
    if len(rows) < asked:
        yield f"{asked - len(rows)} of {asked} addresses are not in the morgue"
