"""What one errand writes: the visit and all its consequences, in one transaction.

    visit row ─► verdict's consequences ─► article version ─► resource's state ─► next due time
              ─► recovery entries ─► links of the whole group ─► changes (numbered last)

The decisions are `crawler.core.lifecycle`'s; this module only carries them out.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from crawler.core.lifecycle import LifecyclePolicy
from crawler.core.urls import BadUrl, lane_host, url_key
from crawler.core.values import NextStep
from crawler.core.words import ChangeKind, Liveness, Purpose, State
from storage import (
    articles,
    changes,
    frontier,
    hosts,
    offers,
    recovery,
    resources,
    retracting,
    runs,
    steps,
    visits,
)
from storage.captures import Capture
from storage.records import Record
from storage.schema import resource

LINKS_AT_ONCE = 2_000
"""More links than these are written in transactions of their own, before the visit's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a run writes by: its id, the life-cycle's numbers, whom to ask for lost pages."""

    run_id: int
    policy: LifecyclePolicy
    first_archive: str | None  # None: lost pages are not looked for
    left_alone: frozenset[int] = frozenset()  # sites whose lost pages are not looked for


@dataclass(slots=True)
class _Group:
    """What the records of one transaction have gathered so far."""

    connection: Connection
    rules: Rules
    now: datetime
    shelf: articles.Shelf
    visited: list[dict[str, Any]] = field(default_factory=list)  # of resources, to be written
    told: list[changes.Change] = field(default_factory=list)
    links: list[offers.Offered] = field(default_factory=list)
    new_entries: int = 0


@dataclass(frozen=True, slots=True)
class _Errand:
    """A record with its visit's row and what follows for a live page."""

    record: Record
    visit_id: int
    step: NextStep | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An errand's record with the place of its bytes."""

    record: Record
    capture: Capture | None


def write(connection: Connection, rules: Rules, group: Sequence[Kept], now: datetime) -> None:
    """Write a group of errands. Any exception leaves the transaction to be rolled back."""
    claimed = {kept.record.claim.resource_id for kept in group}
    gathered = _Group(connection, rules, now, articles.Shelf(connection, claimed))
    ids = visits.add_all(connection, rules.run_id, [(kept.record, kept.capture) for kept in group])
    register = hosts.Register(connection, rules.run_id, rules.policy, now)
    errands = _weighed([kept.record for kept in group], ids, register, gathered)
    _finish_live(gathered, errands)
    for errand in errands:
        _write_one(gathered, errand)
    gathered.shelf.flush()
    _write_visited(gathered)
    gathered.told += register.flush()
    _retract(gathered, errands)
    gathered.new_entries += offers.add(connection, gathered.links, now)
    runs.count_discovered(connection, rules.run_id, gathered.new_entries)
    changes.write(connection, gathered.told, now)


def _weighed(
    records: Sequence[Record], ids: dict[bytes, int], register: hosts.Register, group: _Group
) -> list[_Errand]:
    """Return the errands with what follows from each, their hosts' outages considered."""
    live = [record for record in records if steps.is_live(record) and record.verdict is not None]
    register.open({record.claim.host.name for record in live})
    for record in live:
        if record.verdict is not None:
            register.see(record, record.verdict)
    register.weigh()
    return [
        _Errand(record, ids[record.claim.errand], _step(record, register, group))
        for record in records
    ]


def _step(record: Record, register: hosts.Register, group: _Group) -> NextStep | None:
    if record.verdict is None or not steps.is_live(record):
        return None
    host_dead = register.is_dead(record.claim.host.name)
    step = steps.next_step(record, group.rules.policy, group.now, host_dead=host_dead)
    return None if step is None else register.settle(record, step)


def _retract(group: _Group, errands: Sequence[_Errand]) -> None:
    """Take back what this run took for articles before it knew the page for an error page."""
    learned = [errand.record.learned for errand in errands if errand.record.learned is not None]
    shown_by = [token for one in learned for token in one.shown_by]
    if shown_by:
        group.told += retracting.retract(group.connection, shown_by, group.now)


