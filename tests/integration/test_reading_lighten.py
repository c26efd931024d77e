"""What is dropped before the article is looked for costs the article nothing."""

import pytest
from support.reading import LINES, missing, read, text_of

HEAD = "<h1>Old lighthouse shines again</h1>"
TEASERS = "".join(
    f"<li><a href='/story/{n}'><h3>Another story number {n}</h3></a><p>Something else happened in "
    f"the town hall for the {n}th time this year, and people spoke of it.</p></li>"
    for n in range(12)
)
FRAME = (
    "<html><head><title>Old lighthouse shines again</title></head><body><header><p>The Gazette"
    "</p></header><nav><a href='/'>Home</a></nav>{}<div class='more'><ul>{}</ul></div>"
    "<footer><p>All rights are reserved by the owners of the paper in this and other towns.</p>"
    "</footer></body></html>"
)
LONG = [
    f"{line} {line.replace('boats', 'nets')} {line.replace('boats', 'sails')}" for line in LINES
]
ARTICLES = {
    "plain": "".join(f"<p>{line}</p>" for line in LINES),
    "parts": "".join(f"<section><div><p>{line}</p></div></section>" for line in LINES),
    "list": "<ol>"
    + "".join(
        f"<li><h3><a href='/boat/{n}'>Boat {n} of all</a></h3><p>{line}</p></li>"
        for n, line in enumerate(LONG)
    )
    + "</ol>",
    "columns": f"<div><p>{'</p><p>'.join(LINES[:3])}</p></div>"
    f"<div><div><p>{'</p><p>'.join(LINES[3:])}</p></div></div>",
    "quotes": "".join(f"<blockquote><p>{line}</p></blockquote>" for line in LINES),
}


@pytest.mark.parametrize("kind", ARTICLES)
@pytest.mark.parametrize("wrapper", ["<main><article>{}</article></main>", "<div>{}</div>"])
def test_the_article_stays_whole(kind: str, wrapper: str) -> None:
    """Whether its paragraphs stand together, each by itself, or in a list as teasers do."""
    reading = read(FRAME.format(wrapper.format(HEAD + ARTICLES[kind]), TEASERS))
    assert missing(reading) == []


@pytest.mark.parametrize("wrapper", ["<main><article>{}</article></main>", "<div>{}</div>"])
def test_what_stands_beside_the_article_goes(wrapper: str) -> None:
    """Teasers and furniture are no part of it, whatever their class."""
    text = text_of(read(FRAME.format(wrapper.format(HEAD + ARTICLES["plain"]), TEASERS)))
    assert [one for one in ("Something else", "rights are reserved", "Home") if one in text] == []


def test_links_and_dates_are_read_before() -> None:
    """What is dropped for the text has been looked through for everything else."""
    script = '<script type="application/ld+json">{"@type":"Article","datePublished":"2020-05-06"}'
    page = FRAME.format(HEAD + ARTICLES["plain"] + script + "</script>", TEASERS)
    reading = read(page)
    assert {"https://times.example/story/3", "https://times.example/"} <= {
        link.url for link in reading.links
    }
    assert reading.article is not None
    assert reading.article.published is not None
