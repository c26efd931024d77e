"""Probes: when a host is asked for an address that never was, for which, and what that teaches.

A page that answers 200 and shows no sign of being an article may be what the host shows wherever
nothing is. One bogus sibling tells (Bar-Yossef et al. 2004), and is asked for only on suspicion,
once for each section and window. A host that refuses or fails teaches nothing.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import blake2b
from urllib.parse import urlsplit, urlunsplit

from crawler.core import paths
from crawler.core.sameness import error_page, has_content
from crawler.core.shapes import Shape, shape_of
from crawler.core.values import ErrorPage, HostFacts, PageReading, Probe, Verdict, Visit
from crawler.core.words import Liveness, Outcome

_DAY = timedelta(days=1)
_LETTERS = 25  # of the bogus name, as in Bar-Yossef et al.
_DEPTH = 2  # segments that make a section
_MOST_PAGES = 50  # error pages remembered of a host
_MOST_PROBES = 20
_DIGITS = re.compile(r"\d+")
_ENDING = re.compile(r"\.[A-Za-z]{2,5}\d?$")
_VALUE = re.compile(r"=([^&;]*)")
_HONEST = frozenset({404, 410})
_WEAK = frozenset(
    {
        "prose_only",
        "prose",
        "index_page",
        "too_little",
        "not_the_promised",
        "promise_missed",
        "only_offers",
        "notice_without_article",
        "moved",
        "redirect_to_other",
    }
)
"""Reasons of verdicts on a page that answered 200 and showed no sign of its own article."""
_TEACHES = frozenset({Liveness.ALIVE, Liveness.SOFT_GONE, Liveness.MOVED, Liveness.UNKNOWN})


class Lesson(StrEnum):
    """What a probe taught."""

    HONEST = "honest"  # a real 404 or 410
    PAGE = "page"  # a page: what the host shows where nothing is
    NOTHING = "nothing"  # a refusal, a failure, a shell


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbePolicy:
    """How often a host may be probed. With a window of 0 each run asks anew."""

    enabled: bool = True
    window: timedelta = 14 * _DAY  # for which a section's answer is taken as known
    pause: timedelta = timedelta(hours=1)  # after a probe that taught nothing
    sections: int = 8  # of one host, within a window
    repeats: int = 3  # addresses with one page that make it an error page; 0: never


def is_weak(visit: Visit, verdict: Verdict) -> bool:
    """Whether a page answered well, was read, and showed no sign of being its own article.

    Front pages and addresses of sections are lists by right and are never weak.
    """
    fetched = visit.outcome is Outcome.FETCHED and visit.status is not None
    answered = fetched and 200 <= (visit.status or 0) < 300  # noqa: PLR2004 - class of statuses
    if not answered or verdict.reasons[0] not in _WEAK or paths.is_front(visit.url):
        return False
    return not _is_section(visit.url)


def wants_probe(
    visit: Visit,
    verdict: Verdict,
    host: HostFacts,
    now: datetime,
    policy: ProbePolicy,
    *,
    asked: Collection[str] = (),
) -> bool:
    """Whether the host is to be asked for a bogus sibling of this page before it is judged.

    `asked` are the sections that this run has probed: it asks for each once, whatever came.
    """
    if not policy.enabled or not is_weak(visit, verdict):
        return False
    known = {one.section for one in host.probes if _holds(one, now, policy)} | set(asked)
    return section_of(visit.url) not in known and len(known) < policy.sections


def section_of(url: str) -> str:
    """Return what a probe in one place speaks for: the first directories, numbers made alike.

    Where the query names the article, the path itself belongs to it.
    """
    parts = urlsplit(url)
    path = parts.path if _is_by_query(url) else parts.path.rpartition("/")[0]
    return "/" + "/".join(_DIGITS.sub("0", path).strip("/").split("/")[:_DEPTH])


def bogus_url(url: str, seed: bytes) -> str:
    """Return a sibling that cannot be: the same directory and ending, 25 letters from the seed.

    Where the query names the article, its values are replaced instead, a number by a number.
    """
    parts = urlsplit(url)
    digest = blake2b(seed + url.encode("utf-8", "surrogatepass"), digest_size=_LETTERS).digest()
    name = "".join(chr(ord("a") + byte % 26) for byte in digest)
    if _is_by_query(url):
        number = "9" + "".join(str(byte % 10) for byte in digest[:8])
        query = _VALUE.sub(lambda v: f"={number if v[1].isdecimal() else name}", parts.query)
        return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))
    directory, _, last = parts.path.rstrip("/").rpartition("/")
    ending = _ENDING.search(last)
    slash = "/" if parts.path.endswith("/") else ""
    path = f"{directory}/{name}{ending[0] if ending else slash}"
    return urlunsplit((parts.scheme, parts.netloc, path, "", ""))


def learn(
    section: str, visit: Visit, verdict: Verdict, reading: PageReading | None, now: datetime
) -> Probe:
    """Return what a probe's answer teaches. `visit.url` is the bogus address."""
    page: ErrorPage | None = None
    lesson = Lesson.NOTHING
    if visit.status in _HONEST and visit.outcome in {Outcome.FETCHED, Outcome.TRUNCATED}:
        lesson = Lesson.HONEST
    elif _led_away(visit):
        lesson, page = Lesson.PAGE, ErrorPage(url=visit.url, final_url=visit.final_url)
    if lesson is Lesson.NOTHING and reading is not None and _is_telling(visit, verdict, reading):
        led = visit.final_url if visit.chain else None
        lesson, page = Lesson.PAGE, error_page(reading, visit.url, led)
    return Probe(
        section=section, url=visit.url, at=now, status=visit.status, lesson=lesson, page=page
    )


