"""The built-in sample: small living pages of made-up papers, in a dozen languages and layouts.

The stories are the demo's and those of sample.toml; the layouts are own ones, unlike the demo's.
No page of it comes from the web, so that it may live in the tree and be run anywhere.
"""

import json
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from crawler.demo.prose import LANGUAGES, story
from judging.values import Source

PER_LANGUAGE = 6  # of the demo's stories
_PAPERS = ("tidning", "herald", "bote", "correo", "lantern", "obzor", "minato", "argus", "voce")
_TEASERS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One story, before any markup."""

    language: str
    slug: str
    headline: str
    paragraphs: tuple[str, ...]


def sample() -> list[Source]:
    """Return the sample's pages, the same each time: every language in several layouts."""
    stories = list(_stories())
    return [_page(number, told, stories) for number, told in enumerate(stories)]


def _stories() -> Iterator[Told]:
    for number in range(1, PER_LANGUAGE * len(LANGUAGES) + 1):
        made = story(number)
        yield Told(
            language=made.language,
            slug=made.slug,
            headline=made.headline,
            paragraphs=made.paragraphs,
        )
    text = (Path(__file__).parent / "sample.toml").read_text(encoding="utf-8")
    rows = tomllib.loads(text)["story"]
    for row in (*rows, *rows):  # twice: the second time in another layout and paper
        yield Told(**{**row, "paragraphs": tuple(row["paragraphs"])})


