"""Sentences by which a page says it is not there. A phrase alone is never a sign of death.

The words are data, in notices.toml, by language. A block is a notice when at least half of it
is sentences that begin as such notices do: "He clicked, and the page was not found" is prose,
"Sorry, the page was not found. Check the address." is a notice.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from crawler.core.folding import fold
from crawler.core.words import SpanKind

MAX_BLOCK = 400  # characters; a longer block is prose that may mention a notice
MAX_TITLE = 90
_MAX_SKIP = 60
_MAX_BESIDE = 250  # characters of a block that belongs to the notice above it
_LINE = 60  # characters of a block that is no paragraph
_MAX_TAIL = 20  # characters after a pair: "on this site", but not half a sentence of news
_MAX_GAP = 70  # characters between a subject and its predicate
_SHARE = 0.5  # of a block's characters that must be notice or help
_MAX_LABEL = 20  # characters before a colon that are a label
_CALM_LENGTH = 90  # blocks longer than this need two signs and no quotation marks
# Full stops of every script, and the marks between a notice and a site's name.
_SENTENCE = re.compile(
    r"[.!?…。\uff01\uff1f؟।|»]+\s*|\s[-\u2013\u2014]\s|\s*,\s+(?=(?:but|mais|pero|ma|aber)\b)"
)
# The vowel signs of Indic scripts are no letters to `re`.
_LETTER = "(?:[^\\W_]|[\u0900-\u0963\u0966-\u0dff])"
_WORD = re.compile(rf"{_LETTER}+(?:'{_LETTER}+)?")
_QUOTED = re.compile('["\u201c\u201d\u201e\u00ab\u2039]')
# Scripts without spaces, and Korean, whose particles grow on the word.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]"
)
_NEVER = "(?!)"
_MIN_KEY = 4  # letters
_EDGES = " ,;:()[]'\"\u201c\u201d\u201e\u00ab\u203a\u2039"
_UNSPACED_LEAD = 8  # characters before a phrase, in scripts without spaces between words
_UNSPACED_PAIR_LEAD, _UNSPACED_GAP = 6, 16  # before a pair, and inside it
_EVERYWHERE = frozenset({"404", "410", "http", "oops", "error"})  # leads in any language


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeMatch:
    """What was found in a block: which phrase of which language, and how many signs in all."""

    kind: SpanKind
    language: str  # BCP 47
    phrase: str  # as notices.toml has it, folded; "subject ... predicate" for a pair
    signs: int = 1  # notice sentences and helping phrases in the block


@dataclass(frozen=True, slots=True)
class _Language:
    tag: str
    signs: re.Pattern[str]  # every phrase and predicate
    phrases: tuple[tuple[SpanKind, re.Pattern[str]], ...]
    pairs: tuple[re.Pattern[str], ...]  # subject and predicate, in either order
    lead: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Book:
    """notices.toml, compiled."""

    any_phrase: re.Pattern[str]  # one automaton over every phrase and predicate of all languages
    keys: frozenset[str]  # a word of each of them, for a first look: far quicker
    keyless: re.Pattern[str]  # those that have no whole word
    help: re.Pattern[str]
    skip: re.Pattern[str]
    languages: tuple[_Language, ...]


@lru_cache(maxsize=4096)  # a site's pages repeat the blocks of their frame
def find_notice(text: str) -> NoticeMatch | None:
    """Return the notice that a block of text is, or None. None from 400 characters on."""
    if len(text) >= MAX_BLOCK or not (folded := _suspicious(text)):
        return None
    return _judge_block(text, folded)


def find_title_notice(title: str) -> NoticeMatch | None:
    """Return the notice in a title or headline, beside a site's name or in quotes."""
    if len(title) > MAX_TITLE or not (folded := _suspicious(title)):
        return None
    return next(filter(None, map(_match_sentence, _sentences(folded))), None)


def is_help(text: str) -> bool:
    """Whether a block is what follows such a notice: "Check the address or use the links below"."""
    if len(text) >= MAX_BLOCK:
        return False
    sentences = list(_sentences(fold(text)))
    helping = sum(len(one) for one in sentences if _count_help(one))
    return helping > 0 and helping >= sum(map(len, sentences)) * _SHARE


