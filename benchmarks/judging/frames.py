"""Whole pages made of a living one: its frame kept, its article replaced, retold or cut short."""

import json
import random
from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from judging import layouts
from judging.layouts import Offer
from judging.surgery import (
    Body,
    Element,
    drop,
    element,
    empty,
    fill,
    set_canonical,
    set_meta,
    set_title,
    summaries,
    write,
)
from judging.wordings import Wording

if TYPE_CHECKING:
    from judging.cases import Ground

PAID_MARKS = ("json-ld", "json-ld part", "content tier", "class")
_FREE_CHARS = (150, 900)  # what a paywall shows: at least, at most
_FIRST = 120  # characters of a first paragraph at least
_MIN_SOLD = 1500  # characters of an article worth selling


def with_notice(
    ground: "Ground", dice: random.Random, words: Wording, url: str, offers: Sequence[Offer]
) -> bytes:
    """Return the frame with a notice in title and heading."""
    page = ground.anatomy.fresh()
    place = empty(page, ground.source.title)
    ending = dice.choice((f" | {ground.site}", f" - {ground.site}", ""))
    set_title(page.root, dice.choice((words.heading, words.heading, "404")) + ending)
    text = element("p", words.sentence)
    fill(place, [element(dice.choice(("h1", "h1", "h2")), words.heading), text])
    _go_on(dice, place, words, offers)
    _mark(dice, page.root, url)
    return write(page.root)


def with_paragraph(
    ground: "Ground", dice: random.Random, words: Wording, url: str, offers: Sequence[Offer]
) -> bytes:
    """Return the frame with a notice in a paragraph only, under a title that says nothing."""
    page = ground.anatomy.fresh()
    place = empty(page, ground.source.title)
    set_title(page.root, dice.choice((ground.site, "News", f"{words.links[0]} - {ground.site}")))
    fill(place, layouts.MARKUPS[dice.choice(("p", "two p"))](words, ""))
    _go_on(dice, place, words, offers)
    _point(dice, page.root, url)
    return write(page.root)


def front(
    ground: "Ground", dice: random.Random, words: Wording, url: str, offers: Sequence[Offer]
) -> bytes:
    """Return the site's front page."""
    page = ground.anatomy.fresh()
    place = empty(page, ground.source.title)
    set_title(page.root, dice.choice((ground.site, f"{ground.site} | {' - '.join(words.links)}")))
    home = f"{urlsplit(url).scheme}://{urlsplit(url).netloc}/"
    if dice.random() < 0.7:
        set_canonical(page.root, home)
        set_meta(page.root, type="website", title=ground.site, url=home)
    fill(place, [layouts.cards(dice, offers)])
    return write(page.root)


def most_read(
    ground: "Ground", dice: random.Random, words: Wording, url: str, offers: Sequence[Offer]
) -> bytes:
    """Return a list of what others read."""
    page = ground.anatomy.fresh()
    place = empty(page, ground.source.title)
    set_title(page.root, f"{words.others} - {ground.site}")
    heading = element(dice.choice(("h1", "h2")), words.others)
    fill(place, [heading, layouts.cards(dice, offers[: dice.choice((5, 8, 10))])])
    _point(dice, page.root, url)
    return write(page.root)


def teasers_left(
    ground: "Ground", dice: random.Random, _words: Wording, url: str, offers: Sequence[Offer]
) -> bytes:
    """Return the frame with nothing in the article's place but some teasers."""
    page = ground.anatomy.fresh()
    place = empty(page, ground.source.title)
    set_title(page.root, ground.site)
    fill(place, [layouts.cards(dice, offers[: dice.choice((3, 4, 6))])])
    _point(dice, page.root, url)
    return write(page.root)


def banner(dice: random.Random, heading: str, sentence: str) -> list[Element]:
    """Return a consent banner."""
    vendor = dice.choice(("onetrust-banner-sdk", "cookie-notice", "didomi-host", "cmp-banner"))
    box = element("div", id=vendor, class_=dice.choice(("banner", "modal", "")), role="dialog")
    box.extend([element("h2", heading), element("p", sentence), element("button", "OK")])
    return [box]


