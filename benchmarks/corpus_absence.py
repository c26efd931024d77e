"""Pages that answer 200 and are not the article, made of real pages and words of our own.

`emptied` keeps a page's own chrome and puts a notice where its article was; `generic` is a
not-found page with teasers of other articles. Both take the article's metadata away, as sites do.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from lxml import etree, html

_ABOUT_ARTICLE = (
    '//script[contains(@type, "json")]',
    '//script[@id="__NEXT_DATA__"]',
    '//link[@rel="canonical"]',
    '//meta[starts-with(@property, "og:")]',
    '//meta[starts-with(@property, "article:")]',
    '//meta[starts-with(@name, "twitter:")]',
    '//meta[@name="description" or @name="keywords" or @name="author" or @name="title"]',
    "//meta[@itemprop]",
)
_BLOCKS = "//p|//h1|//h2|//h3|//h4|//li|//blockquote|//td|//pre|//div[not(.//p)]"
_CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([\w-]+)""", re.IGNORECASE)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_NOT_A_WORD = re.compile(r"\W+")
_LONG = 40  # characters of a block that can be told to be the article's
_SHARE = 0.85  # of the article's text that its element must hold


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """How a site says that a page is not there."""

    language: str
    heading: str
    sentence: str
    others: str  # heads the teasers


NOTICES = (
    Notice(
        language="en",
        heading="We can't find that page",
        sentence="The story you were after was taken offline, or its address was mistyped. "
        "Try a search, or pick one of the stories below.",
        others="Most popular",
    ),
    Notice(
        language="fr",
        heading="Cette page est introuvable",
        sentence="L'article que vous cherchez a été déplacé ou n'est plus en ligne. "
        "Retrouvez ci-dessous les titres du jour.",
        others="Les plus lus",
    ),
    Notice(
        language="de",
        heading="Diese Seite gibt es nicht mehr",
        sentence="Der gesuchte Beitrag wurde verschoben oder gelöscht. "
        "Vielleicht interessieren Sie diese Themen.",
        others="Meistgelesen",
    ),
    Notice(
        language="es",
        heading="No encontramos esta página",
        sentence="La noticia que busca ya no está publicada o la dirección no es correcta. "
        "Estas son las noticias del día.",
        others="Lo más leído",
    ),
    Notice(
        language="it",
        heading="Pagina non trovata",
        sentence="L'articolo richiesto non è più online oppure l'indirizzo è sbagliato. "
        "Ecco le notizie più lette.",
        others="I più letti",
    ),
    Notice(
        language="pt",
        heading="Página não encontrada",
        sentence="A notícia que procura já não está disponível ou o endereço está errado. "
        "Veja as notícias mais lidas.",
        others="Mais lidas",
    ),
    Notice(
        language="nl",
        heading="Deze pagina bestaat niet meer",
        sentence="Het artikel dat u zoekt is verplaatst of verwijderd. "
        "Misschien bent u geïnteresseerd in deze berichten.",
        others="Meest gelezen",
    ),
    Notice(
        language="pl",
        heading="Nie ma takiej strony",
        sentence="Artykuł został usunięty albo adres zawiera błąd. "
        "Zobacz najczęściej czytane teksty.",
        others="Najczęściej czytane",
    ),
    Notice(
        language="ru",
        heading="Страница не найдена",
        sentence="Материал удалён, или адрес введён неверно. Прочитайте главные новости дня.",
        others="Самое читаемое",
    ),
    Notice(
        language="ja",
        heading="ページが見つかりません",
        sentence="お探しの記事は削除されたか、アドレスが間違っている可能性があります。",
        others="アクセスランキング",
    ),
    Notice(
        language="en",
        heading="Sorry, this page is no longer here",
        sentence="It may have moved since we redesigned our site. Head back to the home page "
        "or read what others are reading.",
        others="What others are reading",
    ),
)


