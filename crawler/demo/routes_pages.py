"""Routes of single pages: articles, the founding case, and pages that are not there."""

from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from hashlib import sha1
from html import escape
from http import HTTPStatus

from crawler.demo.absence import STYLES, honest_page, soft_page, withdrawn_page
from crawler.demo.founding import LAYOUTS, founding_page
from crawler.demo.http1 import Answer, Reply
from crawler.demo.pages import article_page, plain_article
from crawler.demo.prose import LANGUAGES, Story, language_of, named_story, number_of, story
from crawler.demo.site import Call, Routes, page


def plain(call: Call, number: int) -> Reply:
    """Return the ordinary page of a story."""
    told = story(number, call.language(language_of(number)))
    return Reply(body=plain_article(told, call.url, call.paper.articles))


def own_article(call: Call) -> Reply:
    """Return an article that depends on the path alone; a slug in it is the headline."""
    return Reply(body=plain_article(own_story(call), call.url, call.paper.articles))


def own_story(call: Call) -> Story:
    """Return the story of a path without a number."""
    return named_story(call.path, call.language())


def copy(call: Call) -> Answer:
    """/copy/<n>/<slug>: the very bytes of /article/<n>/<slug>, its canonical address included."""
    told = story(call.number())
    url = call.request.origin + f"/article/{told.number}/{call.part(1, told.slug)}"
    return Reply(body=plain_article(told, url, call.paper.articles))


def article(call: Call) -> Answer:
    """/article/<n>/<slug>[/<language>]: a living article, whatever n and slug."""
    return plain(call, call.number())


def edited(call: Call) -> Answer:
    """/edited/<n>/<slug>: article n after an edit: one paragraph changed, modified a day later."""
    first = story(call.number())
    told = replace(first, modified=first.modified + timedelta(days=1))
    added = story(call.number() + 7 * len(LANGUAGES)).paragraphs[1]
    body = "\n".join(
        f"<p>{escape(text, quote=False)}</p>" for text in (*told.paragraphs[:-1], added)
    )
    return page(article_page(told, call.url, call.paper.articles, body=body))


def founding(call: Call) -> Answer:
    """/founding/<layout>[/<language>][/<slug>]: a real article, a skip link and a notice."""
    layout = call.part(0)
    if layout not in LAYOUTS:
        return missing(call)
    told = founding_story(layout, call.language())
    return page(founding_page(layout, told, call.url, call.paper.articles))


def soft404(call: Call) -> Answer:
    """/soft404/<style>[/<language>]/<slug>: status 200, a notice or only teasers, no article."""
    style = call.part(0)
    if style not in STYLES:
        return missing(call)
    return page(soft_page(style, call.language(), call.path, call.paper.articles))


def withdrawn(call: Call) -> Answer:
    """/withdrawn[/<language>]/<slug>: status 200, taken back by the publisher."""
    return page(withdrawn_page(call.language(), call.path, call.paper.articles))


def missing(call: Call) -> Answer:
    """/gone404/... and every unknown path: an honest 404."""
    html = honest_page(call.language(), call.path, call.paper.articles)
    return page(html, status=HTTPStatus.NOT_FOUND)


def gone410(call: Call) -> Answer:
    """/gone410/...: an honest 410."""
    html = honest_page(call.language(), call.path, call.paper.articles)
    return page(html, status=HTTPStatus.GONE)


def validated(call: Call) -> Answer:
    """/etag/<n>: article n with ETag and Last-Modified; 304 to a matching conditional request."""
    reply, told = plain(call, call.number()), story(call.number())
    tag = f'"{sha1(reply.body, usedforsecurity=False).hexdigest()[:16]}"'
    since = format_datetime(told.modified, usegmt=True)
    headers, asked = (("ETag", tag), ("Last-Modified", since)), call.request.headers
    known = asked.get("if-none-match")
    if known == tag or (known is None and asked.get("if-modified-since") == since):
        return Reply(status=HTTPStatus.NOT_MODIFIED, media_type="", headers=headers)
    return Reply(body=reply.body, headers=headers)


def founding_path(layout: str, language: str) -> str:
    """Return the whole path of a founding case."""
    return f"/founding/{layout}/{language}/{founding_story(layout, language).slug}"


def founding_story(layout: str, language: str) -> Story:
    """Return the article of a founding case."""
    return story(number_of(f"founding/{layout}"), language)


ROUTES: Routes = {
    "article": article,
    "copy": copy,
    "edited": edited,
    "robots-denied": own_article,
    "founding": founding,
    "soft404": soft404,
    "withdrawn": withdrawn,
    "gone404": missing,
    "gone410": gone410,
    "etag": validated,
}
