"""Whole pages that stand where an article should, from bytes to verdict, and their opposites."""

import pytest
from support.reading import ARTICLE, html, read, text_of

from crawler.core.values import History, HostFacts, PageReading, Verdict, Visit
from crawler.core.verdict import judge
from crawler.core.words import Liveness, Outcome, SpanKind

URL = "https://times.example/world/2020/05/06/old-lighthouse-shines-again"
PROMPT = "Subscribe to keep reading."
LONG = "".join(
    f"<p>The keeper of the old lighthouse wrote down ship number {n}.</p>" for n in range(60)
)


def say(reading: PageReading, url: str = URL, status: int = 200, headline: str = "") -> Verdict:
    visit = Visit(url=url, final_url=url, outcome=Outcome.FETCHED, status=status)
    history = History(url=url, headline=headline or None)
    return judge(visit, reading, history, HostFacts(name="times.example"))


def bare(title: str, body: str, head: str = "") -> str:
    return f"<html><head><title>{title}</title>{head}</head><body>{body}</body></html>"


WALLS = [
    (Liveness.CONSENT, "Times", "<h2>Cookies</h2><p>Wij en partners vragen toestemming.</p>"),
    (Liveness.CONSENT, "Nu", "<div role=dialog><p>Privacy</p><button>Accepteren</button></div>"),
    (Liveness.CONSENT, "اخبار", "<p>این سایت از کوکی استفاده می کند. آیا موافق هستید؟</p>"),
    (Liveness.GEO_BLOCKED, "Ikke her", "<p>Denne videoen er ikke tilgjengelig i ditt land.</p>"),
    (Liveness.GEO_BLOCKED, "Times", "<p>For legal reasons we cannot show this page in the EU.</p>"),
    (Liveness.BLOCKED, "Ověření", "<p>Potvrďte prosím, že jste člověk.</p>"),
    (Liveness.BLOCKED, "Times", "<h1>Puzzle time</h1><p>Solve it: we think you are a bot.</p>"),
    (Liveness.PARKED, "times.example", "<p>Denne domænen er til salg. Giv et bud.</p>"),
    (Liveness.PARKED, "times.example", "<p>Domænet er registreret, hjemmesiden er på vej.</p>"),
    (Liveness.PARKED, "", "<script>location.href='/lander'</script>"),
    (Liveness.UNREACHABLE, "Oho", "<p>Palvelu on huoltokatkolla. Yritä myöhemmin uudelleen.</p>"),
    (Liveness.UNREACHABLE, "Error establishing a database connection", ""),
    (Liveness.LOGIN, "Innlogging", "<p>Bare for abonnenter: logg inn med passord.</p>"),
    (Liveness.LOGIN, "Prihlásenie", "<form><input type='password'><button>OK</button></form>"),
]  # fmt: skip


@pytest.mark.parametrize(("liveness", "title", "body"), WALLS)
@pytest.mark.parametrize("status", [200, 403])
def test_a_wall_is_named(liveness: Liveness, title: str, body: str, status: int) -> None:
    """A page of a few words is what they say, under whatever status it comes."""
    said = say(read(bare(title, body)), status=status)
    assert (said.liveness, said.is_good) == (liveness, False)


ABOUT = [
    "The cookies wanted: readers accept less tracking",
    "Why a story is not available in your country",
    "Robots must verify that they are human",
    "The village domain is for sale again",
    "A parked domain that expired and came back",
    "Database maintenance takes the harbour offline",
    "How subscribers log in to an account in 2020",
    "Best online casino bonus leads to a court case",
    "Subscribe to keep reading: what paywalls ask for",
]


@pytest.mark.parametrize("headline", ABOUT)
def test_an_article_about_walls_is_alive(headline: str) -> None:
    """A story about cookies, robots or domains holds its promise, and is no wall."""
    url = f"https://times.example/tech/{'-'.join(headline.lower().replace(':', '').split())}"
    told = "".join(f"<p>{headline}, said witness {n}, and the others agreed.</p>" for n in range(9))
    body = html(told).replace("Old lighthouse shines again", headline)
    body = body.replace("Old lighthouse shines again</h1>", f"{headline}</h1>")
    said = say(read(body), url)
    assert (said.liveness, said.is_good) == (Liveness.ALIVE, True), said


