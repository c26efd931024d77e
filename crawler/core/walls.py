"""Words by which a small page shows that it stands where the article should.

The words are data, in walls.toml: by language and kind two sets, of which one entry each must be
found. So a consent wall is known by "cookies" and "accept", however its sentences are worded.
They prove something only of a page without an article, which the judge sees to.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from crawler.core.folding import fold
from crawler.core.words import Liveness

USURPED, PAYWALL, LOGIN = "usurped", "paywall", "login"
_SENTENCE, _MAX_REST = 40, 400  # characters that are a sentence; of those on other subjects
_MAX_LOGIN = 30  # characters of a title that says no more than "log in"
_BEGINNING = 4  # letters by which words are told apart at first sight
_TITLE_PARTS = re.compile(r"\s+[-|\u2013\u2014\u00b7:]\s+|\s*[|_]\s*")
_MARKS = re.compile(r"[\s!-/:-@\[-`{-~\u00ab\u00b7\u00bb\u2010-\u2027\u3001-\u3011\u060c\u061b"
                    r"\u061f\u0964\uff01-\uff0f\uff1a-\uff20]+")  # fmt: skip

Entry = tuple[str, ...]  # pieces that must all be in the text


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What such a page is called; the fields are explained in walls.toml."""

    name: str
    code: str
    verdict: Liveness
    together: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Wall:
    """A kind that was found, in which language, and whether title or headline alone say so."""

    kind: Kind
    language: str  # BCP 47
    in_head: bool

    @property
    def marker(self) -> str:
        """The short form that travels with the signals: "consent@de", with ^ if in the head."""
        return f"{self.kind.name}@{self.language}{'^' if self.in_head else ''}"


def find_walls(head: Sequence[str], body: Sequence[str]) -> Iterator[Wall]:
    """Yield the walls whose words are on the page, in the order of walls.toml.

    `head` is title and headlines, `body` the texts that are neither links nor other pages'
    teasers. Usurped pages and paywalls have functions of their own.
    """
    title, texts = _plain(" ".join(head)), [_plain(text) for text in body]
    whole = " ".join((title, *texts))
    for kind in kinds():
        if kind.name in {USURPED, PAYWALL}:
            continue
        if not (_may_have(kind.name, 0, whole) and _may_have(kind.name, -1, whole)):
            continue
        for language, sets in _words(kind.name, is_ascii=whole.isascii()):
            if not all(_has(words, whole) for words in sets):
                continue
            if kind.together and not any(_has_all(sets, text) for text in (title, *texts)):
                continue
            if _rest(sets, texts) > _MAX_REST:
                continue
            yield Wall(kind=kind, language=language, in_head=_has(sets[-1], title))


def find_usurped(head: Sequence[str]) -> Wall | None:
    """Tell whether title and headlines offer what takes over dead domains: gambling, pills."""
    text = _plain(" ".join(head))
    if not _may_have(USURPED, 0, text):
        return None
    for language, sets in _words(USURPED, is_ascii=text.isascii()):
        if _has_all(sets, text):
            return Wall(kind=_kind(USURPED), language=language, in_head=True)
    return None


def is_login_title(title: str) -> str | None:
    """Return the language in which a title says "log in" and, but for the site's name, no more."""
    for part in _TITLE_PARTS.split(title):
        text = _plain(part)
        if len(text) > _MAX_LOGIN or not _may_have(LOGIN, -1, text):
            continue
        for language, sets in _words(LOGIN, is_ascii=text.isascii()):
            if _has(sets[-1], text):
                return language
    return None


def may_be_prompt(text: str) -> bool:
    """Whether a text has a word by which it might be a prompt; quick, and says nothing more."""
    return _may_have(PAYWALL, 0, _plain(text))


def is_prompt(text: str, *, is_named: bool = False) -> bool:
    """Whether a block of text asks readers to subscribe before they may read on.

    `is_named`: the markup calls it so, and a word of subscribing is enough.
    """
    plain = _plain(text)
    needed = 1 if is_named else 2
    if not is_named and not _may_have(PAYWALL, -1, plain):
        return False
    found = _words(PAYWALL, is_ascii=plain.isascii())
    return any(_has_all(sets[:needed], plain) for _, sets in found)


