"""Whether Latin words spell words of a text in Cyrillic or Greek: "staryi-maiak", "старий маяк".

Every country and every paper writes out its letters in its own way: one vowel is ya, ia or ja,
one consonant kh, h or x. Compared are therefore only the consonants on which all ways agree
(ISO 9, BGN/PCGN, ELOT 743 and their everyday forms), and only the beginnings, since words are
inflected.
"""

import re

_WORD = re.compile(r"[^\W\d_]+")
_GREEK = re.compile("[\u0370-\u03ff]")
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_MIN_LETTERS = 3  # consonants of a word that is worth comparing
_BEGINNING = 4  # consonants compared
_MIN_WORDS = 3  # comparable words, without which nothing is said
_DOUBLED = re.compile(r"(.)\1+")
# Letters without one spelling are left out on both sides: vowels, g and h, kh, signs.
_FROM_CYRILLIC = str.maketrans({
    **dict(zip("бвджзклмнпрстфцчш", "bvdzzklmnprstfccs", strict=True)),
    "щ": "sc", "ђ": "d", "ћ": "c", "џ": "d", "љ": "l", "њ": "n", "ќ": "k", "ѓ": "",
    "\u0455": "z",
    **dict.fromkeys("аеёиоуыэюяіїєґгхйьъўј", ""),
})  # fmt: skip
_FROM_GREEK = str.maketrans({
    **dict(zip("βδζθκλμνπρσςτφ", "vdztklmnprsstf", strict=True)),
    "ξ": "ks", "ψ": "ps",
    **dict.fromkeys("αεηιουωγχ", ""),
})  # fmt: skip
_SPELLINGS = (
    (re.compile("kh|x"), ""), (re.compile("ph"), "f"), (re.compile("t[sz]"), "c"),
    (re.compile("w"), "v"), (re.compile("[aeiouyjgh']"), ""),
)  # fmt: skip
_GREEK_SPELLINGS = (
    (re.compile("ks|x"), "ks"), (re.compile("ch"), ""), (re.compile("ph"), "f"),
    (re.compile("b"), "v"), (re.compile("[aeiouywjgh']"), ""),
)  # fmt: skip


def share_spelled(words: tuple[str, ...], folded: str) -> float | None:
    """Return the share of Latin words that words of the text spell, 0 to 1, both folded.

    None if the text is in neither script, or too few of the words have enough consonants.
    """
    is_greek = bool(_GREEK.search(folded))
    if not is_greek and not _CYRILLIC.search(folded):
        return None
    spellings = _GREEK_SPELLINGS if is_greek else _SPELLINGS
    wanted = {one for word in words if len(one := _bones(word, spellings)) >= _MIN_LETTERS}
    if len(wanted) < _MIN_WORDS:
        return None
    table = _FROM_GREEK if is_greek else _FROM_CYRILLIC
    bones = (_DOUBLED.sub(r"\1", word.translate(table)) for word in _WORD.findall(folded))
    there = {one[:_BEGINNING] for one in bones if len(one) >= _MIN_LETTERS}
    return sum(one[:_BEGINNING] in there for one in wanted) / len(wanted)


def _bones(word: str, spellings: tuple[tuple[re.Pattern[str], str], ...]) -> str:
    for pattern, letter in spellings:
        word = pattern.sub(letter, word)
    return _DOUBLED.sub(r"\1", word)
