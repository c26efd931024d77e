"""Hosts: what is known of each, and what a group of visits changes of it.

A group asks once for the rows of its hosts and writes those that changed. Falls of a run are kept
until they turn out to be the host's outage: then what was written for them is taken back.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from crawler.core import hosts as core
from crawler.core import probing
from crawler.core.hosts import HostLife
from crawler.core.lifecycle import LifecyclePolicy
from crawler.core.values import ErrorPage, History, HostFacts, NextStep, Probe, Verdict
from crawler.core.words import ChangeKind, State
from storage import frontier
from storage.changes import Change
from storage.dialect import insert_into, is_among
from storage.records import Record
from storage.schema import fall, host, resource
from storage.schema import frontier as entries

_LIFE = ("failing_since", "parked_since", "outage_since", "run_id", "run_alive", "run_failed")


@dataclass(slots=True)
class _Known:
    """A host in the hands of a group."""

    facts: HostFacts
    life: HostLife
    was: dict[str, Any]  # the row's values as they were found
    tells: bool = False  # whether a probe or an error page came


class Register:
    """The hosts of one group of errands. Use it in the order: `see` all, `weigh`, `flush`."""

    def __init__(
        self, connection: Connection, run_id: int, policy: LifecyclePolicy, now: datetime
    ) -> None:
        self._connection = connection
        self._run_id = run_id
        self._policy = policy
        self._now = now
        self._known: dict[str, _Known] = {}
        self._falls: list[dict[str, Any]] = []

    def open(self, names: Collection[str]) -> None:
        """Ask for the rows of these hosts, in one question."""
        query = select(host).where(host.c.name.in_(sorted(names))).order_by(host.c.name)
        found = {row.name: row for row in self._connection.execute(query.with_for_update())}
        for name in names:
            row = found.get(name)
            life = HostLife() if row is None else _life_of(row)
            facts = HostFacts(name=name) if row is None else facts_of(row)
            begun = core.in_run(life, self._run_id, self._policy)
            self._known[name] = _Known(facts, begun, _columns(life))

    def see(self, record: Record, verdict: Verdict) -> None:
        """Count one visit to the live web, and take what it taught."""
        known = self._known[record.claim.host.name]
        known.life = core.seen(known.life, record.claim.history, verdict, self._now)
        if record.learned is None:
            return
        known.tells = True
        if record.learned.probe is not None:
            known.facts = probing.taught(known.facts, record.learned.probe)
        if record.learned.repeated is not None:
            known.facts = probing.with_error_pages(known.facts, [record.learned.repeated])

    def weigh(self) -> None:
        """Decide, after all visits of the group, which hosts are in an outage."""
        for known in self._known.values():
            known.life = core.judge_outage(known.life, self._policy, self._now)

    def is_dead(self, name: str) -> bool:
        """Whether the pages of a host that cannot be reached may die."""
        return core.is_dead(self._known[name].life, self._policy, self._now)

    def settle(self, record: Record, step: NextStep) -> NextStep:
        """Return the step that follows in the end: that of a fall in an outage leaves all as is."""
        verdict, history = record.verdict, record.claim.history
        if verdict is None or not core.falls(history, verdict):
            return step
        name = record.claim.host.name
        life = self._known[name].life
        if core.is_held(life, self._policy, self._now):
            return core.held(step, history, verdict, self._again_at(life))
        self._falls.append(_fall(self._run_id, name, record, history, step))
        return step

    def flush(self) -> Iterator[Change]:
        """Write what changed; yield what is to be told of falls that were no deaths."""
        self._write_falls()
        for name in sorted(self._known):
            known = self._known[name]
            if core.is_held(known.life, self._policy, self._now) and known.life.failed:
                yield from self._take_back(name)
        self._write_hosts()

    def _again_at(self, life: HostLife) -> datetime:
        return core.again_at(life, self._policy, self._now)

    def _write_falls(self) -> None:
        if self._falls:
            statement = insert_into(self._connection, fall).on_conflict_do_nothing()
            self._connection.execute(statement, self._falls)

    def _take_back(self, name: str) -> Iterator[Change]:
        """Undo what earlier groups of this run wrote for falls on a host that is down."""
        rows = self._connection.execute(
            select(fall, resource.c.url)
            .join(resource, resource.c.id == fall.c.resource_id)
            .where(fall.c.host == name, fall.c.run_id == self._run_id)
            .order_by(fall.c.resource_id)
        ).all()
        if not rows:
            return
        self._connection.execute(_LIVE_AS_BEFORE, [_before(row) for row in rows])
        again_at = self._again_at(self._known[name].life)
        self._hasten([row.resource_id for row in rows], again_at)
        self._connection.execute(delete(fall).where(fall.c.host == name))
        for row in rows:
            if row.told:
                yield Change(kind=ChangeKind.STATE, resource_id=row.resource_id, url=row.url)

    def _hasten(self, ids: Sequence[int], again_at: datetime) -> None:
        engine = self._connection.dialect.name
        changed = self._connection.execute(
            update(entries)
            .where(
                is_among(engine, entries.c.resource_id, "ids"),
                entries.c.purpose.in_(frontier.LIVE),
                entries.c.run_id.is_(None),
            )
            .values(due_at=again_at)
            .returning(entries.c.lane),
            {"ids": list(ids)},
        ).scalars()
        frontier.lower(self._connection, [(lane, again_at) for lane in set(changed)])

    def _write_hosts(self) -> None:
        rows = [known for _, known in sorted(self._known.items()) if _has_news(known)]
        for known in rows:
            if known.was["run_id"] not in {None, self._run_id} and known.was["run_failed"]:
                old = (fall.c.host == known.facts.name, fall.c.run_id != self._run_id)
                self._connection.execute(delete(fall).where(*old))
            values = _columns(known.life) | (_told(known.facts) if known.tells else {})
            self._connection.execute(
                insert_into(self._connection, host)
                .values(name=known.facts.name, **values)
                .on_conflict_do_update(index_elements=["name"], set_=values)
            )


def facts_of(row: Any) -> HostFacts:
    """Return a host's row as the judge takes it."""
    pages = tuple(ErrorPage(**item) for item in row.error_pages or ())
    return HostFacts(
        name=row.name,
        honest_404=row.honest_404,
        error_templates=frozenset(row.error_templates or ()),
        error_pages=pages,
        probes=tuple(_probe(item) for item in row.probes or ()),
        failing_since=row.failing_since,
        parked_since=row.parked_since,
    )


