"""Routes that send the visitor elsewhere: for good, for nothing, or round in circles."""

from html import escape
from http import HTTPStatus

from crawler.demo.http1 import Answer, redirect
from crawler.demo.pages import document
from crawler.demo.prose import story
from crawler.demo.routes_pages import missing
from crawler.demo.site import Call, Routes, page


def moved(call: Call) -> Answer:
    """/moved/<n>/<slug>: 301 to article n."""
    told = story(call.number())
    slug = call.part(1, told.slug)
    return redirect(f"/article/{told.number}/{slug}", HTTPStatus.MOVED_PERMANENTLY)


def loop(call: Call) -> Answer:
    """/redirect-loop: to /redirect-loop/b and back; /redirect-loop/self: to itself."""
    if call.part(0) == "self":
        return redirect(call.request.target)
    return redirect("/redirect-loop" if call.part(0) == "b" else "/redirect-loop/b")


def chain(call: Call) -> Answer:
    """/redirect-chain/<k>[/slug]: k redirects, then an article; without a number: not there."""
    if not call.part(0).isdecimal():
        return missing(call)
    left, tail = call.number() - 1, "/".join(call.parts[1:])
    suffix = f"/{tail}" if tail else ""
    if left > 0:
        return redirect(f"/redirect-chain/{left}{suffix}")
    return redirect(story(1).path)


def endless(call: Call) -> Answer:
    """/redirect-endless/<k>: always to a new address."""
    return redirect(f"/redirect-endless/{call.number(default=0) + 1}")


def anywhere(call: Call) -> Answer:
    """/redirect-to?url=...[&status=302]: to any address at all, hostile ones included."""
    code = int(call.request.param("status", str(HTTPStatus.FOUND.value)))
    return redirect(call.request.param("url", "/"), code)


def refresh(call: Call) -> Answer:
    """/meta-refresh?url=...: status 200 and a meta refresh at once."""
    url = escape(call.request.param("url", "/"))
    head = f'<meta http-equiv="refresh" content="0; url={url}">'
    return page(document("en", "One moment", "<p>One moment.</p>", head=head))


ROUTES: Routes = {
    "redirect-home": lambda _: redirect("/"),
    "redirect-section": lambda _: redirect("/section/world"),
    "moved": moved,
    "redirect-loop": loop,
    "redirect-chain": chain,
    "redirect-endless": endless,
    "redirect-to": anywhere,
    "meta-refresh": refresh,
}
