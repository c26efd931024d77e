"""Routes of a newspaper in good health: articles, front page, sections, lists, feed, sitemaps."""

from email.utils import format_datetime
from hashlib import sha1
from html import escape
from http import HTTPStatus
from xml.sax.saxutils import escape as xml

from crawler.demo import robots
from crawler.demo.absence import STYLES, honest_page, soft_page, withdrawn_page
from crawler.demo.founding import LAYOUTS, founding_page
from crawler.demo.http1 import Answer, Reply
from crawler.demo.pages import article_page, document, labels, plain_article, stamp, teasers
from crawler.demo.prose import (
    LANGUAGES,
    Story,
    language_of,
    named_story,
    number_of,
    numbers_in,
    story,
)
from crawler.demo.site import Call, Routes, page

TEXT = "text/plain; charset=utf-8"
XML = "application/xml; charset=utf-8"
FRONT = 30  # stories on the front page and in the feed
SITEMAP = 1000  # addresses in one sitemap file
FEED = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0"><channel><title>{paper}</title><link>{origin}/</link>
<description>News</description>
{items}</channel></rss>
"""
ITEM = """<item><title>{title}</title><link>{url}</link><guid>{url}</guid>
<pubDate>{date}</pubDate><description>{lead}</description></item>
"""


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
    told = story(call.number())
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


def front(call: Call) -> Answer:
    """/: the front page with links to the newest stories of all languages."""
    latest = range(1, min(FRONT, call.paper.articles) + 1)
    sections = "".join(f'<li><a href="/section/{name}">{name}</a></li>' for name in LANGUAGES)
    feed = '<link rel="alternate" type="application/rss+xml" title="Feed" href="/feed.xml">'
    content = f"{teasers('en', latest, title='most_read')}\n<ul>{sections}</ul>"
    return page(document("en", labels("en")["paper"], content, head=feed, body_class="home"))


def section(call: Call) -> Answer:
    """/section/<name>[?page=k]: thirty stories a page; a language's code lists that language."""
    name, at = call.part(0, "world"), int(call.request.param("page", "1"))
    language = name if name in LANGUAGES else call.request.param("lang", "en")
    shown = numbers_in(language, call.paper.articles)[(at - 1) * FRONT : at * FRONT]
    later = f'<a rel="next" href="/section/{name}?lang={language}&amp;page={at + 1}">{at + 1}</a>'
    content = f"<h1>{escape(name)}</h1>\n{teasers(language, shown, title='related')}"
    return page(document(language, name, content + (later if len(shown) == FRONT else "")))


def founding_path(layout: str, language: str) -> str:
    """Return the whole path of a founding case."""
    return f"/founding/{layout}/{language}/{founding_story(layout, language).slug}"


def founding_story(layout: str, language: str) -> Story:
    """Return the article of a founding case."""
    return story(number_of(f"founding/{layout}"), language)


def listed(kind: str, count: int) -> list[str]:
    """Return paths of a kind: article, founding, soft404, gone404, gone410. Else KeyError."""
    if kind == "founding":
        return [founding_path(name, lang) for name in LAYOUTS for lang in LANGUAGES][:count]
    path = {"article": "/article/{n}/{slug}", "gone404": "/gone404/{n}/{slug}"}
    path |= {"gone410": "/gone410/{n}/{slug}", "soft404": "/soft404/{style}/{lang}/{slug}"}
    styles, pattern = list(STYLES), path[kind]
    return [
        pattern.format(
            n=one.number, slug=one.slug, lang=one.language, style=styles[one.number % len(styles)]
        )
        for one in map(story, range(1, count + 1))
    ]


def urls(call: Call) -> Answer:
    """/urls.txt[?n=300][&kind=article]: absolute addresses, one a line."""
    count = int(call.request.param("n") or call.paper.articles)
    try:
        paths = listed(call.request.param("kind", "article"), count)
    except KeyError:
        return missing(call)
    lines = "".join(f"{call.request.origin}{path}\n" for path in paths)
    return Reply(body=lines.encode(), media_type=TEXT)


def feed(call: Call) -> Answer:
    """/feed.xml: RSS 2.0 of the newest stories."""
    items = "".join(
        ITEM.format(
            url=call.request.origin + one.path,
            title=xml(one.headline),
            date=format_datetime(one.published),
            lead=xml(one.standfirst),
        )
        for one in map(story, range(1, min(FRONT, call.paper.articles) + 1))
    )
    body = FEED.format(paper=labels("en")["paper"], origin=call.request.origin, items=items)
    return Reply(body=body.encode(), media_type="application/rss+xml; charset=utf-8")


def sitemap(call: Call) -> Answer:
    """/sitemap.xml: an index of /sitemap/<k>.xml, a thousand addresses each."""
    parts = range(1, -(-call.paper.articles // SITEMAP) + 1)
    rows = "".join(
        f"<sitemap><loc>{call.request.origin}/sitemap/{part}.xml</loc></sitemap>\n"
        for part in parts
    )
    return _sitemap("sitemapindex", rows)


def sitemap_part(call: Call) -> Answer:
    """/sitemap/<k>.xml: addresses with lastmod."""
    part = int(call.part(0, "1.xml").removesuffix(".xml"))
    numbers = range((part - 1) * SITEMAP + 1, min(part * SITEMAP, call.paper.articles) + 1)
    rows = "".join(
        f"<url><loc>{call.request.origin}{one.path}</loc><lastmod>{stamp(one.modified)}</lastmod></url>\n"
        for one in map(story, numbers)
    )
    return _sitemap("urlset", rows)


def _sitemap(root: str, rows: str) -> Reply:
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{space}">\n{rows}</{root}>\n'
    return Reply(body=body.encode(), media_type=XML)


def robots_txt(call: Call) -> Answer:
    """/robots.txt in this host's mode."""
    mode = call.paper.robots.get(call.request.address, "ok")
    return robots.answer(mode, call.request.origin)


ROUTES: Routes = {
    "": front,
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
    "section": section,
    "urls.txt": urls,
    "feed.xml": feed,
    "sitemap.xml": sitemap,
    "sitemap": sitemap_part,
    "robots.txt": robots_txt,
    "robots-elsewhere.txt": lambda call: robots.answer("ok", call.request.origin),
}
