"""The words by which a small page shows that it stands where the article should."""

import tomllib
from importlib import resources

import pytest

from crawler.core import walls
from crawler.core.words import Liveness

BOOK = tomllib.loads(
    resources.files("crawler.core").joinpath("walls.toml").read_text(encoding="utf-8")
)
LANGUAGES = BOOK["language"]
KINDS = [kind["name"] for kind in BOOK["kind"]]


def kinds_of(head: str, *body: str) -> set[str]:
    return {wall.kind.name for wall in walls.find_walls([head], body)}


def first_kind(head: str, *body: str) -> str | None:
    return next((wall.kind.name for wall in walls.find_walls([head], body)), None)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_each_kind(language: str) -> None:
    """A wall is known in every language that walls.toml has, whatever kind it is."""
    assert [kind for kind in KINDS if not LANGUAGES[language].get(kind)] == []
    assert all(len(LANGUAGES[language][kind]) == 2 for kind in KINDS)


def test_many_languages_are_known() -> None:
    """The words cover at least thirty languages."""
    assert len(LANGUAGES) >= 30


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in {"usurped", "paywall"}])
def test_one_word_of_each_set_is_enough(language: str, kind: str) -> None:
    """A word of each set, in one block, is the wall, in its own language."""
    sets = LANGUAGES[language][kind]
    text = " ".join(listed.split(",")[0].replace("*", "").strip() for listed in sets)
    found = {(wall.kind.name, wall.language) for wall in walls.find_walls(["Site"], [text])}
    assert (kind, language) in found


@pytest.mark.parametrize(
    ("kind", "head", "body"),
    [
        ("consent", "Zeitung", "Bevor es weitergeht: Cookies. Wählen Sie, ob Sie zustimmen."),
        ("consent", "Lehti", "Me ja kumppanimme käytämme evästeitä. Hyväksytkö?"),
        ("consent", "日報", "当サイトはクッキーを使用します。同意して閲覧を続ける。"),
        ("geo", "Sorry", "We are not able to show this story to visitors from your country."),
        ("geo", "Lo sentimos", "Este vídeo no se puede ver fuera de España."),
        ("geo", "新闻", "由于版权原因您所在的地区无法观看此内容。"),
        ("captcha", "Chwileczkę", "Proszę potwierdzić, że nie jesteś robotem."),
        ("captcha", "Un attimo", "Abbiamo rilevato un traffico anomalo: risolvi il captcha."),
        ("captcha", "페이지", "자동화된 접속이 감지되었습니다. 로봇이 아님을 확인해 주세요."),
        ("for_sale", "example.org", "Detta domännamn är till salu. Lämna ett bud."),
        ("for_sale", "example.org", "Bu domain için teklif verin."),
        ("parked", "example.org", "Ta domena została zarejestrowana. Strona wkrótce."),
        ("parked", "example.org", "Tên miền này đã được đăng ký nhưng chưa có nội dung."),
        ("maintenance", "Site", "Noe gikk galt, siden er under vedlikehold. Vi er snart tilbake."),
        ("maintenance", "Site", "Ведутся технические работы, сервис скоро вернется."),
        ("login", "דף", "התוכן למנויים בלבד, יש לבצע כניסה עם שם משתמש."),
        ("login", "Zprávy", "Pro čtení se přihlaste ke svému účtu."),
    ],
)
def test_other_wordings_are_known(kind: str, head: str, body: str) -> None:
    """A wall is known by its words, not by a sentence that someone listed."""
    assert first_kind(head, body) == kind


@pytest.mark.parametrize(
    "text",
    [
        "The page you are looking for was not found.",
        "Страница не найдена. Вернитесь на главную страницу.",
        "Die gesuchte Seite wurde nicht gefunden.",
        "La page demandée est introuvable.",
        "ページが見つかりません。",
        "Sayfa yok, arama yapabilirsiniz.",
    ],
)
def test_a_not_found_page_is_no_wall(text: str) -> None:
    """That a page is missing is said in notices.toml; it names no challenge, wall or sale."""
    assert kinds_of("404", text) == set()