def taught(host: HostFacts, probe: Probe) -> HostFacts:
    """Return a host's facts with what a probe adds to them."""
    others = tuple(one for one in host.probes if one.section != probe.section)
    facts = replace(host, probes=(probe, *others)[:_MOST_PROBES])
    if probe.lesson == Lesson.NOTHING:
        return facts
    facts = replace(facts, honest_404=probe.lesson == Lesson.HONEST)
    return facts if probe.page is None else with_error_pages(facts, [probe.page])


def with_error_pages(host: HostFacts, pages: Sequence[ErrorPage]) -> HostFacts:
    """Return a host's facts with error pages added, the newest 50 kept, each once."""
    every = _each_once((*pages, *host.error_pages))[:_MOST_PAGES]
    return replace(host, error_pages=tuple(every), error_templates=templates(every))


def templates(pages: Iterable[ErrorPage]) -> frozenset[int]:
    """Return the templates by which error pages are known."""
    return frozenset(page.template_hash for page in pages if page.template_hash)


def _each_once(pages: Iterable[ErrorPage]) -> list[ErrorPage]:
    found: dict[tuple[int, int, int, str | None], ErrorPage] = {}
    for page in pages:
        found.setdefault((page.page_hash, page.head_hash, page.simhash, page.final_url), page)
    return list(found.values())


def _holds(probe: Probe, now: datetime, policy: ProbePolicy) -> bool:
    """Whether a probe's answer, or the pause after one that taught nothing, still counts."""
    lasts = policy.pause if probe.lesson == Lesson.NOTHING else policy.window
    return now - probe.at < lasts


def _led_away(visit: Visit) -> bool:
    """Whether redirects lead a bogus address to a page that is itself a place of its own."""
    if not visit.chain or paths.same_page(visit.url, visit.final_url):
        return False
    if paths.is_login(visit.final_url):
        return False
    return visit.outcome is Outcome.REDIRECTED or paths.is_front(visit.final_url)


def _is_telling(visit: Visit, verdict: Verdict, reading: PageReading) -> bool:
    """Whether the page that answered can stand for the host's error page."""
    if visit.outcome is not Outcome.FETCHED or not 200 <= (visit.status or 0) < 300:  # noqa: PLR2004
        return False
    known = verdict.liveness in _TEACHES and not reading.was_truncated
    return known and has_content(reading.signals)


def _is_section(url: str) -> bool:
    """Whether the address is that of a section; a number, however short, is an article's."""
    last = (paths.segments(url) or ("",))[-1]
    return shape_of(url) is Shape.SECTION and not _DIGITS.search(last)


def _is_by_query(url: str) -> bool:
    parts = urlsplit(url)
    return bool(parts.query) and shape_of(url) is Shape.ARTICLE and not _is_article_path(url)


def _is_article_path(url: str) -> bool:
    return shape_of(url.partition("?")[0]) is Shape.ARTICLE
