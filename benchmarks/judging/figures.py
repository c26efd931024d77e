"""What the verdicts are worth: counts, shares, the confusion of classes, and what was missed."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from crawler.core.values import Verdict
from crawler.core.words import Liveness
from judging import floors
from judging.cases import LIVING, SOFT
from judging.floors import Floor
from judging.surgery import plain
from judging.values import Tried

PHRASED = ("soft chrome", "soft paragraph")
SILENT = ("soft front", "soft most read", "soft teasers")
NO_LOOKALIKE = (*LIVING, *SOFT, "moved", "withdrawn", "paywall")
_NOT_THERE = ("withdrawn", "parked", "for_sale", "usurped", "placeholder")
_SAYS_SOFT = frozenset({Liveness.SOFT_GONE})
_SAYS_DEAD = frozenset(
    {Liveness.SOFT_GONE, Liveness.GONE, Liveness.WITHDRAWN, Liveness.PARKED, Liveness.HOST_GONE}
)

Saying = Callable[[Tried], Verdict]
SAYINGS: dict[str, Saying] = {
    "page alone": lambda one: one.alone,
    "with host context": lambda one: one.known,
}


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure with what it is a share of, and the floor it has to reach, if any."""

    group: str
    name: str
    value: float
    of: int  # how many cases it was counted on
    floor: Floor | None = None

    @property
    def is_met(self) -> bool:
        """Whether its floor is reached; a figure counted on nothing reaches none."""
        return self.floor is None or (self.of > 0 and self.floor.is_met(self.value))


def measures(tried: Sequence[Tried]) -> Iterator[Measure]:
    """Yield every figure, for the page alone and with host context. Kinds left out give none."""
    for group, says in SAYINGS.items():
        yield from _soft_gone(tried, group, says)
        yield from _living(tried, group, says)
        yield from _lookalikes(tried, group, says)
    yield from _probes(tried)
    yield from _texts(tried)


def confusion(tried: Iterable[Tried], says: Saying) -> dict[str, Counter[str]]:
    """Return for each kind of case how often each liveness was said."""
    table: dict[str, Counter[str]] = {}
    for one in tried:
        table.setdefault(one.case.kind, Counter())[says(one).liveness.value] += 1
    return table


def missed(tried: Iterable[Tried], says: Saying) -> Iterator[Tried]:
    """Yield the cases whose verdict is none of the right ones."""
    return (one for one in tried if says(one).liveness not in one.case.expected)


def left(one: Tried) -> tuple[str, ...]:
    """Return the foreign sentences that are still in the text that would be stored."""
    if not one.alone.is_good:
        return ()
    text = f" {plain(one.text)} "
    return tuple(said for said in one.case.foreign if f" {plain(said)} " in text)


Tally = dict[str, tuple[int, int]]
"""How often something was so, and of how many, by name."""


def left_by(tried: Iterable[Tried], part: int) -> Tally:
    """Return in how many cases something was left in the text, by a part of the layout.

    Parts are 0 the place, 1 the markup, 2 the help beside or inside the notice.
    """
    noticed = _of(tried, ("living notice",))
    return _tally((one.case.variant.split(" x ")[part], bool(left(one))) for one in noticed)


def missed_by_language(tried: Iterable[Tried], says: Saying) -> Tally:
    """Return how many soft-gone pages that say so were missed, by the language they say it in."""
    cases = _of(tried, PHRASED)
    return _tally((one.case.language, says(one).liveness not in one.case.expected) for one in cases)


def _tally(rows: Iterable[tuple[str, bool]]) -> Tally:
    counts: Tally = {}
    for name, is_so in rows:
        so, of = counts.get(name, (0, 0))
        counts[name] = (so + is_so, of + 1)
    return dict(sorted(counts.items()))


def is_stored(one: Tried, says: Saying) -> bool:
    """Whether its text would be stored as an article."""
    return says(one).is_good and bool(one.text)


