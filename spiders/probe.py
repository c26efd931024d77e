"""Probes on the wire, and what a run remembers of its hosts between its commits.

A page in doubt is settled within its own visit: nothing suspicious is stored meanwhile. One probe
is under way on a host at a time, and the errands that wait for it use its answer.
"""

import asyncio
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from scrapy.http import Request, Response

from crawler.core import paths, probing
from crawler.core.sameness import error_page, has_content, page_hash
from crawler.core.urls import BadUrl, join, lane_host
from crawler.core.values import (
    Evidence,
    History,
    Hop,
    HostFacts,
    PageReading,
    Probe,
    Verdict,
    Visit,
)
from crawler.core.verdict import judge
from crawler.core.verdict_host import repeated_page
from crawler.core.words import Outcome
from crawler.fetching.caps import is_truncated
from crawler.fetching.failures import classify
from crawler.fetching.headers import visit_headers
from crawler.reading.pool import ReadingFailed, ReadingTimedOut
from spiders.errand import Context, now
from storage.records import Claim, Learned

_REDIRECTS = {301, 302, 303, 307, 308}
_NAME = re.compile(r"\d{3,}")
_MOST_SHOWN = 20_000  # pages a run remembers to tell repeated ones


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A page that was judged, and may be judged anew."""

    claim: Claim
    visit: Visit
    reading: PageReading
    verdict: Verdict


class HostMemory:
    """What one run has learned of its hosts: errands in hand do not wait for the ledger."""

    def __init__(self, policy: probing.ProbePolicy) -> None:
        self.policy = policy
        self._lessons: dict[str, list[Learned]] = defaultdict(list)
        self._locks: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._shown: dict[tuple[str, int], dict[str, bytes]] = {}  # address's own part -> errand

    def facts(self, host: HostFacts) -> HostFacts:
        """Return a host's facts, as an entry was claimed with, and what was learned since."""
        for learned in self._lessons.get(host.name, ()):
            if learned.probe is not None and learned.probe not in host.probes:
                host = probing.taught(host, learned.probe)
            if learned.repeated is not None:
                host = probing.with_error_pages(host, [learned.repeated])
        return host

    def lock(self, host: HostFacts) -> asyncio.Lock:
        """Return what an errand holds while it settles a doubt about a host's page."""
        return self._locks[host.name]

    def learn(self, host: HostFacts, learned: Learned) -> None:
        """Remember a lesson for the errands that are under way."""
        self._lessons[host.name].append(learned)

    def asked(self, host: HostFacts) -> frozenset[str]:
        """Return the sections of a host that this run has probed."""
        lessons = self._lessons.get(host.name, ())
        return frozenset(one.probe.section for one in lessons if one.probe is not None)

    def show(self, doubt: Doubt) -> tuple[bytes, ...]:
        """Note a page without a sign of an article; return who showed it before, if too many did.

        Lists are no article's page and are not noted, nor is what redirects led to.
        """
        reading, policy = doubt.reading, self.policy
        is_listed = reading.no_article == "list_of_articles" or bool(doubt.visit.chain)
        if not policy.repeats or is_listed:
            return ()
        if _names_another(doubt) or not has_content(reading.signals):
            return ()
        said = page_hash(reading.signals, doubt.visit.url)
        if len(self._shown) >= _MOST_SHOWN:
            self._shown.pop(next(iter(self._shown)))
        shown = self._shown.setdefault((doubt.claim.host.name, said), {})
        before = dict(shown)
        shown.setdefault(_own_part(doubt.visit.url), doubt.claim.errand)
        return tuple(before.values()) if len(shown) >= max(policy.repeats, 2) else ()


