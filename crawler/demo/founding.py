"""The founding case in several layouts: a real article, a skip link, and a not-found notice.

The article is alive. Neither the skip link nor the notice belongs to its text.
"""

from collections.abc import Callable
from html import escape

from crawler.demo.pages import article_page, labels, paragraphs
from crawler.demo.prose import Story, words

Parts = dict[str, str]
Layout = Callable[[Story, str, str], Parts]


def skip_link(language: str) -> str:
    """Return the link that stands first in the body."""
    return f'<a class="skip" href="#content">{escape(labels(language)["skip"])}</a>'


def notice(language: str) -> tuple[str, str]:
    """Return the notice's heading and sentence in plain text."""
    first, second = words(language)["notices"]["founding"]
    return first, second


def _end_of_page(_told: Story, first: str, second: str) -> Parts:
    return {"after": f'<div class="message"><h2>{first}</h2><p>{second}</p></div>'}


def _end_of_body(told: Story, first: str, second: str) -> Parts:
    return {"body": f"{paragraphs(told.paragraphs)}\n<p>{first}</p>\n<p>{second}</p>"}


def _end_of_article(_told: Story, first: str, second: str) -> Parts:
    return {"end": f'\n<div class="t-content__error"><p>{first}</p><p>{second}</p></div>'}


def _before(_told: Story, first: str, second: str) -> Parts:
    return {"before": f'<div class="alert" role="alert"><strong>{first}</strong><br>{second}</div>'}


def _between(told: Story, first: str, second: str) -> Parts:
    middle = len(told.paragraphs) // 2
    box = f'<div class="embed"><p>{first}</p><p>{second}</p></div>'
    upper, lower = paragraphs(told.paragraphs[:middle]), paragraphs(told.paragraphs[middle:])
    return {"body": f"{upper}\n{box}\n{lower}"}


def _dialog(_told: Story, first: str, second: str) -> Parts:
    box = f"<h2>{first}</h2><p>{second}</p>"
    return {"after": f'<div class="modal" role="dialog" aria-hidden="true" hidden>{box}</div>'}


def _aside(told: Story, first: str, second: str) -> Parts:
    box = f'<aside class="player"><p>{first}</p><p>{second}</p></aside>'
    return {"body": f"{box}\n{paragraphs(told.paragraphs)}"}


def _loose_text(told: Story, first: str, second: str) -> Parts:
    text = "<br><br>\n".join(escape(line, quote=False) for line in told.paragraphs)
    return {"body": f"<div>{text}<br><br>\n{first}<br>\n{second}</div>"}


def _one_line(told: Story, first: str, _second: str) -> Parts:
    return {"body": f"{paragraphs(told.paragraphs)}\n<p><em>{first}</em></p>"}


LAYOUTS: dict[str, Layout] = {
    "end-of-page": _end_of_page,
    "end-of-body": _end_of_body,
    "end-of-article": _end_of_article,
    "before-article": _before,
    "between-paragraphs": _between,
    "hidden-dialog": _dialog,
    "aside": _aside,
    "loose-text": _loose_text,
    "one-line": _one_line,
}


def founding_page(layout: str, told: Story, url: str, articles: int) -> str:
    """Return the page. Raises KeyError for a layout that is not in `LAYOUTS`."""
    first, second = (escape(text, quote=False) for text in notice(told.language))
    parts = LAYOUTS[layout](told, first, second)
    return article_page(
        told,
        url,
        articles,
        body=parts.get("body"),
        top=skip_link(told.language),
        before=parts.get("before", ""),
        end=parts.get("end", ""),
        after=parts.get("after", ""),
    )
