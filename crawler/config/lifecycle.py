"""The [lifecycle] section: the numbers of `crawler.core.lifecycle.LifecyclePolicy` as settings."""

from typing import Annotated, Any

from pydantic import Field

from crawler.config.sections import Section
from crawler.config.values import Duration
from crawler.core.lifecycle import LifecyclePolicy

Witnesses = Annotated[int, Field(ge=0)]

_BUILT_IN = LifecyclePolicy()  # the defaults are told once, where they are used
_DOUBLES = "It doubles each time in a row."


class Lifecycle(Section):
    """When a page is visited again, how many witnesses a death needs, when archives are asked.

    A witness is a visit that failed in the same way as the one before, at least a window later.
    """

    revisit_alive: Duration = Field(
        _BUILT_IN.revisit_alive,
        description="A living page is visited again after this, if its site has no schedule.",
    )
    revisit_lists: Duration = Field(
        _BUILT_IN.revisit_lists,
        description="Front pages, sections, feeds and sitemaps are read again after this.",
    )
    gone_witnesses: Witnesses = Field(
        _BUILT_IN.gone_witnesses, description="404s until a page is dead."
    )
    soft_gone_witnesses: Witnesses = Field(
        _BUILT_IN.soft_gone_witnesses,
        description="The same for pages that say they are not there, with status 200.",
    )
    withdrawn_witnesses: Witnesses = Field(
        _BUILT_IN.withdrawn_witnesses, description="The same for pages the publisher withdrew."
    )
    gone_window: Duration = Field(
        _BUILT_IN.gone_window,
        description="Time between two witnesses, and until the next visit of a missing page.",
    )
    final_recheck: Duration = Field(
        _BUILT_IN.final_recheck, description="One last visit after a 410 or a withdrawal."
    )
    host_gone_witnesses: Witnesses = Field(
        _BUILT_IN.host_gone_witnesses,
        description="Failures to find a host, or parked pages, until it is dead.",
    )
    host_gone_window: Duration = Field(
        _BUILT_IN.host_gone_window, description="Time between two of them."
    )
    refused_base: Duration = Field(
        _BUILT_IN.refused_base,
        description=f"Next visit after a block, login, geo-block or consent page. {_DOUBLES}",
    )
    refused_cap: Duration = Field(_BUILT_IN.refused_cap, description="The longest of these.")
    throttle_base: Duration = Field(
        _BUILT_IN.throttle_base,
        description=f"Pause after a 429 that names no Retry-After. {_DOUBLES}",
    )
    throttle_cap: Duration = Field(_BUILT_IN.throttle_cap, description="The longest of these.")
    throttles_before_recovery: Witnesses = Field(
        _BUILT_IN.throttles_before_recovery, description="429s in a row until archives are asked."
    )
    unreachable_base: Duration = Field(
        _BUILT_IN.unreachable_base,
        description=f"Next visit after a 5xx, a time-out or a broken connection. {_DOUBLES}",
    )
    unreachable_cap: Duration = Field(
        _BUILT_IN.unreachable_cap, description="The longest of these."
    )
    unreachable_witnesses: Witnesses = Field(
        _BUILT_IN.unreachable_witnesses,
        description="Such failures until a page is suspected and archives are asked.",
    )
    unreachable_death: Duration = Field(
        _BUILT_IN.unreachable_death,
        description="Such a page is dead after this, and only together with its host.",
    )
    outage_share: float = Field(
        _BUILT_IN.outage_share,
        ge=0,
        le=1,
        description="This share of a host's living pages failing in one run is an outage of the "
        "host, and no page's death.",
    )
    outage_least: Witnesses = Field(
        _BUILT_IN.outage_least,
        description="Fewer such pages make no outage. 0: nothing is taken for one.",
    )
    outage_recheck: Duration = Field(
        _BUILT_IN.outage_recheck,
        description="Next visit of pages that failed in an outage. "
        "It doubles while that lasts, up to a day.",
    )
    outage_longest: Duration = Field(
        _BUILT_IN.outage_longest,
        description="An outage that lasts longer is believed: pages are judged one by one.",
    )
    revisit_disallowed: Duration = Field(
        _BUILT_IN.revisit_disallowed, description="Next visit of what robots.txt disallows."
    )
    recover_disallowed: bool = Field(
        _BUILT_IN.recover_disallowed,
        description="Whether archives are asked for what robots.txt keeps us from.",
    )
    revisit_unknown: Duration = Field(
        _BUILT_IN.revisit_unknown, description="Next visit of a page nothing could be made of."
    )
    unknowns_before_recovery: Witnesses = Field(
        _BUILT_IN.unknowns_before_recovery,
        description="Such visits in a row until archives are asked.",
    )
    longest_retry_after: Duration = Field(
        _BUILT_IN.longest_retry_after, description="A longer Retry-After is cut to this."
    )
    window_slack: Duration = Field(
        _BUILT_IN.window_slack,
        description="A witness may come this much early (a tenth of the window at most).",
    )
    lookup_base: Duration = Field(
        _BUILT_IN.lookup_base,
        description=f"Pause after an archive that could not be asked. {_DOUBLES}",
    )
    lookup_cap: Duration = Field(_BUILT_IN.lookup_cap, description="The longest of these.")
    lookup_has_not: Duration = Field(
        _BUILT_IN.lookup_has_not,
        description="An archive without a copy is asked again after this.",
    )
    lookup_excluded: Duration = Field(
        _BUILT_IN.lookup_excluded,
        description="An archive that holds its copies back is asked again after this.",
    )

    def policy(self) -> LifecyclePolicy:
        """Return the numbers as `crawler.core.lifecycle` takes them."""
        values: dict[str, Any] = dict(self)
        return LifecyclePolicy(**values)
