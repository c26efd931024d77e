"""Errands to a web archive: ask its index once, then fetch and prove the candidates."""

from dataclasses import asdict, replace
from datetime import UTC, datetime

from scrapy.http import Request, Response

from crawler.archives.base import Dialect, RowsAnswer
from crawler.core.lifecycle import lookup_again
from crawler.core.mementos import Choice, choose_mementos
from crawler.core.replays import CouldNotAsk, Follow, Refuse, Take, accept_replay
from crawler.core.values import Candidate, Memento, PageReading, Refusal, Verdict, Visit
from crawler.core.verdict import judge
from crawler.core.words import Answer, Outcome
from crawler.fetching.caps import is_truncated
from crawler.fetching.failures import classify
from crawler.fetching.handler import SENT_ONCE
from crawler.fetching.headers import visit_headers
from crawler.reading.pool import ReadingFailed, ReadingTimedOut
from spiders.errand import Context, Errand, now
from spiders.tokens import wait_for_token
from storage.records import Claim, LookupResult, Record
from storage.warc import ArchiveOrigin

_OUTCOMES = {
    Answer.HAS: Outcome.ARCHIVE_HAS,
    Answer.HAS_NOT: Outcome.ARCHIVE_HAS_NOT,
    Answer.COULD_NOT_ASK: Outcome.ARCHIVE_COULD_NOT_ASK,
    Answer.EXCLUDED: Outcome.ARCHIVE_HAS_NOT,
}
_THROTTLED = {403, 429, 503}  # the archive asks for less, or its firewall does


class ArchiveErrand(Errand):
    """What lookups and replays share: the archive, its attempts, the record."""

    def __init__(self, claim: Claim, context: Context) -> None:
        super().__init__(claim, context)
        self.archive = claim.lane.split(":")[1]
        self.dialect: Dialect = context.dialects[self.archive]
        self.attempts = int((claim.payload or {}).get("attempts", 0))
        self._candidates = tuple((claim.payload or {}).get("candidates", ()))
        self._status: int | None = None
        self._at = claim.url

    def failed(self, failure: BaseException) -> Record:
        """Return the record of a question that could not be asked."""
        outcome, problem = classify(failure)
        if outcome is Outcome.INTERNAL_ERROR:
            return self._record(self._could_not_ask(problem), outcome=outcome)
        return self._record(self._could_not_ask(problem))

    def request(self, url: str) -> Request:
        """Return a request to the archive: no robots, a slot of its own, the address verbatim."""
        meta = {
            "verbatim_url": True,
            "skip_robots": True,
            SENT_ONCE: True,
            "download_slot": f"archive:{self.archive}",
            "max_size": self.context.max_size,
            "download_timeout": self.context.archive_timeouts[self.archive],
        }
        return Request(url, meta=meta, dont_filter=True)

    def result(self, answer: Answer, wait: float | None = None) -> LookupResult:
        """Return an answer with what follows from it: another archive, or this one later."""
        could_not = answer is Answer.COULD_NOT_ASK
        attempts = self.attempts + 1 if could_not else 0
        return LookupResult(
            archive=self.archive,
            answer=answer,
            ask_again_at=lookup_again(
                answer, now(), self.context.policy, wait, attempts=max(attempts, 1)
            ),
            next_archive=None if could_not or answer is Answer.HAS else self._next_archive(),
            attempts=attempts,
            throttled=could_not and self._status in _THROTTLED,
        )

    def _next_archive(self) -> str | None:
        names = list(self.context.dialects)
        place = names.index(self.archive) + 1
        return names[place] if place < len(names) else None

    def _could_not_ask(self, problem: str, wait: float | None = None) -> LookupResult:
        result = self.result(Answer.COULD_NOT_ASK, wait)
        return replace(result, problem=problem, candidates=self._candidates)

    def _record(
        self,
        result: LookupResult,
        *,
        outcome: Outcome | None = None,
        wait: float | None = None,
        memento: Memento | None = None,
        verdict: Verdict | None = None,
        reading: PageReading | None = None,
        refused: tuple[Refusal, ...] = (),
    ) -> Record:
        visit = Visit(
            url=self.claim.url,
            final_url=self._at,
            outcome=outcome or _OUTCOMES[result.answer],
            status=self._status,
            body_size=len(self._exchanges[-1].body) if self._exchanges else 0,
            problem=result.problem,
            archive=self.archive,
            memento_datetime=memento.memento_datetime if memento else None,
        )
        return Record(
            claim=self.claim,
            started_at=self.started_at,
            ended_at=now(),
            visit=visit,
            verdict=verdict,
            reading=reading,
            exchanges=tuple(self._exchanges),
            lookup=result,
            memento=memento,
            refused=refused,
            retry_after=wait,
        )


