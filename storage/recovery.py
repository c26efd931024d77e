"""What an archive's answer writes: the lookup's row, the replay to come, the next question."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, replace
from datetime import datetime

from sqlalchemy import Connection, insert, or_, select, update

from crawler.core.lifecycle import LifecyclePolicy
from crawler.core.words import Answer, Purpose, State
from storage import budgets, frontier
from storage.dialect import batches
from storage.records import LookupResult, Record
from storage.schema import archive_lookup, resource
from storage.schema import frontier as frontier_table


def ask(
    connection: Connection,
    resource_id: int,
    archive: str,
    now: datetime,
    payload: dict[str, object] | None = None,
    *,
    hasten: bool = False,
) -> int:
    """Put a lookup into an archive's lane; return 1 if it is new.

    With `hasten` a question that was to be asked again later is asked now: where it stands, if a
    round of questions is under way.
    """
    if hasten and _hasten_open(connection, [resource_id], now):
        return 0
    entry = frontier.Entry(
        resource_id=resource_id,
        purpose=Purpose.LOOKUP,
        lane=frontier.archive_lane(archive, Purpose.LOOKUP),
        due_at=now,
        payload=payload,
    )
    return frontier.add(connection, [entry], hasten=hasten)


def is_settled(connection: Connection, resource_id: int) -> bool:
    """Whether an archive's copies are on their way, or came since the page was claimed."""
    replay = select(frontier_table.c.id).where(
        frontier_table.c.resource_id == resource_id, frontier_table.c.purpose == Purpose.REPLAY
    )
    held = select(resource.c.id).where(
        resource.c.id == resource_id, resource.c.has_complete_version.is_(True)
    )
    return bool(connection.execute(select(or_(replay.exists(), held.exists()))).scalar_one())


def ask_for_lost(
    connection: Connection, archive: str, left_alone: Collection[int], now: datetime
) -> int:
    """Put every page that is lost into an archive's lane, due now; return how many that are.

    Lost: visited, not alive or moved, and no complete version is held. Pages of the sites
    `left_alone` (ids) are not asked for.
    """
    lost = connection.execute(
        select(resource.c.id).where(
            resource.c.kind == "page",
            resource.c.has_complete_version.is_(False),
            resource.c.state.not_in([State.ALIVE, State.MOVED, State.UNVISITED]),
            or_(resource.c.site_id.is_(None), resource.c.site_id.not_in(left_alone)),
        )
    ).scalars()
    pages = list(lost)
    under_way = _hasten_open(connection, pages, now)
    lane = frontier.archive_lane(archive, Purpose.LOOKUP)
    entries = [
        frontier.Entry(resource_id=resource_id, purpose=Purpose.LOOKUP, lane=lane, due_at=now)
        for resource_id in pages
        if resource_id not in under_way
    ]
    frontier.add(connection, entries, hasten=True)
    return len(pages)


def _hasten_open(connection: Connection, pages: Sequence[int], now: datetime) -> set[int]:
    """Bring forward the questions of which some could not be asked; return whose they are.

    They stay in their archive's lane and know what was answered: asking anew would forget it.
    """
    found: set[int] = set()
    for batch in batches(list(pages), frontier.BATCH):
        rows = connection.execute(
            select(frontier_table).where(
                frontier_table.c.resource_id.in_(batch),
                frontier_table.c.purpose == Purpose.LOOKUP,
                frontier_table.c.run_id.is_(None),
            )
        ).all()
        late = [row for row in rows if (row.payload or {}).get("attempts")]
        connection.execute(
            update(frontier_table)
            .where(frontier_table.c.id.in_([row.id for row in late]), frontier_table.c.due_at > now)
            .values(due_at=now)
        )
        frontier.lower(connection, [(row.lane, now) for row in late])
        found |= {row.resource_id for row in late}
    return found


def write_lookup(
    connection: Connection,
    record: Record,
    visit_id: int,
    now: datetime,
    policy: LifecyclePolicy,
) -> None:
    """Write one answer of an archive's index and what follows from it."""
    result = _result(record)
    connection.execute(
        insert(archive_lookup).values(
            resource_id=record.claim.resource_id,
            visit_id=visit_id,
            archive=result.archive,
            asked_at=record.started_at,
            answer=result.answer,
            problem=result.problem,
            rows_seen=result.rows_seen,
            first_capture_at=result.first_capture,
            refused=[asdict(refusal) for refusal in result.refused],
            ask_again_at=result.ask_again_at,
        )
    )
    _keep_pace(connection, record, result, now, policy)
    if result.answer is Answer.HAS and result.candidates:
        frontier.finish(connection, record.claim.entry_id, None)
        _add_replay(connection, record, result, now)
    else:
        _ask_elsewhere_or_later(connection, record, result, now, policy)


