"""From bytes to text: byte order mark, then HTTP, then meta, then what the bytes look like.

The order and the labels are those of the WHATWG encoding standard. Two departures keep text
readable: bytes that are valid UTF-8 are never read as a one-byte charset, and a page that says
UTF-8 and is not is looked at again.
"""

import codecs
import re
from dataclasses import dataclass

from charset_normalizer import from_bytes

from crawler.core.folding import word_set

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_PRESCAN = 4096  # bytes searched for a meta charset; the standard's 1024 misses real pages
_META = re.compile(rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:+-]{2,40})", re.IGNORECASE)
_XML = re.compile(rb"^\s*<\?xml[^>]{0,120}?encoding\s*=\s*[\"']([\w.:+-]{2,40})", re.IGNORECASE)
_HTTP = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:+-]{2,40})", re.IGNORECASE)
_COMMENT = re.compile(rb"<!--.{0,4000}?-->", re.DOTALL)
_SAMPLE = 24_000  # bytes shown to the detector, whose time grows with them
_BROKEN = 0.001  # share of characters lost above which a charset is not believed
_WIDE, _NARROW = 0.25, 0.05  # shares of zeros in UTF-16: of one half of its bytes, of the other
_HIGH = re.compile(rb"[\x80-\xff]")
_GUESSES = word_set(
    "windows-1252 windows-1250 windows-1251 windows-1253 windows-1254 windows-1255 windows-1256 "
    "windows-1257 windows-1258 iso8859_2 koi8_r cp866 shift_jis euc_jp iso2022_jp gb18030 big5 "
    "euc_kr cp874"
)
# Labels whose meaning on the web differs from Python's codec of that name, or that it lacks.
_WEB = {
    "ascii": "windows-1252",
    "us-ascii": "windows-1252",
    "iso-8859-1": "windows-1252",
    "iso8859-1": "windows-1252",
    "latin1": "windows-1252",
    "latin-1": "windows-1252",
    "l1": "windows-1252",
    "x-user-defined": "windows-1252",
    "x-cp1252": "windows-1252",
    "x-cp1251": "windows-1251",
    "x-cp1250": "windows-1250",
    "iso-8859-9": "windows-1254",
    "latin5": "windows-1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "windows-874": "cp874",
    "dos-874": "cp874",
    "iso-8859-8-i": "iso-8859-8",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "x-gbk": "gb18030",
    "chinese": "gb18030",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "korean": "cp949",
    "big5": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "x-euc-jp": "euc_jp",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
    "x-mac-cyrillic": "mac_cyrillic",
    "unicode-1-1-utf-8": "utf-8",
    "utf8": "utf-8",
    "utf-16": "utf-16-le",
    "unicode": "utf-16-le",
}
_ONE_BYTE = re.compile(r"windows-|cp125|iso-?8859|mac_|koi8|cp8")


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """Decoded text and the charset it was read in, by its Python name."""

    text: str
    charset: str


def to_text(data: bytes, content_type: str | None) -> Text:
    """Decode a body. Bytes that fit nowhere become U+FFFD; nothing is raised."""
    for bom, charset in _BOMS:
        if data.startswith(bom):
            return Text(text=_decode(data[len(bom) :], charset), charset=charset)
    charset = _declared(data, content_type) or _undeclared(data)
    return Text(text=_decode(data, charset), charset=charset)


def codec_of(label: str) -> str | None:
    """Return the Python codec for a charset label as the web means it, or None."""
    label = label.strip().lower()
    name = _WEB.get(label, label)
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    return name if found._is_text_encoding else None  # noqa: SLF001 - no public way


def _declared(data: bytes, content_type: str | None) -> str | None:
    """Return the declared charset, unless the bytes plainly say otherwise."""
    label = _from_http(content_type)
    charset = (codec_of(label) if label else None) or _from_markup(data)
    if charset is None:
        return None
    if _ONE_BYTE.match(charset):
        return "utf-8" if _HIGH.search(data) and _is_utf8(data) else charset
    return None if charset in {"utf-8", "utf-7"} and not _mostly_fits(data, charset) else charset


def _from_http(content_type: str | None) -> str | None:
    match = _HTTP.search(content_type or "")
    return match.group(1) if match else None


def _from_markup(data: bytes) -> str | None:
    head = _COMMENT.sub(b"", data[:_PRESCAN])
    match = _META.search(head) or _XML.search(head)
    charset = codec_of(match.group(1).decode("ascii", "replace")) if match else None
    # A meta that could be read as ASCII is proof that the page is not UTF-16.
    return "utf-8" if charset and charset.startswith(("utf-16", "utf-32", "utf-7")) else charset


def _undeclared(data: bytes) -> str:
    if wide := _wide(data[:512]):
        return wide
    if _is_utf8(data):
        return "utf-8"
    high = _HIGH.search(data)
    start = max(0, high.start() - _SAMPLE // 4) if high else 0
    best = from_bytes(data[start : start + _SAMPLE], cp_isolation=sorted(_GUESSES)).best()
    guess = codec_of(best.encoding.replace("_", "-")) if best else None
    return guess or "windows-1252"


def _wide(head: bytes) -> str | None:
    """UTF-16 without its mark: mostly ASCII markup, so every other byte is zero, the rest not."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    is_wide = max(even, odd) > len(head) * _WIDE and min(even, odd) < len(head) * _NARROW
    if not is_wide or len(head) < 4:  # noqa: PLR2004 - two characters
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _is_utf8(data: bytes) -> bool:
    """A last character that was cut off is no fault, if there were whole ones before it."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        was_cut = error.reason == "unexpected end of data"
        return was_cut and bool(_HIGH.search(data[: error.start]))
    return True


def _mostly_fits(data: bytes, charset: str) -> bool:
    text = _decode(data, charset)
    return text.count("\ufffd") <= max(2, len(text) * _BROKEN)


def _decode(data: bytes, charset: str) -> str:
    try:
        return data.decode(charset, "replace")
    except (UnicodeError, LookupError):
        return data.decode("utf-8", "replace")
