"""Replies part of `trust.py`: hostile answers among good pages of other hosts."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from support import hostile
from support.hostile import Outcome, Scene

STALL = 1.0  # seconds; the longest that one callback may keep the event loop
SPEED = 0.9  # of the good hosts, beside what they have without hostile ones


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """How the good and the hostile fared."""

    good: int
    stored: int
    hostile: int
    odd: tuple[str, ...]  # hostile addresses without just one outcome and its reason
    alone: Outcome
    beside: Outcome
    leaked: bool  # whether a local file's words are in the database

    @property
    def speed(self) -> float:
        """The good hosts' speed beside hostile ones, of their speed alone."""
        return self.alone.seconds / self.beside.seconds


def answered(hosts: Sequence[str], *, few: bool) -> Answered:
    """Crawl the good pages alone, then among the hostile ones: 500 of them, or 100 if `few`."""
    with tempfile.TemporaryDirectory(prefix="nmtrust") as folder:
        each = 10 if few else 50
        with hostile.staged(hosts[:16], Path(folder) / "secret", each=each, few=few) as scene:
            return _crawled(scene, Path(folder), few=few)


def _crawled(scene: Scene, folder: Path, *, few: bool) -> Answered:
    delay = 0.3 if few else 1.0
    homes = [folder / name for name in ("alone", "beside")]
    for home in homes:
        home.mkdir()
    alone = hostile.crawled(scene, homes[0], delay=delay, with_hostile=False)
    beside = hostile.crawled(scene, homes[1], delay=delay)
    files = [path.read_bytes() for path in homes[1].glob("newsmorgue.db*")]
    return Answered(
        good=len(scene.good),
        stored=beside.stored,
        hostile=len(scene.hostile) + len(scene.lists),
        odd=tuple(beside.odd),
        alone=alone,
        beside=beside,
        leaked=any(hostile.SECRET.encode() in data for data in files),
    )
