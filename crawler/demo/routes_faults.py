"""Routes of a newspaper in bad health: slow, huge, broken, or lying about its length."""

from http import HTTPStatus

from crawler.demo import wire
from crawler.demo.http1 import HTML, Answer, Reply, head
from crawler.demo.pages import document
from crawler.demo.prose import number_of, story
from crawler.demo.routes_pages import own_article
from crawler.demo.site import Call, Routes

MEBIBYTE = 1 << 20


def delay(call: Call) -> Answer:
    """/delay/<seconds>/...: an article after a silence."""
    return Reply(body=own_article(call).body, wait=call.seconds())


def drip(call: Call) -> Answer:
    """/drip/<seconds>: an article in small pieces; /drip-head/<seconds>: its headers too."""
    with_head = call.path.startswith("/drip-head")
    return wire.drip(own_article(call).body, call.seconds(), with_head=with_head)


def partial(call: Call) -> Answer:
    """/partial: half the body that was promised, then the connection closes."""
    return wire.partial(own_article(call).body)


def hang_body(call: Call) -> Answer:
    """/hang-body: headers and half a body, then silence."""
    body = own_article(call).body
    framing = (("Content-Type", HTML), ("Content-Length", str(len(body))), wire.CLOSING)
    return wire.hang_after(head(HTTPStatus.OK, framing) + body[: len(body) // 2])


def big(call: Call) -> Answer:
    """/big/<megabytes>[?chunked]: a real HTML page of at least that size, streamed."""
    told = story(number_of(call.path), "en")
    mark = "@@body@@"
    opening, _, closing = document(
        "en", told.headline, f"<article><h1>{told.headline}</h1>{mark}</article>"
    ).partition(mark)
    text = "".join(f"<p>{paragraph}</p>\n" for paragraph in told.paragraphs)
    block = (text * (wire.BLOCK // len(text) + 1)).encode()
    blocks = int(call.seconds() * MEBIBYTE) // len(block) + 1
    chunked = "chunked" in call.request.query
    return wire.stream(opening.encode(), block, blocks, closing.encode(), chunked=chunked)


def status(call: Call) -> Answer:
    """/status/<code>[?retry-after=1]: that status with a short page."""
    after = call.request.param("retry-after")
    headers = (("Retry-After", after),) if after else ()
    code = call.number(default=200)
    page = document("en", f"Status {code}", f"<h1>Status {code}</h1>")
    return Reply(status=code, body=page.encode(), headers=headers)


def throttle(call: Call) -> Answer:
    """/throttle/<n>[/slug][?retry-after=1]: 429 the first n times, then an article."""
    return _at_last(call, HTTPStatus.TOO_MANY_REQUESTS)


def fails(call: Call) -> Answer:
    """/fails-then-works/<n>[/slug]: 503 the first n times, then an article."""
    return _at_last(call, HTTPStatus.SERVICE_UNAVAILABLE)


def _at_last(call: Call, code: int) -> Answer:
    call.paper.asked[call.path] += 1
    if call.paper.asked[call.path] > call.number():
        return own_article(call)
    after = call.request.param("retry-after")
    return Reply(
        status=code,
        body=b"<html><body><h1>Too busy</h1></body></html>",
        headers=(("Retry-After", after),) if after else (),
    )


def bad_header(call: Call) -> Answer:
    """/bad-header: header lines no client should trust, around an ordinary article."""
    body = own_article(call).body
    lines = (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nno colon in this line\r\n"
        b"X-Folded: one\r\n two\r\nX-Nul: a\x00b\r\n: nameless\r\nX-High: \xe9\xff\r\n"
    )
    length = b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body)
    return wire.raw("bad-header", lines + length + body, HTTPStatus.OK)


ROUTES: Routes = {
    "drop": lambda _: wire.drop(),
    "hang": lambda _: wire.hang(),
    "hang-body": hang_body,
    "partial": partial,
    "delay": delay,
    "drip": drip,
    "drip-head": drip,
    "big": big,
    "status": status,
    "throttle": throttle,
    "fails-then-works": fails,
    "bad-header": bad_header,
    "not-http": lambda _: wire.raw(
        "not-http", b"\x16\x03\x01\x00garbage, not a status line\r\n\r\n"
    ),
}
