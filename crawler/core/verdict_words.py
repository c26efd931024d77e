"""How a verdict is put into words, for all rules of the judge alike."""

from crawler.core.values import Evidence, Verdict
from crawler.core.words import Liveness

RULES_VERSION = "2"  # raised whenever a rule or a threshold changes

_MAX_QUOTE = 300  # characters of a page that one piece of evidence repeats


def say(liveness: Liveness, confidence: float, reason: str, *spans: tuple[str, str]) -> Verdict:
    """Make the verdict of one rule. Each span is a place and the words or value seen there."""
    seen = (Evidence(rule=reason, place=place, text=text[:_MAX_QUOTE]) for place, text in spans)
    return Verdict(
        liveness=liveness,
        confidence=confidence,
        reasons=(reason,),
        evidence=tuple(seen),
        rules_version=RULES_VERSION,
    )