def of_marker(marker: str) -> Wall | None:
    """Return the wall a marker stands for, or None if it is none of these."""
    name, at, language = marker.partition("@")
    kind = next((kind for kind in kinds() if at and kind.name == name), None)
    if kind is None:
        return None
    return Wall(kind=kind, language=language.rstrip("^"), in_head=language.endswith("^"))


@cache
def kinds() -> tuple[Kind, ...]:
    """Return the kinds in the order in which they are tried."""
    return tuple(
        Kind(
            name=table["name"],
            code=table["code"],
            verdict=Liveness(table["verdict"]),
            together=table.get("together", False),
        )
        for table in _book()["kind"]
    )


def _kind(name: str) -> Kind:
    return next(kind for kind in kinds() if kind.name == name)


def _has(words: Sequence[Entry], text: str) -> bool:
    for pieces in words:
        if pieces[0] in text and (len(pieces) == 1 or all(piece in text for piece in pieces)):
            return True
    return False


def _rest(sets: Sequence[Sequence[Entry]], texts: Sequence[str]) -> int:
    """Return the characters of the sentences that have no word of the wall."""
    rest = (text for text in texts if not any(_has(words, text) for words in sets))
    return sum(len(text) for text in rest if len(text) >= _SENTENCE)


def _has_all(sets: Sequence[Sequence[Entry]], text: str) -> bool:
    return all(_has(words, text) for words in sets)


@lru_cache(maxsize=64)
def _words(kind: str, *, is_ascii: bool) -> tuple[tuple[str, tuple[tuple[Entry, ...], ...]], ...]:
    """Return each language's sets; of a text in ASCII, only the entries that can be in it."""
    found = []
    for language, table in _book()["language"].items():
        joined = table.get("joined", False)
        sets = tuple(
            tuple(
                entry
                for part in listed.split(",")
                if (entry := _entry(part, joined=joined)) and (not is_ascii or _is_ascii(entry))
            )
            for listed in table.get(kind, ())
        )
        if sets and all(sets):
            found.append((language, sets))
    return tuple(found)


def _entry(part: str, *, joined: bool) -> Entry:
    """Cut an entry at its asterisks; a piece begins, and but for those ends, with a space."""
    pieces = fold(part).split("*")
    if joined:
        return tuple(plain for piece in pieces if (plain := _plain(piece).strip()))
    last = len(pieces) - 1
    return tuple(
        f" {plain} " if number == last else f" {plain}"
        for number, piece in enumerate(pieces)
        if (plain := _plain(piece).strip())
    )


def _is_ascii(entry: Entry) -> bool:
    return all(piece.isascii() for piece in entry)


def _plain(text: str) -> str:
    """Return the folded text without marks, with a space at either end."""
    return f" {_MARKS.sub(' ', fold(text)).strip()} "


def _may_have(kind: str, number: int, plain: str) -> bool:
    """Whether a plain text has a word that begins as one of a set of any language does."""
    begins, joined = _beginnings(kind, number)
    if not begins.isdisjoint([word[:_BEGINNING] for word in plain.split()]):
        return True
    return not plain.isascii() and joined.search(plain) is not None


@cache
def _beginnings(kind: str, number: int) -> tuple[frozenset[str], re.Pattern[str]]:
    """Return how the words of a set begin, and the pattern of those that stand inside others."""
    begins: set[str] = set()
    joined: set[str] = set()
    for language, sets in _words(kind, is_ascii=False):
        firsts = [entry[0] for entry in sets[number]]
        if _book()["language"][language].get("joined", False):
            joined.update(first for first in firsts if not first.isascii())
            begins.update(first[:_BEGINNING] for first in firsts if first.isascii())
        else:
            begins.update(first.split()[0][:_BEGINNING] for first in firsts)
    return frozenset(begins), re.compile("|".join(map(re.escape, sorted(joined))))


@cache
def _book() -> dict[str, Any]:
    text = resources.files("crawler.core").joinpath("walls.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
