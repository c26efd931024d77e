"""Fingerprints of texts and of templates."""

import random

from hypothesis import given
from hypothesis import strategies as st

from crawler.core.fingerprint import simhash, similarity, template_hash

WORDS = [
    f"{a}{b}{c}" for a in "bdfgk" for b in ("an", "el", "ir", "o") for c in ("ta", "s", "mo", "ven")
]
INT64 = range(-(2**63), 2**63)


def text_of(seed: int, words: int = 500) -> list[str]:
    return random.Random(seed).choices(WORDS, k=words)  # noqa: S311 - seeded text


def test_an_edited_text_stays_near() -> None:
    """With 5 % of its words changed a text is nearer to itself than any other one is."""
    words = text_of(1)
    edited = list(words)
    for place in range(0, len(edited), 20):
        edited[place] = "changed"
    near = similarity(simhash(" ".join(words)), simhash(" ".join(edited)))
    others = [
        similarity(simhash(" ".join(words)), simhash(" ".join(text_of(n)))) for n in range(2, 12)
    ]
    assert near >= 0.7
    assert max(others) < near


def test_case_accents_and_spacing_do_not_matter() -> None:
    """The hash is that of the folded text."""
    one = "Écrit à la main, le livre parut en 1903"
    assert simhash(one) == simhash("  ECRIT a la   main le livre parut en 1903.")


def test_a_script_without_spaces_has_shingles_too() -> None:
    """A Japanese text with one word changed is near to itself, far from another."""
    one = "駅前に立つ古い時計台がおよそ百年ぶりに本格的な修理を受ける。市が来月から足場を組む。"
    assert similarity(simhash(one), simhash(one.replace("来月", "来年"))) > 0.75
    assert simhash(one) != simhash("漁港の朝市に大勢の客が集まり、雪の中で魚を買い求めた。")


def test_a_text_without_words_has_no_hash() -> None:
    """Empty and wordless texts give 0."""
    assert simhash("") == simhash("... !") == 0


@given(st.text(max_size=300))
def test_hash_is_a_signed_64_bit_integer(text: str) -> None:
    """Both engines store it in a BIGINT; equal texts are wholly similar."""
    assert simhash(text) in INT64
    assert similarity(simhash(text), simhash(text)) == 1.0


@given(st.lists(st.text(max_size=20), min_size=1))
def test_template_ignores_order_and_repetition(parts: list[str]) -> None:
    """Ten teasers or twenty, the template is the same."""
    assert template_hash(parts) == template_hash([*reversed(parts), *parts])
    assert template_hash(parts) in INT64


def test_templates_differ_by_one_part() -> None:
    """A part more is another template, and no parts are none."""
    assert template_hash(["div.a", "div.b"]) != template_hash(["div.a"])
    assert template_hash([]) == 0