def _probe(item: dict[str, Any]) -> Probe:
    page = item["page"]
    at = datetime.fromisoformat(item["at"])
    return Probe(**(item | {"at": at, "page": page and ErrorPage(**page)}))


def _told(facts: HostFacts) -> dict[str, Any]:
    """Return the columns of what probes and repeated pages taught."""
    return {
        "honest_404": facts.honest_404,
        "probed_at": max((probe.at for probe in facts.probes), default=None),
        "error_templates": sorted(facts.error_templates),
        "error_pages": [asdict(page) for page in facts.error_pages],
        "probes": [asdict(probe) | {"at": probe.at.isoformat()} for probe in facts.probes],
    }


def _life_of(row: Any) -> HostLife:
    return HostLife(
        run_id=row.run_id,
        alive=row.run_alive,
        failed=row.run_failed,
        outage_since=row.outage_since,
        failing_since=row.failing_since,
        parked_since=row.parked_since,
    )


def _columns(life: HostLife) -> dict[str, Any]:
    values = (
        life.failing_since,
        life.parked_since,
        life.outage_since,
        life.run_id,
        life.alive,
        life.failed,
    )
    return dict(zip(_LIFE, values, strict=True))


def _has_news(known: _Known) -> bool:
    """Whether a host's row is to be written: a run that only finds what is new changes nothing."""
    now = _columns(known.life)
    if not (now["run_alive"] or now["run_failed"]) and known.was["run_id"] is None:
        now["run_id"] = None
    return known.tells or now != known.was


def _fall(
    run_id: int, name: str, record: Record, history: History, step: NextStep
) -> dict[str, Any]:
    return {
        "run_id": run_id,
        "resource_id": record.claim.resource_id,
        "host": name,
        "failures": history.consecutive_failures,
        "first_failed_at": history.first_failed_at,
        "told": step.state is not history.state,
    }


def _before(row: Any) -> dict[str, Any]:
    return {
        "fallen": row.resource_id,
        "failures": row.failures,
        "failed_first": row.first_failed_at,
    }


# Only what was alive falls.
_LIVE_AS_BEFORE = (
    update(resource)
    .where(resource.c.id == bindparam("fallen"))
    .values(
        state=State.ALIVE,
        consecutive_failures=bindparam("failures"),
        first_failed_at=bindparam("failed_first", type_=resource.c.first_failed_at.type),
    )
)
