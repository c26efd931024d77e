"""Pages whose elements are closed in the wrong order, read as browsers read them."""

import pytest
from lxml import html as lxml_html
from support.reading import ARTICLE, LINES, URL, missing, read

from crawler.reading.nesting import close_open
from crawler.reading.tree import parse

HEAD = "<h1>Old lighthouse shines again</h1>"
LEGAL = "".join(
    f"<p>All {word} rights are reserved by the owners of the paper, who may be written to.</p>"
    for word in ("common", "special", "further")
)


def page(body: str) -> str:
    return f"<!doctype html><html><head><title>Old lighthouse</title></head><body>{body}</body>"


@pytest.mark.parametrize("tag", ["aside", "nav", "footer", "header", "dialog", "figure", "section"])
@pytest.mark.parametrize(
    "inside",
    [
        "<div>Sign up",
        "<div><div><p>Sign up</div>",
        "<div class='a'><ul><li>Sign up</ul>",
        "<ul><li><div>Sign up</li></ul>",
        "<div><span>Sign up",
    ],
)
@pytest.mark.parametrize(
    "frame",
    [
        "{box}<main><article>{head}{text}</article></main>",
        "{box}<div>{head}<div>{text}</div></div>",
        "<main><article>{head}{box}{text}</article></main>",
        "<div>{box}{box}</div><article>{head}{text}</article><footer>{legal}</footer>",
    ],
)
def test_a_div_left_open_in_a_box_costs_no_text(tag: str, inside: str, frame: str) -> None:
    """The box ends at its end tag; what follows is no furniture, and later furniture still is."""
    box = f"<{tag} class='box'>{inside}</{tag}>"
    reading = read(page(frame.format(box=box, head=HEAD, text=ARTICLE, legal=LEGAL)))
    assert missing(reading) == []
    assert reading.signals.prose_chars == sum(map(len, LINES))


@pytest.mark.parametrize(
    "markup",
    [
        "<nav><ul><li>a<li>b</ul></nav><p>c</p>",
        "<aside><div>a</div></aside><p>c</p>",
        "<table><tr><td><div>a</td></tr></table><p>c</p>",
        "<aside><table><tr><td><div>a</table></aside><p>c</p>",
        "<div>a</div></aside></div><p>c</p>",
        "<script>if (a) { b('<aside><div></aside>') }</script><p>c</p>",
        "<!-- <aside><div></aside> --><p>c</p>",
        "<table><tr><td><aside><div>a</aside></td></tr></table><p>c</p>",
    ],
)
def test_what_is_not_left_open_is_not_closed(markup: str) -> None:
    """Well-nested markup, scripts, comments and end tags without a start stay as they are."""
    closed = close_open(markup)
    assert closed in (markup, markup.replace("a</aside>", "a</div></aside>"))
    root = parse(page(closed))
    assert root is not None
    assert [one.getparent().tag for one in root.iter("p")][-1] == "body"


def test_a_misnested_page_is_parsed_as_in_html() -> None:
    """The boxes end where they end, whatever is open inside them, and what follows is outside."""
    root = parse(page("<aside><div>a<nav><div>b</nav></aside><p>c</p><footer>d</footer>"))
    assert root is not None
    assert lxml_html.tostring(root.find("body")).decode() == (
        "<body><aside><div>a<nav><div>b</div></nav></div></aside><p>c</p><footer>d</footer></body>"
    )


def test_many_boxes_left_open_take_no_time() -> None:
    """Tens of thousands of them are closed in one pass."""
    body = "<aside><div>x</aside>" * 20_000 + HEAD + ARTICLE
    assert missing(read(page(body), url=URL)) == []


@pytest.mark.parametrize("tag", ["aside", "nav", "footer", "header", "dialog", "menu"])
@pytest.mark.parametrize("frame", [
    "{open}{menu}<main><article>{head}{text}</article></main>",
    "{open}{menu}<div>{head}<div>{text}</div></div>",
    "<main><article>{head}{open}{menu}{text}</article></main>",
    "<div class='sidebar'>{open}{menu}{head}{text}<footer>{legal}</footer>",
])  # fmt: skip
def test_furniture_that_is_never_closed_costs_no_text(tag: str, frame: str) -> None:
    """Even in HTML it then holds the article; what holds most of the prose is no furniture."""
    text = ARTICLE + ARTICLE.replace("boats", "sheep")
    menu = "<ul><li><a href='/'>Home</a></li><li><a href='/w'>World</a></li></ul>"
    body = frame.format(open=f"<{tag}>", menu=menu, head=HEAD, text=text, legal=LEGAL)
    reading = read(page(body))
    assert missing(reading) == []
    assert reading.signals.prose_chars == 2 * sum(map(len, LINES))


@pytest.mark.parametrize("tag", ["footer", "aside", "nav"])
def test_furniture_with_prose_but_no_article_stays_furniture(tag: str) -> None:
    """The legal text of an error page makes no article of it."""
    reading = read(page(f"<h1>Page not found</h1><p>Sorry.</p><{tag}>{LEGAL * 6}</{tag}>"))
    assert reading.signals.prose_chars == 0
