"""The archives' budgets: one row each, kept jointly by all runs that share the database."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from crawler.core.budget import take
from crawler.core.lifecycle import LifecyclePolicy
from crawler.core.words import Purpose
from storage.dialect import insert_into
from storage.records import ArchivePace
from storage.schema import archive_budget

UNREACHED = 3  # questions in a row without any answer: by then it is no hiccup
LONGEST_PAUSE = timedelta(hours=1)  # by our own doubling; an archive may ask for more


def take_token(connection: Connection, pace: ArchivePace, now: datetime) -> datetime | None:
    """Take a token; return None when it was given, else when the next one is free."""
    # The row is there before it is locked, so that two first askers do not both get the token.
    connection.execute(
        insert_into(connection, archive_budget)
        .values(archive=pace.archive, kind=pace.purpose, next_free_at=now)
        .on_conflict_do_nothing()
    )
    free: datetime = connection.execute(
        select(archive_budget.c.next_free_at)
        .where(archive_budget.c.archive == pace.archive, archive_budget.c.kind == pace.purpose)
        .with_for_update()
    ).scalar_one()
    given, next_free_at = take(free, now, pace.per_minute)
    if not given or free > now:  # an archive without a pace may still be paused
        return free
    _write(connection, pace.archive, pace.purpose, next_free_at)
    return None


def free_at(connection: Connection, pace: ArchivePace) -> datetime | None:
    """Return when the archive may be asked next; None when it was never asked."""
    return connection.execute(
        select(archive_budget.c.next_free_at).where(
            archive_budget.c.archive == pace.archive, archive_budget.c.kind == pace.purpose
        )
    ).scalar_one_or_none()


def pause(  # noqa: PLR0917 - one refusal and what it is judged by
    connection: Connection,
    archive: str,
    kind: Purpose,
    now: datetime,
    asked_for: float | None,
    policy: LifecyclePolicy,
) -> datetime:
    """Stop asking after a refusal: `policy.lookup_base`, doubling; return until when.

    That is a minute unless set otherwise: the Internet Archive blocks an address that ignores its
    429s for longer. `asked_for` is the archive's Retry-After in seconds, believed within reason.
    """
    strikes = connection.execute(
        select(archive_budget.c.strikes).where(
            archive_budget.c.archive == archive, archive_budget.c.kind == kind
        )
    ).scalar_one_or_none()
    doubled: timedelta = min(policy.lookup_base * 2 ** min(strikes or 0, 10), LONGEST_PAUSE)
    until = now + max(doubled, _within_reason(asked_for, policy))
    _write(connection, archive, kind, until, strikes=(strikes or 0) + 1)
    return until


def unreached(
    connection: Connection, archive: str, kind: Purpose, now: datetime, policy: LifecyclePolicy
) -> None:
    """Note that a question got no answer at all; from the third in a row on, pause as for a 429.

    That is what a firewall's block looks like, and asking on prolongs it.
    """
    strikes = connection.execute(
        update(archive_budget)
        .where(archive_budget.c.archive == archive, archive_budget.c.kind == kind)
        .values(strikes=archive_budget.c.strikes + 1)
        .returning(archive_budget.c.strikes)
    ).scalar_one_or_none()
    over = (strikes or 0) - UNREACHED
    if over >= 0:
        wait: timedelta = min(policy.lookup_base * 2 ** min(over, 10), LONGEST_PAUSE)
        _write(connection, archive, kind, now + wait)


def _within_reason(asked_for: float | None, policy: LifecyclePolicy) -> timedelta:
    if asked_for is None or not asked_for > 0:  # NaN compares false
        return timedelta(0)
    return timedelta(seconds=min(asked_for, policy.longest_retry_after.total_seconds()))


def absolve(connection: Connection, archive: str, kind: Purpose) -> None:
    """Forget earlier refusals: the archive has answered."""
    connection.execute(
        update(archive_budget)
        .where(
            archive_budget.c.archive == archive,
            archive_budget.c.kind == kind,
            archive_budget.c.strikes > 0,
        )
        .values(strikes=0)
    )


def _write(
    connection: Connection,
    archive: str,
    kind: Purpose,
    next_free_at: datetime,
    *,
    strikes: int | None = None,
) -> None:
    values = {"next_free_at": next_free_at} | ({} if strikes is None else {"strikes": strikes})
    connection.execute(
        insert_into(connection, archive_budget)
        .values(archive=archive, kind=kind, **values)
        .on_conflict_do_update(index_elements=["archive", "kind"], set_=values)
    )
