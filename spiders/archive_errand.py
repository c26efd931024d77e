"""What lookups and replays share: the archive, what was asked before, the record."""

from dataclasses import replace
from datetime import datetime

from scrapy.http import Request, Response

from crawler.core.asking import Round, next_question
from crawler.core.lifecycle import lookup_again
from crawler.core.values import Memento, PageReading, Refusal, Verdict, Visit
from crawler.core.words import Answer, Outcome
from crawler.fetching.failures import classify
from crawler.fetching.handler import SENT_ONCE
from spiders.errand import Context, Errand, now
from spiders.tokens import wait_for_token
from storage.records import ArchivePace, Claim, LookupResult, Record

_OUTCOMES = {
    Answer.HAS: Outcome.ARCHIVE_HAS,
    Answer.HAS_NOT: Outcome.ARCHIVE_HAS_NOT,
    Answer.COULD_NOT_ASK: Outcome.ARCHIVE_COULD_NOT_ASK,
    Answer.EXCLUDED: Outcome.ARCHIVE_HAS_NOT,
}
_UNREACHED = {
    Outcome.CONNECT_FAILED,
    Outcome.DNS_FAILED,
    Outcome.PROTOCOL_ERROR,
    Outcome.TIMED_OUT,
    Outcome.TLS_FAILED,
}
_THROTTLED = {403, 429, 503}  # the archive asks for less, or its firewall does


class ArchiveErrand(Errand):
    """An errand to one archive about one page."""

    def __init__(self, claim: Claim, context: Context) -> None:
        super().__init__(claim, context)
        known = claim.payload or {}
        self.archive = claim.lane.split(":")[1]
        self.dialect = context.dialects[self.archive]
        self.attempts = int(known.get("attempts", 0))
        self.round = Round(
            answered=tuple(known.get("answered", ())), owed=tuple(known.get("owed", ()))
        )
        self.refused = [Refusal(**item) for item in known.get("tried", ())]
        self.at = claim.url
        self.status: int | None = None

    def failed(self, failure: BaseException) -> Record:
        """Return the record of a question that could not be asked."""
        outcome, problem = classify(failure)
        result = replace(self.could_not_ask(problem), unreached=self._is_unreached(outcome))
        is_ours = outcome is Outcome.INTERNAL_ERROR
        return self.record(result, outcome=outcome if is_ours else None)

    def _is_unreached(self, outcome: Outcome) -> bool:
        """Whether the archive gave no answer; a status is that of the answer before."""
        return self.status is None and outcome in _UNREACHED

    def request(self, url: str, headers: dict[str, str] | None = None) -> Request:
        """Return a request to the archive: no robots, a slot of its own, the address verbatim."""
        meta = {
            "verbatim_url": True,
            "skip_robots": True,
            SENT_ONCE: True,
            "download_slot": f"archive:{self.archive}",
            "max_size": self.context.max_size,
            "download_timeout": self.context.archive_timeouts[self.archive],
        }
        return Request(url, headers=headers, meta=meta, dont_filter=True)

    async def send(self, request: Request, pace: ArchivePace) -> Response:
        """Send a request beyond the first, once the archive's pace allows it."""
        await wait_for_token(self.context.session, pace)
        self.status = None  # of the answer before
        return await self.context.download(request)

    def result(self, answer: Answer, wait: float | None = None) -> LookupResult:
        """Return an answer with what follows from it: another archive, or this one later."""
        could_not = answer is Answer.COULD_NOT_ASK
        is_owed = could_not or bool({*self.round.owed} - {self.archive})
        attempts = (self.attempts + could_not) * is_owed
        again_at = self._again(answer, attempts, wait)
        found = LookupResult(
            archive=self.archive,
            answer=answer,
            ask_again_at=again_at,
            attempts=attempts,
            throttled=could_not and self.status in _THROTTLED,
            round=self.round,
        )
        if answer is Answer.HAS:
            return found
        then = next_question(
            list(self.context.dialects),
            self.archive,
            answer,
            self.round,
            attempts=attempts,
            again_at=again_at,
            owed_at=self._again(Answer.COULD_NOT_ASK, attempts, wait if could_not else None),
        )
        return replace(found, next_archive=then.archive, next_at=then.at, round=then.round)

    def could_not_ask(self, problem: str, wait: float | None = None) -> LookupResult:
        """Return the third answer, with why."""
        return replace(self.result(Answer.COULD_NOT_ASK, wait), problem=problem)

    def record(
        self,
        result: LookupResult,
        *,
        outcome: Outcome | None = None,
        wait: float | None = None,
        memento: Memento | None = None,
        verdict: Verdict | None = None,
        reading: PageReading | None = None,
    ) -> Record:
        """Return the record the errand ends in."""
        visit = Visit(
            url=self.claim.url,
            final_url=self.at,
            outcome=outcome or _OUTCOMES[result.answer],
            status=self.status,
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
            refused=tuple(self.refused),
            retry_after=wait,
        )

    def _again(self, answer: Answer, attempts: int, wait: float | None) -> datetime | None:
        policy = self.context.policy
        return lookup_again(answer, now(), policy, wait, attempts=max(attempts, 1))
