"""Text F1 and CPU of reading and judging, beside stock trafilatura in the same run."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import crawl_score
from judging import floors
from judging.figures import Measure
from judging.floors import Floor
from judging.values import Source
from trafilatura import bare_extraction

from crawler.core.values import History, HostFacts, PageReading, Visit
from crawler.core.verdict import judge
from crawler.core.words import Outcome
from crawler.reading.page import read_page

_HEADERS = (("content-type", "text/html"),)
_OURS, _STOCK, _PRECISE = "read and judge", "trafilatura with metadata", "trafilatura for precision"


def measures(sources: Sequence[Source]) -> Iterator[Measure]:
    """Yield CPU and F1 figures of living pages, each read by each reader in turned order."""
    spent, texts, judging = _alternate(sources)
    count = len(sources)
    for name, seconds in spent.items():
        yield Measure("cost", f"CPU ms a page: {name}", seconds * 1000 / count, count)
    ratio = spent[_OURS] / spent[_STOCK]
    yield Measure("cost", f"CPU: {_OURS} : {_STOCK}", ratio, count, floors.CPU)
    yield Measure("cost", "of it judge(), ms a page", judging * 1000 / count, count)
    yield Measure("cost", "share of judge()", judging / spent[_OURS], count)
    yield from _quality(sources, texts)


def _alternate(
    sources: Sequence[Source],
) -> tuple[dict[str, float], dict[str, list[str]], float]:
    spent, texts = defaultdict[str, float](float), defaultdict[str, list[str]](list)
    judging = 0.0
    names = list(_READERS)
    for number, source in enumerate(sources):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            began = time.process_time()
            found = _READERS[name](source)
            if isinstance(found, PageReading):
                before = time.process_time()
                _judge(source, found)
                judging += time.process_time() - before
            spent[name] += time.process_time() - began
            texts[name].append(_text(found))
    return spent, texts, judging


def _quality(sources: Sequence[Source], texts: dict[str, list[str]]) -> Iterator[Measure]:
    for prefix in sorted({one.id.split("-")[0] for one in sources}):
        places = [place for place, one in enumerate(sources) if one.id.startswith(prefix)]
        scores = {
            name: crawl_score.f1(
                crawl_score.precision_and_recall(texts[name][place], sources[place].text)
                for place in places
            )
            for name in texts
        }
        least = scores[_PRECISE] + (floors.F1_GAIN if prefix == "aed" else 0)
        for name, score in scores.items():
            floor = Floor("at least", round(least, 4)) if name == _OURS else None
            yield Measure("text", f"F1, {prefix}-: {name}", score, len(places), floor)


def _judge(source: Source, reading: PageReading) -> None:
    visit = Visit(
        url=source.url, final_url=source.url, outcome=Outcome.FETCHED, status=200, headers=_HEADERS
    )
    judge(visit, reading, History(url=source.url), HostFacts(name=""))


def _text(found: Any) -> str:
    if isinstance(found, PageReading):
        return found.article.text if found.article else ""
    return (found.text or "") if found is not None else ""


_READERS: dict[str, Callable[[Source], Any]] = {
    _OURS: lambda one: read_page(one.body, headers=_HEADERS, url=one.url),
    _STOCK: lambda one: bare_extraction(one.body, url=one.url, with_metadata=True),
    _PRECISE: lambda one: bare_extraction(
        one.body, url=one.url, favor_precision=True, include_comments=False
    ),
}
