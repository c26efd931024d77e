"""Fetch and prove what a web archive holds of a page: before the same judge as a live one."""

from dataclasses import asdict, replace
from datetime import datetime

from scrapy.http import Request, Response

from crawler.core.memento_urls import RAW
from crawler.core.replays import CouldNotAsk, Follow, Refuse, Take, accept_replay
from crawler.core.values import Candidate, Memento, PageReading, Refusal, Verdict, Visit
from crawler.core.verdict import judge
from crawler.core.words import Answer, Outcome
from crawler.fetching.caps import is_truncated
from crawler.fetching.headers import visit_headers
from crawler.reading.pool import ReadingFailed, ReadingTimedOut
from spiders.archive_errand import ArchiveErrand
from spiders.errand import Context, now
from spiders.lookup import as_json
from storage.records import Claim, LookupResult, Record
from storage.warc import ArchiveOrigin

AS_SHOWN = "taken as the archive shows it: it gives no copies as they were captured"
"""What is said of a copy that the archive may have written into."""


class ReplayErrand(ArchiveErrand):
    """Fetch an archive's candidates one after the other until one is proved to be the page."""

    def __init__(self, claim: Claim, context: Context) -> None:
        super().__init__(claim, context)
        self._left = [_from_json(item) for item in (claim.payload or {}).get("candidates", ())]

    def first_request(self) -> Request:
        """Return the request for the best candidate; its token came with the claim."""
        return self.request(self._left[0].memento_url)

    async def answered(self, response: Response) -> Record:
        """Prove candidates until one is taken or none is left."""
        while True:
            ended = await self._prove(self._left[0], response)
            if ended is not None:
                return ended
            self._left.pop(0)
            if not self._left:
                return self._none_left()
            response = await self._fetch(self._left[0].memento_url)

    def could_not_ask(self, problem: str, wait: float | None = None) -> LookupResult:
        """Return the third answer: the copies not yet refused are asked for again.

        One that fails again and again does not keep the others waiting.
        """
        left = self._left[1:] + self._left[:1] if self.attempts else self._left
        return replace(
            super().could_not_ask(problem, wait),
            candidates=tuple(as_json(candidate) for candidate in left),
            tried=tuple(asdict(refusal) for refusal in self.refused),
            round=self.round,
            next_archive=None,
            more=self._has_more,
        )

    @property
    def _has_more(self) -> bool:
        return bool((self.claim.payload or {}).get("more"))

    async def _fetch(self, url: str) -> Response:
        return await self.send(self.request(url), self.context.paces[self.archive])

    async def _prove(self, candidate: Candidate, response: Response) -> Record | None:
        """Return the record if this candidate ends the errand; None to try the next one."""
        asked: list[str] = []
        while True:
            self.at, self.status = response.url, response.status
            step = self._step(candidate, response, asked)
            match step:
                case Follow(url):
                    asked.append(response.url)
                    response = await self._fetch(url)
                case Take():
                    return await self._judged(candidate, step, response)
                case Refuse(reason):
                    self._refuse(candidate, reason)
                    return None
                case CouldNotAsk(reason, wait):
                    return self.record(self.could_not_ask(reason, wait), wait=wait)

    def _step(
        self, candidate: Candidate, response: Response, asked: list[str]
    ) -> Take | Follow | Refuse | CouldNotAsk:
        return accept_replay(
            candidate,
            url=response.url,
            status=response.status,
            headers=visit_headers(response),
            replay_prefix=self.dialect.replay_prefix,
            now=now(),
            asked=asked,
        )

    async def _judged(self, candidate: Candidate, take: Take, response: Response) -> Record | None:
        """Put a copy before the same judge as a live page."""
        if is_truncated(response) == "disconnect":
            # Half a copy proves nothing of the whole one.
            return self.record(self.could_not_ask("the copy broke off before its end"))
        self.keep(response, _origin(candidate, take))
        reading = await self._reading(candidate, response)
        if reading is None:
            return None
        visit = _as_visited(self.claim.url, candidate, take, response)
        verdict = judge(visit, reading, self.claim.history, self.claim.host)
        if not verdict.is_good or reading.article is None:
            self._refuse(candidate, verdict.reasons[0] if not verdict.is_good else "no_article")
            return None
        return self._accepted(candidate, take, verdict, reading)

    async def _reading(self, candidate: Candidate, response: Response) -> PageReading | None:
        with self.context.bytes_held.hold(len(response.body)):
            try:
                return await self.context.pool.read(
                    response.body,
                    headers=_page_headers(response),
                    url=candidate.original,
                    truncated=is_truncated(response) is not None,
                )
            except (ReadingTimedOut, ReadingFailed) as failure:
                self._refuse(candidate, type(failure).__name__)
                return None

    def _accepted(
        self, candidate: Candidate, take: Take, verdict: Verdict, reading: PageReading
    ) -> Record:
        memento = Memento(
            archive=self.archive,
            memento_url=take.memento_url,
            memento_datetime=take.memento_datetime,
            original=candidate.original,
            digest=candidate.digest,
            tries=len(self.refused) + 1,
            refused=tuple(self.refused),
        )
        problem = None if RAW in take.memento_url else AS_SHOWN
        result = replace(self.result(Answer.HAS), problem=problem)
        return self.record(result, memento=memento, verdict=verdict, reading=reading)

    def _none_left(self) -> Record:
        """Return the record when no copy was the page: ask for more of them, once, if there are."""
        result = self.result(Answer.HAS_NOT)
        if self._has_more:
            result = replace(
                result,
                next_archive=self.archive,
                next_at=None,
                round=self.round,
                wide=True,
                tried=tuple(asdict(refusal) for refusal in self.refused),
            )
        return self.record(replace(result, problem="none of the archive's copies is the article"))

    def _refuse(self, candidate: Candidate, reason: str) -> None:
        self.refused.append(Refusal(memento=candidate.memento_url, reason=reason))


def _origin(candidate: Candidate, take: Take) -> ArchiveOrigin:
    return ArchiveOrigin(
        archive=candidate.archive,
        original=candidate.original,
        memento_url=take.memento_url,
        memento_datetime=take.memento_datetime,
    )


def _as_visited(url: str, candidate: Candidate, take: Take, response: Response) -> Visit:
    """Return the copy as the visit that the archive's crawler made at the time."""
    return Visit(
        url=url,
        final_url=candidate.original,
        outcome=Outcome.TRUNCATED if is_truncated(response) else Outcome.FETCHED,
        status=take.status,
        headers=_page_headers(response),
        body_size=len(response.body),
        archive=candidate.archive,
        memento_datetime=take.memento_datetime,
    )


_ORIGINAL = "x-archive-orig-"


def _page_headers(response: Response) -> tuple[tuple[str, str], ...]:
    """Return the page's own headers: as the archive kept them, else as it sent them."""
    headers = visit_headers(response)
    original = {
        name.removeprefix(_ORIGINAL): value
        for name, value in headers
        if name.startswith(_ORIGINAL) and name != f"{_ORIGINAL}content-encoding"
    }
    own = tuple((name, value) for name, value in headers if not name.startswith(_ORIGINAL))
    return tuple((name, value) for name, value in own if name not in original) + tuple(
        original.items()
    )


def _from_json(item: dict[str, str]) -> Candidate:
    return Candidate(
        archive=item["archive"],
        memento_url=item["memento_url"],
        memento_datetime=datetime.fromisoformat(item["memento_datetime"]),
        original=item["original"],
        digest=item["digest"],
    )
