"""Reading and judging a case: the page alone, and with what a crawl would know of it."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from crawler.core.probing import (
    ProbePolicy,
    bogus_url,
    learn,
    section_of,
    taught,
    wants_probe,
)
from crawler.core.values import History, HostFacts, PageReading, Probe, Verdict, Visit
from crawler.core.verdict import judge
from crawler.core.words import Outcome
from crawler.reading.page import read_page
from judging.cases import LIVING, SEED, Ground
from judging.surgery import plain, write
from judging.values import Case, Tried

_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_NOTHING_KNOWN = HostFacts(name="")
_HEADERS = (("content-type", "text/html; charset=utf-8"),)
_LONG = 40  # characters of a paragraph that can be told from others


@dataclass(slots=True)
class Clock:
    """CPU seconds of reading and of judging, and how many verdicts were asked for."""

    reading: float = 0.0
    judging: float = 0.0
    readings: int = 0
    verdicts: int = 0


@dataclass(slots=True)
class Bench:
    """Tries the cases of one page."""

    ground: Ground
    clock: Clock = field(default_factory=Clock)
    _kept: frozenset[str] | None = None

    def tried(self, cases: Iterable[Case]) -> Iterator[Tried]:
        """Read and judge each case."""
        for case in cases:
            reading = self._read(case)
            visit = visit_of(case)
            alone = self._judge(visit, reading, History(url=case.url), _NOTHING_KNOWN)
            history = History(url=case.url, headline=case.headline or None)
            known = self._judge(visit, reading, history, _NOTHING_KNOWN)
            asks = wants_probe(visit, known, _NOTHING_KNOWN, _NOW, ProbePolicy())
            if _is_probed(case, asks=asks):
                host = taught(_NOTHING_KNOWN, _probe(case, bogus_url(case.url, SEED)))
                known = self._judge(visit, reading, history, host)
            lost = self._lost(reading) if case.kind == "living notice" else 0
            yield Tried(case=case, reading=reading, alone=alone, known=known, asks=asks, lost=lost)

    def _read(self, case: Case) -> PageReading:
        began = time.process_time()
        reading = read_page(case.body, headers=case.headers, url=case.final_url or case.url)
        self.clock.reading += time.process_time() - began
        self.clock.readings += 1
        return reading

    def _judge(
        self, visit: Visit, reading: PageReading, history: History, host: HostFacts
    ) -> Verdict:
        began = time.process_time()
        verdict = judge(visit, reading, history, host)
        self.clock.judging += time.process_time() - began
        self.clock.verdicts += 1
        return verdict

    def _lost(self, reading: PageReading) -> int:
        """Count paragraphs of the article that the same page gives without the notice."""
        if self._kept is None:
            source = self.ground.source
            whole = _text_of(write(self.ground.anatomy.fresh().root), source.url)
            self._kept = frozenset(_paragraphs(source.text, plain(whole)))
        found = plain(reading.article.text if reading.article else "")
        return sum(paragraph not in found for paragraph in self._kept)


def visit_of(case: Case) -> Visit:
    """Return the visit that brought a case's page."""
    return Visit(
        url=case.url,
        final_url=case.final_url or case.url,
        outcome=Outcome.FETCHED,
        status=case.status,
        headers=case.headers,
        chain=case.chain,
        body_size=len(case.body),
    )


def _is_probed(case: Case, *, asks: bool) -> bool:
    """Whether the host was asked for a page that never was.

    It is asked only if a crawl would: on suspicion. But a living page may be judged after another
    one of its host gave rise to the question, so there it always was.
    """
    if case.probe is None and not case.is_honest:
        return False
    return asks or case.kind in LIVING


def _probe(case: Case, url: str) -> Probe:
    """Ask the case's host for a page that never was, and learn from it as a crawl does."""
    if case.probe is None:
        visit = Visit(url=url, final_url=url, outcome=Outcome.FETCHED, status=404)
        verdict = judge(visit, None, History(url=url), HostFacts(name=""))
        return learn(section_of(case.url), visit, verdict, None, _NOW)
    visit = Visit(url=url, final_url=url, outcome=Outcome.FETCHED, status=200, headers=_HEADERS)
    reading = read_page(case.probe, headers=_HEADERS, url=url)
    verdict = judge(visit, reading, History(url=url), HostFacts(name=""))
    return learn(section_of(case.url), visit, verdict, reading, _NOW)


def _text_of(body: bytes, url: str) -> str:
    article = read_page(body, headers=_HEADERS, url=url).article
    return article.text if article else ""


def _paragraphs(truth: str, text: str) -> Iterator[str]:
    """Yield the paragraphs of the true text that are in another text, as plain words."""
    for line in truth.split("\n"):
        words = plain(line)
        if len(words) >= _LONG and words in text:
            yield words