def _page(number: int, told: Told, stories: Sequence[Told]) -> Source:
    paper = f"{_PAPERS[number % len(_PAPERS)]}{number}"
    # Consecutive demo stories take turns in language: layouts must not fall into step with them.
    layout = _LAYOUTS[(number + number // len(_LAYOUTS)) % len(_LAYOUTS)]
    url = f"https://www.{paper}.example/2024/{number:02}/{told.slug}"
    near = [one for one in stories if one.language == told.language and one.slug != told.slug]
    others = [near[(number + step) % len(near)] for step in range(_TEASERS)] if near else []
    return Source(
        id=f"sample-{number:02}",
        url=url,
        body=layout(told, paper.title(), url, others).encode(),
        title=told.headline,
        text="\n".join(told.paragraphs),
        language=told.language,
    )


def _paragraphs(told: Told) -> str:
    return "\n".join(f"<p>{escape(text, quote=False)}</p>" for text in told.paragraphs)


def _cards(others: Sequence[Told], tag: str = "li") -> str:
    return "".join(
        f'<{tag} class="card"><a href="/2024/x/{one.slug}"><h3>{escape(one.headline)}</h3></a>'
        f"<p>{escape(one.paragraphs[0][:120])}</p></{tag}>"
        for one in others
    )


def _head(told: Told, paper: str, *more: str) -> str:
    direction = ' dir="rtl"' if told.language == "ar" else ""
    return (
        f'<!DOCTYPE html><html lang="{told.language}"{direction}><head><meta charset="utf-8">'
        f"<title>{escape(told.headline)} - {paper}</title>{''.join(more)}</head>"
    )


def _open_graph(told: Told, paper: str, url: str) -> str:
    return (
        f'<link rel="canonical" href="{url}"><meta property="og:type" content="article">'
        f'<meta property="og:title" content="{escape(told.headline)}">'
        f'<meta property="og:url" content="{url}">'
        f'<meta property="og:site_name" content="{paper}">'
        '<meta property="article:published_time" content="2024-05-04T06:30:00+00:00">'
    )


def _json_ld(told: Told, url: str) -> str:
    data = {
        "@context": "https://schema.org",
        "@graph": [
            {"@type": "WebSite", "url": "/".join(url.split("/")[:3])},
            {
                "@type": "NewsArticle",
                "headline": told.headline,
                "datePublished": "2024-05-04T06:30:00+00:00",
                "mainEntityOfPage": url,
            },
        ],
    }
    text = json.dumps(data, ensure_ascii=False).replace("</", "<\\/")
    return f'<script type="application/ld+json">{text}</script>'


def _blog(told: Told, paper: str, url: str, others: Sequence[Told]) -> str:
    links = "".join(f'<li><a href="/{one.slug}">{escape(one.headline)}</a></li>' for one in others)
    return f"""{_head(told, paper, _json_ld(told, url), _open_graph(told, paper, url))}
<body class="single single-post"><div id="page" class="site"><header id="masthead">
<a href="/" rel="home">{paper}</a></header><div id="content"><main id="main" class="site-main">
<article class="post type-post"><header class="entry-header"><h1 class="entry-title">
{escape(told.headline)}</h1><span class="posted-on"><time>2024-05-04</time></span></header>
<div class="entry-content">{_paragraphs(told)}</div></article></main>
<aside class="widget-area"><h2>{paper}</h2><ul>{links}</ul></aside></div>
<footer class="site-footer"><a href="/about">{paper}</a></footer></div></body></html>"""


def _broadcaster(told: Told, paper: str, url: str, others: Sequence[Told]) -> str:
    return f"""{_head(told, paper, _open_graph(told, paper, url))}<body>
<nav class="o-nav"><a href="/">{paper}</a> <a href="/live">Live</a> <a href="/tv">TV</a></nav>
<main class="o-layout"><article class="t-content"><h1 class="t-content__title">
{escape(told.headline)}</h1><figure><img src="/a.jpg" alt=""></figure>
<p class="t-content__chapo">{escape(told.paragraphs[0][:80])}</p>
<div class="t-content__body">{_paragraphs(told)}</div></article>
<section class="o-related"><ul>{_cards(others)}</ul></section></main>
<footer><a href="/legal">{paper}</a></footer></body></html>"""


def _soup(told: Told, paper: str, _url: str, others: Sequence[Told]) -> str:
    return f"""{_head(told, paper)}<body><div id="wrap"><div class="top"><a href="/">{paper}</a>
</div><div class="cols"><div class="left"><div class="headline"><h1>{escape(told.headline)}</h1>
</div><div class="text">{_paragraphs(told)}</div></div><div class="right">{_cards(others, "div")}
</div></div><div class="bottom">{paper} 2024</div></div></body></html>"""


def _table(told: Told, paper: str, _url: str, others: Sequence[Told]) -> str:
    links = "<br>".join(f'<a href="/{one.slug}">{escape(one.headline)}</a>' for one in others)
    return f"""{_head(told, paper)}<body bgcolor="white"><table width="100%"><tr><td colspan="2">
<a href="/"><b>{paper}</b></a></td></tr><tr><td width="150">{links}</td><td>
<h1>{escape(told.headline)}</h1>{_paragraphs(told)}</td></tr></table></body></html>"""


def _portal(told: Told, paper: str, url: str, others: Sequence[Told]) -> str:
    return f"""{_head(told, paper, _open_graph(told, paper, url))}<body><header>{paper}
<nav><a href="/a">A</a><a href="/b">B</a></nav></header><div class="ticker"><ul>{_cards(others)}
</ul></div><div role="main"><section class="article-body"><h1>{escape(told.headline)}</h1>
{_paragraphs(told)}</section></div><footer>{paper}</footer></body></html>"""


def _blocks(told: Told, paper: str, url: str, others: Sequence[Told]) -> str:
    parts = "\n".join(
        f'<div data-component="text-block"><div><p>{escape(text)}</p></div></div>'
        for text in told.paragraphs
    )
    return f"""{_head(told, paper, _json_ld(told, url))}<body><div id="__app"><header role="banner">
<a href="/">{paper}</a></header><main id="main-content"><article>
<div data-component="headline"><h1>{escape(told.headline)}</h1></div>{parts}
<section data-component="links"><h2>{paper}</h2><ul>{_cards(others)}</ul></section></article></main>
<footer role="contentinfo">{paper}</footer></div></body></html>"""


def _minimal(told: Told, paper: str, _url: str, _others: Sequence[Told]) -> str:
    return f"""{_head(told, paper)}<body><a href="/">{paper}</a><h1>{escape(told.headline)}</h1>
{_paragraphs(told)}<hr><a href="/archive">{paper}</a></body></html>"""


Layout = Callable[[Told, str, str, Sequence[Told]], str]
_LAYOUTS: tuple[Layout, ...] = (_blog, _broadcaster, _soup, _table, _portal, _blocks, _minimal)
