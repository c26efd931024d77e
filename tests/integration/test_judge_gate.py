"""The gate of the judge: the floors of the measure, on the built-in sample of small pages.

`benchmarks/judge.py` prints the same figures for real pages, in words that are not seen here. A
floor is never lowered to pass.
"""

import pytest
from lxml import html
from support import judging
from support.judging import MARKUPS, PLACES, floors

plain = judging.surgery.plain
languages, lookalikes = judging.wordings.languages, judging.wordings.lookalikes
phrases, wording = judging.wordings.phrases, judging.wordings.wording

GROUPS = ("page alone", "with host context")
LOOKALIKES = sorted({kind for split in ("tune", "report") for kind in lookalikes(split)})


def measure(group: str, name: str) -> judging.Measure:
    return next(
        one for one in judging.measures() if one.group == group and one.name.startswith(name)
    )


def wrong_texts() -> str:
    spoilt = ((one, judging.figures.left(one)) for one in judging.tried())
    lines = [f"{one.case.name}: {said}" for one, said in spoilt if said]
    return "\n".join(lines[:40])


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize(
    ("name", "floor", "kinds"),
    [
        ("soft-gone: precision", floors.PRECISION, judging.figures.LIVING),
        ("soft-gone: recall, a phrase", floors.RECALL, judging.figures.PHRASED),
        ("soft-gone: recall, no phrase", floors.RECALL_NO_PHRASE, judging.figures.SILENT),
        ("soft-gone: recall, redirects", floors.RECALL, ("soft redirect",)),
        ("living with notice: called dead", floors.NOTICED_DEAD, ("living notice",)),
        ("living: called other", floors.LIVING_OTHER, ("living",)),
        ("look-alikes: stored", floors.STORED, tuple(LOOKALIKES)),
    ],
)
def test_verdicts_reach_the_floor(
    group: str, name: str, floor: floors.Floor, kinds: tuple[str, ...]
) -> None:
    """Each figure of the verdicts is on the good side of its floor, alone and with context."""
    found = measure(group, name)
    assert found.floor == floor
    assert found.is_met, f"{found}\n{judging.missed(kinds)}"


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("kind", [*LOOKALIKES, "paywall"])
def test_lookalike_is_named_right(group: str, kind: str) -> None:
    """Of each kind of look-alike, at least 95 in 100 are called what they are."""
    found = measure(group, f"named right: {kind}")
    assert found.floor == floors.NAMED
    assert found.is_met, f"{found}\n{judging.missed((kind,))}"


def test_no_notice_or_skip_link_is_left_in_the_text() -> None:
    """Wherever a notice stands and however it is marked up, it is cut with what goes with it."""
    found = measure("text", "notice or skip link left")
    assert found.floor == floors.LEFT
    assert found.is_met, f"{found}\n{wrong_texts()}"


def test_cutting_loses_no_paragraph() -> None:
    """A paragraph of the plain living page's text is in the text of the page with a notice too."""
    found = measure("text", "paragraphs lost")
    assert found.floor == floors.LOST
    lost = "\n".join(f"{one.case.name}: {one.lost}" for one in judging.tried() if one.lost)
    assert found.is_met, f"{found}\n{lost}"


def test_paywalled_text_is_marked_partial() -> None:
    """The beginning that a paywall shows is kept, and never passes for the whole."""
    assert measure("page alone", "paywall: stored and not marked partial").value == 0


def test_measure_covers_languages_places_and_markups() -> None:
    """Notices come in many languages and scripts, in at least 8 places and 6 markups."""
    noticed = [one for one in judging.cases() if one.kind == "living notice"]
    layouts = [one.variant.split(" x ") for one in noticed]
    assert len({one.language for one in noticed}) >= 20
    assert {place for place, *_ in layouts} == set(PLACES)
    assert {markup for _, markup, _ in layouts} == set(MARKUPS)
    assert len(PLACES) >= 8
    assert len(MARKUPS) >= 6


def test_cases_are_the_same_each_time() -> None:
    """The same page makes the same cases, byte for byte."""
    ground = judging.grounds()[0]
    again = list(judging.cases_of(ground))
    assert again == [one for one in judging.cases() if one.source == ground.source]


def test_case_names_are_unique() -> None:
    """A case can be told by its name, which misses are reported under."""
    names = [one.name for one in judging.cases() if one.kind != "living notice"]
    assert len(names) == len(set(names))


def test_soft_gone_pages_hold_nothing_of_the_article() -> None:
    """A page made soft-gone shows neither a paragraph nor the headline of the article."""
    for one in judging.cases():
        if one.kind in judging.figures.SOFT:
            shown = plain(html.document_fromstring(one.body).text_content())
            told = (one.source.title, *one.source.text.split("\n"))
            assert not [line for line in told if plain(line) in shown], one.name


def test_splits_share_no_domain_and_no_wording() -> None:
    """What is tuned on is never reported: neither the pages' domains nor the words put in."""
    pages = [ground.source for ground in judging.grounds()]
    tune = {one.domain for one in pages if one.split == "tune"}
    report = {one.domain for one in pages if one.split == "report"}
    assert tune
    assert report
    assert not tune & report
    for language in languages():
        assert not words(language, "tune") & words(language, "report")
    for table in ("about", "paywall", "banner"):
        rows = {split: phrases(table, "en", split) for split in ("tune", "report")}
        assert all(row not in rows["report"] for row in rows["tune"])
    assert set(lookalikes("tune")) == set(lookalikes("report"))


def words(language: str, split: str) -> set[str]:
    drawn = (
        wording(dice, language, split, kind)
        for ground in judging.grounds()[:10]
        for kind in ("", "withdrawn")
        for dice in [ground.dice(language)]
    )
    return {text for one in drawn if one for text in (one.heading, one.sentence)}
