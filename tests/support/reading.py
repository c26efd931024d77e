"""A small article, and the shortest way to have it read in this process."""

from crawler.core.values import PageReading
from crawler.reading.page import read_page

URL = "https://times.example/world/2020/05/06/old-lighthouse-shines-again"
LINES = [
    f"In the {word} village by the bay the keeper counted {n} boats, and none of them was his own."
    for n, word in enumerate(
        ["first", "second", "third", "fourth", "fifth", "sixth", "seventh"], 11
    )
]
ARTICLE = "".join(f"<p>{line}</p>" for line in LINES)


def html(body: str = ARTICLE, head: str = "", attributes: str = "") -> str:
    return (
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>Old lighthouse shines "
        f"again</title>{head}</head><body{attributes}><main><article><h1>Old lighthouse shines "
        f"again</h1>{body}</article></main></body></html>"
    )


def read(
    body: str | bytes, *, encoding: str = "", kind: str = "text/html", url: str = URL
) -> PageReading:
    data = body.encode() if isinstance(body, str) else body
    headers = [("content-type", kind)] if kind else []
    headers += [("content-encoding", encoding)] if encoding else []
    return read_page(data, headers=tuple(headers), url=url)


def text_of(reading: PageReading) -> str:
    assert reading.article is not None, reading.no_article
    return reading.article.text


def missing(reading: PageReading) -> list[str]:
    text = text_of(reading)
    return [line for line in LINES if line not in text]
