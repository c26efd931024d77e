"""What came of each page that was looked for in archives: a table, or a JSON object a line."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from crawler.cli.printing import bold, table
from crawler.cli.progress import tally
from crawler.cli.values import plain, utc
from storage.findings import Finding

_NAMED = 3  # reasons of refused copies in one line


def lines(findings: Sequence[Finding]) -> Iterator[str]:
    """Yield each finding as one line of JSON."""
    for found in findings:
        yield json.dumps(plain(found), ensure_ascii=False, allow_nan=False)


def told(findings: Sequence[Finding]) -> list[str]:
    """Return a table of the findings, and how many there are of each."""
    counts = Counter(str(found.result) for found in findings)
    return [table([_row(found) for found in findings]), "", f"{bold('Pages')}  {tally(counts)}"]


def _row(found: Finding) -> Mapping[str, Any]:
    taken = found.memento_datetime
    return {
        "page": found.url,
        "result": found.result,
        "archive": found.archive,
        "copy of": utc(taken)[:10] if taken is not None else None,
        "note": _note(found),
    }


def _note(found: Finding) -> str:
    """Return what a person wants to know beside the result."""
    match found.result:
        case "recovered":
            begins = "only its beginning: " if found.is_partial else ""
            return f"{begins}{found.title or 'without a title'}"
        case "held":
            return f"the text is held from the live page, which is {found.state}"
        case "refused":
            return f"no copy is the page: {_reasons(found)}{_again(found)}"
        case "could_not_ask":
            return f"{found.problem or 'no answer'}{_again(found)}"
        case "waiting":
            return "not asked yet" if found.asked_at is None else "its copies are still to come"
    return _again(found).removeprefix("; ")


def _reasons(found: Finding) -> str:
    counts = Counter(str(one.get("reason")) for one in found.refused)
    few = dict(counts.most_common(_NAMED))
    more = f", {len(counts) - len(few)} more reasons" if len(counts) > len(few) else ""
    return (tally(few) or "none is left") + more


def _again(found: Finding) -> str:
    at = found.ask_again_at
    return f"; asked again from {utc(at)[:16]}Z" if at is not None else ""
