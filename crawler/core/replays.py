"""Replays: whether what an archive answered is the copy asked for.

An archive replays archived statuses and redirects beside its own. Only the Memento-Datetime
header tells them apart (RFC 7089); reading the wrong one makes an outage into an absence.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from crawler.core.httpdate import http_date, retry_after
from crawler.core.memento_urls import (
    RAW,
    memento_datetime,
    memento_url,
    same_page,
    slug_of,
    split_memento_url,
)
from crawler.core.urls import BadUrl, identity, join
from crawler.core.values import Candidate, Headers

_MAX_HOPS = 3
_WINDOW = timedelta(days=7)
_ERROR_HEADER = "x-archive-wayback-runtime-error"
_ASK_LATER = frozenset({401, 403, 407, 408, 421, 425, 429})


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """The answer is a memento: read it and judge it."""

    memento_url: str
    memento_datetime: datetime
    status: int  # the archived one


@dataclass(frozen=True, slots=True)
class Follow:
    """The archive points to another address of its own; ask there next."""

    url: str


@dataclass(frozen=True, slots=True)
class Refuse:
    """This candidate is none: try the next one.

    Reasons: `excluded`, `not_in_archive`, `archived_status_NNN`, `status_NNN`, `other_time`,
    `other_page`, `outside_archive`, `loop`, `too_many_redirects`, `bad_memento_datetime`.
    """

    reason: str


@dataclass(frozen=True, slots=True)
class CouldNotAsk:
    """The archive did not answer the question; the same candidate is asked for again.

    Reasons: `status_NNN`, `no_memento_datetime`. `retry_after` is in seconds.
    """

    reason: str
    retry_after: float | None = None


ReplayStep = Take | Follow | Refuse | CouldNotAsk


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reply:
    candidate: Candidate
    url: str
    status: int
    headers: Headers
    prefix: str
    asked: Collection[str]
    now: datetime
    window: timedelta

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key == name), None)

    def is_near(self, at: datetime) -> bool:
        return abs(at - self.candidate.memento_datetime) <= self.window


def accept_replay(
    candidate: Candidate,
    *,
    url: str,
    status: int,
    headers: Headers,
    replay_prefix: str,
    now: datetime,
    asked: Collection[str] = (),
    window: timedelta = _WINDOW,
) -> ReplayStep:
    """Decide what an archive's answer at `url` is, before its body is read.

    With a Memento-Datetime header the status is the archived one; without it, it is the archive's
    own, and says nothing about the page. Redirects stay inside the archive, at most three, on
    the same page and within the window of the candidate. `asked` are the addresses that led to
    this one, in order; a redirect to one of them is a loop.
    """
    reply = _Reply(
        candidate=candidate,
        url=url,
        status=status,
        headers=headers,
        prefix=replay_prefix,
        asked=asked,
        now=now,
        window=window,
    )
    captured = reply.header("memento-datetime")
    return _own_answer(reply) if captured is None else _archived_answer(reply, captured)


def _archived_answer(reply: _Reply, captured: str) -> ReplayStep:
    taken_at = http_date(captured)
    if taken_at is None:
        return Refuse("bad_memento_datetime")
    if not reply.is_near(taken_at):
        return Refuse("other_time")
    if _is_redirect(reply):
        return _redirect(reply, may_move=True)
    if not 200 <= reply.status < 300:  # noqa: PLR2004
        return Refuse(f"archived_status_{reply.status}")
    return Take(memento_url=_taken_from(reply), memento_datetime=taken_at, status=reply.status)


def _taken_from(reply: _Reply) -> str:
    """Return where the copy lies: pywb answers for a time near it, and says which in a header."""
    named = join(reply.url, reply.header("content-location") or reply.url) or reply.url
    asked, given = (split_memento_url(reply.prefix, url) for url in (reply.url, named))
    if asked is None or given is None or not _is_same(asked[1], given[1], may_move=False):
        return reply.url
    return memento_url(reply.prefix, *given) if RAW in reply.url else named


def _own_answer(reply: _Reply) -> ReplayStep:
    if reply.header(_ERROR_HEADER) and is_exclusion(reply.header(_ERROR_HEADER)):
        return Refuse("excluded")
    if reply.status in _ASK_LATER or reply.status >= 500:  # noqa: PLR2004
        wait = retry_after(reply.header("retry-after"), reply.now)
        return CouldNotAsk(f"status_{reply.status}", wait)
    if _is_redirect(reply):
        return _redirect(reply, may_move=False)
    if reply.status < 300:  # noqa: PLR2004
        return CouldNotAsk("no_memento_datetime")  # an outage page, or a wall in between
    missing = reply.status == 404  # noqa: PLR2004
    return Refuse("not_in_archive" if missing else f"status_{reply.status}")


def is_exclusion(error: str | None) -> bool:
    """Whether the Internet Archive's error header says that it holds the page back for good."""
    return error is not None and (
        "AdministrativeAccessControl" in error or "RobotAccessControl" in error
    )


def _is_redirect(reply: _Reply) -> bool:
    return reply.status in {301, 302, 303, 307, 308} and bool(reply.header("location"))


def _redirect(reply: _Reply, *, may_move: bool) -> ReplayStep:
    """Follow inside the archive. `may_move`: the site itself moved the page at that time."""
    place = _place(reply)
    if place is None:
        return Refuse("outside_archive")
    timestamp, original = place
    if not _is_same(_original_of(reply), original, may_move=may_move):
        return Refuse("other_page")
    try:
        is_near = reply.is_near(memento_datetime(timestamp))
    except ValueError:
        is_near = False
    if not is_near:
        return Refuse("other_time")
    target = memento_url(reply.prefix, timestamp, original)
    if target in {reply.url, *reply.asked}:
        return Refuse("loop")
    return Refuse("too_many_redirects") if len(reply.asked) >= _MAX_HOPS else Follow(target)


def _original_of(reply: _Reply) -> str:
    """Return the page this answer is about: a hop before may have led to where it moved."""
    here = split_memento_url(reply.prefix, reply.url)
    return reply.candidate.original if here is None else here[1]


def _place(reply: _Reply) -> tuple[str, str] | None:
    """Return timestamp and original a redirect leads to; None when it leaves the archive.

    pywb replays the live address in Location (wayback rewrites it): it is meant at the same time.
    """
    location = reply.header("location") or ""
    here = split_memento_url(reply.prefix, reply.url)
    target = join(reply.url, location)
    inside = split_memento_url(reply.prefix, target) if target else None
    if inside is not None or here is None or not reply.header("memento-datetime"):
        return inside
    live = join(here[1], location)
    return None if live is None else (here[0], live)


def _is_same(original: str, target: str, *, may_move: bool) -> bool:
    try:
        if same_page(original, target):
            return True
    except BadUrl:
        return False
    # A moved article keeps its slug; a front page, section or login has none of it.
    slug = slug_of(original)
    return may_move and slug is not None and _path(target).endswith(slug)


def _path(url: str) -> str:
    return identity(url).partition("?")[0].rstrip("/")
