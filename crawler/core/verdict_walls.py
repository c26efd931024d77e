"""The judge's rules on pages that stand where another should: challenges, walls, parked domains.

They look at pages without the article only: a story about consent holds what its address
promised, and prose; a consent wall holds neither.
"""

from urllib.parse import urlsplit

from crawler.core import lookalikes, paths, walls
from crawler.core.values import Verdict
from crawler.core.verdict_facts import FOUND, SLUG, Facts
from crawler.core.verdict_words import say
from crawler.core.words import Liveness, SpanKind

_L = Liveness
_SOME_PROSE = 250  # characters that make an article together with a fitting headline
_IN_PROSE = 0.3  # share of a promise that the prose below a fitting headline holds
_MOST_PROSE = {"consent": 1500, "geo": 1000, "captcha": 1000, "login": 700}
_MOST = 700  # characters of prose that other walls have at the most
_USURPED_PROSE = 1500  # characters of prose, where there is no promise to compare
_BARE_TEXT = 600  # characters outside links of a page that is nothing but a form
_CARDS = 5
_BRIEF, _HEADLINE = 250, 4  # characters of prose, and telling words of its headline
_SHORT_TEXT = 80
_PAYWALL_PROSE = 1200
_SHELL_TEXT, _SHELL_SCRIPTS = 200, 3
_BESIDE_NOTICES = frozenset({"geo", "for_sale"})  # "not available in your country" is both


def lookalike(facts: Facts) -> Verdict | None:
    """A page that stands where another should: by its form, its vendor's code, or its words."""
    if found := _login_title(facts):
        return found
    if _is_genuine(facts):
        return None
    return (
        login_form(facts)
        or _by_vendor(facts)
        or _refreshes_itself(facts)
        or _usurped(facts)
        or _by_words(facts)
    )


def paywalled(facts: Facts) -> Verdict | None:
    """The beginning of an article, and the page's word that the rest is not free."""
    if facts.text < _SHORT_TEXT:
        return None
    found = _paywall_markers(facts)
    is_near = "paywall@near" in found
    if is_near or facts.prose < _PAYWALL_PROSE:
        if facts.signals.accessible_for_free is False:
            span = ("json_ld", "isAccessibleForFree: false")
            return say(_L.PAYWALLED, 0.85, "paywall_stub", span)
        if "paywall@tier" in found:
            return say(_L.PAYWALLED, 0.85, "paywall_stub", ("meta", "article:content_tier"))
    if is_near and not facts.is_missed and not facts.notices:
        return say(_L.PAYWALLED, 0.75, "paywall_prompt", ("text", facts.signals.prose_head[-200:]))
    return None


def login_form(facts: Facts) -> Verdict | None:
    """A password field, and nothing of what was asked for."""
    signals = facts.signals
    if not signals.has_password_input or facts.prose >= _SOME_PROSE or facts.notices:
        return None
    if facts.says_article and not facts.is_missed:
        return None
    titled = any(
        wall.kind.name == "login" and wall.in_head
        for marker in signals.lookalike_markers
        if (wall := walls.of_marker(marker))
    )
    if not titled and not _is_bare(facts):
        return None  # many pages have a form to log in behind a button
    return say(_L.LOGIN, 0.85, "login_form", ("title", signals.title))


def _login_title(facts: Facts) -> Verdict | None:
    """The title says "log in" and no more, which no article's does."""
    titled = any(one.startswith("login_title@") for one in facts.signals.lookalike_markers)
    if not titled or facts.notices or paths.is_login(facts.visit.url):
        return None
    # The furniture of a page may be wordy, and even hold what the address promised.
    if facts.says_article and not facts.is_missed:
        return None
    return say(_L.LOGIN, 0.85, "login_wall", ("title", facts.signals.title))


def shell(facts: Facts) -> Verdict | None:
    """Scripts and hardly a word: the page is built in a browser, and we have none."""
    signals = facts.signals
    if signals.text_chars >= _SHELL_TEXT or facts.text >= _SOME_PROSE:
        return None
    reason = "shell" if signals.script_count >= _SHELL_SCRIPTS else "too_little"
    return say(_L.UNKNOWN, 0.7, reason, ("text", f"{signals.text_chars} characters"))


