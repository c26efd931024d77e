"""Routes that lead to pages: front page, sections, lists, feed, sitemaps, robots.txt."""

from html import escape

from crawler.demo import dialects, robots
from crawler.demo.absence import STYLES
from crawler.demo.founding import LAYOUTS
from crawler.demo.http1 import Answer, Reply
from crawler.demo.pages import document, labels, stamp, teasers
from crawler.demo.prose import LANGUAGES, numbers_in, story
from crawler.demo.routes_pages import founding_path, missing
from crawler.demo.site import Call, Routes, page

TEXT = "text/plain; charset=utf-8"
XML = "application/xml; charset=utf-8"
FRONT = 30  # stories on the front page and in the feed
SITEMAP = 1000  # addresses in one sitemap file
LARGEST = 200_000  # addresses that /sitemaps/large gives


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
    return _in_dialect(call, dialects.FEEDS["rss"], FRONT)


def feeds(call: Call) -> Answer:
    """/feeds/<dialect>: the newest stories in each dialect of `dialects.FEEDS`."""
    dialect = dialects.FEEDS.get(call.part(0))
    return missing(call) if dialect is None else _in_dialect(call, dialect, FRONT)


def sitemaps(call: Call) -> Answer:
    """/sitemaps/<dialect>: as /feeds; `index` lists them; `large?n=100000` that many addresses."""
    name = call.part(0)
    if name == "large":
        count = min(int(call.request.param("n", "100000")), LARGEST)
        addresses = (f"{call.request.origin}/article/{n}/story-{n}" for n in range(1, count + 1))
        rows = "".join(f"<url><loc>{one}</loc></url>\n" for one in addresses)
        return _sitemap("urlset", rows)
    if name == "index":
        places = (f"{call.request.origin}/sitemaps/{one}" for one in dialects.SITEMAPS)
        rows = "".join(f"<sitemap><loc>{place}</loc></sitemap>\n" for place in places)
        return _sitemap("sitemapindex", rows)
    dialect = dialects.SITEMAPS.get(name)
    return missing(call) if dialect is None else _in_dialect(call, dialect, SITEMAP)


def _in_dialect(call: Call, dialect: dialects.Dialect, most: int) -> Reply:
    stories = [story(n) for n in range(1, min(most, call.paper.articles) + 1)]
    title = labels("en")["paper"]
    paper = dialects.Paper(origin=call.request.origin, title=title, stories=stories)
    return Reply(body=dialect.write(paper), media_type=dialect.media_type)


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


def news_sitemap(call: Call) -> Answer:
    """/news-sitemap.xml: the newest stories with title, date and language, as Google asks for."""
    return _in_dialect(call, dialects.SITEMAPS["news"], FRONT)


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
    "section": section,
    "urls.txt": urls,
    "feed.xml": feed,
    "feeds": feeds,
    "sitemap.xml": sitemap,
    "sitemap": sitemap_part,
    "news-sitemap.xml": news_sitemap,
    "sitemaps": sitemaps,
    "robots.txt": robots_txt,
    "robots-elsewhere.txt": lambda call: robots.answer("ok", call.request.origin),
}