def goes_on(text: str) -> bool:
    """Whether a block that follows a notice directly may well belong to it.

    Less is asked of it than of a block that stands alone: one sign in a line, two in a paragraph
    that has one in most of its sentences. The article's first paragraph may stand there as well.
    """
    if len(text) >= _MAX_BESIDE:
        return False
    sentences = list(_sentences(fold(text)))
    signs = [_count_help(one) + _says_absent(one) for one in sentences]
    fitting = sum(len(one) for one, count in zip(sentences, signs, strict=True) if count)
    if fitting == 0 or fitting < sum(map(len, sentences)) * _SHARE:
        return False
    return sum(signs) >= (1 if _weight(text) <= _LINE else 2)


def _says_absent(sentence: str) -> bool:
    """Whether it says that a page is not there, however it begins."""
    if not _book().any_phrase.search(sentence):
        return False
    return any(
        pattern.search(sentence)
        for language in _book().languages
        for pattern in (*language.pairs, *(phrase for _, phrase in language.phrases))
    )


def _weight(text: str) -> float:
    """Return a text's length, in letters of a script with spaces."""
    return len(text) + len(_UNSPACED.findall(text)) * 1.5


def is_skip_link(text: str) -> bool:
    """Whether a line is nothing but a skip link, such as "Skip to main content"."""
    return len(text) <= _MAX_SKIP and bool(
        _book().skip.fullmatch(fold(text).strip(" .!>\u00bb\u203a\u2192\u2193"))
    )


def _suspicious(text: str) -> str:
    """Return the folded text if any phrase of any language is in it, else an empty string."""
    folded = fold(text)
    return folded if _may_hold(folded) and _book().any_phrase.search(folded) else ""


def _may_hold(folded: str) -> bool:
    """Whether a word of any phrase is there; most blocks of a page are done with by that."""
    book = _book()
    if not book.keys.isdisjoint(_WORD.findall(folded)) or book.keyless.search(folded):
        return True
    return not folded.isascii() and bool(_UNSPACED.search(folded))


def _judge_block(text: str, folded: str) -> NoticeMatch | None:
    found: NoticeMatch | None = None
    signs, covered, total = 0, 0, 0
    for sentence in _sentences(folded):
        total += len(sentence)
        match = _match_sentence(sentence)
        helps = _count_help(sentence)
        found = found or match
        signs += (match is not None) + helps
        also = bool(found and _book().any_phrase.search(sentence))  # "It may have been removed"
        covered += len(sentence) if match or helps or also else 0
    if found is None or covered < total * _SHARE:
        return None
    if len(folded) > _CALM_LENGTH and (signs <= 1 or _QUOTED.search(text)):
        return None
    return NoticeMatch(kind=found.kind, language=found.language, phrase=found.phrase, signs=signs)


def _sentences(folded: str) -> Iterator[str]:
    for piece in _SENTENCE.split(folded):
        before, colon, after = piece.partition(":")
        # "Error 404: page not found", but not "they all say the same: page not found".
        parts = (before, after) if colon and len(before) <= _MAX_LABEL else (piece,)
        yield from filter(None, (part.strip(_EDGES) for part in parts))


def _match_sentence(sentence: str) -> NoticeMatch | None:
    for language in _book().languages:
        if language.signs.search(sentence):
            for kind, phrase in _hits(language, sentence):
                return NoticeMatch(kind=kind, language=language.tag, phrase=phrase)
    return None


def _hits(language: _Language, sentence: str) -> Iterator[tuple[SpanKind, str]]:
    for kind, pattern in language.phrases:
        match = pattern.search(sentence)
        if match and _stands(match, sentence):
            before = sentence[: match.start()]
            if _is_led(before, language, _UNSPACED_LEAD):
                yield kind, match.group()
    for pair in language.pairs:
        match = pair.search(sentence)
        if (
            match
            and _is_led(match.group("lead"), language, _UNSPACED_PAIR_LEAD)
            and _ends(sentence[match.end() :])
        ):
            yield SpanKind.NOT_FOUND, f"{match.group('first')} ... {match.group('second')}"


def _ends(after: str) -> bool:
    """Whether a sentence is over after a pair, or goes on as such notices do."""
    rest = after.strip(_EDGES)
    return len(rest) <= _MAX_TAIL or bool(_count_help(rest) or _book().any_phrase.search(rest))


def _stands(match: re.Match[str], sentence: str) -> bool:
    """A bare number must be the whole sentence: "404", not "404 people rescued"."""
    return not match.group().isdigit() or match.group() == sentence


def _is_led(before: str, language: _Language, unspaced: int) -> bool:
    """Whether only such words stand before the phrase as notices begin with."""
    if _UNSPACED.search(before):
        for word in language.lead:
            before = before.replace(word, "")
        return len(before.strip(_EDGES)) <= unspaced
    return all(word in language.lead for word in _WORD.findall(before))


