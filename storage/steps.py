"""What follows from a record, before anything of it is written: values for rows, no statement."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from crawler.core.lifecycle import LifecyclePolicy, next_visit
from crawler.core.offers import Found, Kind, reads_as_article, site_of
from crawler.core.urls import url_key
from crawler.core.values import History, NextStep, PageReading, Verdict
from crawler.core.words import Liveness, Purpose
from storage import offers
from storage.records import Record

_CLEAR_ABSENCES = frozenset({Liveness.GONE, Liveness.SOFT_GONE, Liveness.UNKNOWN})


def history_of(row: Any) -> History:
    """Return what a resource row says of its past."""
    return History(
        url=row.url,
        state=row.state,
        liveness=row.liveness,
        consecutive_failures=row.consecutive_failures,
        first_failed_at=row.first_failed_at,
        last_ok_at=row.last_ok_at,
        last_visited_at=row.last_visited_at,
        first_seen_at=row.first_seen_at,
        visits=row.visits,
        has_complete_version=row.has_complete_version,
        headline=row.headline,
        headline_how=row.headline_how or row.found_how,
        published_hint=row.published_hint,
        published_hint_how=row.published_hint_how or row.found_how,
    )


def next_step(
    record: Record, policy: LifecyclePolicy, now: datetime, *, host_dead: bool = False
) -> NextStep | None:
    """Return the state and due time that follow; None for archives and without a verdict."""
    if record.verdict is None or not is_live(record):
        return None
    history = record.claim.history
    if record.verdict.is_good and is_complete(record.reading):
        history = replace(history, has_complete_version=True)
    numbers = fitting(policy, record)
    step = next_visit(
        history,
        record.verdict,
        numbers,
        now,
        retry_after=record.retry_after,
        host_dead=host_dead,
    )
    return replace(step, due_at=None) if _was_wrong_guess(record) else step


def keeps_text(record: Record) -> bool:
    """Whether a text found there is the page's own: of lists it is other articles' teasers."""
    if record.claim.purpose is not Purpose.DISCOVER:
        return True
    reading = record.reading
    return (
        record.claim.kind is Kind.SECTION
        and reading is not None
        and reads_as_article(reading.signals)
    )


def is_live(record: Record) -> bool:
    """Whether the live web was visited, not an archive."""
    return record.claim.purpose not in {Purpose.LOOKUP, Purpose.REPLAY}


def is_complete(reading: PageReading | None) -> bool:
    """Whether a whole article was read."""
    return reading is not None and reading.article is not None and not reading.article.is_partial


def judged(verdict: Verdict, step: NextStep) -> dict[str, Any]:
    """Return what a verdict changes on its resource."""
    return {
        "state": step.state,
        "liveness": verdict.liveness,
        "reason": verdict.reasons[0],
        "consecutive_failures": step.consecutive_failures,
        "first_failed_at": step.first_failed_at,
    }


def answered(record: Record, now: datetime) -> dict[str, Any]:
    """Return what a good answer changes: the spelling that answered, and what is now held."""
    values: dict[str, Any] = {"last_ok_at": now}
    if url_key(record.visit.final_url) == url_key(record.claim.url):
        values["url"] = record.visit.final_url
    if is_complete(record.reading) and keeps_text(record):
        values["has_complete_version"] = True
    return values


def offered(record: Record, most: int) -> list[offers.Offered]:
    """Return the first of what a page or list offers, each with the site it belongs to."""
    claim = record.claim
    return [
        offers.Offered(
            offer=link,
            on=claim.resource_id,
            site_id=site_of(link.url, claim.fronts, claim.site_id),
            depth=claim.depth + 1,
        )
        for link in record.links[:most]
    ]


def fitting(policy: LifecyclePolicy, record: Record) -> LifecyclePolicy:
    """Return the numbers for what is visited: what lists articles is read again much sooner."""
    if record.claim.purpose is Purpose.DISCOVER:
        return replace(policy, revisit_alive=policy.revisit_lists)
    return policy


def _was_wrong_guess(record: Record) -> bool:
    """Whether a list was looked for in a usual place and, by a clear answer, is not there."""
    verdict = record.verdict
    return (
        record.claim.found_how is Found.GUESS
        and verdict is not None
        and verdict.liveness in _CLEAR_ABSENCES
    )
