"""What the judge says of visits and pages, rule by rule. Whole pages are cases in tests/pages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.core.values import (
    Article,
    History,
    Hop,
    HostFacts,
    Notice,
    PageReading,
    Signals,
    Verdict,
    Visit,
)
from crawler.core.verdict import RULES_VERSION, judge
from crawler.core.words import Liveness, Outcome, Place, SpanKind

URL = "https://times.example/world/2020/05/06/old-lighthouse-shines-again"
PROSE = "The old lighthouse shines again over the bay, and those who paid for it came to see. " * 20


def visit(**changes: object) -> Visit:
    values = {"url": URL, "final_url": URL, "outcome": Outcome.FETCHED, "status": 200}
    return Visit(**(values | changes))  # type: ignore[arg-type]


def sent_to(target: str, url: str = URL, status: int = 302) -> Visit:
    hop = Hop(url=url, status=status, location=target)
    return visit(url=url, final_url=target, chain=(hop,))


def page(text: str = PROSE, **changes: object) -> PageReading:
    values: dict[str, object] = {
        "title": "Old lighthouse shines again | Times",
        "prose_chars": len(text),
        "prose_blocks": len(text) // 85,
        "prose_head": text[:2000],
        "text_chars": len(text) + 300,
    }
    article = Article(text=text) if text else None
    signals = Signals(**(values | changes))  # type: ignore[arg-type]
    return PageReading(signals=signals, article=article, no_article=None if text else "no_text")


def notice(place: Place = Place.AFTER, kind: SpanKind = SpanKind.NOT_FOUND) -> Notice:
    text = "This page is not available"
    return Notice(kind=kind, language="en", phrase=text.lower(), text=text, place=place)


def say(
    seen: Visit, reading: PageReading | None = None, host: HostFacts | None = None, **history: str
) -> Verdict:
    known = History(url=seen.url, **history)  # type: ignore[arg-type]
    return judge(seen, reading, known, host or HostFacts(name="times.example"))


@pytest.mark.parametrize(
    ("outcome", "liveness"),
    [
        (Outcome.DNS_FAILED, Liveness.HOST_GONE),
        (Outcome.CONNECT_FAILED, Liveness.UNREACHABLE),
        (Outcome.TLS_FAILED, Liveness.UNREACHABLE),
        (Outcome.TIMED_OUT, Liveness.UNREACHABLE),
        (Outcome.PROTOCOL_ERROR, Liveness.UNREACHABLE),
        (Outcome.ROBOTS_UNREACHABLE, Liveness.UNREACHABLE),
        (Outcome.ROBOTS_DISALLOWED, Liveness.DISALLOWED),
        (Outcome.REFUSED_ADDRESS, Liveness.UNKNOWN),
        (Outcome.OUT_OF_SCOPE, Liveness.UNKNOWN),
        (Outcome.READING_TIMED_OUT, Liveness.UNKNOWN),
        (Outcome.READING_FAILED, Liveness.UNKNOWN),
        (Outcome.INTERNAL_ERROR, Liveness.UNKNOWN),
        (Outcome.ARCHIVE_COULD_NOT_ASK, Liveness.UNKNOWN),
    ],
)
def test_a_failed_errand_says_nothing_worse_than_it_knows(
    outcome: Outcome, liveness: Liveness
) -> None:
    """Only a name that does not resolve hints at a lost host; every other failure is no death."""
    verdict = say(visit(outcome=outcome, status=None, problem="why"))
    assert (verdict.liveness, verdict.reasons[0]) == (liveness, outcome.value)


@pytest.mark.parametrize(
    ("status", "liveness"),
    [
        (404, Liveness.GONE), (410, Liveness.GONE), (401, Liveness.LOGIN), (402, Liveness.LOGIN),
        (407, Liveness.LOGIN), (403, Liveness.BLOCKED), (405, Liveness.BLOCKED),
        (406, Liveness.BLOCKED), (412, Liveness.BLOCKED), (428, Liveness.BLOCKED),
        (451, Liveness.GEO_BLOCKED), (429, Liveness.THROTTLED), (500, Liveness.UNREACHABLE),
        (503, Liveness.UNREACHABLE), (522, Liveness.UNREACHABLE), (400, Liveness.UNKNOWN),
        (418, Liveness.UNKNOWN), (304, Liveness.ALIVE),
    ],
)  # fmt: skip
def test_status_decides_with_or_without_a_page(status: int, liveness: Liveness) -> None:
    """A refusal, an outage and a limit are never death; 404 and 410 are told apart by reason."""
    bare = say(visit(status=status))
    assert bare.liveness is liveness
    assert bare.reasons[0] in {f"http_{status}", "not_modified"}
    assert say(visit(status=status), page("")).liveness is liveness


def test_a_page_explains_its_refusal() -> None:
    """A 403 that speaks of regions is a geo-block, and a challenge header outranks a 404."""
    geo = page("", lookalike_markers=("geo_text#22",))
    codes = {
        say(visit(status=403), page("", lookalike_markers=(f"geo_text#{n}",))).liveness
        for n in range(40)
    }
    assert Liveness.GEO_BLOCKED in codes
    assert say(visit(status=404), geo).liveness is Liveness.GONE
    challenged = visit(status=404, headers=(("cf-mitigated", "challenge"),))
    assert say(challenged).liveness is Liveness.BLOCKED


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("https://times.example/", "redirect_to_front"),
        ("https://times.example/en/", "redirect_to_front"),
        ("https://other.example/", "redirect_to_front"),
        ("https://times.example/404.html", "redirect_to_error"),
        ("https://times.example/error", "redirect_to_error"),
        ("https://times.example/world/", "redirect_to_section"),
        ("https://times.example/world/2020", "redirect_to_section"),
        ("https://times.example/search?q=lighthouse", "redirect_to_search"),
    ],
)
def test_redirects_away_from_articles_are_soft_deaths(target: str, reason: str) -> None:
    """Front page, section, error page and search are no articles, whatever they show."""
    verdict = say(sent_to(target), page())
    assert (verdict.liveness, verdict.reasons[0]) == (Liveness.SOFT_GONE, reason)


def test_redirect_to_login_or_parking_is_named() -> None:
    """A login keeps the page, a parked host has lost it."""
    login = sent_to("https://times.example/login?return=/world")
    assert say(login, page("")).liveness is Liveness.LOGIN
    parked = sent_to("http://ww17.times.example/?sub=1")
    assert say(parked, page("")).liveness is Liveness.PARKED


@pytest.mark.parametrize(
    "target",
    [
        "http://www.times.example/world/2020/05/06/old-lighthouse-shines-again/",
        f"{URL}?utm_source=feed",
    ],
)
def test_another_spelling_is_the_same_page(target: str) -> None:
    """Scheme, www., a final slash and tracking do not make a move."""
    assert say(sent_to(target), page()).liveness is Liveness.ALIVE


def test_the_same_article_elsewhere_has_moved() -> None:
    """The slug, or the promised words in the text, go with an article that moves."""
    kept = say(sent_to("https://new.example/a/old-lighthouse-shines-again"), page())
    assert (kept.liveness, kept.reasons[0]) == (Liveness.MOVED, "moved_same_slug")
    words = say(sent_to("https://times.example/story/4711"), page())
    assert (words.liveness, words.reasons[0]) == (Liveness.MOVED, "moved_same_words")


def test_another_article_is_no_move() -> None:
    """A redirect to a story about something else has lost the first one."""
    other = (
        "Ministers talk about fishing quotas until the morning, and agree on nothing at all. " * 20
    )
    reading = page(other, title="Ministers talk fish")
    verdict = say(sent_to("https://times.example/politics/ministers-talk-fish"), reading)
    assert (verdict.liveness, verdict.reasons[0]) == (Liveness.SOFT_GONE, "redirect_to_other")


def test_a_front_page_may_redirect_anywhere() -> None:
    """`/` to `/en/` or to a section is no death of the front page."""
    front = sent_to("https://times.example/en/world/", url="https://times.example/")
    assert say(front, page()).liveness in {Liveness.ALIVE, Liveness.MOVED}


@pytest.mark.parametrize("place", [Place.BEFORE, Place.BETWEEN, Place.AFTER, Place.HEADING])
def test_a_notice_beside_the_article_is_no_death(place: Place) -> None:
    """The founding case: prose of the promised article is there, so the notice is only litter."""
    verdict = say(visit(), page(notices=(notice(place),)))
    assert (verdict.liveness, verdict.reasons[0]) == (Liveness.ALIVE, "alive_with_notice")
    assert "not available" in verdict.evidence[0].text


def test_a_notice_without_the_article_is_death() -> None:
    """The inverse: a kept title and other pages' teasers do not make an article."""
    teasers = "Museum reopens its east wing with a show on glass, three hundred pieces in all. " * 8
    verdict = say(visit(), page(teasers, notices=(notice(),), teaser_cards=8))
    assert (verdict.liveness, verdict.reasons[0]) == (Liveness.SOFT_GONE, "notice_without_article")


