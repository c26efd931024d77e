"""Sentences by which a page says that it is not there."""

import tomllib
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.core import notices
from crawler.core.words import SpanKind

BOOK = tomllib.loads(
    resources.files("crawler.core").joinpath("notices.toml").read_text(encoding="utf-8")
)["language"]
PHRASES = {
    table["tag"]: [
        entry for key in ("phrase", "withdrawn", "expired") for entry in table.get(key, ())
    ]
    for table in BOOK
}
SKIPS = {table["tag"]: table["skip"] for table in BOOK if "skip" in table}

NOTICES = [
    ("en", "This page is not available"),
    ("en", "Sorry, the page was not found. Check the address."),
    ("en", "Oops! That page can\u2019t be found."),
    ("en", "Unfortunately, we couldn't find that page."),
    ("en", "We're sorry, but the page you were looking for could not be found."),
    ("en", "Error 404: page not found"),
    ("en", "404"),
    ("fr", "La page que vous cherchez n\u2019existe plus"),
    ("fr", "Cette page n\u2019est pas disponible. Merci de vérifier l\u2019adresse."),
    ("de", "Diese Seite konnte leider nicht gefunden werden."),
    ("es", "Lo sentimos, la página que busca ya no está disponible."),
    ("pt", "Desculpe, não encontramos a página"),
    ("it", "Siamo spiacenti, la pagina richiesta non esiste più"),
    ("pl", "Niestety, nie ma takiej strony"),
    ("ru", "Страница не найдена. Возможно, она была удалена."),
    ("ar", "عذراً، الصفحة غير موجودة"),
    ("ja", "申し訳ありません。お探しのページは見つかりませんでした。"),
    ("zh", "抱歉,您访问的页面不存在"),
    ("ko", "요청하신 페이지를 찾을 수 없습니다"),
]
PROSE = [
    "He clicked, and the page was not found",
    "More than 404 people were rescued from the flooded valley",
    "The minister said that the report is no longer available to members of the committee.",
    "When a server cannot find an address, the reader sees a page that says “page not found”.",
    "The archivist keeps a list of what sites show: this page is not available, sorry, and so on.",
    "The museum is not available for weddings, and the garden no longer exists as it was.",
    "Die Polizei teilte mit, der Wagen sei bisher nicht gefunden worden.",
    "Le suspect reste introuvable depuis samedi, selon la gendarmerie.",
    "",
]


@pytest.mark.parametrize(("tag", "text"), NOTICES)
def test_a_notice_is_found_in_its_language(tag: str, text: str) -> None:
    """A block that begins as a notice does is one, whatever its case, accents and apostrophes."""
    match = notices.find_notice(text)
    assert match is not None
    assert match.language == tag


@pytest.mark.parametrize("text", PROSE)
def test_prose_that_mentions_a_notice_is_none(text: str) -> None:
    """A sentence that only speaks of a missing page, or of something else missing, is no notice."""
    assert notices.find_notice(text) is None


@pytest.mark.parametrize("tag", PHRASES)
def test_every_entry_is_found_by_itself(tag: str) -> None:
    """Each entry of notices.toml works, and languages do not hide one another's entries."""
    assert [phrase for phrase in PHRASES[tag] if notices.find_notice(phrase) is None] == []


@pytest.mark.parametrize("tag", SKIPS)
def test_every_skip_link_is_one(tag: str) -> None:
    """Each skip entry is known as it is, and in capitals with an arrow."""
    lines = [line for text in SKIPS[tag] for line in (text, f"{text.upper()} »")]
    assert [line for line in lines if not notices.is_skip_link(line)] == []


def test_skip_words_inside_a_sentence_are_no_skip_link() -> None:
    """A line that holds more than the link is text."""
    assert not notices.is_skip_link(
        "Skip to main content, said the screen reader, and nothing else"
    )


def test_a_long_block_is_never_a_notice() -> None:
    """From 400 characters on a block is prose, however it begins."""
    text = "This page is not available. " * 20
    assert notices.find_notice(text[:399]) is not None
    assert notices.find_notice(text[:400]) is None


def test_withdrawn_and_expired_are_told_apart() -> None:
    """A text taken back by its publisher is another kind than one never found."""
    kinds = [
        notices.find_notice("This article has been removed for legal reasons"),
        notices.find_notice("This story has expired"),
        notices.find_notice("この記事は掲載期間が終了しました"),
    ]
    assert [match and match.kind for match in kinds] == [
        SpanKind.WITHDRAWN, SpanKind.EXPIRED, SpanKind.EXPIRED,
    ]  # fmt: skip


def test_title_notice_stands_beside_the_site_name() -> None:
    """In a title one sentence of several is enough, but it must be a whole one."""
    assert notices.find_title_notice("Page not found - Example Times")
    assert notices.find_title_notice("404 | Example Times")
    assert notices.find_title_notice("Example Times — Page introuvable")
    assert notices.find_title_notice("404 people rescued | Example Times") is None
    assert notices.find_title_notice("Why was my page not found?") is None


def test_help_alone_is_no_notice() -> None:
    """What follows a notice is known as such, and proves nothing by itself."""
    text = "Please check the address or use the links below."
    assert notices.is_help(text)
    assert notices.find_notice(text) is None


@given(st.text(max_size=500))
def test_any_text_is_answered(text: str) -> None:
    """No text makes the search raise, and what it finds says which phrase it was."""
    match = notices.find_notice(text)
    assert match is None or match.phrase
    notices.find_title_notice(text)
    notices.is_skip_link(text)
