"""Close what a page left open, where HTML closes it and libxml2 does not.

In HTML, `</aside>` ends the aside with everything still open inside it. Libxml2 passes over an end
tag that meets an open <div>, so the aside goes on to the end of the page and takes the article in.
One page in fifty is affected.
"""

import re
from collections.abc import Iterable, Iterator

from crawler.core.folding import word_set

# End tags that close what is open inside them, by the HTML standard's "in body" rules.
_CLOSING = word_set(
    "address article aside blockquote center details dialog dl fieldset figcaption figure footer "
    "header li main menu nav ol search section summary ul"
)
_CELLS = word_set("td th caption table template")  # an end tag closes nothing beyond these
_TOKEN = re.compile(
    r"<!--.*?-->|<(script|style|textarea|title|iframe)\b.*?</\1\s*>|<(/?)("
    + "|".join(sorted({"div", *_CLOSING, *_CELLS}, key=len, reverse=True))
    + r")\b[^<>]*>",
    re.IGNORECASE | re.DOTALL,
)
_IGNORED = re.compile(r"Opening and ending tag mismatch: ([\w-]+) and ")
_MISSING = "</div>"


def is_misnested(messages: Iterable[str]) -> bool:
    """Whether the messages of libxml2's error log say that it passed over such an end tag."""
    return any(
        match.group(1) in _CLOSING for match in map(_IGNORED.match, messages) if match is not None
    )


def close_open(markup: str) -> str:
    """Return the markup with a </div> for each <div> left open where an end tag closes it."""
    return "".join(_pieces(markup))


def _pieces(markup: str) -> Iterator[str]:
    """Yield the markup in pieces, the missing end tags between them."""
    done, opened = 0, list[str]()
    for token in _TOKEN.finditer(markup):
        tag = (token.group(3) or "").lower()
        if not tag:
            continue
        if not token.group(2):
            opened.append(tag)
            continue
        missing = _close(opened, tag)
        if missing:
            yield markup[done : token.start()] + _MISSING * missing
            done = token.start()
    yield markup[done:]


def _close(opened: list[str], tag: str) -> int:
    """Close the innermost such element; return how many <div> libxml2 would leave open in it."""
    place = len(opened) - 1
    while place >= 0 and opened[place] != tag:
        if opened[place] in _CELLS and tag not in _CELLS:
            return 0
        place -= 1
    if place < 0:
        return 0
    inside = opened[place + 1 :]
    del opened[place:]
    return inside.count("div") if tag in _CLOSING else 0