def test_a_page_of_teasers_alone_is_not_the_article() -> None:
    """Text that only the extractor found, in cards, does not keep the promise of the address."""
    cards = "The old lighthouse of another town shines again, they say, and the rest is told. " * 8
    reading = page(
        cards, title="The Times", prose_chars=0, prose_blocks=0, prose_head="", teaser_cards=8
    )
    verdict = say(visit(), reading)
    assert (verdict.liveness, verdict.reasons[0]) == (Liveness.SOFT_GONE, "promise_missed")


def test_a_hidden_notice_counts_for_nothing() -> None:
    """Many sites carry the notice in a template or footer of every page."""
    verdict = say(visit(), page(notices=(notice(Place.OUTSIDE),)))
    assert verdict.reasons[0] == "article_found"


def test_a_notice_in_the_title_is_death_unless_the_article_is_about_it() -> None:
    """An article about missing pages holds more words in its headline, and keeps their promise."""
    gone = page("", title="Page not found", notices=(notice(Place.TITLE),))
    assert say(visit(), gone).liveness is Liveness.SOFT_GONE
    about = page(
        title="Page not found: the lighthouse shines again", notices=(notice(Place.TITLE),)
    )
    assert say(visit(), about).reasons[0] == "about_notices"


def test_a_phrase_alone_is_never_death() -> None:
    """Without slug or headline to compare, a page full of prose stays alive beside its notice."""
    seen = visit(url="https://times.example/4711", final_url="https://times.example/4711")
    assert say(seen, page(notices=(notice(),), title="Times")).liveness is Liveness.ALIVE


