"""Shapes of links: article, section or neither, in any script, by address and anchor alone."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.core.shapes import Shape, date_in, is_file, shape_of
from crawler.core.urls import BadUrl, canonicalize

HOST = "https://paper.example"

# Section and slug of an article, as papers of the language write them into addresses.
SLUGS = {
    "en": ("world", "council-votes-for-new-harbour-wall"),
    "ja": ("ニュース", "市議会が新しい防波堤を承認"),
    "zh": ("要闻", "市议会批准新的海港防波堤"),
    "ko": ("뉴스", "시의회가-새-방파제를-승인했다"),
    "th": ("ข่าว", "สภาเมืองอนุมัติกำแพงท่าเรือใหม่"),
    "ar": ("أخبار", "مجلس-المدينة-يوافق-على-جدار-جديد-للميناء"),
    "fa": ("خبر", "شورای-شهر-دیوار-جدید-بندر-را-تصویب-کرد"),
    "he": ("חדשות", "המועצה-אישרה-חומה-חדשה-לנמל"),
    "hi": ("खबर", "नगर-परिषद-ने-नई-दीवार-को-मंजूरी-दी"),
    "bn": ("খবর", "নগর-পরিষদ-নতুন-দেয়াল-অনুমোদন-করেছে"),
    "ta": ("செய்திகள்", "நகர-சபை-புதிய-சுவரை-அங்கீகரித்தது"),
    "ru": ("новости", "совет-одобрил-новую-стену-порта"),
    "el": ("νέα", "το-συμβούλιο-ενέκρινε-νέο-τείχος"),
    "tr": ("gündem", "meclis-yeni-liman-duvarını-onayladı"),  # noqa: RUF001 - Turkish
    "vi": ("thời-sự", "hội-đồng-thông-qua-tường-cảng-mới"),
    "my": ("သတင်း", "မြို့တော်ကောင်စီကဆိပ်ကမ်းနံရံသစ်ကိုအတည်ပြု"),
    "am": ("ዜና", "ምክር-ቤቱ-አዲሱን-የወደብ-ግንብ-አጸደቀ"),
}
NAMES = {  # sections of front pages: segment and what the link says
    "en": ("politics", "Politics"),
    "ja": ("政治", "政治"),
    "zh": ("国际", "国际"),
    "ko": ("정치", "정치"),
    "th": ("การเมือง", "การเมือง"),
    "ar": ("سياسة", "سياسة"),
    "he": ("פוליטיקה", "פוליטיקה"),
    "hi": ("राजनीति", "राजनीति"),
    "ru": ("политика", "Политика"),
    "el": ("πολιτική", "Πολιτική"),
    "de": ("politik-und-gesellschaft", "Politik & Gesellschaft"),
    "ja-kana": ("エンターテインメント", "エンターテインメント"),
    "th-long": ("ต่างประเทศ", "ต่างประเทศ"),
    "my": ("နိုင်ငံရေး", "နိုင်ငံရေး"),
}
HEADLINES = {
    "en": "Council votes for a new harbour wall after months of debate",
    "ja": "市議会、新しい防波堤を賛成多数で承認",
    "zh": "市议会以多数票批准新的海港防波堤",
    "ko": "시의회, 오랜 논의 끝에 새 방파제 건설을 승인",
    "th": "สภาเมืองอนุมัติกำแพงท่าเรือใหม่หลังถกเถียงหลายเดือน",
    "ar": "مجلس المدينة يوافق على جدار جديد للميناء بعد أشهر من النقاش",
    "hi": "महीनों की बहस के बाद नगर परिषद ने नई दीवार को मंजूरी दी",
    "ru": "Совет одобрил новую портовую стену после долгих споров",
    "de": "Der Rat stimmt nach monatelanger Debatte für die neue Hafenmauer",
    "pt": "Câmara aprova novo muro do porto depois de meses de debate",
}


def shape(path: str, words: str = "") -> Shape:
    return shape_of(canonicalize(HOST + path), words)


@pytest.mark.parametrize("language", SLUGS)
def test_a_slug_is_an_article_in_every_script(language: str) -> None:
    """The words of a slug, percent-encoded as they are, make an article without any anchor."""
    section, slug = SLUGS[language]
    assert shape(f"/{section}/{slug}") is Shape.ARTICLE
    assert shape(f"/{slug}") is Shape.ARTICLE


@pytest.mark.parametrize("language", NAMES)
def test_a_name_is_a_section_in_every_script(language: str) -> None:
    """A short segment under a short anchor is a section, with a language code before it or not."""
    segment, words = NAMES[language]
    assert shape(f"/{segment}", words) is Shape.SECTION
    assert shape(f"/{segment}/", words) is Shape.SECTION
    assert shape(f"/en/{segment}", words) is Shape.SECTION


@pytest.mark.parametrize("language", HEADLINES)
def test_a_headline_makes_an_article_of_a_bare_number(language: str) -> None:
    """An address of an id alone says nothing; under a headline it is an article."""
    assert shape("/a/12345678", HEADLINES[language]) is Shape.ARTICLE
    assert shape("/a/12345678") is Shape.NEITHER


@pytest.mark.parametrize(
    "path",
    [
        "/2024/01/05/storm",
        "/world/2024-01-05/storm",
        "/world/2024/jan/05/storm",
        "/20240105/local/storm",
        "/nyheter/12345678",
        "/news/world-europe-12345678",
        "/story-5d8f6f1e2b3c4d5e6f7a8b9c",
        "/article_1234567.ece",
        "/politik/ausland/hafen-a-3f2504e0-4f89-11d3-9a0c-0305e82c3301",
        "/news/council-votes-for-new-wall.html",
        "/news/council_votes_for_new_wall.php",
        "/news/council-votes-for-new-wall,123456.htm",
        "/council-votes-for-new-wall/123456",
        "/?p=12345",
        "/article.php?id=4711",
        "/view?newsId=20240105001",
        "/news/articleView.html?idxno=123456",
    ],
)
def test_dates_numbers_endings_and_ids_tell_an_article(path: str) -> None:
    """A date, a long number beside words, an id in the query: an article without an anchor."""
    assert shape(path) is Shape.ARTICLE


@pytest.mark.parametrize(
    "path",
    [
        "/news/council-votes-for-new-wall/amp",
        "/news/council-votes-for-new-wall/amp/",
        "/amp/news/council-votes-for-new-wall",
        "/news/council-votes-for-new-wall.amp.html",
        "/news/council-votes-for-new-wall?outputType=amp",
    ],
)
def test_an_amp_twin_is_an_article_too(path: str) -> None:
    """The AMP spelling of an article's address has the article's shape."""
    assert shape(path) is Shape.ARTICLE


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/sport/football", "Football"),
        ("/lifestyle/life-and-style", "Life & style"),
        ("/politik/index.html", "Politik"),
        ("/wirtschaft.html", "Wirtschaft"),
        ("/uk", ""),
    ],
)
def test_short_names_are_sections(path: str, words: str) -> None:
    """One or two short segments, three words at most, are a section."""
    expected = Shape.NEITHER if path == "/uk" else Shape.SECTION  # a language, hence a front page
    assert shape(path, words) is expected


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/en/",
        "/index.html",
        "/about",
        "/contact-us",
        "/impressum.html",
        "/datenschutzerklaerung/datenschutz",
        "/privacy-policy-of-the-whole-group",
        "/politica-de-privacidad",
        "/mentions-legales",
        "/account/login",
        "/abonnement",
        "/newsletter",
        "/search?q=harbour",
        "/wp-json/oembed/1.0/embed",
        "/tag/harbour",
        "/author/jane-doe",
        "/archive/2024",
        "/tags/the-long-harbour-wall",
        "/world/europe/france",
    ],
)
def test_the_house_itself_is_neither(path: str) -> None:
    """Service pages, lists by name or date, and names nested deep are left alone."""
    assert shape(path) is Shape.NEITHER


@pytest.mark.parametrize(
    "path", ["/a/photo.jpg", "/report.PDF", "/feed.xml", "/app.js", "/v/clip.mp4?id=123456"]
)
def test_files_are_neither_whatever_is_said_of_them(path: str) -> None:
    """A picture, a film, a document or a feed is no page, even under a headline."""
    url = canonicalize(HOST + path)
    assert is_file(url)
    assert shape_of(url, HEADLINES["en"]) is Shape.NEITHER


@pytest.mark.parametrize("path", ["/news/wall.html", "/news/wall.php", "/v2.0/wall", "/", "/a.b"])
def test_pages_are_no_files(path: str) -> None:
    """A page's own endings, and dots that end nothing, make no file."""
    assert not is_file(HOST + path)


