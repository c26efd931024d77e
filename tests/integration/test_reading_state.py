"""Articles that stand in a page's data only: JSON-LD, and what a page carries for its scripts."""

import json
from typing import Any

import pytest
from support.reading import LINES, read

SHELL = (
    "<html><head><title>Old lighthouse shines again</title></head><body><div id='__next'></div>"
    "{}<script src='a.js'></script><script src='b.js'></script></body></html>"
)
TEASERS = [
    {"title": f"Story {n}", "slug": f"s-{n}", "text": f"Something else happened in town {n} times."}
    for n in range(20)
]  # fmt: skip
HTML_BODY = "".join(f"<p>{line}</p>" for line in LINES)
ARTICLES: dict[str, Any] = {
    "html": {"title": "Old lighthouse", "slug": "old-lighthouse", "body": HTML_BODY},
    "text": {"headline": "Old lighthouse", "content": "\n\n".join(LINES)},
    "blocks": {"content": [{"type": "p", "text": line, "id": n} for n, line in enumerate(LINES)]},
    "tree": {"body": {"children": [{"tag": "p", "children": [line]} for line in LINES]}},
    "entities": {"html": HTML_BODY.replace("village", "<a href='/v'>vill&#97;ge</a>")},
}  # fmt: skip


def next_data(article: Any) -> str:
    props = {"article": article, "latest": TEASERS, "menu": ["Home. News. " * 9]}
    data = {"props": {"pageProps": props}, "page": "/article/[slug]", "buildId": "x1"}
    return f'<script id="__NEXT_DATA__" type="application/json">{json.dumps(data)}</script>'


def nuxt(article: Any) -> str:
    data = json.dumps({"data": [{"article": article, "more": TEASERS}], "error": None})
    return f"<script>window.__NUXT__={data};(function(){{}})()</script>"


def state(article: Any) -> str:
    return f"<script>window.__INITIAL_STATE__ = {json.dumps({'a': article})}</script>"


def flat(value: Any) -> list[Any]:
    """Write data as devalue does: every value once, named by its place."""
    values: list[Any] = [None, None]

    def place(inner: Any) -> int:
        values.append(None)
        own = len(values) - 1
        if isinstance(inner, dict):
            values[own] = {key: place(each) for key, each in inner.items()}
        elif isinstance(inner, list):
            values[own] = [place(each) for each in inner]
        else:
            values[own] = inner
        return own

    values[0] = ["ShallowReactive", 1]
    values[1] = {"data": place(value), "once": place(["Set"]), "state": -1}
    return values


def nuxt_3(article: Any) -> str:
    data = flat({"$fArticle": {"article": article, "more": TEASERS}, "menu": ["Home. News. " * 9]})
    attributes = 'type="application/json" data-nuxt-data="nuxt-app" id="__NUXT_DATA__"'
    return f"<script {attributes}>{json.dumps(data)}</script>"


def sveltekit(article: Any) -> str:
    answer = {"status": 200, "headers": {}, "body": json.dumps({"data": article, "more": TEASERS})}
    attributes = 'type="application/json" data-sveltekit-fetched data-url="/api/article"'
    return f"<script {attributes}>{json.dumps(answer)}</script>"


@pytest.mark.parametrize("carrier", [next_data, nuxt, nuxt_3, state, sveltekit])
@pytest.mark.parametrize("kind", ARTICLES)
def test_an_article_carried_for_scripts_is_read(carrier: Any, kind: str) -> None:
    """Whatever holds it and however it is cut, its paragraphs come out in order, and no teasers."""
    reading = read(SHELL.format(carrier(ARTICLES[kind])))
    assert reading.article is not None, reading.no_article
    assert reading.article.text.split("\n") == LINES


def test_nuxt_as_a_function_is_read() -> None:
    """Nuxt 2 writes no JSON but a call; its long texts are quoted in it all the same."""
    body = json.dumps(HTML_BODY).replace("<", "\\u003C")
    script = f"<script>window.__NUXT__=(function(a,b){{return {{x:a,body:{body}}}}}(1,2))</script>"
    reading = read(SHELL.format(script))
    assert reading.article is not None
    assert reading.article.text.split("\n") == LINES


@pytest.mark.parametrize(
    "data",
    [
        {"props": {"pageProps": {"items": TEASERS}}},
        {"props": {"pageProps": {"statusCode": 404}}, "page": "/_error"},
        {"props": {"i18n": {"a": "Please accept our cookies. " * 40}}},
        {"config": [{"css": "a{b:c;d:e;} " * 90}]},
        [],
        "text",
    ],
)
def test_data_without_an_article_is_no_text(data: Any) -> None:
    """Teasers, error pages, messages and settings are none; the reason says that there is none."""
    script = f'<script id="__NEXT_DATA__" type="application/json">{json.dumps(data)}</script>'
    reading = read(SHELL.format(script))
    assert (reading.article, reading.no_article) == (None, "no_text")


@pytest.mark.parametrize("script", ["{", "[" * 90_000, '{"a":' * 3000, "null", "NaN"])
def test_broken_data_is_passed_over(script: str) -> None:
    """Data that is none, or nests without end, raises nothing."""
    page = SHELL.format(f'<script type="application/json">{script.ljust(300)}</script>')
    assert read(page).no_article == "no_text"


def test_a_page_with_text_of_its_own_is_read_by_it() -> None:
    """What scripts carry counts only where the page shows nothing."""
    other = [line.replace("boats", "sheep") for line in LINES] * 2
    page = SHELL.format(next_data({"body": "\n".join(other)}) + f"<article>{HTML_BODY}</article>")
    reading = read(page)
    assert reading.article is not None
    assert "sheep" not in reading.article.text


@pytest.mark.parametrize("body", [HTML_BODY, "\n\n".join(LINES), " ".join(LINES)])
def test_json_ld_alone_gives_the_article(body: str) -> None:
    """The articleBody stands in where the page shows nothing, its paragraphs kept."""
    data = json.dumps({"@type": "NewsArticle", "headline": "Old lighthouse", "articleBody": body})
    reading = read(SHELL.format(f'<script type="application/ld+json">{data}</script>'))
    assert reading.article is not None
    assert reading.article.text.replace("\n", " ") == " ".join(LINES)
    assert len(reading.article.text.split("\n")) in (1, len(LINES))


@pytest.mark.parametrize(
    "value",
    [
        [["Reactive", 1], {"a": 1, "b": [1, 1]}, [0, 0, 0]],  # in a circle
        [["Reactive", 1], {"a": 900, "b": -7, "c": True}],  # nowhere
        [[1, 1, 1, 1, 1, 1, 1, 1], [0, 0, 0, 0, 0, 0, 0, 0]],  # to the power of its depth
        [[1], [2], [3], "x" * 400],
    ],
)
def test_flat_data_that_leads_nowhere_is_no_article(value: list[Any]) -> None:
    """Circles, places outside the list and endless repetition end, and give no text."""
    data = json.dumps(value) + " " * 300
    script = f'<script type="application/json" id="__NUXT_DATA__">{data}</script>'
    reading = read(SHELL.format(script))
    assert reading.article is None
    assert reading.no_article == "no_text"