def test_a_known_error_template_is_death_unless_the_article_is_there() -> None:
    """A host shows its error frame for bogus addresses, learnt by probes."""
    host = HostFacts(name="times.example", error_templates=frozenset({7}))
    short = page("Nothing is here for you to read today. " * 4)
    framed = PageReading(signals=short.signals, article=short.article, template_hash=7)
    assert say(visit(), framed, host).reasons[0] == "known_error_template"
    full = page()
    alive = PageReading(signals=full.signals, article=full.article, template_hash=7)
    assert say(visit(), alive, host).liveness is Liveness.ALIVE


def test_the_headline_of_a_feed_goes_before_the_slug() -> None:
    """A changed slug is no reason to doubt a page that carries the announced headline."""
    url = "https://times.example/world/completely-different-words-here"
    seen = visit(url=url, final_url=url)
    known = say(seen, page(), headline="Old lighthouse shines again over the bay")
    assert known.reasons[0] == "article_found"
    assert say(seen, page()).reasons[0] == "prose_only"


def test_offers_of_other_pages_under_an_article_address_are_death() -> None:
    """A front page that answers for every address needs no phrase to be known."""
    front = page("", title="Times: news", teaser_cards=12, text_chars=2000, link_chars=1500)
    assert say(visit(), front).reasons[0] == "promise_missed"
    pointing = page("", title="Times", teaser_cards=12, canonical="https://times.example/")
    assert say(visit(), pointing).reasons[0] == "canonical_is_front"


def test_an_index_page_at_its_own_address_is_alive() -> None:
    """A section page promises no article."""
    seen = visit(url="https://times.example/world/", final_url="https://times.example/world/")
    index = page("", title="World", teaser_cards=12, text_chars=3000, link_chars=2000)
    assert say(seen, index).liveness is Liveness.ALIVE


