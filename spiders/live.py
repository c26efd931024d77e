"""A visit to the live web: hops, robots and guard on each, reading, judgement."""

from dataclasses import dataclass, replace

from scrapy.http import Request, Response

from crawler.core.urls import BadUrl, Scope, in_scope, join, lane_host
from crawler.core.values import Hop, PageReading, Visit
from crawler.core.verdict import judge
from crawler.core.words import Outcome, Purpose
from crawler.fetching.caps import is_truncated
from crawler.fetching.failures import classify
from crawler.fetching.headers import visit_headers
from crawler.reading.pool import ReadingFailed, ReadingTimedOut
from spiders.errand import Context, Errand, asked_to_wait, now
from storage.frontier import host_lane
from storage.records import Claim, FoundLink, Record

_REDIRECTS = {301, 302, 303, 307, 308}
_LISTS = {"feed", "sitemap"}  # kinds of resource that may be larger than a page


@dataclass(frozen=True, slots=True)
class _Stop:
    """Why a visit's hops end before an answer that is no redirect."""

    outcome: Outcome
    problem: str
    follow_up: str | None = None


class LiveErrand(Errand):
    """Fetch one address, follow its hops, read and judge what came."""

    def __init__(self, claim: Claim, context: Context, scope: Scope | None = None) -> None:
        super().__init__(claim, context)
        self._scope = scope
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
            target = _redirect_target(response)
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
        is_list = self.claim.kind in _LISTS
        size = self.context.max_feed_size if is_list else self.context.max_size
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
                reading = await self.context.pool.read(
                    response.body,
                    headers=visit_headers(response),
                    url=response.url,
                    truncated=cut is not None,
                )
            except (ReadingTimedOut, ReadingFailed) as failure:
                return self._unread(response, failure)
        outcome = Outcome.TRUNCATED if cut else Outcome.FETCHED
        problem = f"the answer was cut short ({cut})" if cut else None
        visit = self._visit(outcome, problem=problem, response=response)
        return self._record(visit, reading)

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
        self, visit: Visit, reading: PageReading | None = None, follow_up: str | None = None
    ) -> Record:
        reading = _marked_partial(reading)
        return Record(
            claim=self.claim,
            started_at=self.started_at,
            ended_at=now(),
            visit=visit,
            verdict=judge(visit, reading, self.claim.history, self.claim.host),
            reading=reading,
            exchanges=tuple(self._exchanges),
            links=self._links(reading),
            retry_after=self._retry_after,
            follow_up=follow_up,
        )

    def _links(self, reading: PageReading | None) -> tuple[FoundLink, ...]:
        """Return the links of a page read for its links, as far as they are in the site's scope."""
        if reading is None or self._scope is None or self.claim.purpose is not Purpose.DISCOVER:
            return ()
        return tuple(
            FoundLink(url=link.url, headline=link.text or None)
            for link in reading.links
            if in_scope(link.url, self._scope) is None
        )


def _redirect_target(response: Response) -> str | None:
    location = (response.headers.get("Location") or b"").decode("utf-8", errors="replace")
    if response.status not in _REDIRECTS or not location:
        return None
    return join(response.url, location) or location  # what cannot be followed is told as it is


def _marked_partial(reading: PageReading | None) -> PageReading | None:
    """Say of a page that was cut short that its article is, too."""
    if reading is None or reading.article is None or not reading.was_truncated:
        return reading
    return replace(reading, article=replace(reading.article, is_partial=True))
