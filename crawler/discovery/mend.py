"""Broken XML made well-formed, so that a parser finds each entry of a list where it belongs.

A parser that merely goes on after a fault closes elements too early (a stray end tag), nests
entries in each other until its depth is used up (a missing one), drops half of an address (a bare
ampersand) or takes the cut end of a file for a whole address. Here every tag is balanced first.
"""

import re
from collections import Counter
from collections.abc import Mapping
from html.entities import html5

MAX_DEPTH = 100
_ENTRIES = frozenset({b"url", b"sitemap", b"item", b"entry"})
_TOKEN = re.compile(
    rb"<!\[CDATA\[(?P<cdata>.*?)(?:\]\]>|(?P<cut>\Z))"
    rb"|<!--.*?(?:-->|\Z)"
    rb"|<\?.*?(?:\?>|\Z)"
    rb"|<(?P<end>/?)(?P<name>[A-Za-z_\x80-\xff][^\s<>/\"'=&!?;]*+)"
    rb"(?P<attributes>[^<>\"']*+(?:\"[^\"<]*+\"[^<>\"']*+|'[^'<]*+'[^<>\"']*+){0,2000}+)>"
    rb"|<",
    re.DOTALL,
)
_AMPERSAND = re.compile(
    rb"&(?!(?:amp|lt|gt|quot|apos);)"
    rb"(?:#(?:[xX](?P<hex>[0-9a-fA-F]{1,6})|(?P<decimal>[0-9]{1,7}));|(?P<name>[A-Za-z]\w{1,31};))?"
)
_ATTRIBUTE = rb"([A-Za-z_:\x80-\xff][^\s<>/\"'=&]*+)\s*+=\s*+(\"[^\"<]*+\"|'[^'<]*+'%b)"
_SOUND = re.compile(rb"(?:\s++%b)*+\s*+/?" % (_ATTRIBUTE % b""))
_LOOSE = re.compile(_ATTRIBUTE % b"|[^\\s<>\"'=]++")
_CONTROLS = bytes(range(0x20)).translate(None, b"\t\n\r")
_BLANKS = bytes.maketrans(_CONTROLS, b" " * len(_CONTROLS))
_NONCHARACTERS = (b"\xef\xbf\xbe", b"\xef\xbf\xbf")


def frame(markup: bytes, spaces: Mapping[str, str]) -> bytes:
    """Put markup into a root of its own, with namespaces declared by prefix."""
    declared = "".join(f' xmlns:{prefix}="{space}"' for prefix, space in spaces.items())
    return b"<mended%b>%b</mended>" % (declared.encode(), markup)


def mend(markup: bytes) -> bytes:
    """Return well-formed XML in UTF-8, whatever UTF-8 came in; it still needs a frame.

    Comments, processing instructions and declarations go. At the end of a file that was cut, the
    element that the cut went through goes too.
    """
    for noncharacter in _NONCHARACTERS:
        markup = markup.replace(noncharacter, b" ")
    mender = _Mender()
    at = 0
    markup = _without_cut_tag(markup.translate(_BLANKS))
    for token in _TOKEN.finditer(markup):
        mender.text(markup[at : token.start()])
        mender.token(token)
        at = token.end()
    return mender.whole()


class _Mender:
    """The balanced text so far, and what is open at its end with the place where it began."""

    def __init__(self) -> None:
        self._out: list[bytes] = []
        self._open: list[tuple[bytes, int]] = []
        self._names: Counter[bytes] = Counter()  # of the open elements, in lower case

    def text(self, text: bytes) -> None:
        if text:
            text = text.replace(b"]]>", b"]]&gt;") if b"]]>" in text else text
            self._out.append(_escaped(text))

    def token(self, token: re.Match[bytes]) -> None:
        if (cdata := token["cdata"]) is not None:
            # What follows an unclosed section is not text but the rest of the file.
            self._out.append(b"" if token["cut"] is not None else b"<![CDATA[%b]]>" % cdata)
        elif (name := token["name"]) is None:
            self._out.append(b"&lt;" if token.group() == b"<" else b"")
        elif token["end"]:
            self._end(name)
        else:
            self._start(name, token["attributes"])

    def whole(self) -> bytes:
        self._drop_cut()
        self._close(0)
        return b"".join(self._out)

    def _start(self, name: bytes, attributes: bytes) -> None:
        if _local(name) in _ENTRIES:
            self._end(name)  # an entry inside its like means that an end tag was left out
        if len(self._open) >= MAX_DEPTH:
            return
        if not attributes.endswith(b"/"):
            self._open.append((name, len(self._out)))
            self._names[name.lower()] += 1
        self._out.append(b"<%b%b>" % (name, _escaped(_quoted(attributes))))

    def _end(self, name: bytes) -> None:
        lowered = name.lower()
        if self._names[lowered] == 0:
            return
        while self._open[-1][0].lower() != lowered:
            self._close(len(self._open) - 1)
        self._close(len(self._open) - 1)

    def _close(self, depth: int) -> None:
        while len(self._open) > depth:
            name = self._open.pop()[0]
            self._names[name.lower()] -= 1
            self._out.append(b"</%b>" % name)

    def _drop_cut(self) -> None:
        """Drop the innermost part of the last entry if the file ended inside it."""
        entry = next((at for at, one in enumerate(self._open) if _local(one[0]) in _ENTRIES), None)
        if entry is not None and len(self._open) > entry + 1:
            del self._out[self._open[entry + 1][1] :]
            del self._open[entry + 1 :]


def _without_cut_tag(markup: bytes) -> bytes:
    last = markup.rfind(b"<")
    return markup if last < 0 or markup.find(b">", last) >= 0 else markup[:last]


def _local(name: bytes) -> bytes:
    return name.rpartition(b":")[2].lower()


def _quoted(attributes: bytes) -> bytes:
    """Give each attribute a value in quotes; what is none of them goes."""
    if not attributes or _SOUND.fullmatch(attributes):
        return attributes
    found = b"".join(
        b" %b=%b" % (name, value if value[:1] in b"\"'" else b'"%b"' % value)
        for name, value in _LOOSE.findall(attributes)
    )
    return found + (b"/" if attributes.endswith(b"/") else b"")


def _escaped(text: bytes) -> bytes:
    return _AMPERSAND.sub(_reference, text) if b"&" in text else text


def _reference(match: re.Match[bytes]) -> bytes:
    """Keep a reference XML can hold, resolve HTML's names, escape a bare ampersand."""
    digits = match["hex"] or match["decimal"]
    if digits:
        return match.group() if _is_legal(int(digits, 16 if match["hex"] else 10)) else b" "
    name = match["name"]
    character = html5.get(name.decode("ascii")) if name else None
    if character is None:
        return b"&amp;" + (name or b"")
    return "".join(f"&#{ord(one)};" for one in character).encode()


def _is_legal(code: int) -> bool:
    if code in {0x9, 0xA, 0xD}:
        return True
    is_surrogate = 0xD800 <= code <= 0xDFFF  # noqa: PLR2004 - their range
    return 0x20 <= code <= 0x10FFFF and not is_surrogate and code not in {0xFFFE, 0xFFFF}  # noqa: PLR2004
