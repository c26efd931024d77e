"""Cases of pages that stand where the article should: challenges, consent walls, parked names."""

from collections.abc import Iterator
from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from crawler.core.values import Hop
from crawler.core.words import Liveness
from judging import wordings
from judging.surgery import empty, fill, fragment, set_title, write
from judging.values import Case

if TYPE_CHECKING:
    from judging.cases import Ground

# Whoever holds such a host shows one page for every address.
_ONE_FOR_ALL = frozenset({"parked", "for_sale", "usurped", "placeholder"})
_HTML = ("content-type", "text/html; charset=utf-8")


def cases(ground: "Ground") -> Iterator[Case]:
    """Yield one case of each kind of look-alike at a page's address."""
    for kind, rows in wordings.lookalikes(ground.split).items():
        number = ground.dice(kind).randrange(len(rows))
        yield case(ground, rows[number], number)


def case(ground: "Ground", row: dict[str, Any], number: int) -> Case:
    """Return the case of one entry of lookalikes.toml."""
    text = {name: _filled(ground, row.get(name, "")) for name in ("html", "title", "final")}
    body = text["html"].encode()
    if row.get("in_chrome"):
        page = ground.anatomy.fresh()
        fill(empty(page, ground.source.title), fragment(text["html"]))
        set_title(page.root, text["title"])
        body = write(page.root)
    made = ground.case(row["kind"], body, frozenset(map(Liveness, row["expected"])))
    pairs = tuple((name, value) for name, value in row.get("headers", ()))
    return replace(
        made,
        variant=f"{ground.split} {number}",
        probe=body if row["kind"] in _ONE_FOR_ALL else None,
        status=row.get("status", 200),
        headers=(_HTML, *pairs),
        final_url=text["final"],
        chain=hops(made.url, text["final"]) if text["final"] else (),
    )


def hops(url: str, final: str) -> tuple[Hop, ...]:
    """Return the redirect from one address to another."""
    return (Hop(url=url, status=302, location=final),)


def _filled(ground: "Ground", text: str) -> str:
    parts = urlsplit(ground.source.url)
    known = {
        "@site@": escape(ground.site),
        "@host@": parts.netloc,
        "@url@": escape(ground.source.url),
        "@path@": escape(parts.path),
        "@title@": escape(ground.source.title),
        "@ray@": f"{ground.dice('ray').getrandbits(64):016x}",
    }
    for mark, value in known.items():
        text = text.replace(mark, value)
    return text