def emptied(
    page: bytes, article: str, notice: Notice, site: str, *, headline: bool
) -> bytes | None:
    """Return a page with a notice in the place of its article; None if that cannot be found.

    `article` is the article's known text, `site` the site's name. With `headline` the notice
    stands in title and h1, else in a plain paragraph under the site's own title.
    """
    root = _parse(page)
    container = None if root is None else _article_element(root, _plain(article))
    if root is None or container is None or container.tag in {"body", "html"}:
        return None
    told = list(_blocks_of(root, _plain(article)))
    about = [element for path in ("//h1", *_ABOUT_ARTICLE) for element in root.xpath(path)]
    keep = {container, *container.iterancestors()}
    for element in (*told, *about):
        if element not in keep:
            _drop(element)
    _fill(container, notice, headline=headline)
    title = root.find(".//title")
    if title is not None:
        title.text = f"{notice.heading} | {site}" if headline else site
    text: bytes = etree.tostring(root, method="html", encoding="utf-8", doctype="<!DOCTYPE html>")
    return text


def generic(
    notice: Notice, site: str, teasers: Sequence[tuple[str, str]], *, headline: bool
) -> bytes:
    """Return a site's own not-found page. `teasers` are titles and first lines of others."""
    title = f"{notice.heading} - {site}" if headline else site
    tag = "h1" if headline else "p"
    offers = "\n".join(
        f'<li class="teaser"><a href="/story/{number}"><h3>{escape(head)}</h3></a>'
        f"<p>{escape(first)}</p></li>"
        for number, (head, first) in enumerate(teasers)
    )
    return f"""<!DOCTYPE html>
<html lang="{notice.language}"><head><meta charset="utf-8"><title>{escape(title)}</title></head>
<body><header><a href="/">{escape(site)}</a><nav><a href="/world">World</a>
<a href="/sport">Sport</a><a href="/business">Business</a><a href="/weather">Weather</a></nav>
</header>
<main><div class="message"><{tag}>{escape(notice.heading)}</{tag}>
<p>{escape(notice.sentence)}</p></div>
<section><h2>{escape(notice.others)}</h2><ul>{offers}</ul></section></main>
<footer><a href="/about">About</a> <a href="/terms">Terms</a> <a href="/privacy">Privacy</a>
</footer></body></html>""".encode()


def _parse(page: bytes) -> html.HtmlElement | None:
    declared = _CHARSET.search(page[:4096])
    for charset in ("utf-8", declared.group(1).decode() if declared else "latin-1", "latin-1"):
        try:
            text = page.decode(charset)
        except (UnicodeDecodeError, LookupError):
            continue
        return html.document_fromstring(_DECLARATION.sub("", text))
    return None


def _plain(text: str) -> str:
    return _NOT_A_WORD.sub(" ", text).casefold().strip()


def _blocks_of(root: html.HtmlElement, article: str) -> Iterator[html.HtmlElement]:
    """Yield the blocks whose text is the article's."""
    for block in root.xpath(_BLOCKS):
        text = _plain(block.text_content())
        if len(text) >= _LONG and text in article:
            yield block


def _article_element(root: html.HtmlElement, article: str) -> html.HtmlElement | None:
    """Return the innermost element that holds nearly all blocks of the article."""
    weights: dict[html.HtmlElement, int] = {}
    total = 0
    for block in _blocks_of(root, article):
        size = len(block.text_content())
        total += size
        for above in block.iterancestors():
            weights[above] = weights.get(above, 0) + size
    holders = [element for element, size in weights.items() if size >= total * _SHARE]
    return max(holders, key=lambda element: len(list(element.iterancestors())), default=None)


def _fill(container: html.HtmlElement, notice: Notice, *, headline: bool) -> None:
    for child in list(container):
        container.remove(child)
    container.text = None
    heading = etree.SubElement(container, "h1" if headline else "p")
    heading.text = notice.heading
    etree.SubElement(container, "p").text = notice.sentence


def _drop(element: html.HtmlElement) -> None:
    if element.getparent() is not None:
        element.drop_tree()
