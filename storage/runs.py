"""Runs: open, heartbeat, reap the dead, close.

A run is one `harvest` row. Its claims hold as long as it lives: they are free again when its
heartbeat is over `STALE` old by the database's clock, or at once when its process is gone from
this machine. Every function takes a connection inside a transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from crawler import __version__
from crawler.errors import NewsmorgueError
from storage import frontier, processes
from storage.schema import harvest, visit
from storage.types import db_now

HEARTBEAT = timedelta(seconds=10)
STALE = timedelta(seconds=60)
HOST_DELAY = "host_delay"
"""The run's setting, in seconds, that the next holder of its lanes keeps."""
KILLED = "killed"
"""The finish reason of a run that others found dead."""


class RunLost(NewsmorgueError):  # noqa: N818 - as in crawler.errors
    """Another run found this one silent for too long and freed what it held."""

    def __init__(self) -> None:
        super().__init__(
            "this run was taken for dead by another one",
            f"it did not reach the database for over {STALE.total_seconds():.0f} seconds",
            "what was committed is safe; run the same command again",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """How a run ended."""

    reason: str
    exit_code: int


def open_run(connection: Connection, settings: Mapping[str, Any], now: datetime) -> int:
    """Reap the dead, add a harvest row for this process, and return its id."""
    reap(connection)
    me = processes.current()
    return connection.execute(
        insert(harvest)
        .values(
            started_at=now,
            heartbeat_at=db_now(),
            machine=me.machine,
            pid=me.pid,
            pid_started=me.started,
            software=f"newsmorgue/{__version__}",
            settings=dict(settings),
            discovered=frontier.count_due(connection, now),
        )
        .returning(harvest.c.id)
    ).scalar_one()


def beat(connection: Connection, run_id: int) -> None:
    """Say that the run lives. Raises `RunLost` if it was closed by another."""
    check_open(connection, run_id)
    connection.execute(update(harvest).where(harvest.c.id == run_id).values(heartbeat_at=db_now()))


def check_open(connection: Connection, run_id: int) -> None:
    """Raise `RunLost` if the run was closed by another; else no one closes it before the commit."""
    is_open = select(harvest.c.id).where(harvest.c.id == run_id, harvest.c.ended_at.is_(None))
    if connection.execute(is_open.with_for_update(read=True)).one_or_none() is None:
        raise RunLost


def reap(connection: Connection) -> list[int]:
    """Free what dead runs held, close their rows, and return their ids."""
    clock = connection.execute(select(db_now())).scalar_one()
    open_runs = connection.execute(
        select(harvest).where(harvest.c.ended_at.is_(None)).order_by(harvest.c.id)
    )
    dead = [row.id for row in open_runs if is_dead(row, clock)]
    for run_id in dead:
        close_run(connection, run_id, Closing(reason=KILLED, exit_code=1), clock)
    return dead


def is_dead(row: Any, clock: datetime) -> bool:
    """Whether an open harvest row's process is gone or has been silent for too long."""
    process = processes.Identity(machine=row.machine, pid=row.pid, started=row.pid_started)
    return processes.is_gone(process) or clock - row.heartbeat_at > STALE


def is_live(connection: Connection, run_id: int) -> bool:
    """Whether a run is open and not dead."""
    row = connection.execute(select(harvest).where(harvest.c.id == run_id)).one_or_none()
    if row is None or row.ended_at is not None:
        return False
    return not is_dead(row, connection.execute(select(db_now())).scalar_one())


def count_discovered(connection: Connection, run_id: int, new: int) -> None:
    """Add entries that came into the frontier during a run to its count."""
    if new:
        connection.execute(
            update(harvest)
            .where(harvest.c.id == run_id)
            .values(discovered=harvest.c.discovered + new)
        )


def tally(connection: Connection, run_id: int) -> dict[str, int]:
    """Return how many errands of a run ended in which outcome."""
    rows = connection.execute(
        select(visit.c.outcome, func.count())
        .where(visit.c.harvest_id == run_id)
        .group_by(visit.c.outcome)
    )
    return {outcome.value: count for outcome, count in rows}


def close_run(connection: Connection, run_id: int, closing: Closing, now: datetime) -> None:
    """Free all that the run still holds and write how it ended; a run ends once."""
    settings = connection.execute(
        select(harvest.c.settings)
        .where(harvest.c.id == run_id, harvest.c.ended_at.is_(None))
        .with_for_update()  # before its entries, as a commit of the run itself locks them
    ).scalar_one_or_none()
    if settings is None:
        return
    rest = timedelta(seconds=settings.get(HOST_DELAY, 0.0))
    frontier.release_run(connection, run_id, now + rest)
    connection.execute(
        update(harvest)
        .where(harvest.c.id == run_id)
        .values(
            ended_at=now,
            finish_reason=closing.reason,
            exit_code=closing.exit_code,
            tally=tally(connection, run_id),
            still_due=frontier.count_due(connection, now),
        )
    )
