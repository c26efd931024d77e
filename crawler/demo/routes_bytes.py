"""Routes about bytes: content-encodings, bombs, charsets, and pages that are slow to read."""

from collections.abc import Callable
from functools import lru_cache
from http import HTTPStatus

from crawler.demo import packing
from crawler.demo.http1 import HTML, Answer, Reply
from crawler.demo.pages import article_page, document
from crawler.demo.prose import named_story, story
from crawler.demo.routes_pages import missing
from crawler.demo.site import Call, Routes

CHARSET_LANGUAGES = {"windows-1256": "ar", "iso-8859-6": "ar", "windows-1252": "fr"}
UTF8_META = '<meta charset="utf-8">'
HEAVY = {
    "attributes": 200_000,
    "inline": 58_000,  # in one paragraph: over 100 s in libxml2's XPath, time grows as its square
    "links": 300_000,
    "paragraphs": 500_000,
    "nested": 1_000_000,
}
TITLE = 10_000_000  # characters of the title that takes an extractor 15 s


def _text(call: Call, language: str = "") -> str:
    told = named_story(call.path, language or call.language())
    return article_page(told, call.url, call.paper.articles)


def _packed(codec: str, body: bytes) -> Reply:
    return Reply(body=body, headers=(("Content-Encoding", packing.label(codec)),))


def encoding(call: Call) -> Answer:
    """/encoding/<codec>[?cut=50][&flip]: an article, cut to a per cent or with one bit wrong.

    The Content-Length fits what is sent. 501 for a codec this interpreter has not got.
    """
    codec = call.part(0)
    if codec not in packing.CODECS:
        return Reply(status=HTTPStatus.NOT_IMPLEMENTED, body=b"codec not importable")
    body = bytearray(packing.CODECS[codec](_text(call).encode()))
    if "flip" in call.request.query:
        body[len(body) // 2] ^= 0x10
    kept = len(body) * int(call.request.param("cut", "100")) // 100
    return _packed(codec, bytes(body[:kept]))


def bomb(call: Call) -> Answer:
    """/bomb/<codec>[?mb=64][&layers=1]: mebibytes of zeros in very few bytes."""
    codec, layers = call.part(0), int(call.request.param("layers", "1"))
    if codec not in packing.CODECS:
        return Reply(status=HTTPStatus.NOT_IMPLEMENTED, body=b"codec not importable")
    body = packing.bomb(codec, int(call.request.param("mb", "64")), layers)
    names = ", ".join([packing.label(codec)] * layers)
    return Reply(body=body, headers=(("Content-Encoding", names),))


def charset(call: Call) -> Answer:
    """/charset/<name>[?label=header|meta|both|none][&claim=<other name>]: an article in it.

    The language is one the charset can write; what it cannot is a character reference. `claim` is
    the name that the labels give instead of the true one.
    """
    name = call.part(0).lower()
    where, claim = call.request.param("label", "both"), call.request.param("claim", name)
    meta = f'<meta charset="{claim}">' if where in {"meta", "both"} else ""
    text = _text(call, CHARSET_LANGUAGES.get(name, "de")).replace(UTF8_META, meta)
    try:
        body = text.encode(name, "xmlcharrefreplace")
    except LookupError:
        return missing(call)
    said = where in {"header", "both"}
    return Reply(body=body, media_type=f"text/html; charset={claim}" if said else "text/html")


def _attributes(text: str) -> str:
    names = " ".join(f'a{n}="{n}"' for n in range(HEAVY["attributes"]))
    return f"<p {names}>{text}</p>"


def _links(text: str) -> str:
    return f"<p>{text}</p>" + "".join(f'<a href="/x/{n}">{n}</a> ' for n in range(HEAVY["links"]))


def _paragraphs(text: str) -> str:
    return (
        f"<p>{text}</p>" * (HEAVY["paragraphs"] // 20) + "<p>And so on.</p>" * HEAVY["paragraphs"]
    )


def _inline(text: str) -> str:
    return f"<p>{text}</p>" * 5 + "<p>" + "<b>word</b> " * HEAVY["inline"] + "</p>"


def _nested(text: str) -> str:
    return "<div>" * HEAVY["nested"] + text + "</div>" * HEAVY["nested"]


def _title(text: str) -> str:
    return f"<title>{'long ' * (TITLE // 5)}</title><p>{text}</p>"


SLOW: dict[str, Callable[[str], str]] = {
    "attributes": _attributes,
    "inline": _inline,
    "links": _links,
    "paragraphs": _paragraphs,
    "nested": _nested,
    "title": _title,
}


@lru_cache(maxsize=len(SLOW))
def _slow_page(kind: str) -> bytes:
    text = story(1, "en").paragraphs[0]
    page = document("en", "A page that takes long", f"<article>{SLOW[kind](text)}</article>")
    return packing.CODECS["gzip"](page.encode())


def slow_reading(call: Call) -> Answer:
    """/slow-reading[/<kind>]: a small gzip that keeps an extractor busy for very long."""
    kind = call.part(0) if call.part(0) in SLOW else "attributes"
    return _packed("gzip", _slow_page(kind))


def typed(call: Call) -> Answer:
    """/type?is=<media type>: an article under another media type; `is=` sends none."""
    return Reply(body=_text(call).encode(), media_type=call.request.param("is", HTML))


ROUTES: Routes = {
    "encoding": encoding,
    "bomb": bomb,
    "charset": charset,
    "slow-reading": slow_reading,
    "type": typed,
}
