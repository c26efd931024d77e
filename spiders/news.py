"""The spider that does all that is due: pages, pages of links, and lost pages from archives."""

from crawler.core.words import Purpose
from spiders.base import LedgerSpider
from spiders.errand import Errand
from spiders.live import LiveErrand
from spiders.lookup import LookupErrand
from spiders.replay import ReplayErrand
from storage.records import Claim


class NewsSpider(LedgerSpider):
    """`scrapy crawl news -a site=NAME`, and what `newsmorgue crawl` and `recover` run."""

    name = "news"

    def errand_for(self, claim: Claim) -> Errand:
        """Return the errand for a claim's purpose."""
        match claim.purpose:
            case Purpose.LOOKUP:
                return LookupErrand(claim, self.context)
            case Purpose.REPLAY:
                return ReplayErrand(claim, self.context)
            case Purpose.DISCOVER | Purpose.VISIT | Purpose.PROBE:
                return LiveErrand(claim, self.context)
