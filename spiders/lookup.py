"""Ask a web archive's index what it holds of a page, in as few questions as it takes."""

from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

from scrapy.http import Request, Response

from crawler.archives.base import Part, RowsAnswer
from crawler.archives.cdx import could_not_ask
from crawler.core.first_capture import first_capture
from crawler.core.mementos import Choice, choose_mementos, nearest, published_by_address
from crawler.core.offers import Found
from crawler.core.values import Candidate, CdxRow
from crawler.core.words import Answer
from crawler.fetching.caps import is_truncated
from crawler.fetching.headers import visit_headers
from crawler.reading.pool import ReadingFailed, ReadingTimedOut
from spiders.archive_errand import ArchiveErrand
from spiders.errand import Context
from storage.records import Claim, LookupResult, Record

_MOST_PARTS = 4  # of a TimeMap that comes in parts: beyond the first answer
_MOST_ROWS = 200  # that are weighed and kept with their reasons: the nearest ones


class LookupErrand(ArchiveErrand):
    """Ask an archive's index what it holds of one page.

    One question, as a rule. What gives no candidate is followed by the further parts of the
    index, by one question for more rows if there are more, and by one for other spellings.
    """

    def __init__(self, claim: Claim, context: Context) -> None:
        super().__init__(claim, context)
        self._wide = bool((claim.payload or {}).get("wide"))
        self._spelled = False  # other spellings were asked for
        self._parts: list[Part] = []  # of the index, not asked for yet
        self._parts_asked: set[str] = set()
        self._rows: list[CdxRow] = []
        self._is_full = False  # the index was asked for fewer rows than it has
        self._is_cut = False  # an answer broke off
        self._problem: str | None = None

    def first_request(self) -> Request:
        """Return the question: captures nearest to when the page was good."""
        url, target = self.claim.url, self._target()
        wider = self.dialect.wider_url(url, target) if self._wide else None
        return self._question(wider or self.dialect.lookup_url(url, target))

    async def answered(self, response: Response) -> Record:
        """Read the rows in a worker, choose, ask on if need be, and record the answer."""
        while True:
            self.at, self.status = response.url, response.status
            answer = await self._read(response)
            if answer.answer in {Answer.COULD_NOT_ASK, Answer.EXCLUDED}:
                result = self.result(answer.answer, answer.retry_after)
                result = replace(result, problem=answer.problem)
                return self.record(result, wait=answer.retry_after)
            self._take(answer)
            choice = self._choose()
            url = self._next_url(choice)
            if url is None:
                return self.record(self._chosen(choice))
            pace = self.context.lookup_paces[self.archive]
            response = await self.send(self._question(url), pace)

    def _question(self, url: str) -> Request:
        return self.request(url, dict(self.dialect.headers(self._target())))

    async def _read(self, response: Response) -> RowsAnswer:
        try:
            answer = await self.context.pool.run(
                self.dialect.read_rows, response.status, visit_headers(response), response.body
            )
        except (ReadingTimedOut, ReadingFailed) as failure:
            return could_not_ask(str(failure))
        cut = is_truncated(response)
        if cut is not None and answer.answer is Answer.HAS_NOT:
            return could_not_ask(f"the answer was cut short ({cut})")
        self._is_cut |= cut is not None
        return answer

    def _take(self, answer: RowsAnswer) -> None:
        limit = self.dialect.limit
        self._is_full |= limit is not None and len(answer.rows) + answer.skipped >= limit
        self._rows += answer.rows
        self._problem = answer.problem or self._problem
        known = {part.url for part in self._parts} | self._parts_asked
        self._parts += [part for part in answer.parts if part.url not in known]
        self._parts.sort(key=self._distance)

    def _distance(self, part: Part) -> timedelta:
        """Return how far a part of an index is from the time that is looked for."""
        target = self._target() or datetime(1996, 1, 1, tzinfo=UTC)
        since, until = part.since or part.until, part.until or part.since
        if since is None or until is None or since <= target <= until:
            return timedelta(0)
        return min(abs(since - target), abs(until - target))

    def _target(self) -> datetime | None:
        """Return when the page is known to have been good; None when nothing tells.

        An address that somebody gave us was first seen today, whenever the page was good.
        """
        history = self.claim.history
        dated = history.published_hint or published_by_address(self.claim.url) or history.last_ok_at
        seen = history.first_seen_at if self.claim.found_how is not Found.SEED else None
        return dated or seen

    def _first_bad_at(self) -> datetime | None:
        """Return since when copies may show something else: it failed, or its host is parked."""
        since = (self.claim.history.first_failed_at, self.claim.host.parked_since)
        return min((at for at in since if at is not None), default=None)

    def _choose(self) -> Choice:
        tried = {refusal.memento for refusal in self.refused}
        rows = [row for row in self._rows if self.dialect.replay_url(row) not in tried]
        return choose_mementos(
            nearest(rows, self._target(), _MOST_ROWS),
            url=self.claim.url,
            target=self._target(),
            archive=self.archive,
            replay_url=self.dialect.replay_url,
            first_bad_at=self._first_bad_at(),
            other_spellings=self._spelled,
        )

    def _next_url(self, choice: Choice) -> str | None:
        """Return what must be asked before the answer is complete: None, as a rule."""
        if self._parts and len(self._parts_asked) < _MOST_PARTS:
            part = self._parts[0]
            if not choice.candidates or (part.since and not self._distance(part)):
                self._parts_asked.add(self._parts.pop(0).url)
                return part.url
        if choice.candidates:
            return None
        if self._is_full and not self._wide:
            self._wide = True
            return self.dialect.wider_url(self.claim.url, self._target())
        if not self._spelled:
            self._spelled = True
            return self.dialect.variants_url(self.claim.url)
        return None

    def _chosen(self, choice: Choice) -> LookupResult:
        """Return the choice; rows of which none is fit are an archive that has not."""
        if not choice.candidates and (self._is_cut or self._parts):
            return self.could_not_ask("the index was not read to its end")
        result = self.result(Answer.HAS if choice.candidates else Answer.HAS_NOT)
        tried = self.refused if choice.candidates else ()
        return replace(
            result,
            problem=None if choice.candidates else self._problem,
            rows_seen=len(self._rows),
            first_capture=first_capture(self._rows, self.claim.url),
            refused=choice.refused,
            candidates=tuple(as_json(candidate) for candidate in choice.candidates),
            more=self._is_full and not self._wide,
            tried=tuple(asdict(refusal) for refusal in tried),
        )


def as_json(candidate: Candidate) -> dict[str, str]:
    """Return a candidate as the frontier keeps it."""
    return {
        **{name: str(value) for name, value in asdict(candidate).items()},
        "memento_datetime": candidate.memento_datetime.astimezone(UTC).isoformat(),
    }
