"""The newspaper's HTML: one chrome for every page, and the article in it."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from html import escape

from crawler.demo.prose import LANGUAGES, Story, numbers_in, story, words

TEASERS = 6  # related stories under an article


def labels(language: str) -> dict[str, str]:
    """Return the fixed words of the chrome."""
    found: dict[str, str] = words(language)["labels"]
    return found


def stamp(moment: datetime) -> str:
    """Return a UTC moment as the pages write it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S+00:00")


def paragraphs(texts: Iterable[str]) -> str:
    """Return escaped paragraphs, one a line."""
    return "\n".join(f"<p>{escape(text, quote=False)}</p>" for text in texts)


def masthead(language: str) -> str:
    """Return the header with logo, navigation and search."""
    say, nav = labels(language), words(language)["labels"]["nav"]
    items = "".join(
        f'<li><a href="/section/{place}?lang={language}">{escape(name)}</a></li>'
        for place, name in zip(("home", *SECTIONS), nav, strict=True)
    )
    paper, seek = escape(say["paper"]), escape(say["search"])
    return f"""<header class="site-header" role="banner">
<a class="logo" href="/">{paper}</a> <span class="tagline">{escape(say["tagline"])}</span>
<nav class="main-nav" aria-label="{paper}"><ul>{items}</ul></nav>
<form class="search" action="/search" role="search">
<input type="search" name="q" aria-label="{seek}"><button>{seek}</button></form>
</header>"""


SECTIONS = ("world", "region", "economy", "culture", "sport")


def footer(language: str) -> str:
    """Return the footer with its service links."""
    say = labels(language)
    links = "".join(
        f'<li><a href="/about/{name}">{escape(say[name])}</a></li>'
        for name in ("about", "contact", "privacy")
    )
    return f"""<footer class="site-footer" role="contentinfo"><ul>{links}</ul>
<p class="legal">{escape(say["footer"])}</p></footer>"""


def teaser(told: Story) -> str:
    """Return one card that links to a story."""
    return (
        f'<li class="card"><a href="{told.path}"><h3>{escape(told.headline)}</h3></a>'
        f'<p class="lead">{escape(told.standfirst)}</p></li>'
    )


def teasers(language: str, numbers: Sequence[int], *, title: str = "related") -> str:
    """Return a block of cards under a heading of the labels."""
    cards = "\n".join(teaser(story(number)) for number in numbers)
    heading = escape(labels(language)[title])
    return (
        f'<section class="{title.replace("_", "-")}"><h2>{heading}</h2>\n<ul>{cards}</ul></section>'
    )


def neighbours(number: int, articles: int, count: int = TEASERS) -> list[int]:
    """Return other stories of the same language, all within 1..articles; fewer if there are few."""
    pool = numbers_in(LANGUAGES[number % len(LANGUAGES)], articles)
    if not pool:
        return []
    start = number // len(LANGUAGES)
    picks = (pool[(start + k * k + 1) % len(pool)] for k in range(2 * count))
    return [pick for pick in dict.fromkeys(picks) if pick != number][:count]


def document(
    language: str,
    title: str,
    content: str,
    *,
    head: str = "",
    body_class: str = "page",
    top: str = "",
) -> str:
    """Return a whole page in the paper's chrome. `top` comes first in the body."""
    direction = ' dir="rtl"' if language == "ar" else ""
    return f"""<!DOCTYPE html>
<html lang="{language}"{direction}>
<head>
<meta charset="utf-8">
<title>{escape(title, quote=False)}</title>
<meta name="viewport" content="width=device-width">
{head}
<link rel="stylesheet" href="/static/paper.css">
<script>window.paper = {{"language": "{language}"}};</script>
</head>
<body class="{body_class}">
{top}
{masthead(language)}
<main id="content">
{content}
</main>
{footer(language)}
</body>
</html>
"""


def article_head(told: Story, url: str, *, free: bool = True) -> str:
    """Return the article's meta, Open Graph and JSON-LD; `url` is its canonical address."""
    say = labels(told.language)
    linked = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": told.headline,
        "description": told.standfirst,
        "datePublished": stamp(told.published),
        "dateModified": stamp(told.modified),
        "author": [{"@type": "Person", "name": told.author}],
        "publisher": {"@type": "Organization", "name": say["paper"]},
        "mainEntityOfPage": url,
        "inLanguage": told.language,
        "isAccessibleForFree": free,
    }
    data = json.dumps(linked, ensure_ascii=False).replace("</", "<\\/")
    return f"""<link rel="canonical" href="{url}">
<meta name="description" content="{escape(told.standfirst)}">
<meta name="author" content="{escape(told.author)}">
<meta property="og:type" content="article">
<meta property="og:title" content="{escape(told.headline)}">
<meta property="og:url" content="{url}">
<meta property="og:site_name" content="{escape(say["paper"])}">
<meta property="og:locale" content="{told.language}">
<meta property="article:published_time" content="{stamp(told.published)}">
<meta property="article:modified_time" content="{stamp(told.modified)}">
<script type="application/ld+json">{data}</script>"""


def article_opening(told: Story) -> str:
    """Return headline, standfirst, byline, dates and picture."""
    say = labels(told.language)
    section = f"/section/world?lang={told.language}"
    first, last = told.published, told.modified
    return f"""<header><p class="section"><a href="{section}">{escape(told.section)}</a></p>
<h1>{escape(told.headline)}</h1>
<p class="standfirst">{escape(told.standfirst)}</p>
<p class="byline">{say["by"]} <a rel="author" href="/about/authors">{escape(told.author)}</a></p>
<p class="dates">
{say["published"]} <time datetime="{stamp(first)}">{first:%d.%m.%Y %H:%M}</time>
{say["modified"]} <time datetime="{stamp(last)}">{last:%d.%m.%Y %H:%M}</time></p></header>
<figure><img src="/static/{told.number}.jpg" alt="" width="1200" height="675">
<figcaption>{escape(say["caption"].format(place=told.place))}</figcaption></figure>"""


def article_markup(told: Story, body: str, *, after: str = "") -> str:
    """Return the article element around a given body."""
    return f"""<article class="story" id="story-{told.number}">
{article_opening(told)}
<div class="story-body">
{body}
</div>{after}
</article>"""


def article_page(
    told: Story,
    url: str,
    articles: int,
    *,
    body: str | None = None,
    free: bool = True,
    top: str = "",
    before: str = "",
    end: str = "",
    after: str = "",
) -> str:
    """Return a whole article page at a canonical URL.

    `body` replaces the paragraphs; `top` stands before the header, `before` and `after` around the
    article element, `end` inside it after the body.
    """
    text = paragraphs(told.paragraphs) if body is None else body
    related = teasers(told.language, neighbours(told.number, articles))
    return document(
        told.language,
        f"{told.headline} - {labels(told.language)['paper']}",
        "\n".join(filter(None, (before, article_markup(told, text, after=end), after, related))),
        head=article_head(told, url, free=free),
        body_class="article",
        top=top,
    )


@lru_cache(maxsize=2048)
def plain_article(told: Story, url: str, articles: int) -> bytes:
    """Return the ordinary page of a story in UTF-8: the same bytes for the same arguments."""
    return article_page(told, url, articles).encode()
