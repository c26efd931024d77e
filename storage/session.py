"""One run's hands on the ledger: claim, record, hold a lane, take a token, close.

Opening reaps dead runs, closes the WARC files they left, adds the harvest row and starts the
writer thread. The async methods await the writer; each returns after its commit.
"""

import asyncio
import contextlib
import queue
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection, Engine, func, select

from crawler import __version__
from crawler.core.lifecycle import LifecyclePolicy
from crawler.core.values import HostFacts
from crawler.errors import NewsmorgueError
from storage import budgets, claims, frontier, ledger, recovery, resources, runs
from storage.captures import Keeper
from storage.engine import describe, reading
from storage.ledger import Rules
from storage.records import ArchivePace, Claim, Limits, Record, Seed
from storage.retry import Patience, as_user_error, transaction
from storage.schema import host, visit
from storage.sites import save_sites
from storage.warc import WarcError, WarcWriter, recover
from storage.writer import Writer

if TYPE_CHECKING:
    from concurrent.futures import Future

T = TypeVar("T")

_FULL_QUEUE_PAUSE = 0.05  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a run is opened with."""

    warc_directory: Path
    user_agent: str
    contact: str = ""
    policy: LifecyclePolicy = field(default_factory=LifecyclePolicy)
    archives: tuple[str, ...] = ()  # names, in the order they are asked
    recover: bool = True  # whether lost pages are looked for at once
    sites: Mapping[str, Any] = field(default_factory=dict)  # name -> settings
    settings: Mapping[str, Any] = field(default_factory=dict)  # kept on the harvest row
    patience: Patience = field(default_factory=Patience)


class Session:
    """The open ledger of one run. Use it from one event loop; `close()` ends it."""

    def __init__(
        self, engine: Engine, writer: Writer, keeper: Keeper, rules: Rules, terms: Terms
    ) -> None:
        self._engine = engine
        self._rules = rules
        self._writer = writer
        self._keeper = keeper
        self._terms = terms
        self._in_hand: set[int] = set()
        self._claiming = asyncio.Lock()
        self.run_id = rules.run_id

    @classmethod
    def open(cls, engine: Engine, terms: Terms) -> "Session":
        """Open a run. Raises the database's errors and `WarcError`."""
        run_id, site_ids = transaction(
            engine, lambda connection: _begin(connection, terms), terms.patience
        )
        _close_left_files(engine, terms)
        warc = WarcWriter(
            terms.warc_directory,
            run=run_name(run_id),
            software=f"newsmorgue/{__version__}",
            user_agent=terms.user_agent,
            operator=terms.contact,
        )
        rules = _rules(run_id, site_ids, terms)
        keeper = Keeper(warc)
        writer = Writer(engine, keeper, rules, patience=terms.patience)
        writer.start()
        return cls(engine, writer, keeper, rules, terms)

    @property
    def in_flight(self) -> int:
        """How many errands are claimed and not recorded."""
        return len(self._in_hand)

    @property
    def failure(self) -> Exception | None:
        """What ended the writer's work, if anything did."""
        return self._writer.fatal

    @property
    def quarantined(self) -> int:
        """How many errands went to quarantine."""
        return self._writer.quarantined

    async def add_seeds(self, seeds: Sequence[Seed]) -> int:
        """Put seeds into the frontier; return how many entries are new."""
        return await self._call(
            lambda connection: _add_seeds(connection, self.run_id, self._terms, seeds)
        )

    async def ask_archives(self, urls: Sequence[str]) -> int:
        """Put lookups for these addresses into the first archive's lane, due at once."""
        archive = self._terms.archives[0]
        return await self._call(lambda connection: _ask(connection, urls, archive))

    async def ask_for_lost(self) -> int:
        """Put lookups for all that is lost into the first archive's lane, due at once."""
        archive = self._terms.archives[0]
        return await self._call(
            lambda connection: recovery.ask_for_lost(
                connection, archive, self._rules.left_alone, _now()
            )
        )

    async def claim(self, limits: Limits) -> list[Claim]:
        """Take entries that are due, most urgent first; an empty list when there are none."""
        async with self._claiming:  # a second claim would take the first one's for strays
            known = frozenset(self._in_hand)
            taken = await self._call(
                lambda connection: _claim(connection, self.run_id, limits, known)
            )
            self._in_hand.update(claim.entry_id for claim in taken)
            return taken

    async def ready_at(
        self, archives: Sequence[ArchivePace], *, hosts: bool = True
    ) -> datetime | None:
        """Return when something that is due now can be claimed; None when nothing is due.

        With `hosts` false only the archives' lanes are looked at.
        """

        def work(connection: Connection) -> datetime | None:
            runs.reap(connection)  # a run may have died since the last heartbeat
            return _ready_at(connection, self.run_id, archives, hosts=hosts)

        return await self._call(work)

    async def count_due(self) -> int:
        """Return how many entries are due and not in anybody's hands."""
        return await self._call(lambda connection: frontier.count_waiting(connection, _now()))

    async def next_due(self, archives: Sequence[ArchivePace]) -> datetime | None:
        """Return when, after now, this run next has something to claim; None when never."""
        return await self._call(lambda connection: _next_due(connection, self.run_id, archives))

    async def record(self, record: Record) -> None:
        """Write an errand's outcome with all its consequences; returns after the commit."""
        try:
            await asyncio.wrap_future(await self._submit(record))
        finally:  # written or not: what is not comes back as a stray
            self._in_hand.discard(record.claim.entry_id)

    async def _submit(self, record: Record) -> "Future[None]":
        while True:
            try:
                return self._writer.submit(record, block=False)
            except queue.Full:
                await asyncio.sleep(_FULL_QUEUE_PAUSE)

    async def release(self, claims: Iterable[Claim]) -> None:
        """Put claimed entries back, due at once and without an outcome."""
        ids = [claim.entry_id for claim in claims]
        await self._call(lambda connection: frontier.release(connection, ids))
        self._in_hand.difference_update(ids)

    async def hold_lane(self, host_name: str) -> bool:
        """Take a host's lane for a redirect's hop; False when another run has it."""
        name = frontier.host_lane(host_name)

        def work(connection: Connection) -> bool:
            runs.check_open(connection, self.run_id)
            return frontier.hold_lane(connection, self.run_id, name, _now())

        return await self._call(work)

    async def take_token(self, pace: ArchivePace) -> datetime | None:
        """Take one request from an archive's budget; None when given, else when one is free."""
        return await self._call(lambda connection: budgets.take_token(connection, pace, _now()))

    async def beat(self) -> None:
        """Tell other runs that this one lives, and free what dead ones held."""

        def work(connection: Connection) -> None:
            runs.beat(connection, self.run_id)
            runs.reap(connection)

        await self._call(work)

    def last_words(self) -> tuple[list[str], dict[str, int]]:
        """Return the hosts with something due that other live runs hold, and this run's tally.

        Both are empty when the database cannot be asked any more.
        """
        if self.failure is not None:
            return [], {}
        return self._writer.call(lambda connection: _last_words(connection, self.run_id)).result()

    def as_user_error(self, error: Exception) -> NewsmorgueError:
        """Return the sentence and exit code for an error that ends the run."""
        return as_user_error(error, describe(str(self._engine.url)))

    def close(self, closing: runs.Closing) -> None:
        """Write what is queued, close the WARC, and close the harvest row."""

        def work(connection: Connection) -> None:
            self._keeper.close()
            runs.close_run(connection, self.run_id, closing, _now())

        try:
            if self.failure is None:
                self._writer.call(work).result()
        finally:
            self._writer.close()
            with contextlib.suppress(WarcError):  # what failed has been said already
                self._keeper.close()
            self._engine.dispose()

    async def _call(self, work: Callable[[Connection], T]) -> T:
        future: Future[T] = self._writer.call(work)
        return await asyncio.wrap_future(future)


