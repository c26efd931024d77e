"""Titles and language codes of lists as plain, short text."""

import re
from html import unescape

MAX_HEADLINE = 1000  # characters
_MAX_RAW = 4 * MAX_HEADLINE
_UNSEEN = re.compile(
    r"<(script|style)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)", re.IGNORECASE | re.DOTALL
)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_INLINE = re.compile(
    r"</?(?:a|abbr|b|bdi|cite|code|em|font|i|mark|q|s|small|span|strong|sub|sup|u|wbr)\b[^<>]*>",
    re.IGNORECASE,
)
_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,3}")


def from_html(text: str | None) -> str | None:
    """Return the text of a title that may hold markup: tags out, entities undone once."""
    text = (text or "")[:_MAX_RAW]
    if "<" in text:
        text = _TAG.sub(" ", _INLINE.sub("", _UNSEEN.sub(" ", text)))
    return from_plain(unescape(text) if "&" in text else text)


def from_plain(text: str | None) -> str | None:
    """Return text on one line, at most 1000 characters, without what no text may hold."""
    words = _FORBIDDEN.sub(" ", (text or "")[:_MAX_RAW]).split()
    return " ".join(words)[:MAX_HEADLINE].rstrip() or None


def language(text: str | None) -> str | None:
    """Return a BCP 47 tag, or None for anything else (`en_US` is read as `en-US`)."""
    tag = (text or "").strip().replace("_", "-")
    return tag if _LANGUAGE.fullmatch(tag) else None
