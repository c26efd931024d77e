"""Probes: on which suspicion, for which address, and what an answer teaches."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.core import probing, sameness
from crawler.core.probing import Lesson, ProbePolicy
from crawler.core.values import (
    Article,
    Evidence,
    History,
    Hop,
    HostFacts,
    Notice,
    PageReading,
    Probe,
    Signals,
    Verdict,
    Visit,
)
from crawler.core.verdict import judge
from crawler.core.words import Liveness, Outcome, Place, SpanKind

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
POLICY = ProbePolicy()
URL = "https://egun.example/albiste/2026/03/70012.html"
HOST = HostFacts(name="egun.example")
AFTER = Place.AFTER
SEED = b"0123456789abcdef"


def visit(url: str = URL, **changes: object) -> Visit:
    """Return a visit that fetched a page."""
    return replace(Visit(url=url, final_url=url, outcome=Outcome.FETCHED, status=200), **changes)


def says(reason: str, liveness: Liveness = Liveness.ALIVE) -> Verdict:
    """Return a verdict by one rule."""
    proof = Evidence(rule=reason, place="title", text="")
    return Verdict(liveness=liveness, confidence=0.6, reasons=(reason,), evidence=(proof,))


def reading(**signals: object) -> PageReading:
    """Return the reading of a page with some prose."""
    plain = {"title": "Eguna", "headings": ("Hara",), "prose_head": "Zerbait " * 40}
    seen = Signals(**{"prose_chars": 320, "text_chars": 900, **plain, **signals})
    return PageReading(signals=seen)


@pytest.mark.parametrize(
    ("reason", "url", "wants"),
    [
        ("prose", URL, True),
        ("index_page", URL, True),
        ("promise_missed", URL, True),
        ("article_found", URL, False),
        ("says_article", URL, False),
        ("http_404", URL, False),
        ("shell", URL, False),
        ("index_page", "https://egun.example/", False),
        ("index_page", "https://egun.example/eu", False),
        ("index_page", "https://egun.example/kirola", False),
    ],
)
def test_only_suspicion_asks(reason: str, url: str, *, wants: bool) -> None:
    """A page with no sign of its article is a reason to ask; front pages and sections never are."""
    assert probing.wants_probe(visit(url), says(reason), HOST, NOW, POLICY) is wants


@pytest.mark.parametrize(
    ("lesson", "age", "wants"),
    [
        (Lesson.HONEST, timedelta(days=13), False),
        (Lesson.PAGE, timedelta(days=13), False),
        (Lesson.PAGE, timedelta(days=14), True),
        (Lesson.NOTHING, timedelta(minutes=59), False),
        (Lesson.NOTHING, timedelta(hours=1), True),
    ],
)
def test_an_answer_holds_for_its_window(lesson: Lesson, age: timedelta, *, wants: bool) -> None:
    """A section is asked once in a window, and after a pause where nothing was learned."""
    known = Probe(
        section=probing.section_of(URL), url="", at=NOW - age, status=200, lesson=lesson.value
    )
    host = replace(HOST, probes=(known,))
    assert probing.wants_probe(visit(), says("prose"), host, NOW, POLICY) is wants
    elsewhere = visit("https://egun.example/iritzia/4711.html")
    assert probing.wants_probe(elsewhere, says("prose"), host, NOW, POLICY)


def test_a_run_asks_once_whatever_the_window() -> None:
    """With a window of 0 no earlier answer counts, but the run's own does."""
    policy = replace(POLICY, window=timedelta(0), pause=timedelta(0))
    section = probing.section_of(URL)
    assert probing.wants_probe(visit(), says("prose"), HOST, NOW, policy)
    assert not probing.wants_probe(visit(), says("prose"), HOST, NOW, policy, asked={section})
    off = replace(POLICY, enabled=False)
    assert not probing.wants_probe(visit(), says("prose"), HOST, NOW, off)