def write_many_links(connection: Connection, rules: Rules, record: Record, now: datetime) -> Record:
    """Write the links of a page that has very many; return the record without them.

    Repeating it is harmless, so it may be committed before the visit itself is.
    """
    new = offers.add(connection, steps.offered(record, LINKS_AT_ONCE), now)
    runs.count_discovered(connection, rules.run_id, new)
    return replace(record, links=record.links[LINKS_AT_ONCE:])


def _finish_live(group: _Group, errands: Sequence[_Errand]) -> None:
    """End the entries of live pages, before anything of the group may add them anew."""
    endings = [
        frontier.Ending(
            entry_id=errand.record.claim.entry_id,
            lane=errand.record.claim.lane,
            due_at=errand.step.due_at if errand.step else None,
        )
        for errand in errands
        if steps.is_live(errand.record)
    ]
    frontier.finish_all(group.connection, endings, group.now)


def _write_one(group: _Group, errand: _Errand) -> None:
    record = errand.record
    if record.claim.purpose is Purpose.LOOKUP:
        recovery.write_lookup(
            group.connection, record, errand.visit_id, group.now, group.rules.policy
        )
    elif record.claim.purpose is Purpose.REPLAY:
        _write_replay(group, record, errand.visit_id)
    else:
        _write_live(group, record, errand)


def _write_replay(group: _Group, record: Record, visit_id: int) -> None:
    recovery.write_replay(group.connection, record, group.now, group.rules.policy)
    if record.memento is None:
        return
    stored = _store_text(group, record, visit_id, record.claim.resource_id)
    complete = steps.is_complete(record.reading)
    group.connection.execute(
        update(resource)
        .where(resource.c.id == record.claim.resource_id)
        .values(recovered=True, **({"has_complete_version": True} if complete else {}))
    )
    _tell(group, record.claim.resource_id, record.claim.url, stored)


def _write_live(group: _Group, record: Record, errand: _Errand) -> None:
    step = errand.step
    target = _target(group, record)
    stored = None
    if record.verdict is not None and record.verdict.is_good:
        stored = _store_text(group, record, errand.visit_id, target)
    _update_resource(group, record, step, own_text=target == record.claim.resource_id)
    if target != record.claim.resource_id:
        _arrive(group, record, target)
    if step is not None and step.recover:
        _recover(group, record)
    if record.follow_up is not None:
        _follow_up(group, record, record.follow_up)
    group.links += steps.offered(record, LINKS_AT_ONCE)
    _tell(group, target, _address(record), stored)
    _tell_state(group, record, step)


def _target(group: _Group, record: Record) -> int:
    """Return the resource the page belongs to: the one asked for, or where it moved."""
    verdict, claim = record.verdict, record.claim
    if verdict is None or verdict.liveness is not Liveness.MOVED:
        return claim.resource_id
    if url_key(record.visit.final_url) == url_key(claim.url):
        return claim.resource_id
    target = _redirected(group, record, record.visit.final_url)
    resources.add_alias(group.connection, claim.url, target, "moved", group.now)
    return target


def _redirected(group: _Group, record: Record, url: str) -> int:
    """Return the resource a redirect leads to; a new one is of the same site and kind."""
    claim = record.claim
    return resources.get_or_add(
        group.connection,
        url,
        "redirect",
        group.now,
        kind=claim.kind,
        site_id=claim.site_id,
        depth=claim.depth,
    )


def _address(record: Record) -> str:
    good = record.verdict is not None and record.verdict.is_good
    return record.visit.final_url if good else record.claim.url


def _store_text(
    group: _Group, record: Record, visit_id: int, resource_id: int
) -> articles.Stored | None:
    reading = record.reading
    if not steps.keeps_text(record) or reading is None or reading.article is None:
        return None
    memento = record.memento
    text = articles.Text(
        resource_id=resource_id,
        visit_id=visit_id,
        source=visits.source_of(record),
        captured_at=memento.memento_datetime if memento else visits.ended_at(record),
        article=reading.article,
        removed=reading.removed,
        extractor_version=reading.extractor_version,
        memento=memento,
        content_sha256=visits.content_sha256(record),
        history=record.claim.history,
    )
    return group.shelf.store(text)


def _update_resource(
    group: _Group, record: Record, step: NextStep | None, *, own_text: bool
) -> None:
    values: dict[str, Any] = {
        "outcome": record.visit.outcome,
        "http_status": record.visit.status,
        "last_visited_at": group.now,
    }
    if record.verdict is not None and step is not None:
        values |= steps.judged(record.verdict, step)
        if record.verdict.is_good and own_text:
            values |= steps.answered(record, group.now)
    group.visited.append({"visited": record.claim.resource_id, **values})