@pytest.mark.parametrize(
    "script",
    [
        "<script src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'></script>",
        "<script src='https://www.google.com/recaptcha/api.js'></script>",
        "<script src='https://cdn.cookielaw.org/scripttemplates/otSDKStub.js'></script>",
        "<div id='onetrust-consent-sdk'><p>We use cookies. Accept or reject?</p></div>",
        "<form><input type='password'><button>Log in</button></form>",
    ],
)
def test_what_stands_on_every_page_is_no_wall(script: str) -> None:
    """Detection scripts, cookie banners and login forms stand on good pages too."""
    assert say(read(html(script + ARTICLE))).liveness is Liveness.ALIVE


def test_a_list_of_articles_is_no_wall() -> None:
    """A section page has a form to log in and hardly any prose, and is what it should be."""
    cards = "".join(
        f"<li class='card'><a href='/world/{n}'><h3>Boat number {n} reaches us</h3></a></li>"
        for n in range(12)
    )
    page = bare(
        "World", f"<form><input type='password'><button>Log in</button></form><ul>{cards}</ul>"
    )
    assert say(read(page), "https://times.example/world").liveness is Liveness.ALIVE


def test_a_not_found_page_with_a_login_is_not_found() -> None:
    """The page itself says that it is missing; its form to log in says nothing."""
    body = "<h1>Page not found</h1><form><input type='password'><button>Log in</button></form>"
    assert say(read(bare("Page not found", body))).liveness is Liveness.SOFT_GONE


def test_a_page_that_loads_itself_with_a_token_is_a_challenge() -> None:
    """A script counts first; the page comes under the same address and one word more."""
    head = "<meta http-equiv='refresh' content=\"5; URL='?token=abc'\">"
    assert say(read(bare(" ", "<p>One second</p>", head), url=URL)).reasons == ("robot_check",)


def test_a_usurper_is_parked() -> None:
    """Another's wares under an article's address; a story about casinos keeps its word."""
    body = html().replace("Old lighthouse shines again", "Best online casino bonus")
    body = body.replace("boats", "spins").replace("keeper", "dealer")
    said = say(read(body))
    assert (said.liveness, said.reasons) == (Liveness.PARKED, ("usurped",))
    kept = say(read(body), "https://times.example/trials/best-online-casino-bonus")
    assert kept.liveness is Liveness.ALIVE


BEGINNING = "".join(
    f"<p>{'The old lighthouse shines again over the bay. ' * 3}</p>" for _ in range(2)
)
WORDED = f"<div class='offer'><h3>{PROMPT}</h3><p>Only 3 a month. Stop when you like.</p></div>"
NAMED = "<div class='paywall'><p>Our subscribers pay for this.</p></div>"
CLOSED = (
    '<script type="application/ld+json">{"@type":"NewsArticle","headline":"Old lighthouse shines '
    'again","hasPart":[{"isAccessibleForFree":false}]}</script>'
)
TIER = "<meta property='article:content_tier' content='locked'>"


@pytest.mark.parametrize(
    ("prompt", "head", "reason"),
    [
        (WORDED, "", "paywall_prompt"),
        (NAMED, "", "paywall_prompt"),
        (WORDED, CLOSED, "paywall_stub"),
        ("", CLOSED, "paywall_stub"),
        (WORDED, TIER, "paywall_stub"),
        ("<div><p>Lue koko juttu: tilaa digilehti.</p></div>", "", "paywall_prompt"),
    ],
)
def test_a_paywalls_beginning_is_kept_and_marked(prompt: str, head: str, reason: str) -> None:
    """The beginning is stored as partial; the prompt is cut out of it, and kept as evidence."""
    reading = read(html(BEGINNING + prompt, head))
    said = say(reading)
    assert (said.liveness, said.reasons[0]) == (Liveness.PAYWALLED, reason)
    assert reading.article is not None
    assert reading.article.is_partial
    assert "shines again over the bay" in text_of(reading)
    assert not any(line in text_of(reading) for line in (PROMPT, "a month", "subscribers", "tilaa"))
    cut = [span for span in reading.removed if span.kind is SpanKind.PAYWALL]
    assert bool(cut) is bool(prompt)


@pytest.mark.parametrize("prompt", [WORDED, NAMED])
def test_a_whole_article_with_an_offer_is_whole(prompt: str) -> None:
    """Below a whole article an offer to subscribe makes nothing partial, wherever it stands."""
    for body in (LONG + prompt, prompt + LONG):
        reading = read(html(body))
        assert say(reading).liveness is Liveness.ALIVE
        assert reading.article is not None
        assert not reading.article.is_partial
        assert text_of(reading).count("ship number") == 60


