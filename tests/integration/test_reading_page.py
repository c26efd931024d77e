"""Reading pages of hostile markup, and with the notice of the founding case in many layouts."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.reading import ARTICLE, html, missing, read, text_of

from crawler.core.values import ReadingLimits
from crawler.core.words import Place, SpanKind

REFERENCES = [
    "&#x1F;",
    "&#11;",
    "&#x1b;",
    "&#xFFFE;",
    "&#0;",
    "&#xD800;",
    "&#x110000;",
    "&#31x",
    "\x00",
    "\x1f",
]


@pytest.mark.parametrize("illegal", REFERENCES)
def test_one_illegal_character_does_not_cost_the_article(illegal: str) -> None:
    """Trafilatura drops a whole article for one reference to a control character."""
    reading = read(
        html(ARTICLE + f"<p>The keeper{illegal} went home at six, as he always did.</p>")
    )
    assert missing(reading) == []
    assert not set(text_of(reading)) & {chr(n) for n in (*range(9), 11, 12, *range(14, 32), 0xFFFE)}


def test_lone_surrogates_never_come_out() -> None:
    """A surrogate in UTF-16 or by reference becomes U+FFFD, so that every database takes it."""
    wide = html().replace("village", "vil\ud800lage").encode("utf-16-le", "surrogatepass")
    reading = read(b"\xff\xfe" + wide)
    text_of(reading).encode()
    assert "vil\ufffdlage" in text_of(reading)


@pytest.mark.parametrize("tag", ["div", "span", "b", "section", "li", "ul", "table", "blockquote"])
@pytest.mark.parametrize("depth", [300, 3000, 20_000])
def test_deep_nesting_costs_no_text(tag: str, depth: int) -> None:
    """libxml2 and trafilatura lose everything below 255 elements without a word."""
    reading = read(html(f"{f'<{tag}>' * depth}{ARTICLE}{f'</{tag}>' * depth}"))
    assert missing(reading) == []


@pytest.mark.parametrize("tag", ["div", "p", "li", "b", "a"])
def test_unclosed_elements_cost_no_text(tag: str) -> None:
    """Thousands of elements that are never closed are the same danger."""
    assert missing(read(html(f"<{tag}>".join([""] * 5000) + ARTICLE))) == []


def test_one_tag_with_200000_attributes_is_read() -> None:
    """Libxml2 and trafilatura need minutes for it."""
    many = " ".join(f"a{n}=1" for n in range(200_000))
    assert missing(read(html(f"<p {many}>Much ado about little.</p>{ARTICLE}"))) == []


@pytest.mark.parametrize(
    "body",
    [
        "<title>" + "x" * 3_000_000 + "</title>" + ARTICLE,
        "".join(f"<a href='/x{n}'>link {n}</a>" for n in range(70_000)) + ARTICLE,
        "<table>" + "<tr><td>1</td><td>2</td></tr>" * 35_000 + "</table>" + ARTICLE,
        "<script>" + "var a = 1;" * 200_000 + "</script>" + ARTICLE,
    ],
    ids=["title", "links", "table", "script"],
)
def test_huge_parts_do_not_hide_the_article(body: str) -> None:
    """Pages too large for trafilatura are read by their own paragraphs."""
    reading = read(html(body))
    assert missing(reading) == []
    assert len(reading.signals.title) <= 500
    assert len(reading.links) <= ReadingLimits().links


FORMS = [
    "<section><h2>{0}</h2><p>{1}</p></section>",
    "<div class='alert'><p><strong>{0}</strong></p><p>{1}</p></div>",
    "<aside><h3>{0}</h3><p>{1}</p></aside>",
    "<p>{0}</p><p>{1}</p>",
    "<div>{0}<br>{1}</div>",
    "<template><h2>{0}</h2><p>{1}</p></template>",
    "<h2>{0}</h2><p>{1}</p><ul><li><a href='/'>Front page</a></li></ul>",
    "<div hidden><p>{0} {1}</p></div>",
]
PLACES = ["first", "middle", "last", "after_article", "end"]
HEAD = "This page is not available"
HELP = (
    "The page no longer exists or never existed. Please check the address or use the links below."
)


def with_notice(form: str, place: str) -> str:
    notice = form.format(HEAD, HELP)
    cut = ARTICLE.index("<p>", len(ARTICLE) // 2)
    body = {
        "first": notice + ARTICLE,
        "middle": ARTICLE[:cut] + notice + ARTICLE[cut:],
        "last": ARTICLE + notice,
    }
    whole = html(body.get(place, ARTICLE))
    if place == "after_article":
        return whole.replace("</article>", f"</article>{notice}")
    return whole.replace("</body>", f"{notice}</body>") if place == "end" else whole


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("form", FORMS)
def test_the_notice_goes_and_the_article_stays(form: str, place: str) -> None:
    """In every form and place; trafilatura alone keeps such a notice in 37 % of layouts."""
    reading = read(
        with_notice(form, place).replace("<main>", "<a href='#m'>Skip to main content</a><main>")
    )
    text = text_of(reading)
    assert missing(reading) == []
    assert not [
        line for line in (HEAD, "no longer exists", "links below", "Skip to") if line in text
    ]


@pytest.mark.parametrize("wrapper", ["<div hidden>", "<div class='sidebar-left'>"])
def test_a_whole_page_in_a_misnamed_wrapper_has_prose(wrapper: str) -> None:
    """Scripts unhide what servers send hidden, and class names promise nothing."""
    body = f"{wrapper}{ARTICLE}{ARTICLE.replace('boats', 'sheep')}</div>"
    assert read(html(body)).signals.prose_chars > 1000
    beside = html(ARTICLE + f"{wrapper}{ARTICLE.replace('boats', 'sheep')}</div>")
    assert "sheep" not in read(beside).signals.prose_head


def test_what_was_cut_is_kept_as_evidence() -> None:
    """Kind, place and text of each removed span go with the reading."""
    body = with_notice(FORMS[0], "middle").replace(
        "<main>", "<a href='#m'>Skip to content</a><main>"
    )
    removed = {(span.kind, span.place): span.text for span in read(body).removed}
    assert removed[SpanKind.SKIP_LINK, Place.BEFORE] == "Skip to content"
    assert removed[SpanKind.NOT_FOUND, Place.BETWEEN] == f"{HEAD} {HELP}"


@given(st.binary(max_size=2000))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_bytes_are_read(noise: bytes) -> None:
    """Noise inside a page, or alone, raises nothing, and its text can always be stored."""
    for body in (noise, html().encode().replace(b"</h1>", b"</h1>" + noise)):
        reading = read(body)
        (reading.article.text if reading.article else "").encode()
        reading.signals.prose_head.encode()


@pytest.mark.parametrize("tag", ["article", "main", "section", "header"])
@pytest.mark.parametrize("opening", ["", "<!doctype html><html lang=en><head><meta charset=utf-8>"])
def test_a_page_may_leave_out_body(tag: str, opening: str) -> None:
    """The body begins at the first element that no head may hold, tag or no tag."""
    inner = ARTICLE if tag != "header" else f"<h1>Paper</h1></header><main>{ARTICLE}</main>"
    reading = read(f"{opening}<title>Old lighthouse</title><{tag}>{inner}<footer>Imprint</footer>")
    assert reading.article is not None
    assert "Imprint" not in reading.article.text
    assert missing(reading) == []


def test_the_headline_is_no_paragraph() -> None:
    """An h1 inside the article is its title; the text begins with the first paragraph."""
    reading = read(html())
    assert reading.article is not None
    assert reading.article.title == "Old lighthouse shines again"
    assert not reading.article.text.startswith("Old lighthouse")
