"""What one visit says of a feed or sitemap. It has no text to be mistaken for an article's."""

from crawler.core.listings import Listing, ListKind
from crawler.core.values import History, HostFacts, Verdict, Visit
from crawler.core.verdict import judge
from crawler.core.verdict_words import say
from crawler.core.words import Liveness, Outcome

_CAME = frozenset({Outcome.FETCHED, Outcome.TRUNCATED})
_OK = range(200, 300)
_SURE, _LIKELY = 0.99, 0.8


def judge_list(visit: Visit, listing: Listing | None, history: History, host: HostFacts) -> Verdict:
    """Return what this visit says of a list: alive when it was one, else what the wire says.

    A page that answers 200 where a list should be is `unknown`, reason `not_a_list`.
    """
    if visit.outcome not in _CAME or visit.status not in _OK or listing is None:
        return judge(visit, None, history, host)
    if listing.kind is ListKind.NONE:
        return say(Liveness.UNKNOWN, _LIKELY, "not_a_list", ("body", listing.problem or ""))
    saw = f"{len(listing.entries)} pages, {len(listing.lists)} lists"
    return say(Liveness.ALIVE, _SURE, f"read_{listing.kind.value}", ("body", saw))
