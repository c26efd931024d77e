"""The judge's rules on what a page says, once the wire has not decided.

A promised headline or slug found in the prose, and prose outside notices and teaser cards, speak
for life. A notice in title or h1, a known error template, a promise kept nowhere speak against
it. The thresholds were measured on 181 news pages and their soft-404 variants: of live articles
90 % keep .80 of the slug, of soft-404s 10 % keep more than .33.
"""

from collections.abc import Callable

from crawler.core import paths
from crawler.core.overlap import overlap, slug_words
from crawler.core.shapes import Shape, shape_of
from crawler.core.values import Verdict
from crawler.core.verdict_facts import FOUND, SLUG, Facts, gather
from crawler.core.verdict_host import known_error_page, notice_on_honest_host
from crawler.core.verdict_walls import lookalike, paywalled, shell
from crawler.core.verdict_words import say
from crawler.core.words import Liveness, Place, SpanKind

__all__ = ["PAGE_RULES", "gather", "lookalike"]

_L = Liveness
_IN_PROSE = 0.3  # share the prose of an article holds even where its headline is worded otherwise
_SOME_PROSE = 250  # characters that make an article together with a fitting headline
_MUCH_PROSE = 1000  # characters that make one without
_MASS_PROSE, _MASS_BLOCKS = 3000, 8  # more than teasers leave: 90 % of soft-404s under 2,520
_OWN_PROSE = 500  # characters that make one with only the page's own headline to compare
_OWN_FOUND = 0.4  # share of it in the prose; inflected languages repeat few forms
_WHOLE_PROMISE = 0.8  # share of a promise of four words and more that no error page's title has
_ABOUT_PROSE = 700  # characters an article about missing pages has, its headline being a notice
_SHORT_TEXT = 80
_FEW_CARDS = 3  # offers that make an index where there is no prose
_BARE_TEXT = 500  # characters of a page that only sends the browser on
_MEDIA = ("application/pdf", "image/", "audio/", "video/")

PageRule = Callable[[Facts], Verdict | None]


def _not_html(facts: Facts) -> Verdict | None:
    """A document is there, though no text of it is read; anything else answers nothing."""
    reading = facts.reading
    if reading.no_article != "not_html":
        return None
    if reading.media_type.startswith(_MEDIA):
        return say(_L.ALIVE, 0.6, "not_html", ("media_type", reading.media_type))
    return say(_L.UNKNOWN, 0.6, "not_html", ("media_type", reading.media_type))


def _unread(facts: Facts) -> Verdict | None:
    """An empty or undecodable body is our want of knowledge, no death."""
    reason = facts.reading.no_article
    if reason in {None, "no_text", "not_html"}:
        return None
    return say(_L.UNKNOWN, 0.6, str(reason), ("body", f"{facts.reading.decoded_size} bytes"))


def _refreshed(facts: Facts) -> Verdict | None:
    """A page that only sends the browser on is judged by where it sends it."""
    target = facts.signals.meta_refresh
    is_bare = facts.prose < _SOME_PROSE and facts.signals.text_chars < _BARE_TEXT
    if not target or not is_bare or paths.same_page(target, facts.visit.final_url):
        return None
    leads_away = paths.is_front(target) or paths.is_error_path(target)
    if leads_away and not paths.is_front(facts.visit.url):
        return say(_L.SOFT_GONE, 0.85, "meta_refresh_to_front", ("meta", target))
    return say(_L.UNKNOWN, 0.6, "meta_refresh", ("meta", target))


def _known_template(facts: Facts) -> Verdict | None:
    """The host shows this very frame for addresses that never were."""
    if facts.reading.template_hash not in facts.host.error_templates or _has_article(facts):
        return None
    return say(_L.SOFT_GONE, 0.95, "known_error_template", ("template", facts.signals.title))


def _withdrawn(facts: Facts) -> Verdict | None:
    taken = [one for one in facts.notices if one.kind is SpanKind.WITHDRAWN]
    if not taken or _has_article(facts):
        return None
    return say(_L.WITHDRAWN, 0.85, "withdrawn_notice", (taken[0].place.value, taken[0].text))


def _notice_in_head(facts: Facts) -> Verdict | None:
    """Title or h1 says not found: the page is gone, unless it is an article about just that."""
    if not facts.head_notices:
        return None
    notice = facts.head_notices[0]
    span = (notice.place.value, notice.text)
    # An h1 of its own inside the notice, under a title that is the article's.
    is_beside = all(one.place is Place.HEADING for one in facts.head_notices)
    if is_beside and _has_article(facts) and _is_vouched_for(facts):
        return say(_L.ALIVE, 0.9, "alive_with_notice", span, _prose_span(facts))
    if _is_about(facts):
        return say(_L.ALIVE, 0.85, "about_notices", span, _prose_span(facts))
    return say(_L.SOFT_GONE, 0.97, "notice_in_head", span)