def run_name(run_id: int) -> str:
    """Return the name of a run in its WARC files' names."""
    return f"h{run_id:06d}"


def _now() -> datetime:
    return datetime.now(UTC)


def _begin(connection: Connection, terms: Terms) -> tuple[int, dict[str, int]]:
    run_id = runs.open_run(connection, terms.settings, _now())
    return run_id, save_sites(connection, terms.sites, _now())


def _rules(run_id: int, site_ids: Mapping[str, int], terms: Terms) -> Rules:
    return Rules(
        run_id=run_id,
        policy=terms.policy,
        first_archive=terms.archives[0] if terms.archives and terms.recover else None,
        left_alone=frozenset(
            site_ids[name] for name, site in terms.sites.items() if site.get("recover") == "never"
        ),
    )


def _close_left_files(engine: Engine, terms: Terms) -> None:
    """Close what dead runs left `.open`, before this run writes a file of its own."""
    if not terms.warc_directory.is_dir():
        return
    recover(
        terms.warc_directory,
        is_live=lambda name: _is_live(engine, name),
        committed=lambda file: _committed(engine, file),
    )


def _is_live(engine: Engine, name: str) -> bool:
    number = name.removeprefix("h")
    with reading(engine) as connection:  # a new look each time: a run may have begun meanwhile
        return number.isdigit() and runs.is_live(connection, int(number))