def test_sections_of_a_host_are_bounded() -> None:
    """However many directories a host has, so many are asked for in a window, not more."""
    many = {f"/{number}" for number in range(POLICY.sections)}
    assert not probing.wants_probe(visit(), says("prose"), HOST, NOW, POLICY, asked=many)


def test_dates_make_one_section() -> None:
    """Directories that differ in numbers only are one section."""
    one, other = "https://a.example/2025/12/31/x", "https://a.example/2026/01/02/y"
    assert probing.section_of(one) == probing.section_of(other)


@pytest.mark.parametrize(
    ("url", "begins", "ends"),
    [
        (URL, "/albiste/2026/03/", ".html"),
        ("https://a.example/news/some-story-of-today/", "/news/", "/"),
        ("https://a.example/4711", "/", ""),
    ],
)
def test_the_bogus_address_is_a_sibling(url: str, begins: str, ends: str) -> None:
    """The same directory and ending, 25 letters between."""
    path = urlsplit(probing.bogus_url(url, SEED)).path
    assert path.startswith(begins)
    assert path.endswith(ends)
    name = path.removeprefix(begins).removesuffix(ends) if ends else path.removeprefix(begins)
    assert len(name) == 25
    assert name.isalpha()


def test_an_article_named_by_its_query_gets_another_number() -> None:
    """Where the query names the article, the path stays and the number is one that cannot be."""
    bogus = urlsplit(probing.bogus_url("https://a.example/view.php?idxno=10234", SEED))
    assert (bogus.path, bogus.query[:7], len(bogus.query)) == ("/view.php", "idxno=9", 15)


@given(st.sampled_from([URL, "https://a.example/x/y?id=12345"]), st.binary(min_size=1))
def test_the_bogus_address_is_never_the_page(url: str, seed: bytes) -> None:
    """Whatever the seed, it is another address in the same section."""
    bogus = probing.bogus_url(url, seed)
    assert bogus != url
    assert probing.section_of(bogus) == probing.section_of(url)
    assert bogus == probing.bogus_url(url, seed)


def learned(answer: Visit, page: PageReading | None = None) -> Probe:
    """Return what an answer to a bogus address teaches, judged as the prober does."""
    verdict = judge(answer, page, History(url=answer.url), HOST)
    return probing.learn("/albiste/0", answer, verdict, page, NOW)


@pytest.mark.parametrize("status", [404, 410])
def test_a_real_404_is_honest(status: int) -> None:
    """A host that says 404 where nothing is, is remembered as honest."""
    probe = learned(visit(status=status), reading())
    assert probe.lesson == Lesson.HONEST
    assert probing.taught(HOST, probe).honest_404 is True


@pytest.mark.parametrize(
    ("answer", "page"),
    [
        (visit(status=403), reading()),
        (visit(status=503), reading()),
        (visit(status=429), None),
        (visit(status=None, outcome=Outcome.TIMED_OUT), None),
        (visit(status=None, outcome=Outcome.ROBOTS_DISALLOWED), None),
        (visit(outcome=Outcome.TRUNCATED), reading()),
        (visit(), None),
        (visit(headers=(("cf-mitigated", "challenge"),)), reading()),
        (visit(), reading(headings=(), prose_head="", prose_chars=0, script_count=9)),
    ],
)
def test_a_refusal_teaches_nothing(answer: Visit, page: PageReading | None) -> None:
    """Refusals, outages, challenges, pages cut short and shells of scripts teach nothing."""
    probe = learned(answer, page)
    assert probe.lesson == Lesson.NOTHING
    facts = probing.taught(HOST, probe)
    assert (facts.honest_404, facts.error_pages) == (None, ())


def test_a_page_is_known_again_with_other_teasers() -> None:
    """Equal title and h1 suffice where the rest is teasers; the address's words do not count."""
    bogus = probing.bogus_url(URL, SEED)
    name = urlsplit(bogus).path.rpartition("/")[2].removesuffix(".html")
    thin = {"prose_head": "", "prose_chars": 0, "teaser_cards": 8}
    first = reading(title=f"Hutsik: {name}", **thin)
    probe = learned(visit(bogus), first)
    host = probing.taught(HOST, probe)
    again = reading(title="Hutsik: 70012", **thin)
    verdict = judge(visit(), again, History(url=URL), host)
    assert (verdict.liveness, verdict.reasons[0]) == (Liveness.SOFT_GONE, "known_error_page")