class LookupErrand(ArchiveErrand):
    """Ask an archive's index what it holds of one page."""

    def first_request(self) -> Request:
        """Return the one question: captures nearest to when the page was good."""
        return self.request(self.dialect.lookup_url(self.claim.url, self._target()))

    async def answered(self, response: Response) -> Record:
        """Read the rows in a worker, choose, and record the answer."""
        self._at, self._status = response.url, response.status
        try:
            rows = await self.context.pool.run(
                self.dialect.read_rows, response.status, visit_headers(response), response.body
            )
        except (ReadingTimedOut, ReadingFailed) as failure:
            return self._record(self._could_not_ask(str(failure)))
        cut = is_truncated(response)
        if cut is not None and rows.answer is Answer.HAS_NOT:
            return self._record(self._could_not_ask(f"the answer was cut short ({cut})"))
        if rows.answer is not Answer.HAS:
            result = replace(self.result(rows.answer, rows.retry_after), problem=rows.problem)
            return self._record(result, wait=rows.retry_after)
        return self._record(self._chosen(rows, self._choose(rows)))

    def _target(self) -> datetime:
        history = self.claim.history
        return history.published_hint or history.last_ok_at or history.first_seen_at or now()

    def _choose(self, rows: RowsAnswer) -> Choice:
        return choose_mementos(
            rows.rows,
            url=self.claim.url,
            target=self._target(),
            archive=self.archive,
            replay_url=self.dialect.replay_url,
            first_bad_at=self.claim.history.first_failed_at,
        )

    def _chosen(self, rows: RowsAnswer, choice: Choice) -> LookupResult:
        """Return the choice; rows of which none is fit are an archive that has not."""
        answer = Answer.HAS if choice.candidates else Answer.HAS_NOT
        return replace(
            self.result(answer),
            rows_seen=len(rows.rows),
            refused=choice.refused,
            candidates=tuple(_as_json(candidate) for candidate in choice.candidates),
        )


class ReplayErrand(ArchiveErrand):
    """Fetch an archive's candidates one after the other until one is proved to be the page."""

    def __init__(self, claim: Claim, context: Context) -> None:
        super().__init__(claim, context)
        self._left = [_from_json(item) for item in self._candidates]
        self._refused: list[Refusal] = []

    def first_request(self) -> Request:
        """Return the request for the best candidate; its token came with the claim."""
        return self.request(self._left[0].memento_url)

    async def answered(self, response: Response) -> Record:
        """Prove candidates until one is taken or none is left."""
        while True:
            candidate = self._left.pop(0)
            ended = await self._prove(candidate, response)
            if ended is not None:
                return ended
            if not self._left:
                return self._none_left()
            response = await self._fetch(self._left[0].memento_url)

    async def _fetch(self, url: str) -> Response:
        await wait_for_token(self.context.session, self.context.paces[self.archive])
        return await self.context.download(self.request(url))

    async def _prove(self, candidate: Candidate, response: Response) -> Record | None:
        """Return the record if this candidate ends the errand; None to try the next one."""
        hops = 0
        while True:
            self._at, self._status = response.url, response.status
            step = self._step(candidate, response, hops)
            match step:
                case Follow(url):
                    hops += 1
                    response = await self._fetch(url)
                case Take():
                    return await self._judged(candidate, step, response)
                case Refuse(reason):
                    self._refuse(candidate, reason)
                    return None
                case CouldNotAsk(reason, wait):
                    return self._record(self._could_not_ask(reason, wait), wait=wait)

    def _step(
        self, candidate: Candidate, response: Response, hops: int
    ) -> Take | Follow | Refuse | CouldNotAsk:
        return accept_replay(
            candidate,
            url=response.url,
            status=response.status,
            headers=visit_headers(response),
            replay_prefix=self.dialect.replay_prefix,
            now=now(),
            hops=hops,
        )

    async def _judged(self, candidate: Candidate, take: Take, response: Response) -> Record | None:
        """Put a copy before the same judge as a live page."""
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
            tries=len(self._refused) + 1,
            refused=tuple(self._refused),
        )
        return self._record(
            self.result(Answer.HAS),
            memento=memento,
            verdict=verdict,
            reading=reading,
            refused=tuple(self._refused),
        )

    def _none_left(self) -> Record:
        result = replace(
            self.result(Answer.HAS_NOT), problem="none of the archive's copies is the article"
        )
        return self._record(result, refused=tuple(self._refused))

    def _refuse(self, candidate: Candidate, reason: str) -> None:
        self._refused.append(Refusal(memento=candidate.memento_url, reason=reason))


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


def _as_json(candidate: Candidate) -> dict[str, str]:
    return {
        **{name: str(value) for name, value in asdict(candidate).items()},
        "memento_datetime": candidate.memento_datetime.astimezone(UTC).isoformat(),
    }


def _from_json(item: dict[str, str]) -> Candidate:
    return Candidate(
        archive=item["archive"],
        memento_url=item["memento_url"],
        memento_datetime=datetime.fromisoformat(item["memento_datetime"]),
        original=item["original"],
        digest=item["digest"],
    )
