"""How much of what an address promises is found on a page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.core.folding import fold
from crawler.core.overlap import headline_words, overlap, slug_words


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://a.example/en/20160206-syria-families-flee", ("syria", "families", "flee")),
        ("https://a.example/2024/01/old-mill-grinds-again.html", ("mill", "grinds", "again")),
        ("https://a.example/old-bridge-closed-for-repairs/4711/", ("bridge", "closed", "repairs")),
        ("https://a.example/ideas-made-to-matter/how-pumps-work-again", ("pumps", "work", "again")),
        ("https://a.example/article/ASN2X5Q1", ()),
        ("https://a.example/%C3%A9t%C3%A9-%C3%A0-marseille", ("marseille",)),
        ("https://a.example/", ()),
        ("http://[broken", ()),
    ],
)  # fmt: skip
def test_slug_words_are_the_telling_ones(url: str, words: tuple[str, ...]) -> None:
    """Words of four letters and more from the wordiest segment; identifiers are none."""
    assert slug_words(url) == words


def test_overlap_is_the_share_found() -> None:
    """Two of four promised words give one half."""
    words = ("mill", "river", "flour", "museum")
    assert overlap(words, "The old mill by the river") == pytest.approx(0.5)
    assert overlap(words, "") == 0


def test_inflected_and_transcribed_words_are_found() -> None:
    """A stem of six letters must agree; umlauts are written out in addresses."""
    assert overlap(("refugees", "muenchen", "strasse"), "Refugee in München, Straße") == 1


def test_a_latin_slug_says_nothing_against_another_script() -> None:
    """A translated address never matches its page; one that spells its words does."""
    assert overlap(("warehouse", "burned", "moscow"), "Пожар на складе в Москве") is None
    assert overlap(("pozhar", "moskve", "sklade"), "Пожар на складе в Москве") == 1.0


def test_too_few_words_prove_nothing() -> None:
    """One word in common can be chance."""
    assert overlap(("syria",), "Syria") is None
    assert overlap((), "text") is None


def test_scripts_without_spaces_are_compared_by_pieces() -> None:
    """A Japanese headline is found in the text it stands above, and not in another."""
    words = headline_words("駅前の古い時計台、百年ぶりに修理へ")
    near = overlap(words, "駅前に立つ古い時計台がおよそ百年ぶりに本格的な修理を受ける")
    far = overlap(words, "漁港の朝市に大勢の客が集まり、雪の中で魚を買い求めた")
    assert near is not None
    assert far is not None
    assert near > 0.4 > far


@given(st.text(max_size=200))
def test_fold_is_its_own_fold(text: str) -> None:
    """Folding twice changes nothing, so that stored and fresh text compare alike."""
    assert fold(fold(text)) == fold(text)


@given(st.text(max_size=100), st.text(max_size=200))
def test_overlap_is_a_share(slug: str, text: str) -> None:
    """Whatever the texts, the answer is None or lies between 0 and 1."""
    share = overlap(headline_words(slug), text)
    assert share is None or 0 <= share <= 1
