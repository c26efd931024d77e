"""`judge`: what one visit says of a page, with the rule that decided and what it saw.

Two lists of small rules are tried in order, the first that speaks decides: first what the wire
says (outcome, status, redirects), then what the page says. Rules of the page are in
`verdict_page`. No rule takes a phrase, a length or an error of ours alone for a death.
"""

from collections.abc import Callable, Iterator

from crawler.core import lookalikes, paths
from crawler.core.overlap import slug_words
from crawler.core.values import History, HostFacts, PageReading, Verdict, Visit
from crawler.core.verdict_page import PAGE_RULES, gather, lookalike
from crawler.core.verdict_words import RULES_VERSION, say
from crawler.core.words import Liveness, Outcome

__all__ = ["RULES_VERSION", "judge"]

_L = Liveness
_SURE, _LIKELY, _GUESS = 0.99, 0.9, 0.6

_BY_OUTCOME: dict[Outcome, tuple[Liveness, float]] = {
    Outcome.DNS_FAILED: (_L.HOST_GONE, 0.8),
    Outcome.CONNECT_FAILED: (_L.UNREACHABLE, _SURE),
    Outcome.TLS_FAILED: (_L.UNREACHABLE, _SURE),
    Outcome.TIMED_OUT: (_L.UNREACHABLE, _SURE),
    Outcome.PROTOCOL_ERROR: (_L.UNREACHABLE, _SURE),
    Outcome.ROBOTS_UNREACHABLE: (_L.UNREACHABLE, _SURE),
    Outcome.ROBOTS_DISALLOWED: (_L.DISALLOWED, _SURE),
    Outcome.REFUSED_ADDRESS: (_L.UNKNOWN, _SURE),
    Outcome.OUT_OF_SCOPE: (_L.UNKNOWN, _SURE),
    Outcome.READING_TIMED_OUT: (_L.UNKNOWN, _SURE),
    Outcome.READING_FAILED: (_L.UNKNOWN, _SURE),
    Outcome.INTERNAL_ERROR: (_L.UNKNOWN, _SURE),
    Outcome.ARCHIVE_COULD_NOT_ASK: (_L.UNKNOWN, _SURE),
    Outcome.ARCHIVE_HAS_NOT: (_L.UNKNOWN, _SURE),
    Outcome.ARCHIVE_HAS: (_L.UNKNOWN, _SURE),
}
_BY_STATUS: dict[int, tuple[Liveness, float]] = {
    404: (_L.GONE, 0.95),
    410: (_L.GONE, _SURE),
    451: (_L.GEO_BLOCKED, _SURE),
    429: (_L.THROTTLED, _SURE),
    **dict.fromkeys((401, 402, 407), (_L.LOGIN, _LIKELY)),
    **dict.fromkeys((403, 405, 406, 412, 428), (_L.BLOCKED, _LIKELY)),
}
_OK = range(200, 300)
_SERVER_ERRORS = range(500, 600)
_DECIDED = frozenset({404, 410, 451, 401, 402, 407, 429})  # nothing on the page changes these
_MIN_SLUG = 2
_LOST = 0.35  # share of the slug below which a target has lost it

WireRule = Callable[[Visit], Verdict | None]


def judge(visit: Visit, reading: PageReading | None, history: History, host: HostFacts) -> Verdict:
    """Return what this visit says of the page: liveness, confidence, reasons and evidence.

    `reading` is None when no page was read. The same rules serve live pages and mementos, whose
    status and headers must then be the archived ones. `reasons[0]` is the rule that decided.
    """
    return next(_verdicts(visit, reading, history, host))


def _verdicts(
    visit: Visit, reading: PageReading | None, history: History, host: HostFacts
) -> Iterator[Verdict]:
    """Yield what each rule says, in order; only the first is ever asked for."""
    yield from filter(None, (rule(visit) for rule in _WIRE_RULES))
    facts = gather(visit, reading, history, host) if reading else None
    if facts and (disguised := lookalike(facts)):
        yield disguised  # it explains a refusing status, and unmasks a good one
    yield from filter(None, [_by_vendor(visit), _by_refusal(visit)])
    if facts is None:
        yield say(_L.UNKNOWN, _GUESS, "not_read", ("visit", visit.outcome.value))
        return
    yield from filter(None, (rule(facts) for rule in PAGE_RULES))


