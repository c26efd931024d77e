"""The arithmetic of a shared request budget: evenly spaced tokens, never a burst.

The point in time kept between calls is a row of the database, so that the pace holds over all
processes and machines; what an archive allows is a setting.
"""

from datetime import datetime, timedelta

MARGIN = 1.01
"""Over the even spacing: a request sent a little late must not make one too many of a minute."""


def take(next_free_at: datetime | None, now: datetime, per_minute: float) -> tuple[bool, datetime]:
    """Take one token if one is free: return whether, and when the next one is.

    `next_free_at` None means none was ever taken. Time that passed unused is not saved up.
    A rate of 0 means no pace is kept. Raises `ValueError` for a negative rate.
    """
    if per_minute < 0:
        raise ValueError(
            f"a budget of {per_minute} requests a minute makes no sense; use 0 or more"
        )
    if per_minute == 0:
        return True, now
    if next_free_at is not None and now < next_free_at:
        return False, next_free_at
    return True, now + timedelta(minutes=1) * MARGIN / per_minute
