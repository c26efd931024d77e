"""Tell a page from what is none by its first bytes, since labels lie in both directions."""

import re

_MAGIC = (
    (b"%PDF-", "application/pdf"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF8", "image/gif"),
    (b"RIFF", "image/webp"),
    (b"PK\x03\x04", "application/zip"),
    (b"ID3", "audio/mpeg"),
    (b"OggS", "application/ogg"),
    (b"\x1aE\xdf\xa3", "video/webm"),
    (b"{\\rtf", "application/rtf"),
)
# Atomic groups (?>...): else a head of 30 comments has 2^30 ways of being none.
_PAGE = re.compile(
    rb"^(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?>(?:<!--.*?-->\s*)*)"
    rb"<(?:!doctype\s+html|html|head|body|title|script|meta|div|h1|p|a|br|table|style)\b",
    re.IGNORECASE | re.DOTALL,
)
_FEED = re.compile(
    rb"^(?:\xef\xbb\xbf)?\s*(?>(?:(?:<!--.*?-->|<[?!][^>]*>)\s*)*)"
    rb"<(?:rss|feed|urlset|sitemapindex|rdf:RDF|opml)\b",
    re.IGNORECASE | re.DOTALL,
)
_JSON = re.compile(rb"^(?:\xef\xbb\xbf)?\s*[\[{]\s*[\"{\[\]}\d]")
_TAG = re.compile(rb"<[a-zA-Z!/]")
_HEAD = 4096
_BINARY = ("image/", "audio/", "video/", "font/")
# Controls that no text has, and the sign for what could not be decoded. NULs are dropped instead.
_JUNK = re.compile("[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f\ufffd]")
_WORDY = re.compile(r"\w")
_JUNK_SHARE = 0.05  # of a sample; pages in a wrongly declared charset are decoded anew before
_WORDY_SHARE = 0.25
_SAMPLE = 20_000  # characters looked at
_TEXTUAL = ("text/plain", "text/css", "text/csv", "text/javascript", "application/javascript")


def media_type(content_type: str | None, data: bytes) -> str:
    """Return the media type of decoded bytes, lower case; "text/html" for every kind of page."""
    declared = (content_type or "").split(";")[0].strip().lower()
    head = data[:_HEAD]
    if found := next((kind for magic, kind in _MAGIC if head.startswith(magic)), None):
        return found
    if head[4:8] == b"ftyp":
        return "video/mp4"
    if _PAGE.match(head):
        return "text/html"
    if _FEED.match(head):
        return "application/xml"
    if _JSON.match(head) or declared.endswith(("/json", "+json")):
        return "application/json"
    return _by_label(declared, head)


def is_binary(text: str) -> bool:
    """Whether decoded text is the bytes of something else: controls, and signs for lost ones."""
    sample = text[:_SAMPLE].replace("\x00", "")
    return len(_JUNK.findall(sample)) > len(sample) * _JUNK_SHARE


def has_words(text: str) -> bool:
    """Whether a text is made of words or numbers of any script, and not of signs alone."""
    sample = "".join(text[:_SAMPLE].split())
    return not is_binary(sample) and len(_WORDY.findall(sample)) > len(sample) * _WORDY_SHARE


def _by_label(declared: str, head: bytes) -> str:
    if declared.startswith(_BINARY) or declared in {"application/pdf", "application/zip"}:
        return declared
    if declared in _TEXTUAL and not _TAG.search(head):
        return declared
    return "text/html"