def _write_visited(group: _Group) -> None:
    """Write what the visits so far say of their resources, in order, equal columns together."""
    for _columns, rows in groupby(group.visited, key=tuple):
        group.connection.execute(_VISITED, list(rows))
    group.visited.clear()


# Made once, since building a statement costs several times its execution.
_VISITED = (
    update(resource)
    .where(resource.c.id == bindparam("visited"))
    .values(visits=resource.c.visits + 1)
)


def _arrive(group: _Group, record: Record, target: int) -> None:
    """Write the visit's success on the resource that the page moved to, and schedule it."""
    _write_visited(group)  # the target's own visit may be in this group
    _tell_revival(group, record, target)
    group.connection.execute(
        update(resource)
        .where(resource.c.id == target)
        .values(
            **steps.answered(record, group.now),
            state=State.ALIVE,
            liveness=Liveness.ALIVE,
            outcome=record.visit.outcome,
            http_status=record.visit.status,
            last_visited_at=group.now,
            consecutive_failures=0,
            first_failed_at=None,
        )
    )
    due_at = group.now + steps.fitting(group.rules.policy, record).revisit_alive
    _go_on(group, record, target, record.visit.final_url, due_at)


def _go_on(group: _Group, record: Record, target: int, url: str, due_at: datetime) -> None:
    """Give a redirect's target the entry it goes on by: a moved feed is still a feed."""
    lists = record.claim.purpose is Purpose.DISCOVER
    entry = frontier.Entry(
        resource_id=target,
        purpose=Purpose.DISCOVER if lists else Purpose.VISIT,
        lane=frontier.host_lane(lane_host(url)),
        due_at=due_at,
    )
    group.new_entries += frontier.add(group.connection, [entry])


def _recover(group: _Group, record: Record) -> None:
    archive = group.rules.first_archive
    if archive is None or record.claim.purpose is not Purpose.VISIT:
        return
    if record.claim.site_id in group.rules.left_alone:
        return
    if recovery.is_settled(group.connection, record.claim.resource_id):
        return
    group.new_entries += recovery.ask(
        group.connection, record.claim.resource_id, archive, group.now
    )


def _follow_up(group: _Group, record: Record, url: str) -> None:
    """Give a redirect's target an entry of its own: its host is in another run's hands."""
    try:
        target = _redirected(group, record, url)
    except BadUrl:
        return
    resources.add_alias(group.connection, record.claim.url, target, "redirect", group.now)
    _go_on(group, record, target, url, group.now)


def _tell(group: _Group, resource_id: int, url: str, stored: articles.Stored | None) -> None:
    if stored is not None:
        group.told.append(
            changes.Change(
                kind=stored.kind,
                resource_id=resource_id,
                url=url,
                version=stored.version,
                reading=stored.reading,
            )
        )


def _tell_state(group: _Group, record: Record, step: NextStep | None) -> None:
    history, verdict = record.claim.history, record.verdict
    if step is None or verdict is None:
        return
    if verdict.liveness is Liveness.WITHDRAWN is not history.liveness:
        _tell_of(group, ChangeKind.WITHDRAWN, record.claim.resource_id, record.claim.url)
    elif _is_news(history.state, step.state):
        _tell_of(group, ChangeKind.STATE, record.claim.resource_id, record.claim.url)


def _tell_revival(group: _Group, record: Record, target: int) -> None:
    """Tell that a resource lives again, if the redirect to it shows it."""
    before = group.connection.execute(
        select(resource.c.state).where(resource.c.id == target)
    ).scalar_one()
    if _is_news(before, State.ALIVE):
        _tell_of(group, ChangeKind.STATE, target, record.visit.final_url)


def _is_news(before: State, after: State) -> bool:
    """Whether a state is told; a first life is told by the "new" change."""
    return before is not after and not (before is State.UNVISITED and after is State.ALIVE)


def _tell_of(group: _Group, kind: ChangeKind, resource_id: int, url: str) -> None:
    group.told.append(changes.Change(kind=kind, resource_id=resource_id, url=url))