def retell(page: Body, headline: str, opening: str, title: str) -> None:
    """Give a living page another headline and opening, everywhere it names them."""
    set_title(page.root, title)
    for heading in page.root.xpath("//body//h1"):
        _say(heading, headline)
    for meta in page.root.xpath('//meta[contains(@property, "title") or contains(@name, "title")]'):
        meta.set("content", headline)
    for link in page.root.xpath('//link[@rel="canonical"]|//meta[@property="og:url"]'):
        drop(link)
    for script in page.root.xpath('//script[contains(@type, "json")]'):
        script.text = _retold(script.text or "", headline)
    for summary in summaries(page.root):
        drop(summary)
    inside = (one for one in page.blocks if page.container in one.iterancestors())
    long = (one for one in inside if len(one.text_content()) >= _FIRST)  # no table of contents
    next(long, page.blocks[0]).addprevious(element("p", opening))


def shorten(page: Body) -> bool:
    """Leave only the beginning of the article. False if there is too little of it to do so."""
    sizes = [len(block.text_content()) for block in page.blocks]
    kept, chars = 0, 0
    while kept < len(sizes) and chars < _FREE_CHARS[0]:
        chars, kept = chars + sizes[kept], kept + 1
    if chars > _FREE_CHARS[1] or sum(sizes) - chars < _MIN_SOLD:
        return False
    held = {above for block in page.blocks[:kept] for above in block.iterancestors()}
    for block in page.blocks[kept:]:
        if block not in held:
            drop(block)
    for script in page.root.xpath('//script[contains(@type, "json")]'):
        drop(script)
    return True


def sell(page: Body, headline: str, row: dict[str, str], mark: str) -> None:
    """Put the offer under the beginning, and say in one of several ways that the text is sold."""
    box = element("div", class_="paywall" if mark == "class" else "offer")
    box.extend([element("h3", row["heading"]), element("p", row["sentence"])])
    page.container.append(box)
    if mark == "content tier":
        meta = element("meta", property="article:content_tier", content="locked")
        page.root.find("head").append(meta)
    if mark.startswith("json-ld"):
        data = {"@context": "https://schema.org", "@type": "NewsArticle", "headline": headline}
        data |= {"isAccessibleForFree": "False" if mark == "json-ld part" else False}  # type: ignore[dict-item]
        if mark == "json-ld part":
            data |= {"hasPart": {"@type": "WebPageElement", "isAccessibleForFree": "False"}}  # type: ignore[dict-item]
        script = element("script", json.dumps(data), type="application/ld+json")
        page.root.find("head").append(script)


def _go_on(dice: random.Random, place: Element, words: Wording, offers: Sequence[Offer]) -> None:
    """Add what follows a notice: help, links, teasers, or nothing."""
    if dice.random() < 0.4:
        links = element("ul")
        for number, label in enumerate(words.links):
            item = element("li")
            item.append(element("a", label, href=f"/section-{number}"))
            links.append(item)
        fill(place, [element("p", words.help), links])
    if dice.random() < 0.6:
        shown = offers[: dice.choice((3, 6, 10))]
        fill(place, [element("h2", words.others), layouts.cards(dice, shown)])


def _mark(dice: random.Random, root: Element, url: str) -> None:
    """Give one page in four what frameworks put on error pages."""
    if dice.random() < 0.25:
        body = root.find("body")
        body.set("class", f"{body.get('class', '')} error404".strip())
    _point(dice, root, url)


def _point(dice: random.Random, root: Element, url: str) -> None:
    drawn = dice.random()
    if drawn < 0.25:
        set_canonical(root, url)
    elif drawn < 0.4:
        set_canonical(root, f"{urlsplit(url).scheme}://{urlsplit(url).netloc}/")


def _say(place: Element, text: str) -> None:
    for child in list(place):
        place.remove(child)
    place.text = text


def _retold(text: str, headline: str) -> str:
    """Return JSON with each headline and name of an article replaced, its body left out."""
    try:
        data = json.loads(text, strict=False)
    except ValueError:
        return ""
    return json.dumps(_replaced(data, headline))


def _replaced(data: object, headline: str) -> object:
    if isinstance(data, list):
        return [_replaced(one, headline) for one in data]
    if not isinstance(data, dict):
        return data
    return {
        key: headline if key in {"headline", "alternativeHeadline"} else _replaced(value, headline)
        for key, value in data.items()
        if key not in {"articleBody", "description", "mainEntityOfPage", "url"}
    }
