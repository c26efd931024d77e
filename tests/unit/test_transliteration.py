"""Latin addresses of pages in Cyrillic and Greek."""

import pytest

from crawler.core.folding import fold
from crawler.core.overlap import overlap, slug_words
from crawler.core.transliteration import share_spelled

SPELT = [
    ("staryi-maiak-znovu-svityt-nad-lymanom", "Старий маяк знову світить над лиманом"),
    ("staryj-mayak-snova-svetit-nad-limanom", "Старого маяка свет снова светит над лиманом"),
    ("starijat-far-otnovo-sveti-nad-zaliva", "Старият фар отново светеше над залива"),
    ("stari-svetionik-ponovo-sija-nad-zalivom", "Стари светионик поново сија над заливом"),
    ("khudozhnik-pokazal-tsvety-i-shchuk", "Художники показали цветы и щук на выставке"),
    ("palios-faros-fotizei-xana-to-limani", "Φωτίζει ξανά τον παλιό φάρο στο λιμάνι"),
    ("ekthesi-photographias-sti-thessaloniki", "Έκθεση φωτογραφίας στη Θεσσαλονίκη"),
]
OTHER = "Парламент принял бюджет на будущий год после долгих споров, сообщает агентство."


@pytest.mark.parametrize(("slug", "text"), SPELT)
def test_a_slug_that_spells_the_headline_is_found(slug: str, text: str) -> None:
    """Whatever way of writing it out the paper follows, and whatever the ending of the word."""
    share = overlap(slug_words(f"https://a.example/news/{slug}"), text)
    assert share is not None
    assert share >= 0.6


@pytest.mark.parametrize("slug", [slug for slug, _ in SPELT])
def test_a_slug_that_spells_nothing_there_proves_nothing(slug: str) -> None:
    """It may be a translation: nothing speaks for the page, and nothing against it."""
    assert overlap(slug_words(f"https://a.example/news/{slug}"), OTHER) is None


def test_other_scripts_are_not_compared() -> None:
    """Arabic, Hindi and Japanese write no such vowels or consonants: None, not zero."""
    words = ("mayak", "limanom", "svetit")
    for text in ("المنارة القديمة", "पुराना प्रकाशस्तंभ", "古い灯台"):
        assert share_spelled(words, fold(text)) is None


def test_too_few_consonants_prove_nothing() -> None:
    """Words of two consonants fit anything."""
    assert share_spelled(("maiak", "more", "nebo"), fold("маяк море небо")) is None