def _committed(engine: Engine, file: str) -> int:
    """Return the end of the last capture that the ledger holds of a WARC file."""
    end = func.max(visit.c.warc_offset + visit.c.warc_length)
    with reading(engine) as connection:
        last: int | None = connection.execute(
            select(end).where(visit.c.warc_file == file)
        ).scalar_one()
    return last or 0


def _add_seeds(connection: Connection, run_id: int, terms: Terms, seeds: Sequence[Seed]) -> int:
    site_ids = save_sites(connection, terms.sites, _now())
    new = resources.add_seeds(connection, seeds, site_ids, _now())
    runs.count_discovered(connection, run_id, new)
    return new


def _ask(connection: Connection, urls: Sequence[str], archive: str) -> int:
    now = _now()
    for url in urls:
        resource_id = resources.get_or_add(connection, url, "seed", now)
        recovery.ask(connection, resource_id, archive, now, hasten=True)
    return len(urls)


def _claim(
    connection: Connection, run_id: int, limits: Limits, known: frozenset[int]
) -> list[Claim]:
    runs.check_open(connection, run_id)
    frontier.release_strays(connection, run_id, known)
    now = _now()
    ids = claims.claim(connection, run_id, limits, now)
    for pace in limits.archives:
        ids += _claim_from_archive(connection, run_id, pace, now)
    if not ids:
        return []
    rows = claims.claimed_rows(connection, ids)
    facts = _host_facts(connection, {row.host for row in rows})
    return [_as_claim(row, facts) for row in rows]


def _claim_from_archive(
    connection: Connection, run_id: int, pace: ArchivePace, now: datetime
) -> list[int]:
    """Claim an archive's next entry together with a budget token, or neither."""
    name = frontier.archive_lane(pace.archive, pace.purpose)
    if not any(at <= now for at in frontier.next_due_of(connection, [name]).values()):
        return []
    claims.lock_lane(connection, name)
    free_at = budgets.free_at(connection, pace)
    if free_at is not None and free_at > now:
        return []
    entry = claims.claim_from_archive(connection, run_id, pace, now)
    if entry is None:
        return []
    if budgets.take_token(connection, pace, now) is not None:  # a hop was faster
        frontier.release(connection, [entry])
        return []
    return [entry]


def _last_words(connection: Connection, run_id: int) -> tuple[list[str], dict[str, int]]:
    lanes = frontier.held_by_others(connection, run_id, _now())
    return [lane.removeprefix("host:") for lane in lanes], runs.tally(connection, run_id)


def _ready_at(
    connection: Connection, run_id: int, archives: Sequence[ArchivePace], *, hosts: bool
) -> datetime | None:
    now = _now()
    points = [frontier.ready_at(connection, run_id, now)] if hosts else []
    for pace in archives:
        name = frontier.archive_lane(pace.archive, pace.purpose)
        due = frontier.next_due_of(connection, [name]).get(name)
        if due is not None and due <= now:
            points.append(budgets.free_at(connection, pace) or now)
    return min((at for at in points if at is not None), default=None)


def _next_due(
    connection: Connection, run_id: int, archives: Sequence[ArchivePace]
) -> datetime | None:
    now = _now()
    points = [frontier.next_due(connection, run_id, now)]
    for pace in archives:
        name = frontier.archive_lane(pace.archive, pace.purpose)
        due = frontier.next_due_of(connection, [name]).get(name)
        free_at = budgets.free_at(connection, pace)
        points.append(due if due is None or free_at is None else max(due, free_at))
    return min((at for at in points if at is not None and at > now), default=None)


def _host_facts(connection: Connection, names: set[str]) -> dict[str, HostFacts]:
    rows = connection.execute(select(host).where(host.c.name.in_(names)))
    return {
        row.name: HostFacts(
            name=row.name,
            honest_404=row.honest_404,
            error_templates=frozenset(row.error_templates or ()),
        )
        for row in rows
    }


def _as_claim(row: Any, facts: Mapping[str, HostFacts]) -> Claim:
    return Claim(
        entry_id=row.entry_id,
        errand=uuid.uuid4().bytes,
        resource_id=row.id,
        site_id=row.site_id,
        kind=row.kind,
        purpose=row.purpose,
        lane=row.lane,
        url=row.url,
        attempts=row.attempts,
        payload=row.payload,
        history=ledger.history_of(row),
        host=facts.get(row.host, HostFacts(name=row.host)),
    )