def test_place_and_refusal_must_stand_together() -> None:
    """A country here and a refusal there are two stories, not a geo block."""
    assert "geo" not in kinds_of("News", "The country voted.", "The minister was unavailable.")
    assert "geo" in kinds_of("News", "Unavailable in your country.")


def test_an_entry_ends_where_its_word_does() -> None:
    """Without an asterisk, an entry is a whole word: a botanist is no bot."""
    assert kinds_of("Botany", "The botanist will confirm the find.") == set()


def test_the_head_is_told_from_the_body() -> None:
    """A wall that title or headline announce is surer than one in the text alone."""
    above = [wall for wall in walls.find_walls(["Sign in"], ["Username"]) if wall.in_head]
    assert [wall.kind.name for wall in above] == ["login"]
    below = list(walls.find_walls(["News"], ["Sign in: username"]))
    assert below
    assert not any(wall.in_head for wall in below)


def test_a_marker_stands_for_its_wall() -> None:
    """What travels with the signals gives the wall back; other markers are none of it."""
    for wall in walls.find_walls(["Accept cookies"], ["Log in with your account"]):
        assert walls.of_marker(wall.marker) == wall
    assert walls.of_marker("consent_wall#17") is None
    assert walls.of_marker("paywall_of@en") is None


@pytest.mark.parametrize(
    "title", ["Log in", "Anmelden | Tagblatt", "La Voz - Iniciar sesión", "Вход", "ログイン"]
)
def test_a_title_that_only_says_log_in(title: str) -> None:
    """But for the site's name, the title of a login page says nothing else."""
    assert walls.is_login_title(title) is not None


@pytest.mark.parametrize(
    "title", ["Voters log in to a new register for the first time", "Morning news", ""]
)
def test_a_headline_is_no_login_title(title: str) -> None:
    """A headline that mentions it says more than that."""
    assert walls.is_login_title(title) is None


@pytest.mark.parametrize(
    "title",
    [
        "Casino sans dépôt: le bonus",
        "Judi online terpercaya",
        "온라인 카지노 추천",
        "Buy cheap cialis",
    ],
)
def test_offers_of_gambling_and_pills_are_told(title: str) -> None:
    """What takes over dead domains names its wares, and offers them."""
    assert walls.find_usurped([title]) is not None


def test_a_headline_without_an_offer_is_no_usurper() -> None:
    """A casino in the news is not offered to its readers."""
    assert walls.find_usurped(["Council closes the old casino on the pier"]) is None


@pytest.mark.parametrize(
    "text",
    [
        "Subscribe to keep reading.",
        "Cet article est réservé à nos abonnés",
        "Hai già un abbonamento? Accedi",
        "この記事は有料会員限定です。続きを読むにはログインしてください。",
        "Ten artykuł przeczytasz z prenumeratą, miesiąc za darmo",
    ],
)
def test_a_prompt_to_subscribe_is_told(text: str) -> None:
    """A paywall names a subscription and what it opens; the quick look never misses one."""
    assert walls.is_prompt(text)
    assert walls.may_be_prompt(text)


def test_every_subscribing_word_passes_the_quick_look() -> None:
    """The quick look lets through whatever the full one could find."""
    for table in LANGUAGES.values():
        for part in table["paywall"][0].split(","):
            assert walls.may_be_prompt(f"字 {part.replace('*', '').strip()} 字")


def test_a_named_box_needs_one_word() -> None:
    """Where the markup says paywall, one word of subscribing is enough; elsewhere it is prose."""
    text = "Our subscribers pay for this."
    assert walls.is_prompt(text, is_named=True)
    assert not walls.is_prompt(text)


def test_verdicts_are_words_of_liveness() -> None:
    """Each kind leads to a verdict, none of them a death."""
    assert {kind.verdict for kind in walls.kinds()}.isdisjoint({Liveness.GONE, Liveness.SOFT_GONE})