def write_replay(
    connection: Connection, record: Record, now: datetime, policy: LifecyclePolicy
) -> None:
    """Write what came of an archive's candidates: one taken, all refused, or not to be asked."""
    result = _result(record)
    _keep_pace(connection, record, result, now, policy)
    if result.answer is Answer.COULD_NOT_ASK:
        # The same copies are asked for again, also where the answer names none.
        kept = (record.claim.payload or {}) | {"attempts": result.attempts}
        again_at = result.ask_again_at or now + policy.lookup_base
        frontier.finish(
            connection,
            record.claim.entry_id,
            again_at,
            payload=_to_replay(result) if result.candidates else kept,
        )
        return
    _complete_lookup(connection, record, result)
    frontier.finish(connection, record.claim.entry_id, None)
    if record.memento is None:
        _ask_next(connection, record, result, now)


def _result(record: Record) -> LookupResult:
    if record.lookup is None:
        raise ValueError(f"an errand of purpose {record.claim.purpose} without an archive's answer")
    return record.lookup


def _keep_pace(
    connection: Connection,
    record: Record,
    result: LookupResult,
    now: datetime,
    policy: LifecyclePolicy,
) -> None:
    kind = record.claim.purpose
    if result.answer is not Answer.COULD_NOT_ASK:
        budgets.absolve(connection, result.archive, kind)
    elif result.throttled:
        budgets.pause(connection, result.archive, kind, now, record.retry_after, policy)
    elif result.unreached:
        budgets.unreached(connection, result.archive, kind, now, policy)


def _add_replay(
    connection: Connection, record: Record, result: LookupResult, now: datetime
) -> None:
    entry = frontier.Entry(
        resource_id=record.claim.resource_id,
        purpose=Purpose.REPLAY,
        lane=frontier.archive_lane(result.archive, Purpose.REPLAY),
        due_at=now,
        payload=_to_replay(result),
    )
    frontier.add(connection, [entry], hasten=True)


def _to_replay(result: LookupResult) -> dict[str, object]:
    more = {"more": True} if result.more else {}
    return {"candidates": list(result.candidates), **_question(result), **more}


def _question(result: LookupResult) -> dict[str, object]:
    """Return what the next errand must know; most pages have nothing but the attempts."""
    so_far = {"answered": result.round.answered, "owed": result.round.owed}
    known: dict[str, object] = {name: list(names) for name, names in so_far.items() if names}
    if result.tried:
        known["tried"] = list(result.tried)
    return {"attempts": result.attempts, **known, **({"wide": True} if result.wide else {})}


def _ask_elsewhere_or_later(
    connection: Connection,
    record: Record,
    result: LookupResult,
    now: datetime,
    policy: LifecyclePolicy,
) -> None:
    could_not = result.answer is Answer.COULD_NOT_ASK
    if could_not and result.next_archive is None and result.ask_again_at is None:
        # Not to have been asked is no answer: that question is never dropped.
        result = replace(result, ask_again_at=now + policy.lookup_base)
    frontier.finish(connection, record.claim.entry_id, None)
    _ask_next(connection, record, result, now)


def _ask_next(connection: Connection, record: Record, result: LookupResult, now: datetime) -> None:
    """Put the next question of a page: to the archive named, else to the same one later."""
    due_at = (result.next_at or now) if result.next_archive else result.ask_again_at
    if due_at is None:
        return
    archive = result.next_archive or result.archive
    ask(connection, record.claim.resource_id, archive, due_at, _question(result))


def _complete_lookup(connection: Connection, record: Record, result: LookupResult) -> None:
    """Write on the lookup's row which candidate was taken and why others were not."""
    row = connection.execute(
        select(archive_lookup.c.id, archive_lookup.c.refused)
        .where(
            archive_lookup.c.resource_id == record.claim.resource_id,
            archive_lookup.c.archive == result.archive,
        )
        .order_by(archive_lookup.c.id.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return
    refused = [*row.refused, *(asdict(refusal) for refusal in record.refused)]
    memento_url = record.memento.memento_url if record.memento else None
    connection.execute(
        update(archive_lookup)
        .where(archive_lookup.c.id == row.id)
        .values(memento_url=memento_url, refused=refused, ask_again_at=result.ask_again_at)
    )