class Prober:
    """Asks a host for one bogus address, with the guard, robots and pace of any request."""

    def __init__(
        self, context: Context, keep: Callable[[Response], None], request: Callable[[str], Request]
    ) -> None:
        self._context = context
        self._keep = keep
        self._request = request

    async def settle(self, doubt: Doubt) -> tuple[Verdict, Learned | None]:
        """Return the verdict on a page in doubt, and what was learned on the way."""
        memory, claim = self._context.hosts, doubt.claim
        async with memory.lock(claim.host):
            host = memory.facts(claim.host)
            verdict = judge(doubt.visit, doubt.reading, claim.history, host)
            probe = None
            asked = memory.asked(claim.host)
            if probing.wants_probe(doubt.visit, verdict, host, now(), memory.policy, asked=asked):
                probe = await self._probe(doubt)
                memory.learn(claim.host, Learned(probe=probe))
                facts = memory.facts(claim.host)
                verdict = judge(doubt.visit, doubt.reading, claim.history, facts)
                verdict = replace(verdict, evidence=(*verdict.evidence, _proof(probe)))
            return self._repeated(replace(doubt, verdict=verdict), probe)

    def _repeated(self, doubt: Doubt, probe: Probe | None) -> tuple[Verdict, Learned | None]:
        """Return the verdict on a page that too many addresses show."""
        learned = None if probe is None else Learned(probe=probe)
        if not probing.is_weak(doubt.visit, doubt.verdict):
            return doubt.verdict, learned
        before = self._context.hosts.show(doubt)
        if not before:
            return doubt.verdict, learned
        page = error_page(doubt.reading, doubt.visit.url)
        learned = Learned(probe=probe, repeated=page, shown_by=before)
        self._context.hosts.learn(doubt.claim.host, learned)
        verdict = repeated_page(doubt.reading.signals.title, len(before) + 1)
        proof = () if probe is None else (_proof(probe),)
        return replace(verdict, evidence=(*verdict.evidence, *proof)), learned

    async def _probe(self, doubt: Doubt) -> Probe:
        """Ask, and return what the answer teaches. A failure teaches nothing."""
        url = probing.bogus_url(doubt.visit.url, doubt.claim.errand)
        try:
            visit, response = await self._fetch(url)
            reading = None if response is None else await self._read(response)
        except Exception as error:  # noqa: BLE001 - the page's own visit must not fail with it
            outcome, problem = classify(error)
            visit = Visit(url=url, final_url=url, outcome=outcome, problem=problem)
            reading = None
        verdict = judge(visit, reading, History(url=url), HostFacts(name=doubt.claim.host.name))
        section = probing.section_of(doubt.visit.url)
        return probing.learn(section, visit, verdict, reading, now())

    async def _fetch(self, url: str) -> tuple[Visit, Response | None]:
        """Follow redirects on the same host; where another place is led to, that is the answer."""
        chain: list[Hop] = []
        at = url
        while True:
            response = await self._context.download(self._request(at))
            self._keep(response)
            target = redirect_target(response)
            if target is None:
                return _visit(url, chain, response), response
            chain.append(Hop(url=response.url, status=response.status, location=target))
            if len(chain) > self._context.max_redirects:
                broken = replace(_visit(url, chain, response), outcome=Outcome.PROTOCOL_ERROR)
                return broken, None
            if _is_another_place(url, target):
                led = _visit(url, chain, response)
                return replace(led, outcome=Outcome.REDIRECTED, final_url=target), None
            at = target

    async def _read(self, response: Response) -> PageReading | None:
        with self._context.bytes_held.hold(len(response.body)):
            try:
                return await self._context.pool.read(
                    response.body,
                    headers=visit_headers(response),
                    url=response.url,
                    truncated=is_truncated(response) is not None,
                    links=False,
                )
            except (ReadingTimedOut, ReadingFailed):
                return None


def redirect_target(response: Response) -> str | None:
    """Return where an answer redirects to, absolute where it can be; None if it does not."""
    location = (response.headers.get("Location") or b"").decode("utf-8", errors="replace")
    if response.status not in _REDIRECTS or not location:
        return None
    return join(response.url, location) or location  # what cannot be followed is told as it is


def _visit(url: str, chain: list[Hop], response: Response) -> Visit:
    cut = is_truncated(response) is not None
    return Visit(
        url=url,
        final_url=response.url,
        outcome=Outcome.TRUNCATED if cut else Outcome.FETCHED,
        status=response.status,
        headers=visit_headers(response),
        chain=tuple(chain),
        body_size=len(response.body),
    )


def _is_another_place(url: str, target: str) -> bool:
    """Whether a redirect tells by its target alone, or would need another host's pace."""
    try:
        elsewhere = lane_host(target) != lane_host(url)
    except BadUrl:
        return True
    return elsewhere or paths.is_front(target) or paths.is_error_path(target)


def _own_part(url: str) -> str:
    """Return what tells an address from others for the same article: its number, else its name.

    A print view and an AMP twin share it.
    """
    parts = urlsplit(url)
    numbers = _NAME.findall(f"{parts.path}?{parts.query}")
    return numbers[-1] if numbers else f"{parts.path.rstrip('/').rpartition('/')[2]}?{parts.query}"


def _names_another(doubt: Doubt) -> bool:
    """Whether the page calls another one, of its own kind, the original: a twin, no error page."""
    canonical = doubt.reading.signals.canonical
    if canonical is None or paths.is_front(canonical) or paths.is_error_path(canonical):
        return False
    return not paths.same_page(canonical, doubt.visit.url)


def _proof(probe: Probe) -> Evidence:
    led = probe.page.final_url if probe.page else None
    way = f" by way of {led}" if led else ""
    status = "no answer" if probe.status is None else str(probe.status)
    return Evidence(rule="probe", place="probe", text=f"{probe.url}: {status}{way}, {probe.lesson}")
