"""The judge's rules on what is known of the host: its error pages, and whether its 404s are honest.

What a host shows for an address that never was is no article, whatever it says and in whatever
language. The article that such an address happens to be led to stays what it is.
"""

from crawler.core import paths
from crawler.core.sameness import has_content, is_same
from crawler.core.values import ErrorPage, Verdict
from crawler.core.verdict_facts import Facts
from crawler.core.verdict_words import say
from crawler.core.words import Liveness, SpanKind

_SOME_PROSE = 250  # characters that make an article together with other signs


def known_error_page(facts: Facts) -> Verdict | None:
    """The page is one that the host shows where nothing is."""
    url = facts.visit.url
    if not facts.host.error_pages or paths.is_front(url) or _is_own(facts):
        return None
    for known in facts.host.error_pages:
        if paths.is_section_of(url, known.url):
            continue  # it may be the list that is shown below it for all that is not there
        if _leads_there(known, facts):
            span = ("redirect", f"{facts.visit.final_url}, as for {known.url}")
            return say(Liveness.SOFT_GONE, 0.93, "known_error_target", span)
        if _is_shown(known, facts):
            span = ("page", f"{facts.signals.title}: the same as at {known.url}")
            return say(Liveness.SOFT_GONE, 0.95, "known_error_page", span)
    return None


def repeated_page(title: str, addresses: int) -> Verdict:
    """Return the verdict on a page that so many addresses of one host show, in one run."""
    span = ("page", f"{title}: under {addresses} addresses")
    return say(Liveness.SOFT_GONE, 0.85, "repeated_page", span)


def notice_on_honest_host(facts: Facts) -> Verdict | None:
    """A host that says 404 where nothing is need not say so in a paragraph of a page of prose.

    Only of "not found": articles that expired or were withdrawn often answer 200 on such hosts.
    """
    if facts.host.honest_404 is not True or facts.visit.archive is not None:
        return None  # what a host does today says nothing of an old copy
    if not facts.notices or facts.head_notices:
        return None
    if facts.signals.error_markers or facts.is_missed or facts.is_index or facts.was_sent_elsewhere:
        return None
    notice = facts.notices[0]
    if notice.kind is not SpanKind.NOT_FOUND or facts.prose < _SOME_PROSE or not facts.text:
        return None
    span = (notice.place.value, notice.text)
    return say(Liveness.ALIVE, 0.6, "notice_on_honest_host", span)


def _leads_there(known: ErrorPage, facts: Facts) -> bool:
    if known.final_url is None or not facts.was_sent_elsewhere:
        return False
    return paths.same_page(known.final_url, facts.visit.final_url)


def _is_shown(known: ErrorPage, facts: Facts) -> bool:
    at = facts.visit.final_url
    if known.final_url is not None and paths.same_page(known.final_url, at):
        return False  # the very page that bogus addresses are led to, asked for by its own
    return has_content(facts.signals) and is_same(known, facts.reading, at)


def _is_own(facts: Facts) -> bool:
    """Whether the page is the article its address promises, or names the address as its own."""
    if facts.is_found and not facts.is_own:
        return True
    named = (facts.signals.canonical, facts.signals.og_url)
    is_named = any(url is not None and paths.same_page(url, facts.visit.url) for url in named)
    return is_named and facts.says_article and facts.prose >= _SOME_PROSE