def _is_genuine(facts: Facts) -> bool:
    """Whether the article that was asked for is on the page, a part of it at least."""
    if facts.prose < _SOME_PROSE:
        return False
    if facts.says_article and not facts.is_missed:
        return True
    if facts.is_own or facts.prose_overlap is None:
        return False
    kept = facts.prose_overlap >= _IN_PROSE and (facts.head_overlap or 0.0) >= FOUND
    return kept or facts.prose_overlap >= FOUND


def _by_vendor(facts: Facts) -> Verdict | None:
    """The first rule of lookalikes.toml that is met."""
    for rule in lookalikes.by_page(facts.visit, facts.signals):
        if not rule.title and facts.notices:
            continue  # the page itself says what it is; vendors' scripts stand on error pages too
        if rule.needs_bare and not _is_bare(facts):
            continue
        return say(rule.verdict, 0.9, rule.code, ("markup", facts.signals.title))
    return None


def _refreshes_itself(facts: Facts) -> Verdict | None:
    """A page that loads itself anew with a token in the address has let a script count first."""
    target = facts.signals.meta_refresh
    if not target or facts.signals.text_chars >= _SHELL_TEXT or facts.notices:
        return None
    new, old = urlsplit(target), urlsplit(facts.visit.final_url)
    same = (new.hostname, new.path.rstrip("/")) == (old.hostname, old.path.rstrip("/"))
    if not same or new.query == old.query or paths.is_front(facts.visit.final_url):
        return None
    return say(_L.BLOCKED, 0.8, "robot_check", ("meta", f"refresh: {target}"))


def _by_words(facts: Facts) -> Verdict | None:
    for marker in facts.signals.lookalike_markers:
        wall = walls.of_marker(marker)
        if wall is None or wall.kind.name in {walls.USURPED, walls.PAYWALL}:
            continue
        if _fits(wall, facts):
            span = ("text", f"{facts.signals.title}: {facts.signals.prose_head}".strip(": "))
            return say(wall.kind.verdict, 0.8, wall.kind.code, ("words", wall.marker), span)
    return None


def _fits(wall: walls.Wall, facts: Facts) -> bool:
    """Whether the page is small enough for this kind of wall, and nothing speaks against it."""
    name, signals = wall.kind.name, facts.signals
    if facts.notices and name not in _BESIDE_NOTICES:
        return False
    if any(notice.kind is SpanKind.WITHDRAWN for notice in facts.notices):
        return False  # "removed for legal reasons" is no country's block
    if name == "login" and facts.is_found and _paywall_markers(facts):
        return False  # subscribers are asked to log in below the beginning of an article, too
    if facts.prose > _MOST_PROSE.get(name, _MOST) or _is_brief(facts):
        return False
    if signals.teaser_cards < _CARDS:
        return True
    # Among teasers it must be no list of articles, and the wall the only thing that is said.
    return facts.is_missed and (wall.in_head or name == "geo")


def _is_brief(facts: Facts) -> bool:
    """Whether it reads as a brief of its own: what a full headline names is in its prose."""
    is_full = facts.is_own and len(facts.promised) >= _HEADLINE
    return is_full and facts.prose >= _BRIEF and (facts.prose_overlap or 0.0) >= FOUND


def _usurped(facts: Facts) -> Verdict | None:
    """The name was bought for its reputation: what stands here is gambling or pills."""
    found = [one for one in facts.signals.lookalike_markers if one.startswith(walls.USURPED)]
    if not found or facts.notices:
        return None
    shares = (facts.prose_overlap, facts.head_overlap)
    is_compared = len(facts.promised) >= SLUG and not facts.is_own and shares != (None, None)
    if not facts.is_missed and (is_compared or (facts.is_found and not facts.is_own)):
        return None
    # A short address, or one in another script, promises nothing: then the page must be poor.
    is_dated = facts.says_article or facts.signals.has_published_date
    if not is_compared and (is_dated or facts.prose >= _USURPED_PROSE):
        return None
    return say(_L.PARKED, 0.8, "usurped", ("words", found[0]), ("title", facts.signals.title))


def _paywall_markers(facts: Facts) -> list[str]:
    return [one for one in facts.signals.lookalike_markers if one.startswith("paywall@")]


def _is_bare(facts: Facts) -> bool:
    """Whether the page is little more than a form."""
    signals = facts.signals
    return signals.teaser_cards < _CARDS and signals.text_chars - signals.link_chars < _BARE_TEXT
