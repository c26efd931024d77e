"""Sentences by which a page says that it is not there."""

import tomllib
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.core import notices
from crawler.core.folding import fold
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
    ("nl", "Helaas, het artikel dat u zoekt staat niet meer online."),
    ("sv", "Vi kunde tyvärr inte hitta artikeln"),
    ("no", "Beklager, saken du leter etter er slettet eller flyttet"),
    ("da", "Artiklen er ikke længere tilgængelig"),
    ("fi", "Valitettavasti etsimääsi juttua ei löytynyt"),
    ("cs", "Omlouváme se, hledaný článek byl odstraněn"),
    ("hu", "Hoppá, ez az oldal már nem létezik"),
    ("ro", "Ne pare rău, articolul pe care îl căutați a fost șters"),
    ("bg", "Търсената статия вече не съществува"),
    ("sr", "Nažalost, tražena stranica više ne postoji"),
    ("el", "Λυπούμαστε, το άρθρο δεν είναι πλέον διαθέσιμο"),
    ("tr", "Üzgünüz, bu sayfa mevcut değil"),
    ("uk", "Вибачте, такої сторінки не існує"),
    ("ar", "ربما تم حذف المقال الذي تبحث عنه"),
    ("fa", "متأسفانه صفحه مورد نظر یافت نشد"),
    ("he", "מצטערים, הכתבה שחיפשתם אינה זמינה"),
    ("hi", "क्षमा करें, आप जिस खबर को ढूंढ रहे हैं वह उपलब्ध नहीं है"),
    ("bn", "দুঃখিত, পৃষ্ঠাটি খুঁজে পাওয়া যায়নি"),
    ("th", "ขออภัย ไม่พบบทความที่คุณต้องการ"),
    ("vi", "Rất tiếc, bài viết bạn tìm không còn tồn tại"),
    ("id", "Maaf, artikel yang Anda cari telah dihapus"),
    ("zh", "抱歉,该文章已被移除或链接已失效"),
    ("ja", "この記事は現在公開されていません。"),
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
    "There is no article in the law that forbids it.",
    "The address was not found in any of the registers that the court examined.",
    "Nie ma artykułu w ustawie, który by na to pozwalał.",
    "La noticia de su muerte no existe en los archivos del hospital.",
    "Rien n'indique que la page de la guerre soit tournée.",
    "Как пишет газета, документ не найден среди бумаг министерства.",
    "警方表示,案件相关的网站页面已被删除,调查仍在继续,目前没有更多消息。",
    "祖父が残した古い新聞の記事は、もう町のどこにも残っていなかったという。",
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


@pytest.mark.parametrize(
    "text",
    [
        "Perhaps one of these stories: the links below",
        "The story may have been moved or deleted.",
        "Bitte überprüfen Sie die Adresse oder nutzen Sie die Suche.",
        "Проверьте правильность адреса или воспользуйтесь поиском.",
    ],
)
def test_what_goes_on_with_a_notice_is_known(text: str) -> None:
    """A line below a notice that points to links or says why belongs to it."""
    assert notices.goes_on(text)


@pytest.mark.parametrize(
    "text",
    [
        "The old bridge reopened on Sunday, and the mayor was the first to walk across it.",
        "La recherche avance, mais le vaccin n'existe pas encore, dit la directrice de l'institut.",
        "日曜の午前五時、まだ暗い岸壁には客が並び、町に十年ぶりの活気が戻ってきた。漁師は話す。",
        "Nach der Suche im Wald kehrten die Helfer am Abend erschöpft zur Hütte zurück.",
    ],
)
def test_the_first_paragraph_below_a_notice_is_none_of_it(text: str) -> None:
    """An article may begin right below a notice, with words that notices use as well."""
    assert not notices.goes_on(text)


@pytest.mark.parametrize("tag", [table["tag"] for table in BOOK])
def test_a_language_lists_nothing_twice(tag: str) -> None:
    """Entries are compared folded: two that differ in accents only are one."""
    (table,) = (table for table in BOOK if table["tag"] == tag)
    for key, entries in table.items():
        folded = [fold(entry) for entry in entries] if key != "tag" else []
        assert len(folded) == len(set(folded)), key