def test_a_paragraph_about_subscribers_is_kept() -> None:
    """What the article goes on after is its own, even if it speaks of subscribing."""
    line = "The club's members must subscribe to keep reading the keeper's letters, he said."
    reading = read(html(f"{ARTICLE}<p>{line}</p>{ARTICLE}"))
    assert line in text_of(reading)
    assert say(reading).liveness is Liveness.ALIVE


def test_a_country_that_a_firewall_refuses_is_geo_blocked() -> None:
    """The words on the page say more than the firewall's name in a header."""
    page = read(bare("Sorry", "<p>This site is not available in your region.</p>"))
    headers = (("server", "AkamaiGHost"),)
    for body, liveness in ((page, Liveness.GEO_BLOCKED), (None, Liveness.BLOCKED)):
        visit = Visit(url=URL, final_url=URL, outcome=Outcome.FETCHED, status=403, headers=headers)
        said = judge(visit, body, History(url=URL), HostFacts(name="times.example"))
        assert said.liveness is liveness


BRIEFS = [
    (
        "Regulator fines publisher over cookie banners without consent",
        (
            "The regulator has fined a publisher two million over cookie banners that left "
            "readers no choice but consent. Readers could accept tracking with one click, but had "
            "to look through four pages to reject it. The publisher said on Tuesday that it would "
            "appeal against the fine. It has until June to change the banners, the regulator "
            "said, or pay again for every day."
        ),
    ),
    (
        "Streaming service blocked in twelve countries",
        (
            "A streaming service has been blocked in twelve countries since Monday, its owner "
            "said. Viewers in the region see a black screen. The streaming service is not "
            "available in any country that signed the treaty, and lawyers expect the case to take "
            "years. Twelve ministers will meet in May to discuss what should happen to the "
            "service."
        ),
    ),
    (
        "Neue Sicherheitsprüfung für Roboter in der Hafenfabrik",
        (
            "In der Hafenfabrik gibt es eine neue Sicherheitsprüfung für Roboter. Jeder Roboter "
            "muss sie bestehen, bevor er neben Menschen arbeiten darf, teilte die Leitung am "
            "Montag mit. Die Prüfung dauert zwei Stunden und wird jedes Jahr wiederholt. Die "
            "Gewerkschaft begrüßte die Regel, forderte aber, dass auch die alten Maschinen "
            "überprüft werden."
        ),
    ),
    (
        "Город продаёт старый домен за три миллиона рублей",
        (
            "Городская администрация продаёт старый домен за три миллиона рублей. Покупатель "
            "найдётся быстро, считают в мэрии: домен зарегистрирован двадцать лет назад и до сих "
            "пор приносит посетителей. Деньги пойдут на ремонт набережной. Торги назначены на "
            "июнь, и принять участие в них может любой желающий, кто внесёт залог."
        ),
    ),
    (
        "Travaux de maintenance sur le pont suspendu de la vallée",
        (
            "Les travaux de maintenance du pont suspendu de la vallée dureront six semaines. Le "
            "service des routes fermera temporairement une voie, et les automobilistes devront "
            "prendre patience, a prévenu la mairie lundi. Le pont, construit en 1931, n'avait pas "
            "été repeint depuis vingt ans. Les travaux coûtent deux millions, dont la moitié est "
            "payée par la région."
        ),
    ),
    (
        "Library members get a new account and password",
        (
            "Library members will get a new account and password in March, the council said. "
            "Those who log in before the end of April keep their old books on loan. Members "
            "without an email address can sign in at the desk with their card. The library has "
            "forty thousand members, and a third of them have never used the account that they "
            "were given."
        ),
    ),
]


@pytest.mark.parametrize(("headline", "prose"), BRIEFS)
def test_a_brief_about_walls_is_alive(headline: str, prose: str) -> None:
    """A few lines under a number for an address are a brief, if their headline is what they say."""
    page = read(bare(headline, f"<article><h1>{headline}</h1><p>{prose}</p></article>"))
    said = say(page, "https://times.example/9876543")
    assert said.liveness is Liveness.ALIVE, said
    assert prose in text_of(page)