def test_a_headline_below_a_list_is_not_enough() -> None:
    """Below /tag/ and the like words alone are no article; a slug with a number and date is."""
    assert shape("/topic/harbour", HEADLINES["en"]) is Shape.NEITHER
    dated = "/topic/2024/01/05/council-votes-for-new-harbour-wall-12345678"
    assert shape(dated) is Shape.ARTICLE


@pytest.mark.parametrize(
    ("path", "date"),
    [
        ("/2024/01/05/storm", (2024, 1, 5)),
        ("/news/2024-02-29/storm", (2024, 2, 29)),
        ("/20240105-storm", (2024, 1, 5)),
        ("/2024/02/storm", (2024, 2, 29)),
        ("/2023/02/", (2023, 2, 28)),
        ("/sitemap-2021-03.xml", (2021, 3, 31)),
        ("/sitemaps/sitemap_news_2021-03-04.xml.gz", (2021, 3, 4)),
        ("/2024/02/31/storm", None),
        ("/2024/13/01/storm", None),
        ("/2024/123456/storm", None),
        ("/report-2024-01-05", None),
        ("/1815/06/18/waterloo", None),
        ("/storm?date=2024-01-05", None),
        ("/20240105123456", None),
    ],
)
def test_a_date_is_read_as_its_last_moment(path: str, date: tuple[int, int, int] | None) -> None:
    """A date in the path is the end of its day or month, so that nothing seems older than it is."""
    expected = None if date is None else datetime(*date, 23, 59, 59, tzinfo=UTC)
    assert date_in(HOST + path) == expected


segments = st.text(
    alphabet=st.one_of(
        st.characters(exclude_categories=["Cs"]), st.sampled_from("-_.%/0123456789&=?;")
    ),
    max_size=40,
)


@given(st.lists(segments, max_size=6).map("/".join), st.text(max_size=60))
def test_no_address_is_too_strange(rest: str, words: str) -> None:
    """Whatever an address holds, its shape and date are told, and no exception comes of it."""
    try:
        url = canonicalize(f"{HOST}/{rest}")
    except BadUrl:
        return
    assert shape_of(url, words) in set(Shape)
    assert is_file(url) in {True, False}
    at = date_in(url)
    assert at is None or at.tzinfo is UTC


@given(st.dates(datetime(1950, 1, 1).date(), datetime(2099, 12, 31).date()))  # noqa: DTZ001
def test_every_day_is_read_back(day: object) -> None:
    """The date a paper writes as /YYYY/MM/DD/ is the one that is read."""
    at = date_in(f"{HOST}/{day:%Y/%m/%d}/storm")
    assert at is not None
    assert at.date() == day
