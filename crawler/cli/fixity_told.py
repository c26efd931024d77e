"""What `verify` found, for people and for programs."""

from collections.abc import Sequence
from typing import Any

from crawler.cli.printing import block, bold
from crawler.cli.values import cell, plain
from storage.fixity_faults import Fault, Tally

_FEW = 10  # rows named one by one


def as_record(tally: Tally, faults: Sequence[Fault], remarks: Sequence[str]) -> dict[str, Any]:
    """Return the result for programs: `ok`, what was checked, each fault with its rows."""
    return {
        "ok": not faults,
        "checked": plain(tally),
        "faults": [plain(fault) for fault in faults],
        "remarks": list(remarks),
    }


def told(tally: Tally, faults: Sequence[Fault]) -> str:
    """Return the result for people: each fault, then what was checked."""
    return "\n\n".join([*map(_fault, faults), block(_checked(tally, len(faults)))])


def _fault(fault: Fault) -> str:
    where = f"warc/{fault.file}" if fault.file else "the ledger"
    at = f" at {fault.offset}" if fault.offset is not None else ""
    fields = {"what": fault.what, "page": fault.url, "rests on it": _rows(fault)}
    lines = block({name: value for name, value in fields.items() if value}).split("\n")
    return "\n".join([bold(f"{where}{at}"), *(f"  {line}" for line in lines if line)])


def _rows(fault: Fault) -> str:
    named = [f"{row.table} {row.id}" for row in fault.rows[:_FEW]]
    more = len(fault.rows) - len(named)
    return ", ".join([*named, *([f"and {more} more (--json names them)"] if more else [])])


def _checked(tally: Tally, faults: int) -> dict[str, str]:
    return {
        "files": f"{cell(tally.files)}, {cell(tally.records)} records, {cell(tally.bytes)} bytes",
        "visits": f"{cell(tally.visits)} found at their place or named above",
        "texts": f"{cell(tally.texts)} digests computed anew",
        "changes": "numbered without a gap" if not faults else "looked at",
        "result": f"{faults} faults" if faults else "everything is as it was written",
    }