def test_an_error_marker_needs_the_articles_absence() -> None:
    """`<body class=error404>` decides, unless the article is there after all."""
    marked = {"error_markers": ("body.error404",)}
    assert say(visit(), page("Short. " * 10, **marked)).reasons[0] == "error_marker"
    assert say(visit(), page(**marked)).liveness is Liveness.ALIVE


def test_a_paywall_keeps_its_beginning() -> None:
    """What a paywall shows is stored as a part, and the page is not lost."""
    verdict = say(visit(), page(PROSE[:400], accessible_for_free=False))
    assert verdict.liveness is Liveness.PAYWALLED
    assert verdict.is_good


def test_too_little_text_is_no_death() -> None:
    """An empty page, a script shell and an undecodable body leave us without knowledge."""
    shell = page("", text_chars=40, script_count=5)
    assert say(visit(), shell).reasons[0] == "shell"
    assert say(visit(), page("", text_chars=40)).liveness is Liveness.UNKNOWN
    for reason in ("empty_body", "bad_encoding", "too_many_encodings", "no_markup"):
        unread = PageReading(signals=Signals(), no_article=reason)
        assert say(visit(), unread).reasons[0] == reason
    assert say(visit()).reasons[0] == "not_read"


def test_a_document_is_alive_and_data_is_unknown() -> None:
    """A PDF at its address is there; JSON for an article's address is not an answer."""
    for media, liveness in (
        ("application/pdf", Liveness.ALIVE),
        ("application/json", Liveness.UNKNOWN),
    ):
        other = PageReading(signals=Signals(), no_article="not_html", media_type=media)
        assert say(visit(), other).liveness is liveness


def test_a_withdrawn_text_is_told_from_a_missing_one() -> None:
    """The publisher took it back: another word than gone."""
    taken = page("", notices=(notice(kind=SpanKind.WITHDRAWN),), text_chars=400)
    assert say(visit(), taken).liveness is Liveness.WITHDRAWN


def test_a_login_form_without_prose_is_a_login() -> None:
    """A password field stands on good pages too, then with their prose."""
    assert say(visit(), page("", has_password_input=True)).liveness is Liveness.LOGIN
    assert say(visit(), page(has_password_input=True)).liveness is Liveness.ALIVE


def test_a_meta_refresh_is_judged_by_its_target() -> None:
    """A page that only sends on to the front page has lost its article."""
    sent = page("", meta_refresh="https://times.example/")
    assert say(visit(), sent).reasons[0] == "meta_refresh_to_front"
    other = page("", meta_refresh="https://times.example/new-place")
    assert say(visit(), other).liveness is Liveness.UNKNOWN


@given(
    status=st.one_of(st.none(), st.integers(100, 599)),
    outcome=st.sampled_from(list(Outcome)),
    prose=st.sampled_from(["", PROSE[:300], PROSE]),
    place=st.one_of(st.none(), st.sampled_from(list(Place))),
)
def test_every_visit_gets_one_explained_verdict(
    status: int | None, outcome: Outcome, prose: str, place: Place | None
) -> None:
    """Whatever happened, the verdict has a reason, a confidence and the rules' version."""
    notices = (notice(place),) if place else ()
    verdict = say(visit(status=status, outcome=outcome), page(prose, notices=notices))
    assert verdict.reasons
    assert 0 < verdict.confidence <= 1
    assert verdict.rules_version == RULES_VERSION


@given(status=st.sampled_from([401, 403, 405, 406, 412, 428, 429, 500, 502, 503, 504]))
def test_no_refusal_or_outage_is_ever_a_death(status: int) -> None:
    """Whatever page comes with a refusing or failing status, it kills nothing."""
    dead = {Liveness.GONE, Liveness.SOFT_GONE, Liveness.WITHDRAWN, Liveness.HOST_GONE}
    for reading in (
        None,
        page(""),
        page("", title="Page not found", notices=(notice(Place.TITLE),)),
    ):
        assert say(visit(status=status), reading).liveness not in dead
