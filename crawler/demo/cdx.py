"""The index query in the Internet Archive's dialect, as `wayback-cdx-server` reads it.

Known: url (with `/*` and `*.`), matchType, from, to, filter, collapse, sort, closest, limit, fl,
output. Unknown parameters are let pass, as the real one does.
"""

import json
import re
from collections.abc import Iterable
from datetime import datetime
from itertools import groupby

from crawler.demo.holdings import Capture, Holdings, moment, padded
from crawler.demo.urlkey import urlkey

FIELDS = ("urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length")
Row = dict[str, str]
Params = dict[str, list[str]]


def first(params: Params, name: str, default: str = "") -> str:
    """Return the first value of a parameter."""
    return params.get(name, [default])[0]


def matched(holdings: Holdings, params: Params) -> list[Capture]:
    """Return the captures a url and matchType stand for. Raises ValueError without a url."""
    url, how = first(params, "url"), first(params, "matchType", "exact")
    if url.endswith("/*"):
        url, how = url[:-1], "prefix"
    elif url.startswith("*."):
        url, how = url[2:], "domain"
    key = urlkey(url)
    host = key.partition(")")[0]
    if how == "exact":
        return holdings.of(url)
    tests = {
        "prefix": lambda held: held.startswith(key),
        "host": lambda held: held.startswith(f"{host})"),
        "domain": lambda held: held.startswith((f"{host})", f"{host},")),
    }
    return holdings.under(filter(tests[how], holdings.keys()))


def passes(row: Row, rule: str) -> bool:
    """Whether a row passes `[!]field:regex`; the regex must match the whole field."""
    wanted = not rule.startswith("!")
    field, _, pattern = rule.removeprefix("!").partition(":")
    return bool(re.fullmatch(pattern, row.get(field, ""))) is wanted


def within(row: Row, params: Params) -> bool:
    """Whether a row lies between from and to, both included."""
    since = padded(first(params, "from"))
    until = padded(first(params, "to"), last=True)
    return since <= row["timestamp"] <= until


def collapsed(rows: Iterable[Row], rule: str) -> list[Row]:
    """Return the first of each run of neighbours that agree on `field` or `field:N`."""
    field, _, width = rule.partition(":")
    keep = int(width) if width else None
    return [next(run) for _, run in groupby(rows, lambda row: row[field][:keep])]


def ordered(rows: list[Row], params: Params) -> list[Row]:
    """Return rows in the asked order. `closest` counts only with sort=closest."""
    sort, near = first(params, "sort", "default"), first(params, "closest")
    if sort == "reverse":
        return rows[::-1]
    if sort == "closest" and near:
        target = moment(padded(near))
        return sorted(rows, key=lambda row: _distance(row, target))
    return rows


def _distance(row: Row, target: datetime) -> float:
    return abs((moment(row["timestamp"]) - target).total_seconds())


def limited(rows: list[Row], limit: str) -> list[Row]:
    """Return the first N rows, or the last N for a negative limit."""
    count = int(limit) if limit else len(rows)
    return rows[count:] if count < 0 else rows[:count]


def select(holdings: Holdings, params: Params) -> list[Row]:
    """Return the rows a query gives. Raises ValueError or KeyError for a bad query."""
    rows = [capture.row() for capture in matched(holdings, params)]
    rules = params.get("filter", [])
    rows = [row for row in rows if within(row, params) and all(passes(row, r) for r in rules)]
    for rule in params.get("collapse", []):
        rows = collapsed(rows, rule)
    return limited(ordered(rows, params), first(params, "limit"))


def columns(params: Params) -> list[str]:
    """Return the asked fields."""
    return first(params, "fl", ",".join(FIELDS)).split(",")


def render(rows: list[list[str]], params: Params) -> tuple[bytes, str]:
    """Return body and media type. No rows: an empty text, or an empty JSON list, no header."""
    if first(params, "output") == "json":
        table = [columns(params), *rows] if rows else []
        text = ",\n".join(json.dumps(row, ensure_ascii=False) for row in table)
        return f"[{text}]\n".encode(), "application/json"
    return "".join(" ".join(row) + "\n" for row in rows).encode(), "text/plain"


def picked(rows: Iterable[Row], params: Params) -> list[list[str]]:
    """Return rows cut to the asked fields, in their order."""
    names = columns(params)
    return [[row.get(name, "-") for name in names] for row in rows]


def as_pywb(holdings: Holdings, params: Params, *, has_junk: bool) -> bytes:
    """Return the rows of an address as pywb lists them: JSON lines, other names, no filter.

    A revisit has no status, and `closest` alone sorts.
    """
    near = first(params, "closest")
    asked: Params = {name: params[name] for name in ("url", "matchType", "limit") if name in params}
    asked |= {"sort": ["closest"], "closest": [near]} if near else {}
    rows = [dict(zip(FIELDS, row, strict=False)) for row in (junk(params) if has_junk else [])]
    lines = [json.dumps(_in_pywbs_words(row)) for row in [*rows, *select(holdings, asked)]]
    return "".join(f"{line}\n" for line in (["{broken"] if has_junk else []) + lines).encode()


def _in_pywbs_words(row: Row) -> Row:
    names = {"original": "url", "mimetype": "mime", "statuscode": "status"}
    said = {names.get(name, name): value for name, value in row.items()}
    return {name: value for name, value in said.items() if (name, value) != ("status", "-")}


def junk(params: Params) -> list[list[str]]:
    """Return rows as they really occur and should not: for the fault `bad-rows`."""
    url = first(params, "url") or "http://paper.invalid/"
    key, sha = urlkey(url), "A" * 32
    rows = [
        (key, "20000012000000", url, "text/html", "200", sha, "900"),
        (key, "2003060708", url, "text/html", "200", sha, "900"),
        (key, "not-a-timestamp", url, "text/html", "200", sha, "900"),
        (key, "20040101000000", f"{url} and more words", "text/html", "200", sha, "900"),
        (key, "20050101000000", "http://mailto:desk@paper.invalid", "text/html", "200", sha, "-"),
        (key, "20060101000000", "data:image/gif;base64," + "R0lG" * 600, "unk", "-", sha, "-"),
        (key, "20070101000000", url, "-", "-", "-", "-"),
        (key, "20080101000000", url, "warc/revisit", "-", sha, "512"),
        (key, "20090101000000"),
        ("",),
    ]
    width = len(columns(params))
    return [list(row[:width]) for row in rows]