def _notice_in_body(facts: Facts) -> Verdict | None:
    """A notice beside an article is no death; one beside other pages' teasers is."""
    if not facts.notices:
        return None
    notice = facts.notices[0]
    span = (notice.place.value, notice.text)
    if _has_article(facts):
        return say(_L.ALIVE, 0.95, "alive_with_notice", span, _prose_span(facts))
    return say(_L.SOFT_GONE, 0.9, "notice_without_article", span, _prose_span(facts))


def _error_marker(facts: Facts) -> Verdict | None:
    """The page's own code calls it an error."""
    if not facts.signals.error_markers or _has_article(facts):
        return None
    return say(_L.SOFT_GONE, 0.93, "error_marker", ("markup", facts.signals.error_markers[0]))


def _points_to_front(facts: Facts) -> Verdict | None:
    """Canonical or og:url of an article's address name the front page or an error page."""
    if paths.is_front(facts.visit.url) or _has_article(facts):
        return None
    for place, target in (("canonical", facts.signals.canonical), ("og:url", facts.signals.og_url)):
        if target and (paths.is_front(target) or paths.is_error_path(target)) and facts.is_index:
            return say(_L.SOFT_GONE, 0.85, f"{place.replace(':', '_')}_is_front", (place, target))
    return None


def _moved(facts: Facts) -> Verdict | None:
    """Redirects led to another page: the same article, or another one."""
    if not facts.was_sent_elsewhere:
        return None
    target = ("redirect", facts.visit.final_url)
    if _keeps_slug(facts):
        return say(_L.MOVED, 0.95, "moved_same_slug", target) if facts.text else None
    if facts.is_found and not facts.is_own and _has_text(facts):
        return say(_L.MOVED, 0.95, "moved_same_words", target)
    if facts.is_missed:
        return say(_L.SOFT_GONE, 0.85, "redirect_to_other", target, ("title", facts.signals.title))
    if _has_text(facts) and (facts.says_article or facts.prose >= _MUCH_PROSE):
        return say(_L.MOVED, 0.7, "moved", target)
    return None


def _missed(facts: Facts) -> Verdict | None:
    """Nothing the address promised is on the page, which is offers of other pages.

    Of 473 living pages not one is an index, calls itself no article and keeps no promise, but for
    a section's own page.
    """
    few = facts.prose < _SOME_PROSE and facts.signals.teaser_cards >= _FEW_CARDS
    if not facts.is_unmet or facts.says_article or not (facts.is_index or few) or _is_mass(facts):
        return None
    if shape_of(facts.visit.url) is Shape.SECTION:
        return None
    span = ("title", facts.signals.title)
    return say(_L.SOFT_GONE, 0.75, "promise_missed", span, ("address", " ".join(facts.promised)))


def _only_offers(facts: Facts) -> Verdict | None:
    """At an article's address there are offers of other pages, hardly a line besides, and no name.

    The rule for addresses that promise no words, such as those made of numbers.
    """
    if not facts.is_index or facts.says_article or facts.is_found or facts.prose >= _SOME_PROSE:
        return None
    if shape_of(facts.visit.url) is not Shape.ARTICLE or paths.is_front(facts.visit.url):
        return None
    span = ("cards", str(facts.signals.teaser_cards))
    return say(_L.SOFT_GONE, 0.65, "only_offers", span, ("title", facts.signals.title))


def _article(facts: Facts) -> Verdict | None:
    """There is an article, and all agrees: the headline, or the page's own word, or the mass."""
    if not _has_text(facts):
        return None
    # The site's own name may keep a short promise; among offers the prose has to.
    if facts.is_found and (facts.prose >= _SOME_PROSE or not facts.is_index):
        return say(_L.ALIVE, 0.97, "article_found", _prose_span(facts))
    if facts.says_article:
        return say(_L.ALIVE, 0.9, "says_article", _prose_span(facts))
    if _is_unlike_an_article(facts):
        return None
    if facts.is_missed:
        return say(_L.ALIVE, 0.6, "prose_only", _prose_span(facts))
    return say(_L.ALIVE, 0.8, "prose", _prose_span(facts))


def _is_unlike_an_article(facts: Facts) -> bool:
    """Whether what text there is, under no article's name, keeps no promise and has no mass.

    Teasers and walls give an extractor a few hundred characters; so does hardly any article that
    names neither itself nor what its address or headline promised.
    """
    if facts.is_own and _at_least(facts.prose_overlap, _OWN_FOUND):
        return False
    # A headline that its own text does not repeat proves nothing: few scripts repeat shingles.
    nothing_to_compare = facts.is_own or (
        facts.head_overlap is None and facts.prose_overlap is None
    )
    if facts.is_index or facts.prose < _SOME_PROSE:
        return not _is_mass(facts)
    return facts.prose < _MUCH_PROSE and not nothing_to_compare


