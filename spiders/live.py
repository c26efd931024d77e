"""A visit to the live web: hops, robots and guard on each, reading, judgement."""

from dataclasses import dataclass, replace

from scrapy.http import Request, Response

from crawler.core.listings import Listing
from crawler.core.offers import Found, Ground, Kind, Offer, list_offers, page_offers, reads_as_list
from crawler.core.probing import is_weak
from crawler.core.urls import BadUrl, Scope, lane_host
from crawler.core.values import Hop, HostFacts, PageReading, Verdict, Visit
from crawler.core.verdict import judge
from crawler.core.verdict_lists import judge_list
from crawler.core.words import Liveness, Outcome, Purpose
from crawler.discovery.listing import read_listing
from crawler.fetching.caps import is_truncated
from crawler.fetching.failures import classify
from crawler.fetching.headers import visit_headers
from crawler.reading.pool import ReadingFailed, ReadingTimedOut
from spiders.errand import Context, Errand, asked_to_wait, now
from spiders.probe import Doubt, Prober, redirect_target
from storage.frontier import host_lane
from storage.records import Claim, Learned, Record

_OF_USE = {Liveness.ALIVE, Liveness.PAYWALLED, Liveness.MOVED, Liveness.UNKNOWN}


@dataclass(frozen=True, slots=True)
class _Stop:
    """Why a visit's hops end before an answer that is no redirect."""

    outcome: Outcome
    problem: str
    follow_up: str | None = None