def _by_outcome(visit: Visit) -> Verdict | None:
    if visit.outcome not in _BY_OUTCOME:
        return None
    liveness, confidence = _BY_OUTCOME[visit.outcome]
    return say(liveness, confidence, visit.outcome.value, ("visit", visit.problem or ""))


def _not_modified(visit: Visit) -> Verdict | None:
    """A 304 says that the page is as it was when we held it alive: only then is it asked for."""
    if visit.outcome is Outcome.NOT_MODIFIED or visit.status == 304:  # noqa: PLR2004
        return say(_L.ALIVE, _LIKELY, "not_modified", ("status", str(visit.status)))
    return None


def _by_wire_lookalike(visit: Visit) -> Verdict | None:
    """A challenge is named in a header, whatever the status; so is a consent or parking host.

    A vendor's mark that counts only with a refusal waits for what the page says: the same
    firewalls refuse whole countries.
    """
    is_final = visit.status in _DECIDED
    rules = (rule for rule in lookalikes.by_wire(visit) if is_final or not rule.status)
    return _by_rule(visit, next(rules, None))


def _by_vendor(visit: Visit) -> Verdict | None:
    """A refusal bears the mark of a firewall."""
    return _by_rule(visit, next(lookalikes.by_wire(visit), None))


def _by_rule(visit: Visit, rule: lookalikes.Rule | None) -> Verdict | None:
    if rule is None:
        return None
    return say(rule.verdict, _SURE, rule.code, ("headers", f"{visit.status} {visit.final_url}"))


def _by_status(visit: Visit) -> Verdict | None:
    if visit.status in _DECIDED:
        liveness, confidence = _BY_STATUS[visit.status]
        return say(liveness, confidence, f"http_{visit.status}", ("status", str(visit.status)))
    return None


def _by_refusal(visit: Visit) -> Verdict | None:
    status = visit.status
    if status is None:
        return say(_L.UNKNOWN, _GUESS, "no_status", ("visit", visit.problem or ""))
    if status in _OK:
        return None
    unreachable = status in _SERVER_ERRORS
    default = (_L.UNREACHABLE if unreachable else _L.UNKNOWN, _LIKELY)
    liveness, confidence = _BY_STATUS.get(status, default)
    return say(liveness, confidence, f"http_{status}", ("status", str(status)))


def _by_redirect(visit: Visit) -> Verdict | None:
    """A redirect that leads away from any article tells by its target alone."""
    if visit.outcome is Outcome.REDIRECTED:
        target = visit.chain[-1].location if visit.chain else visit.final_url
        moved = say(_L.MOVED, _GUESS, "redirected", ("redirect", target))
        return _by_target(visit, target) or moved
    if not visit.chain or paths.same_page(visit.url, visit.final_url):
        return None
    return _by_target(visit, visit.final_url)


def _by_target(visit: Visit, target: str) -> Verdict | None:
    if paths.is_front(visit.url):
        return None  # a front page may send its readers anywhere
    return next((say(*found, ("redirect", target)) for found in _targets(visit.url, target)), None)


def _targets(url: str, target: str) -> Iterator[tuple[Liveness, float, str]]:
    if paths.is_login(target) and not paths.is_login(url):
        yield _L.LOGIN, _LIKELY, "redirect_to_login"
    if paths.is_parked_host(target) and not paths.is_parked_host(url):
        yield _L.PARKED, _LIKELY, "redirect_to_parking"
    if paths.is_error_path(target) and not paths.is_error_path(url):
        yield _L.SOFT_GONE, _LIKELY, "redirect_to_error"
    if paths.is_front(target):
        yield _L.SOFT_GONE, _LIKELY, "redirect_to_front"
    if paths.is_search(target) and not paths.is_search(url):
        yield _L.SOFT_GONE, _LIKELY, "redirect_to_search"
    if paths.is_section_of(target, url) and _has_lost_slug(url, target):
        yield _L.SOFT_GONE, 0.85, "redirect_to_section"


def _has_lost_slug(url: str, target: str) -> bool:
    words, left = slug_words(url), set(slug_words(target))
    return len(words) >= _MIN_SLUG and len(left.intersection(words)) < len(words) * _LOST


_WIRE_RULES: tuple[WireRule, ...] = (
    _by_outcome,
    _not_modified,
    _by_wire_lookalike,
    _by_status,
    _by_redirect,
)