def _count_help(sentence: str) -> int:
    return len(set(_book().help.findall(sentence)))


@cache
def _book() -> _Book:
    text = resources.files("crawler.core").joinpath("notices.toml").read_text(encoding="utf-8")
    tables = tomllib.loads(text)["language"]
    signs = _every(tables, "phrase", "withdrawn", "expired", "predicate")
    common = frozenset(_every(tables, "lead"))
    keys = {entry: _key(entry, common) for entry in signs if not _UNSPACED.search(entry)}
    return _Book(
        any_phrase=_any_of(signs),
        keys=frozenset(filter(None, keys.values())),
        keyless=_any_of([entry for entry, key in keys.items() if not key]),
        help=_any_of(_every(tables, "help")),
        skip=re.compile("|".join(map(re.escape, _every(tables, "skip")))),
        languages=tuple(map(_language, tables)),
    )


def _every(tables: Iterable[dict[str, list[str]]], *keys: str) -> list[str]:
    entries = {fold(entry) for table in tables for key in keys for entry in table.get(key, ())}
    return sorted(entries, key=lambda entry: (-len(entry), entry))


_KINDS = (
    (SpanKind.WITHDRAWN, "withdrawn"),
    (SpanKind.EXPIRED, "expired"),
    (SpanKind.NOT_FOUND, "phrase"),
)


def _language(table: dict[str, list[str]]) -> _Language:
    patterns = tuple((kind, _any_of(_every([table], key))) for kind, key in _KINDS if key in table)
    subjects, predicates = _every([table], "subject"), _every([table], "predicate")
    return _Language(
        tag="".join(table["tag"]),
        signs=_any_of(_every([table], "phrase", "withdrawn", "expired", "predicate")),
        phrases=patterns,
        pairs=tuple(_pairs(subjects, predicates)),
        lead=frozenset(_every([table], "lead")) | _EVERYWHERE,
    )


def _pairs(subjects: list[str], predicates: list[str]) -> Iterator[re.Pattern[str]]:
    """Yield a pattern for each order: "the page was not found", "no se encontro la pagina"."""
    if not subjects or not predicates:
        return
    gap = _UNSPACED_GAP if any(map(_UNSPACED.search, subjects)) else _MAX_GAP
    for first, second in ((subjects, predicates), (predicates, subjects)):
        yield re.compile(
            rf"(?P<lead>.*?)(?P<first>{_any(first)}).{{0,{gap}}}?(?P<second>{_any(second)})"
        )


def _key(entry: str, common: frozenset[str]) -> str:
    """Return the entry's longest whole word, a telling one before those that begin any sentence.

    Empty if it has none worth looking for: "remov*" is no whole word, "no" stands everywhere.
    """
    words = [match.group() for match in _WORD.finditer(entry) if entry[match.end() :][:1] != "*"]
    telling = [word for word in words if word not in common]
    longest = max(telling or words, key=len, default="")
    return longest if len(longest) >= _MIN_KEY else ""


def _any_of(entries: list[str]) -> re.Pattern[str]:
    return re.compile(_any(entries) if entries else _NEVER)


def _any(entries: list[str]) -> str:
    """Return a pattern for any entry; those of scripts with spaces match whole words only."""
    spaced = [entry for entry in entries if not _UNSPACED.search(entry)]
    others = [entry for entry in entries if _UNSPACED.search(entry)]
    parts = [rf"(?<!\w){_alternatives(spaced)}(?!\w)"] if spaced else []
    return "(?:" + "|".join(parts + ([_alternatives(others)] if others else [])) + ")"


def _alternatives(entries: list[str]) -> str:
    """Return a pattern for any of the entries, common beginnings shared: far quicker to search.

    A star stands for whatever ends the word there.
    """
    tree: dict[str, dict[str, object]] = {}
    for entry in entries:
        node = tree
        for character in entry:
            node = node.setdefault(character, {})  # type: ignore[assignment]
        node[""] = {}
    return _branch(tree)


def _branch(node: dict[str, dict[str, object]]) -> str:
    rest = {character: below for character, below in node.items() if character}
    if not rest:
        return ""
    arms = [_arm(character) + _branch(below) for character, below in rest.items()]  # type: ignore[arg-type]
    joined = arms[0] if len(arms) == 1 else f"(?:{'|'.join(arms)})"
    return f"(?:{joined})?" if "" in node else joined


def _arm(character: str) -> str:
    return r"\w*" if character == "*" else re.escape(character)
