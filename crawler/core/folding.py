"""One form of text for comparing: casefolded, accents gone, spaces and apostrophes made alike."""

import re
import unicodedata

# Combining marks of Latin, Greek and Cyrillic, and the vowel marks of Arabic and Hebrew. The
# marks of Indic scripts and Thai are letters to their readers and stay.
_MARKS = re.compile("[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u0640\u00ad\u200b-\u200f]")
_APOSTROPHES = "\u2019\u2018\u02bc"
_DOTLESS = "\u0131"
# Letters that Unicode does not take apart, as addresses and keyboards without them spell them.
_LETTERS = str.maketrans(
    {
        "\u00f8": "o",
        "\u00e6": "ae",
        "\u0153": "oe",
        "\u0142": "l",
        "\u0111": "d",
        "\u00f0": "d",
        "\u00fe": "th",
    }
)


def fold(text: str) -> str:
    """Return the text casefolded, without accents, with single spaces and straight apostrophes."""
    if not text.isascii():
        text = _alike(text)
    if text.isascii():
        return " ".join(text.lower().split())
    # Taken apart, signs such as the one for "service mark" are capital letters. Marks go before
    # composing again, so that Korean and Japanese keep whole characters.
    loose = unicodedata.normalize("NFKD", text.casefold()).casefold()
    plain = _alike(unicodedata.normalize("NFC", _MARKS.sub("", loose))).translate(_LETTERS)
    return " ".join(plain.split())


def _alike(text: str) -> str:
    for apostrophe in _APOSTROPHES:
        text = text.replace(apostrophe, "'")
    return text.replace(_DOTLESS, "i")


def word_set(listed: str) -> frozenset[str]:
    """Return the words of a list written as one text with spaces between."""
    return frozenset(listed.split())