class LiveErrand(Errand):
    """Fetch one address, follow its hops, read and judge what came."""

    def __init__(self, claim: Claim, context: Context) -> None:
        super().__init__(claim, context)
        self._chain: list[Hop] = []
        self._at = claim.url
        self._retry_after: float | None = None

    def first_request(self) -> Request:
        """Return the request for the address claimed."""
        return self._request(self.claim.url)

    async def answered(self, response: Response) -> Record:
        """Follow redirects to the page, then read and judge it."""
        while True:
            self.keep(response)
            target = redirect_target(response)
            if target is None:
                return await self._read(response)
            self._chain.append(Hop(url=response.url, status=response.status, location=target))
            stop = await self._may_follow(target)
            if stop is not None:
                return self._stopped(response, stop)
            self._at = target
            response = await self.context.download(self._request(target))

    def failed(self, failure: BaseException) -> Record:
        """Return the record for a failure of the fetch, a refusal, or an exception of our own."""
        outcome, problem = classify(failure)
        return self._record(self._visit(outcome, problem=problem))

    def _request(self, url: str) -> Request:
        size = self.context.max_feed_size if self.claim.kind.is_list else self.context.max_size
        return Request(url, meta={"verbatim_url": True, "max_size": size}, dont_filter=True)

    async def _may_follow(self, target: str) -> _Stop | None:
        if len(self._chain) > self.context.max_redirects:
            return _Stop(
                Outcome.PROTOCOL_ERROR, f"more than {self.context.max_redirects} redirects"
            )
        try:
            host = lane_host(target)
        except BadUrl as bad:
            return _Stop(Outcome.OUT_OF_SCOPE, str(bad))
        lane = host_lane(host)
        if lane == self.claim.lane or lane in self.borrowed:
            return None
        self.borrowed.add(lane)  # before the await: claims must not let go of it meanwhile
        if await self.context.session.hold_lane(host):
            return None
        self.borrowed.discard(lane)
        return _Stop(
            Outcome.REDIRECTED, f"{host} is in another run's hands; it is visited next", target
        )

    async def _read(self, response: Response) -> Record:
        self._at = response.url
        self._retry_after = asked_to_wait(response)
        cut = is_truncated(response)
        with self.context.bytes_held.hold(len(response.body)):
            try:
                reading = await self._read_body(response, truncated=cut is not None)
            except (ReadingTimedOut, ReadingFailed) as failure:
                return self._unread(response, failure)
        outcome = Outcome.TRUNCATED if cut else Outcome.FETCHED
        problem = f"the answer was cut short ({cut})" if cut else None
        visit = self._visit(outcome, problem=problem, response=response)
        return await self._settled(visit, reading)

    async def _settled(self, visit: Visit, read: PageReading | Listing) -> Record:
        """Judge what was read; a page in doubt is judged with a probe of its host."""
        claim = self.claim
        if isinstance(read, Listing) or claim.purpose is not Purpose.VISIT:
            return self._record(visit, read)
        reading = _as_stored(read, claim, self._at)
        verdict = self._judge(visit, reading, None)
        if not is_weak(visit, verdict):
            return self._record(visit, read, verdict=verdict)
        prober = Prober(self.context, self.keep_aside, self._request)
        doubt = Doubt(claim=claim, visit=visit, reading=reading, verdict=verdict)
        verdict, learned = await prober.settle(doubt)
        return self._record(visit, read, verdict=verdict, learned=learned)

    async def _read_body(self, response: Response, *, truncated: bool) -> PageReading | Listing:
        pool, body, headers = self.context.pool, response.body, visit_headers(response)
        if self.claim.kind.is_list:
            return await pool.run(
                read_listing, body, headers=headers, url=response.url, truncated=truncated
            )
        return await pool.read(
            body,
            headers=headers,
            url=response.url,
            truncated=truncated,
            links=self._may_be_read_for_links(),
        )

    def _unread(self, response: Response, failure: Exception) -> Record:
        timed_out = isinstance(failure, ReadingTimedOut)
        outcome = Outcome.READING_TIMED_OUT if timed_out else Outcome.READING_FAILED
        return self._record(self._visit(outcome, problem=str(failure), response=response))

    def _stopped(self, response: Response, stop: _Stop) -> Record:
        visit = self._visit(stop.outcome, problem=stop.problem, response=response)
        return self._record(visit, follow_up=stop.follow_up)

    def _visit(
        self, outcome: Outcome, *, problem: str | None = None, response: Response | None = None
    ) -> Visit:
        return Visit(
            url=self.claim.url,
            final_url=self._at,
            outcome=outcome,
            status=None if response is None else response.status,
            headers=() if response is None else visit_headers(response),
            chain=tuple(self._chain),
            body_size=0 if response is None else len(response.body),
            problem=problem,
        )

    def _record(
        self,
        visit: Visit,
        read: PageReading | Listing | None = None,
        follow_up: str | None = None,
        *,
        verdict: Verdict | None = None,
        learned: Learned | None = None,
    ) -> Record:
        listing = read if isinstance(read, Listing) else None
        page = None if isinstance(read, Listing) else read
        reading = None if page is None else _as_stored(page, self.claim, self._at)
        verdict = verdict or self._judge(visit, reading, listing)
        return Record(
            claim=self.claim,
            started_at=self.started_at,
            ended_at=now(),
            visit=visit,
            verdict=verdict,
            reading=reading,
            listing=listing,
            exchanges=tuple(self._exchanges),
            links=self._offers(verdict, reading, listing),
            retry_after=self._retry_after,
            follow_up=follow_up,
            learned=learned,
        )

    def _judge(self, visit: Visit, reading: PageReading | None, listing: Listing | None) -> Verdict:
        claim = self.claim
        if claim.kind.is_list:
            return judge_list(visit, listing, claim.history, claim.host)
        return judge(visit, reading, claim.history, self._host())

    def _host(self) -> HostFacts:
        """Return what is known of the host by now. A list shows what error pages copy from it."""
        if self.claim.purpose is not Purpose.VISIT:
            return HostFacts(name=self.claim.host.name)
        return self.context.hosts.facts(self.claim.host)

    def _offers(
        self, verdict: Verdict, reading: PageReading | None, listing: Listing | None
    ) -> tuple[Offer, ...]:
        """Return what the page or list offers; an error page's links lead nowhere of use."""
        if verdict.liveness not in _OF_USE:
            return ()
        if listing is not None:
            return list_offers(listing, self._ground())
        if reading is not None and self._is_read_for_links(reading):
            return page_offers(reading, self._ground())
        return ()

    def _may_be_read_for_links(self) -> bool:
        """Whether it was found as a list of articles, or was asked for by name."""
        claim = self.claim
        is_named = claim.depth == 0 and claim.found_how is Found.SEED
        return claim.purpose is Purpose.DISCOVER or is_named

    def _is_read_for_links(self, reading: PageReading) -> bool:
        """Whether it is a list of articles: it was found as one, or was asked for and is one."""
        return self._may_be_read_for_links() and (
            self.claim.purpose is Purpose.DISCOVER or reads_as_list(reading.signals, self._at)
        )

    def _ground(self) -> Ground:
        claim, context = self.claim, self.context
        return Ground(
            url=self._at,
            kind=claim.kind,
            now=now(),
            scope=_scope(claim, self._at),
            depth=claim.depth,
            is_first=not claim.history.visits,
            sitemaps=context.sitemaps_of(self._at) if claim.kind is Kind.FRONT else (),
            horizon=context.horizon_of(claim.site_id),
            sections=context.sections,
        )


def _scope(claim: Claim, at: str) -> Scope:
    """Return the hosts that are the site's own: of its front pages, and where this one answered.

    A feed may lie on a host of its own, and what it lists still is the site's.
    """
    fronts = [front.url for front in claim.fronts if front.site_id == claim.site_id]
    return Scope(hosts=tuple({lane_host(url) for url in (claim.url, at, *fronts)}))


def _as_stored(reading: PageReading, claim: Claim, at: str) -> PageReading:
    """Say of a page cut short that its article is, too; take the teasers of a list for no text."""
    if reading.article is None:
        return reading
    if claim.purpose is Purpose.VISIT and reads_as_list(reading.signals, at):
        return replace(reading, article=None, no_article="list_of_articles")
    if reading.was_truncated:
        return replace(reading, article=replace(reading.article, is_partial=True))
    return reading
