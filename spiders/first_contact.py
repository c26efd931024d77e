"""The bound of a first contact: how many pages one call takes of a site it was only told a URL of.

A site that newsmorgue.toml names is crawled as far as it goes; one that was merely named on the
command line is not, unless the call says otherwise.
"""

from collections import Counter
from collections.abc import Mapping

from crawler.core.words import Purpose
from storage.frontier import HOST_PREFIX
from storage.records import Claim

_BOUNDED = frozenset({Purpose.VISIT, Purpose.DISCOVER, Purpose.PROBE})


class FirstContact:
    """Counts what is taken of each bounded site. `limit` pages each; None: no bound.

    `sites` are those made for this call, name to id; `lanes` the lanes of single pages named in
    it, with how many were named: those come on top.
    """

    def __init__(
        self,
        limit: int | None,
        sites: Mapping[str, int] | None = None,
        lanes: Mapping[str, int] | None = None,
    ) -> None:
        self.sites = tuple(sites or ())
        self._limit = limit
        self._sites = frozenset((sites or {}).values())
        self._lanes = dict(lanes or {})
        self._taken: Counter[int | str] = Counter()
        self._spent: set[str] = set()

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts of which more is due than was taken."""
        return tuple(sorted(lane.removeprefix(HOST_PREFIX) for lane in self._spent))

    @property
    def spent(self) -> frozenset[str]:
        """The lanes of which nothing more is taken in this run."""
        return frozenset(self._spent)

    def takes(self, claim: Claim) -> bool:
        """Count an entry; False when it is beyond the bound and is to be put back."""
        counted = self._counted(claim)
        if self._limit is None or counted is None:
            return True
        allowed = self._limit + self._lanes.get(str(counted), 0)
        if self._taken[counted] >= allowed:
            self._spent.add(claim.lane)
            return False
        self._taken[counted] += 1
        return True

    def _counted(self, claim: Claim) -> int | str | None:
        """Return what the entry counts against, if anything: its site, or its host alone."""
        if claim.purpose not in _BOUNDED:
            return None
        if claim.site_id in self._sites:
            return claim.site_id
        return claim.lane if claim.lane in self._lanes else None
