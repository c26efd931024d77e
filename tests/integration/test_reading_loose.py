"""Text that stands loose in its container, parted by line breaks, is read whole and in order."""

from itertools import pairwise

import pytest
from support.reading import LINES, html, missing, read, text_of

BETWEEN = {
    "double": "<br><br>",
    "closed": "<br/>\n<br />",
    "many": "<br> <br>\n<br><br>",
    "spaced": "\n  <br>\n  <br>\n  ",
    "comments": "<br><!-- ad --><br>",
    "marked": "<br class='a'><br class='b'>",
}
WRAPPERS = {
    "div": "<div>{}</div>",
    "nested": "<div><div class='body'><div>{}</div></div></div>",
    "section": "<section>{}</section>",
    "span": "<div><span>{}</span></div>",
    "font": "<font size='2'>{}</font>",
    "cell": "<table><tr><td>{}</td></tr></table>",
    "bare": "{}",
    "beside": "<div><h2>The keeper</h2>{}<div class='share'><a href='/s'>Share</a></div></div>",
    "after": "<div><img src='a.jpg'><br><br>{}</div>",
    "breaks": "<div><br><br>{}<br><br></div>",
}


@pytest.mark.parametrize("between", BETWEEN)
@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_loose_text_keeps_every_paragraph(between: str, wrapper: str) -> None:
    """The first one too, whatever holds them and whatever parts them."""
    reading = read(html(WRAPPERS[wrapper].format(BETWEEN[between].join(LINES))))
    text = text_of(reading)
    assert missing(reading) == []
    places = [text.index(line) for line in LINES]
    assert all(one < other for one, other in pairwise(places))
    assert all(text.count(line) == 1 for line in LINES)
    assert reading.signals.prose_blocks >= len(LINES) - 1


def test_inline_elements_stay_within_their_paragraph() -> None:
    """Links, emphasis and single breaks part no paragraph; blocks between them do."""
    first, second, third, fourth, *rest = LINES
    body = (
        f"<b>{first[:9]}</b>{first[9:]}<br><br>{second[:20]}<a href='/x'>{second[20:28]}</a>"
        f"<em>{second[28:]}</em><br>{third}<br><br><div>{fourth}</div>{'<br><br>'.join(rest)}"
    )
    reading = read(html(f"<div>{body}</div>"))
    assert missing(reading) == []
    lines = text_of(reading).split("\n")
    assert [line for line in (first, fourth, *rest) if line not in lines] == []


def test_a_list_of_links_with_breaks_is_no_prose() -> None:
    """Breaks make no paragraphs of a menu."""
    menu = "<br><br>".join(f"<a href='/{n}'>{line}</a>" for n, line in enumerate(LINES))
    reading = read(html(f"<div>{menu}</div>"))
    assert reading.signals.prose_chars == 0
    assert len(reading.links) == len(LINES)


@pytest.mark.parametrize("script", [
    "Der Wächter zählte am Morgen vierzehn Boote in der Bucht, und keines gehörte ihm selbst.",
    "灯台守は朝、湾に浮かぶ十四隻の舟を数えたが、そのどれ一つとして自分のものではなかった。",
    "كان الحارس يعد القوارب في الخليج كل صباح، ولم يكن أي منها ملكا له على الإطلاق أبدا.",
])  # fmt: skip
def test_loose_text_of_any_script(script: str) -> None:
    """The rule knows no language."""
    told = [f"{n}. {script}" for n in range(1, 9)]
    text = text_of(read(html(f"<div>{'<br><br>'.join(told)}</div>")))
    assert [line for line in told if line not in text] == []