def test_prose_of_its_own_is_another_page() -> None:
    """A title that all pages of a plain site share makes no page an error page."""
    bogus = probing.bogus_url(URL, SEED)
    host = probing.taught(HOST, learned(visit(bogus), reading(prose_chars=60)))
    own = reading(prose_head="Beste zerbait guztiz bestelakoa idatzi zuten gaur. " * 20)
    own = replace(own, signals=replace(own.signals, prose_chars=1000))
    known = [sameness.is_same(page, own, URL) for page in host.error_pages]
    assert known == [False]


def test_the_article_a_bogus_address_is_led_to_stays_one() -> None:
    """Where bogus addresses get a real article, that article at its own address is alive."""
    url = "https://egun.example/albiste/zubi-berria-plazan"
    told = reading(
        title="Zubi berria plazan",
        headings=("Zubi berria plazan",),
        prose_head="Zubi berria plazan egingo dute. " * 40,
    )
    told = replace(told, signals=replace(told.signals, prose_chars=1300, prose_blocks=5))
    probe = learned(visit(probing.bogus_url(url, SEED)), told)
    host = probing.taught(HOST, probe)
    assert judge(visit(url), told, History(url=url), host).liveness is Liveness.ALIVE


def test_where_bogus_addresses_are_led_the_dead_are_too() -> None:
    """A redirect to the place that bogus addresses lead to is no move."""
    bogus, place = probing.bogus_url(URL, SEED), "https://egun.example/azkenak/orain"
    led = visit(bogus, outcome=Outcome.REDIRECTED, final_url=place, status=302)
    chain = ({"url": bogus, "status": 302, "location": place},)
    led = replace(led, chain=tuple(Hop(**hop) for hop in chain))
    host = probing.taught(HOST, learned(led))
    gone = replace(led, url=URL, outcome=Outcome.FETCHED, status=200)
    page = reading(prose_head="Luze idatzia. " * 90)
    page = replace(page, signals=replace(page.signals, prose_chars=1300))
    verdict = judge(gone, page, History(url=URL), host)
    assert (verdict.liveness, verdict.reasons[0]) == (Liveness.SOFT_GONE, "known_error_target")


def test_what_is_remembered_is_bounded() -> None:
    """Of each section the last probe counts; pages and probes do not grow without end."""
    host = HOST
    for number, section in product(range(3), range(40)):
        page = sameness.error_page(reading(headings=(chr(97 + section) * 5,)), URL)
        probe = Probe(
            section=f"/{section}",
            url=URL,
            at=NOW + timedelta(days=number),
            status=200,
            lesson=Lesson.PAGE.value,
            page=page,
        )
        host = probing.taught(host, probe)
    assert len(host.probes) <= 20
    assert len({probe.section for probe in host.probes}) == len(host.probes)
    assert len(host.error_pages) <= 50


def test_a_paragraph_says_less_on_an_honest_host() -> None:
    """Where real 404s are given, a notice in a page of prose is no death; in an old copy it is."""
    told = reading(
        notices=(Notice(kind=SpanKind.NOT_FOUND, language="en", phrase="", text="", place=AFTER),),
    )
    told = replace(told, article=Article(text="Zerbait " * 40))
    host = replace(HOST, honest_404=True)
    live = judge(visit(), told, History(url=URL), host)
    assert (live.liveness, live.reasons[0]) == (Liveness.ALIVE, "notice_on_honest_host")
    for answer, facts in ((visit(), HOST), (visit(archive="wayback"), host)):
        verdict = judge(answer, told, History(url=URL), facts)
        assert verdict.liveness is Liveness.SOFT_GONE
