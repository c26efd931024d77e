"""A ledger driven step by step by a clock of the test's own: seed, claim, write, look."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine

from crawler.core.lifecycle import LifecyclePolicy
from crawler.core.offers import Offer
from crawler.core.words import Purpose
from storage import claims, frontier, ledger, offers, resources, runs
from storage.captures import Keeper
from storage.ledger import Kept, Rules
from storage.records import ArchivePace, Claim, Limits, Record, Seed
from storage.runs import Closing
from storage.session import Session, Terms
from storage.taking import as_claim
from storage.warc import WarcWriter
from support.databases import Database
from support.records import AT, limits


class Ledger:
    """One run's ledger without its writer thread; `now` is moved by the test."""

    def __init__(
        self,
        database: Database,
        folder: Path,
        *,
        policy: LifecyclePolicy | None = None,
        first_archive: str | None = "wayback",
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        self.database = database
        self.engine = database.engine()
        self.now: datetime = AT
        with self.begin() as connection:
            self.run_id = runs.open_run(connection, settings or {}, self.now)
        self.rules = Rules(
            run_id=self.run_id,
            policy=policy or LifecyclePolicy(),
            first_archive=first_archive,
        )
        self.keeper = Keeper(WarcWriter(folder / "warc", run=f"h{self.run_id}", software="tests"))
        database.closers.append(self.keeper.close)

    def begin(self) -> AbstractContextManager[Connection]:
        """Begin a transaction that is committed at the block's end."""
        return self.engine.begin()

    def wait(self, **span: float) -> None:
        """Move the clock on."""
        self.now += timedelta(**span)

    def seed(self, *urls: str, **changes: Any) -> int:
        """Put seeds into the frontier; return how many are new."""
        with self.begin() as connection:
            seeds = [replace(Seed(url=url), **changes) for url in urls]
            return resources.add_seeds(connection, seeds, {}, self.now)

    def link(self, *urls: str, follow: bool = True) -> int:
        """Put links of an unknown page into the frontier; return how many entries are new."""
        with self.begin() as connection:
            links = [
                offers.Offered(offer=Offer(url=url, follow=follow), on=0, site_id=None)
                for url in urls
            ]
            return offers.add(connection, links, self.now)

    def claim(self, allowed: Limits | None = None) -> list[Claim]:
        """Claim from the hosts what is due by the test's clock."""
        with self.begin() as connection:
            ids = claims.claim(connection, self.run_id, allowed or limits(), self.now)
            return self._claims(connection, ids)

    def claim_archive(self, pace: ArchivePace) -> Claim | None:
        """Claim an archive's next entry, if one is due."""
        with self.begin() as connection:
            claims.lock_lane(connection, frontier.archive_lane(pace.archive, pace.purpose))
            entry = claims.claim_from_archive(connection, self.run_id, pace, self.now)
            return None if entry is None else self._claims(connection, [entry])[0]

    def write(self, *records: Record) -> None:
        """Write errands in one transaction, their bytes first."""
        with self.begin() as connection:
            group = [
                Kept(record=record, capture=self.keeper.keep(connection, record))
                for record in records
            ]
            self.keeper.sync()
            ledger.write(connection, self.rules, group, self.now)

    def next_due(self, purpose: Purpose = Purpose.VISIT) -> datetime | None:
        """Return when the only entry of a purpose is due, by the plain driver; None if it is gone.

        Fails if there are several.
        """
        rows = self.database.rows("SELECT due_at FROM frontier WHERE purpose = ?", [purpose.value])
        if not rows:
            return None
        [[at]] = rows
        return self.database.instant(at)

    def entries(self) -> list[tuple[str, str]]:
        """Return purpose and lane of every entry."""
        return self.database.rows("SELECT purpose, lane FROM frontier ORDER BY purpose, lane")

    def changes(self) -> list[str]:
        """Return the kinds of all changes told, in order."""
        return [kind for (kind,) in self.database.rows("SELECT kind FROM changes ORDER BY seq")]

    def _claims(self, connection: Connection, ids: Sequence[int]) -> list[Claim]:
        facts: dict[str, Any] = {}
        return [as_claim(row, facts, {}) for row in claims.claimed_rows(connection, ids)]


def another_run(ledger: Ledger, folder: Path) -> Ledger:
    """Open a second run on the same database."""
    other = Ledger(ledger.database, folder / "other")
    other.now = ledger.now
    return other


@contextmanager
def opened(
    database: Database, folder: Path, *, engine: Engine | None = None, **terms: Any
) -> Iterator[Session]:
    """Give an open session of this process, and close it as finished."""
    plain = {"warc_directory": folder / "warc", "user_agent": "tests", "archives": ("wayback",)}
    session = Session.open(engine or database.engine(), Terms(**(plain | terms)))
    try:
        yield session
    finally:
        session.close(Closing(reason="finished", exit_code=0))


async def claim_all(session: Session, urls: Sequence[str], per_host: int = 2) -> list[Claim]:
    """Seed these addresses, of at most two a host, and claim them all."""
    await session.add_seeds([Seed(url=url) for url in urls])
    return await session.claim(limits(10_000, per_host=per_host))
