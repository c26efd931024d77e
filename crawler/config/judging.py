"""The [judge] section: when a host is asked for what was never there, as settings."""

from pydantic import Field

from crawler.config.sections import Section
from crawler.config.values import Duration
from crawler.core.probing import ProbePolicy

_BUILT_IN = ProbePolicy()  # the defaults are told once, where they are used


class Judge(Section):
    """How pages that answer 200 without being an article are told from articles.

    A host is asked for an address that never was, once for each section and window, and only when
    a page shows no sign of being its own article. No page is probed that robots.txt disallows.
    """

    probe: bool = Field(_BUILT_IN.enabled, description="Whether hosts are asked at all.")
    probe_window: Duration = Field(
        _BUILT_IN.window,
        description="For so long a section's answer is taken as known. 0: each run asks anew.",
    )
    probe_pause: Duration = Field(
        _BUILT_IN.pause, description="Pause after such a request that was refused or failed."
    )
    probe_sections: int = Field(
        _BUILT_IN.sections, ge=0, description="Sections of one host asked for within a window."
    )
    repeated_pages: int = Field(
        _BUILT_IN.repeats,
        ge=0,
        description="One page under so many addresses of a host, in one run and without a sign of "
        "an article, is an error page. 0: never.",
    )

    def policy(self) -> ProbePolicy:
        """Return the numbers as `crawler.core.probing` takes them."""
        return ProbePolicy(
            enabled=self.probe,
            window=self.probe_window,
            pause=self.probe_pause,
            sections=self.probe_sections,
            repeats=self.repeated_pages,
        )
