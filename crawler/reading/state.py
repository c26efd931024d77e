"""Article text that a page carries for its scripts: `__NEXT_DATA__`, `__NUXT_DATA__` and the like.

Such a page has no text of its own, and a browser would build it from this. Nobody says where in
the data the article is, so the densest place is taken: the deepest object that holds nearly all
running text, the teasers of other pages left aside.
"""

import html
import json
import re
from collections.abc import Iterator
from typing import Any

from crawler.core.folding import word_set
from crawler.reading import flat
from crawler.reading.tree import Element

_MAX_SCRIPT = 4_000_000  # characters
_MAX_DEPTH = 60
_MAX_NODES = 50_000
_MIN_RUNNING = 40  # characters of a text that is more than a label
_MIN_ARTICLE = 250
_MAX_TEASER = 900  # characters of text in an object that offers another page
_MIN_TEASERS = 3
_NEARLY_ALL = 0.8  # share of the text that an object must hold to be gone into
_STATE = re.compile(
    r"(?:window|self|globalThis)?\.?_*(?:NUXT|INITIAL_STATE|PRELOADED_STATE|INITIAL_DATA|DATA|"
    r"APOLLO_STATE|STATE)_*\s*=\s*",
    re.IGNORECASE,
)
_LITERAL = re.compile(r'"((?:[^"\\\n]|\\.){250,})"')
_BLOCK_EDGE = re.compile(
    r"</?(?:p|div|h[1-6]|li|ul|ol|blockquote|br|section)\b[^>]*>", re.IGNORECASE
)
_TAG = re.compile(r"<[^>]{1,2000}>")
_DROPPED = re.compile(r"<(script|style|figure|iframe)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_MARKUP = re.compile(r"<(?:p|br|div)\b", re.IGNORECASE)
_OFFERS = word_set("url href slug link path uri permalink canonicalUrl webUrl")
_NAMES = word_set("title headline name heading label")
_ASIDE = word_set(
    "description excerpt summary standfirst dek teaser abstract seo meta alt caption credit bio "
    "copyright disclaimer config translations i18n messages locale related recommended footer "
    "header navigation menu"
)
_SENTENCE_END = re.compile("[.!?\u2026\u3002\uff01\uff1f\u061f\u0964]")


def scripts_of(root: Element) -> list[str]:
    """Return the scripts of a page that carry data for it."""
    return [script.text[:_MAX_SCRIPT] for script in root.iter("script") if _is_state(script)]


def text_of(scripts: list[str]) -> str:
    """Return the longest article text among the scripts' data, one paragraph a line, or ""."""
    texts = (_article(value) for script in scripts for value in _values(script))
    best = max(texts, key=len, default="")
    return best if len(best) >= _MIN_ARTICLE else ""


def _is_state(script: Element) -> bool:
    if not script.text or len(script.text) < _MIN_ARTICLE:
        return False
    kind = (script.get("type") or "").strip().lower()
    if kind.startswith("application/json"):
        return True
    return kind in {"", "text/javascript", "module"} and bool(_STATE.search(script.text[:400]))


def _values(script: str) -> Iterator[Any]:
    """Yield the script's data: as JSON, or else the long texts that are quoted in it."""
    match = _STATE.search(script[:400])
    source = script[match.end() :] if match else script.strip()
    try:
        value = json.JSONDecoder(strict=False).raw_decode(source)[0]
        yield flat.unfolded(value) if flat.is_flat(value) else value
    except (ValueError, RecursionError):
        yield [_unquoted(literal) for literal in _LITERAL.findall(source)]


def _unquoted(literal: str) -> str:
    try:
        return str(json.loads(f'"{literal}"', strict=False))
    except ValueError:
        return ""


def _article(value: Any) -> str:
    """Go down to where nearly all text is, and return what stands there."""
    count = _Count()
    node = count.measured(value, 0)
    while node.inner:
        heaviest = max(node.inner, key=lambda one: one.mass)
        if heaviest.mass < node.mass * _NEARLY_ALL:
            break
        node = heaviest
    lines = dict.fromkeys(line for text in node.texts() for line in paragraphs(text))
    return "\n".join(line for line in lines if len(line) >= _MIN_RUNNING or _ends(line))


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs of a text that may be HTML."""
    if _MARKUP.search(text):
        text = _BLOCK_EDGE.sub("\n", _DROPPED.sub(" ", text))
    lines = (html.unescape(_TAG.sub("", line)) for line in text.split("\n"))
    return [plain for line in lines if (plain := " ".join(line.split()))]


def _ends(line: str) -> bool:
    return bool(_SENTENCE_END.search(line[-2:]))


class _Node:
    """A part of the data with the running text in it: its own texts and those further in."""

    __slots__ = ("inner", "mass", "own")

    def __init__(self, own: str = "") -> None:
        self.own = own
        self.mass = len(own)
        self.inner: list[_Node] = []

    def add(self, node: "_Node") -> None:
        if node.mass:
            self.inner.append(node)
            self.mass += node.mass

    def texts(self) -> Iterator[str]:
        if self.own:
            yield self.own
        for node in self.inner:
            yield from node.texts()


class _Count:
    """Measures data, but no more than a page can mean."""

    def __init__(self) -> None:
        self.seen = 0

    def measured(self, value: Any, depth: int) -> _Node:
        self.seen += 1
        if depth > _MAX_DEPTH or self.seen > _MAX_NODES:
            return _Node()
        if isinstance(value, str) and not _is_json(value):
            return _Node(value if _is_running(value) else "")
        value = _loaded(value) if isinstance(value, str) else value
        node = _Node()
        for inner in _parts(value):
            node.add(self.measured(inner, depth + 1))
        return node


def _parts(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from (inner for key, inner in value.items() if key not in _ASIDE)
    elif isinstance(value, list):
        teasers = [item for item in value if _is_teaser(item)]
        yield from (item for item in value if len(teasers) < _MIN_TEASERS or not _is_teaser(item))


def _is_teaser(item: Any) -> bool:
    """Whether an object in a list offers another page: a name, an address, little text."""
    if not isinstance(item, dict) or not _NAMES.intersection(item):
        return False
    size = sum(len(inner) for inner in item.values() if isinstance(inner, str))
    return bool(_OFFERS.intersection(item)) and size <= _MAX_TEASER


def _is_json(text: str) -> bool:
    """Whether a text is data once more: SvelteKit keeps an answer's body as it came."""
    return len(text) >= _MIN_ARTICLE and text[0] in "{[" and text[-1] in "}]"


def _loaded(text: str) -> Any:
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _is_running(text: str) -> bool:
    """Whether a text is sentences, or markup that holds some."""
    if len(text) < _MIN_RUNNING or "://" in text[:12] or text.lstrip()[:1] in "{[":
        return False
    if _MARKUP.search(text):
        return True
    return bool(_SENTENCE_END.search(text)) and text.count(";") * 60 < len(text)
