"""Where on a page a notice stands and how it is marked up, and how teaser cards are."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from judging.surgery import Body, Element, element
from judging.wordings import Wording

_CLASSES = (
    "", "alert", "box", "m-message", "c-notice", "info-block", "not-available", "t-content__error",
    "page-message", "wrapper",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Another page of the site, as a teaser shows it."""

    title: str
    path: str
    lead: str


def _nest(tag: str, *parts: Element, **attributes: str) -> Element:
    made = element(tag, **attributes)
    made.extend(parts)
    return made


def _div(words: Wording, name: str) -> list[Element]:
    heading, text = element("h2", words.heading), element("p", words.sentence)
    return [_nest("div", heading, text, class_=name)]


def _section(words: Wording, name: str) -> list[Element]:
    heading, text = element("h2", words.heading), element("p", words.sentence)
    return [_nest("section", heading, text, class_=name)]


def _section_h1(words: Wording, name: str) -> list[Element]:
    heading, text = element("h1", words.heading), element("p", words.sentence)
    return [_nest("section", heading, text, class_=name)]


def _paragraph(words: Wording, name: str) -> list[Element]:
    stop = "" if words.heading[-1] in "。.!?" else ". "
    return [element("p", f"{words.heading}{stop}{words.sentence}", class_=name)]


def _two_paragraphs(words: Wording, name: str) -> list[Element]:
    return [element("p", words.heading, class_=name), element("p", words.sentence)]


def _bare_heading(words: Wording, name: str) -> list[Element]:
    return [element("h2", words.heading, class_=name), element("p", words.sentence)]


def _template(words: Wording, name: str) -> list[Element]:
    return [_nest("template", *_div(words, name))]


def _aside(words: Wording, name: str) -> list[Element]:
    heading, text = element("h3", words.heading), element("p", words.sentence)
    return [_nest("aside", heading, text, class_=name)]


def _alert(words: Wording, name: str) -> list[Element]:
    strong = element("strong", words.heading)
    strong.tail = f" {words.sentence}"
    return [_nest("div", strong, role="alert", class_=name)]


def _broken_line(words: Wording, name: str) -> list[Element]:
    made, line = element("div", words.heading, class_=name), element("br")
    line.tail = words.sentence
    made.append(line)
    return [made]


def _spans(words: Wording, name: str) -> list[Element]:
    one, other = element("span", words.heading), element("span", words.sentence)
    return [_nest("div", _nest("div", one), _nest("div", other), class_=name)]


Markup = Callable[[Wording, str], list[Element]]
MARKUPS: dict[str, Markup] = {
    "div": _div, "section": _section, "section h1": _section_h1, "p": _paragraph,
    "two p": _two_paragraphs, "h2 p": _bare_heading, "template": _template, "aside": _aside,
    "alert": _alert, "br": _broken_line, "spans": _spans,
}  # fmt: skip


def notice(dice: random.Random, words: Wording, markup: str, helping: str) -> list[Element]:
    """Return the elements of a notice. `helping`: "none", "inside" or "beside" it stands help.

    Beside a template, which nobody sees, there is none: it would point to nothing.
    """
    parts = MARKUPS[markup](words, dice.choice(_CLASSES))
    if helping == "none" or (helping == "beside" and markup == "template"):
        return parts
    offers = element("ul")
    for number, label in enumerate(words.links):
        offers.append(_nest("li", element("a", label, href=f"/section-{number}")))
    more = [element("p", words.help), offers]
    if helping == "inside" and len(parts) == 1 and parts[0].tag != "p":
        (parts[0][0] if parts[0].tag == "template" else parts[0]).extend(more)
        return parts
    return [*parts, *more]


def _before(anchor: Element, parts: Sequence[Element]) -> None:
    for part in parts:
        anchor.addprevious(part)


def _after(anchor: Element, parts: Sequence[Element]) -> None:
    for part in reversed(parts):
        anchor.addnext(part)


def _first(holder: Element, parts: Sequence[Element]) -> None:
    for number, part in enumerate(parts):
        holder.insert(number, part)


def _article(page: Body) -> Element:
    """Return the article element around the text, or what stands for it."""
    above = (page.container, *page.container.iterancestors())
    return next((one for one in above if one.tag == "article"), page.container)


def _main(page: Body) -> Element:
    above = list(page.container.iterancestors())
    marked = (one for one in above if one.tag == "main" or one.get("role") == "main")
    return next(marked, next((one for one in above if one.tag != "html"), page.container))


def _sibling(page: Body, parts: Sequence[Element]) -> None:
    article = _article(page)
    if article.tag in {"body", "html"}:
        article.extend(parts)
    else:
        _after(article, parts)


def _under_heading(page: Body, parts: Sequence[Element]) -> None:
    headings = page.root.xpath("//body//h1")
    _after(headings[0], parts) if headings else _before(page.blocks[0], parts)


Place = Callable[[Body, Sequence[Element]], None]
PLACES: dict[str, Place] = {
    "body first": lambda page, parts: _first(page.root.find("body"), parts),
    "body last": lambda page, parts: page.root.find("body").extend(parts),
    "before text": lambda page, parts: _before(page.blocks[0], parts),
    "between": lambda page, parts: _before(page.blocks[len(page.blocks) // 2], parts),
    "after text": lambda page, parts: _after(page.blocks[-1], parts),
    "article first": lambda page, parts: _first(_article(page), parts),
    "article last": lambda page, parts: _article(page).extend(parts),
    "sibling": _sibling,
    "main end": lambda page, parts: _main(page).extend(parts),
    "aside": lambda page, parts: _main(page).append(_nest("aside", *parts)),
    "under heading": _under_heading,
}


def skip_link(page: Body, words: Wording) -> None:
    """Put a skip link at the very top."""
    link = element("a", words.skip, href="#main", class_="skip-link")
    page.root.find("body").insert(0, link)


def _list_card(offer: Offer) -> Element:
    link = _nest("a", element("h3", offer.title), href=offer.path)
    return _nest("li", link, element("p", offer.lead), class_="teaser")


def _div_card(offer: Offer) -> Element:
    link = element("a", offer.title, href=offer.path)
    return _nest("div", _nest("h2", link), element("p", offer.lead), class_="card")


def _article_card(offer: Offer) -> Element:
    link = element("a", offer.title, href=offer.path)
    return _nest("article", _nest("h3", link), _nest("div", element("p", offer.lead)))


def _linked_card(offer: Offer) -> Element:
    return _nest("a", element("strong", offer.title), element("span", offer.lead), href=offer.path)


def _line_card(offer: Offer) -> Element:
    return _nest("li", element("a", offer.title, href=offer.path))


_CARDS = (_list_card, _div_card, _article_card, _linked_card, _line_card)


def cards(dice: random.Random, offers: Sequence[Offer]) -> Element:
    """Return a block of teaser cards, all made alike."""
    card = dice.choice(_CARDS)
    holder = "ul" if card in {_list_card, _line_card} else "div"
    return _nest(holder, *map(card, offers), class_=dice.choice(("list", "grid", "stream", "")))