def _otherwise(facts: Facts) -> Verdict:
    """Text or not, nothing says that this is the page that was asked for."""
    if _has_text(facts):
        return say(_L.UNKNOWN, 0.6, "not_the_promised", _prose_span(facts))
    return say(_L.UNKNOWN, 0.6, "too_little", ("prose", f"{facts.prose} characters"))


def _short(facts: Facts) -> Verdict | None:
    """A brief item, or a page of offers under an address that promises no article."""
    # A site's name in the title may keep a short promise; a heading of the page's own keeps it.
    in_heading = _at_least(overlap(facts.promised, " ".join(facts.signals.headings)), FOUND)
    is_kept = facts.says_article or (facts.is_found and (in_heading or not facts.is_index))
    if facts.text >= _SHORT_TEXT and is_kept:
        return say(_L.ALIVE, 0.75, "short_article", ("text", f"{facts.text} characters"))
    is_list = shape_of(facts.visit.url) is not Shape.ARTICLE or paths.is_front(facts.visit.url)
    if facts.is_index and len(facts.promised) < SLUG and is_list:
        return say(_L.ALIVE, 0.6, "index_page", ("cards", str(facts.signals.teaser_cards)))
    return None


def _has_text(facts: Facts) -> bool:
    return facts.text >= _SOME_PROSE or facts.prose >= _SOME_PROSE


def _is_mass(facts: Facts) -> bool:
    return facts.prose >= _MASS_PROSE and facts.signals.prose_blocks >= _MASS_BLOCKS


def _has_article(facts: Facts) -> bool:
    """Whether prose of this very article is on the page, notices and teasers left aside.

    A kept title proves nothing: the prose must hold some of the promised words as well. Nor does
    a little prose under a foreign title. Without a promise to compare, the mass must speak.
    """
    if facts.prose < _SOME_PROSE:
        return False
    if _is_mass(facts):
        return not facts.is_missed
    if facts.prose_overlap is None:
        return facts.prose >= _MUCH_PROSE or (facts.says_article and not facts.is_index)
    # Of 473 living pages 2 have no promised word in title and h1, and do not say "article" either.
    is_much = facts.prose >= _MUCH_PROSE and facts.head_overlap != 0
    agrees = facts.says_article or _at_least(facts.head_overlap, FOUND)
    if facts.is_own and facts.prose >= _OWN_PROSE and facts.prose_overlap >= _OWN_FOUND:
        return True
    if facts.prose_overlap >= FOUND:
        return is_much or agrees
    return agrees and (facts.prose_overlap >= _IN_PROSE or is_much)


def _is_about(facts: Facts) -> bool:
    """Whether the headline says more than the notice it holds, and an article keeps its word."""
    is_promise = len(facts.promised) > SLUG and _at_least(facts.head_overlap, _WHOLE_PROMISE)
    if facts.prose < _ABOUT_PROSE or (facts.signals.prose_blocks < 3 and not is_promise):  # noqa: PLR2004
        return False
    if not _at_least(facts.prose_overlap, _IN_PROSE):
        return False
    if facts.head_overlap is None:
        return facts.says_article
    return facts.head_overlap >= FOUND


def _is_vouched_for(facts: Facts) -> bool:
    """Whether more than the mass of its prose says that this is the article."""
    if facts.is_own or facts.says_article:
        return True
    return _at_least(facts.head_overlap, FOUND) or _at_least(facts.prose_overlap, FOUND)


def _at_least(share: float | None, floor: float) -> bool:
    return share is not None and share >= floor


def _keeps_slug(facts: Facts) -> bool:
    words = slug_words(facts.visit.url)
    kept = set(slug_words(facts.visit.final_url)).intersection(words)
    return len(words) >= SLUG and len(kept) >= len(words) * FOUND


def _prose_span(facts: Facts) -> tuple[str, str]:
    return "prose", f"{facts.prose} characters: {facts.signals.prose_head[:120]}"


PAGE_RULES: tuple[PageRule, ...] = (
    _not_html,
    _unread,
    _refreshed,
    known_error_page,
    _known_template,
    _withdrawn,
    _notice_in_head,
    notice_on_honest_host,
    _notice_in_body,
    _error_marker,
    _points_to_front,
    _moved,
    _missed,
    paywalled,
    shell,
    _only_offers,
    _article,
    _short,
    _otherwise,
)