def _soft_gone(tried: Sequence[Tried], group: str, says: Saying) -> Iterator[Measure]:
    called = [one for one in tried if says(one).liveness in _SAYS_SOFT]
    # A withdrawn text and a sold name's are gone as well: what they should be called is counted
    # where each kind is. Wrong is to call dead what lives, or only refuses to show it.
    right = sum(one.case.kind in (*SOFT, *_NOT_THERE) for one in called)
    mix = f"{sum(one.case.kind in SOFT for one in tried)} soft-gone of {len(tried)} cases"
    yield _share(group, f"soft-gone: precision, {mix}", right, len(called), floors.PRECISION)
    for name, kinds, floor in (
        ("soft-gone: recall, a phrase says so", PHRASED, floors.RECALL),
        ("soft-gone: recall, no phrase", SILENT, floors.RECALL_NO_PHRASE),
        ("soft-gone: recall, redirects", ("soft redirect",), floors.RECALL),
        ("withdrawn: named right", ("withdrawn",), None),
        ("moved: named right", ("moved",), None),
    ):
        cases = _of(tried, kinds)
        found = sum(says(one).liveness in one.case.expected for one in cases)
        yield from _some(_share(group, name, found, len(cases), floor))
    for kind in SOFT:
        cases = _of(tried, (kind,))
        found = sum(says(one).liveness in one.case.expected for one in cases)
        yield from _some(_share(group, f"of it {kind}", found, len(cases)))


def _living(tried: Sequence[Tried], group: str, says: Saying) -> Iterator[Measure]:
    noticed = _of(tried, ("living notice",))
    dead = sum(says(one).liveness in _SAYS_DEAD for one in noticed)
    name = "living with notice: called dead, count"
    yield from _some(Measure(group, name, dead, len(noticed), floors.NOTICED_DEAD))
    for kind in LIVING:
        cases = _of(tried, (kind,))
        other = sum(says(one).liveness not in one.case.expected for one in cases)
        floor = floors.LIVING_OTHER if kind == "living" else None
        yield from _some(_share(group, f"{kind}: called other", other, len(cases), floor))


def _lookalikes(tried: Sequence[Tried], group: str, says: Saying) -> Iterator[Measure]:
    cases = [one for one in tried if one.case.kind not in NO_LOOKALIKE]
    stored = sum(is_stored(one, says) for one in cases)
    name = "look-alikes: stored as an article, count"
    yield from _some(Measure(group, name, stored, len(cases), floors.STORED))
    for kind in sorted({one.case.kind for one in cases} | {"paywall"}):
        same = _of(tried, (kind,))
        right = sum(says(one).liveness in one.case.expected for one in same)
        yield from _some(_share(group, f"named right: {kind}", right, len(same), floors.NAMED))
    paid = [one for one in _of(tried, ("paywall",)) if is_stored(one, says)]
    whole = sum(not (one.reading.article and one.reading.article.is_partial) for one in paid)
    yield from _some(Measure(group, "paywall: stored and not marked partial", whole, len(paid)))


def _probes(tried: Sequence[Tried]) -> Iterator[Measure]:
    for name, kinds in (("living", LIVING), ("soft-gone", SOFT)):
        cases = _of(tried, kinds)
        asked = sum(one.asks for one in cases)
        yield from _some(_share("host", f"a probe is asked for: {name}", asked, len(cases)))


def _texts(tried: Sequence[Tried]) -> Iterator[Measure]:
    noticed = _of(tried, ("living notice",))
    spoilt = sum(bool(left(one)) for one in noticed)
    name = "notice or skip link left in the text"
    yield from _some(_share("text", name, spoilt, len(noticed), floors.LEFT))
    lost = sum(one.lost for one in noticed)
    name = "paragraphs lost by cutting, count"
    yield from _some(Measure("text", name, lost, len(noticed), floors.LOST))
    for kind in ("living banner", "paywall"):
        cases = _of(tried, (kind,))
        spoilt = sum(bool(left(one)) for one in cases)
        yield from _some(_share("text", f"prompt left: {kind}", spoilt, len(cases)))


def _of(tried: Iterable[Tried], kinds: Sequence[str]) -> list[Tried]:
    return [one for one in tried if one.case.kind in kinds]


def _share(group: str, name: str, part: int, of: int, floor: Floor | None = None) -> Measure:
    return Measure(group, name, part / of if of else 0.0, of, floor)


def _some(measure: Measure) -> Iterator[Measure]:
    """Yield a figure unless it was counted on nothing."""
    if measure.of:
        yield measure
