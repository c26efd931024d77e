"""One run's hands on the ledger: claim, record, hold a lane, take a token, close.

Opening reaps dead runs, closes the WARC files they left, adds the harvest row and starts the
writer thread. The async methods await the writer; each returns after its commit.
"""

import asyncio
import contextlib
import queue
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection, Engine, func, select

from crawler import __version__
from crawler.core.lifecycle import LifecyclePolicy
from crawler.errors import NewsmorgueError
from storage import budgets, frontier, offers, recovery, resources, runs, taking
from storage.captures import Keeper
from storage.engine import describe, reading
from storage.ledger import Rules
from storage.records import ArchivePace, Claim, Limits, Record, Seed
from storage.retry import Patience, as_user_error, transaction
from storage.schema import visit
from storage.sites import ids_of, save_sites
from storage.warc import WarcError, WarcWriter, recover
from storage.writer import Writer

if TYPE_CHECKING:
    from concurrent.futures import Future

T = TypeVar("T")

_NONE: Mapping[str, Any] = MappingProxyType({})
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
        self._uncommitted = 0  # records on their way to the commit
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

    async def add_seeds(self, seeds: Sequence[Seed], sites: Mapping[str, Any] = _NONE) -> int:
        """Put seeds into the frontier; return how many entries are new.

        `sites` are those that no configuration names: their settings by name.
        """
        known = {**sites, **self._terms.sites}
        return await self._call(
            lambda connection: _add_seeds(connection, self.run_id, known, seeds)
        )

    async def site_ids(self, names: Collection[str]) -> dict[str, int]:
        """Return the ids of the sites of these names that are known."""
        return await self._call(lambda connection: ids_of(connection, names))

    async def ask_archives(self, urls: Sequence[str], *, anew: bool = True) -> int:
        """Put lookups for these addresses into the first archive's lane; return how many.

        They are due at once. With `anew` False a question that is in the frontier already keeps
        its time, and a page of which a complete version is held is not asked for: a list that is
        given again goes on where it was.
        """
        archive = self._terms.archives[0]
        return await self._call(
            lambda connection: _add_lookups(connection, urls, archive, anew=anew)
        )

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
            taken = await self._ask(
                lambda connection: taking.claim(connection, self.run_id, limits, known)
            )
            self._in_hand.update(claim.entry_id for claim in taken)
            return taken

    async def ready_at(self, limits: Limits) -> datetime | None:
        """Return when something that is due now can be claimed; None when nothing is due.

        With `limits.entries` 0 only the archives' lanes are looked at.
        """

        def work(connection: Connection) -> datetime | None:
            runs.reap(connection)  # a run may have died since the last heartbeat
            return taking.ready_at(connection, self.run_id, limits)

        return await self._ask(work)

    async def count_due(self) -> int:
        """Return how many entries are due and not in anybody's hands."""
        return await self._ask(lambda connection: frontier.count_waiting(connection, _now()))

    async def next_due(self, limits: Limits) -> datetime | None:
        """Return when, after now, this run next has something to claim; None when never."""
        return await self._ask(lambda connection: taking.next_due(connection, self.run_id, limits))

    async def take_up_skipped(self, why: str, sites: Sequence[str] = ()) -> int:
        """Give what was skipped for a reason its entries; of these sites, or of all."""
        taken = 0
        while batch := await self._call(lambda connection: _take_up(connection, why, sites)):
            taken += batch
        return taken

    async def record(self, record: Record) -> None:
        """Write an errand's outcome with all its consequences; returns after the commit."""
        self._uncommitted += 1
        try:
            await asyncio.wrap_future(await self._submit(record))
        finally:  # written or not: what is not comes back as a stray
            self._uncommitted -= 1
            self._in_hand.discard(record.claim.entry_id)

    async def _submit(self, record: Record) -> "Future[None]":
        while True:
            try:
                is_last = self._uncommitted >= len(self._in_hand)
                return self._writer.submit(record, block=False, is_last=is_last)
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
        return await self._ask(lambda connection: budgets.take_token(connection, pace, _now()))

    async def beat(self) -> None:
        """Tell other runs that this one lives, and free what dead ones held."""

        def work(connection: Connection) -> None:
            runs.beat(connection, self.run_id)
            runs.reap(connection)

        await self._ask(work)

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

    async def _ask(self, work: Callable[[Connection], T]) -> T:
        """Ask what bears not to see the records that wait for their commit."""
        future: Future[T] = self._writer.ask(work)
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


def _add_seeds(
    connection: Connection, run_id: int, sites: Mapping[str, Any], seeds: Sequence[Seed]
) -> int:
    site_ids = save_sites(connection, sites, _now())
    new = resources.add_seeds(connection, seeds, site_ids, _now())
    runs.count_discovered(connection, run_id, new)
    return new


def _add_lookups(connection: Connection, urls: Sequence[str], archive: str, *, anew: bool) -> int:
    now, asked = _now(), 0
    for url in urls:
        resource_id = resources.get_or_add(connection, url, "seed", now)
        if anew or not recovery.is_settled(connection, resource_id):
            recovery.ask(connection, resource_id, archive, now, hasten=anew)
            asked += 1
    return asked


def _last_words(connection: Connection, run_id: int) -> tuple[list[str], dict[str, int]]:
    lanes = frontier.held_by_others(connection, run_id, _now())
    return [lane.removeprefix("host:") for lane in lanes], runs.tally(connection, run_id)


def _take_up(connection: Connection, why: str, sites: Sequence[str]) -> int:
    site_ids = ids_of(connection, sites).values() if sites else None
    return offers.take_up_skipped(connection, why, _now(), site_ids=site_ids)
