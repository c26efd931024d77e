"""One page's life as a person reads it: what holds now, then what happened, each with its proof.

The input is the JSON form of `storage.library.ResourceLife`; the output is plain lines.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from crawler.cli.descriptions import described
from crawler.cli.printing import block
from crawler.cli.printing import bold as heading
from crawler.cli.values import cell

Row = Mapping[str, Any]

_LIVE = "live"
_PLACES = {
    "before": "before the article",
    "between": "within the article",
    "after": "after the article",
    "outside": "outside the article",
}


def life_told(life: Row) -> str:
    """Return the whole life: a summary, then visits, texts and archives in blocks of their own."""
    parts = [block(_present(_summary(life)))]
    parts += _section("What happened, in order", [_visit(row, life) for row in life["visits"]])
    parts += _section("Texts kept", [_version(row) for row in life["versions"]])
    parts += _section("Told to readers", _changes(life["changes"]))
    parts += _section("Asked of archives", [_lookup(row) for row in life["archive_lookups"]])
    return "\n\n".join(parts)


def _section(title: str, blocks: list[str]) -> list[str]:
    return [heading(title), *blocks] if blocks else []


def _present(row: Row) -> dict[str, Any]:
    """Return the fields that hold something."""
    return {name: value for name, value in row.items() if value not in (None, "", [], {})}


def _titled(title: str, row: Row) -> str:
    """Return a heading and its fields, indented."""
    lines = block(_present(row)).split("\n")
    return "\n".join([heading(cell(title)), *(f"  {line}" for line in lines if line)])


def _changes(rows: list[Row]) -> list[str]:
    """Return what the change feed told, one line each."""
    lines = []
    for row in rows:
        which = f" version {row['version']}, reading {row['reading']}" if row["version"] else ""
        lines.append(f"{row['at']}  {row['kind']}{which}, change {row['seq']}")
    return ["\n".join(lines)] if lines else []


def _summary(life: Row) -> dict[str, Any]:
    """Return what holds now."""
    page = life["page"]
    return {
        "page": page["url"],
        "site": page.get("site"),
        "state": _state(page),
        "last visit": _last_visit(page, life),
        "moved to": _target(life) if page["state"] == "moved" else None,
        "text": _text(life),
        "next": "\n".join(_due(row) for row in life["due"]) or _unplanned(page),
        "also known as": "\n".join(f"{row['url']} ({row['why']})" for row in life["aliases"]),
        "headline": page["headline"],
        "found": f"{page['first_seen_at']} ({page['found_how']})",
    }


def _state(page: Row) -> str:
    """Return the state, and for a page that fails since when."""
    count = page["consecutive_failures"]
    if not count:
        return str(page["state"])
    times = "1 failure" if count == 1 else f"{count} failures in a row"
    good = page["last_ok_at"]
    last = f"; last good visit {good}" if good else "; never seen alive"
    return f"{page['state']}: {times} since {page['first_failed_at']}{last}"


def _last_visit(page: Row, life: Row) -> str:
    """Return when it was visited last and what that said."""
    if page["last_visited_at"] is None:
        return "never"
    said = page["liveness"] or page["outcome"]
    by_way = "" if life["visits"] or not life["aliases"] else "; it came by way of another address"
    status = f", HTTP {page['http_status']}" if page["http_status"] else ""
    rule = f", rule {page['reason']}" if page["reason"] else ""
    return f"{page['last_visited_at']}: {said}{status}{rule}{by_way}"


def _target(life: Row) -> str | None:
    """Return where the last visit was led."""
    led = [row["final_url"] for row in life["visits"] if row["liveness"] == "moved"]
    return f"{led[-1]} (show that address for its text)" if led else None


def _text(life: Row) -> str:
    """Return which text is held, or that none is."""
    kept = [row for row in life["versions"] if row["retracted_at"] is None]
    if not kept:
        return "none kept here" if life["page"]["state"] == "moved" else "none"
    shown = _shown(kept)
    whole = "only its beginning" if shown["is_partial"] else "complete"
    source = "the live page" if shown["source"] == _LIVE else f"the archive {shown['source']}"
    return (
        f"version {shown['version']} from {source}, captured {shown['captured_at']},"
        f" {shown['text_chars']} characters, {whole}"
    )


def _shown(versions: list[Row]) -> Row:
    """Return the version that the view `articles` shows."""
    return max(
        versions,
        key=lambda row: (not row["is_partial"], row["captured_at"], row["version"], row["reading"]),
    )


def _unplanned(page: Row) -> str:
    """Return why nothing is to come."""
    if page["skipped"] == "backfill":
        return "nothing: older than the site's horizon; `newsmorgue crawl --backfill` fetches it"
    why = f": skipped, {page['skipped']}" if page["skipped"] else ""
    return f"nothing is planned{why}"


def _due(row: Row) -> str:
    """Return one errand to come."""
    tried = f", tried {row['attempts']} times" if row["attempts"] else ""
    held = f", in the hands of run {row['run_id']}" if row["run_id"] else ""
    where = f" ({row['lane']})" if row["purpose"] in {"lookup", "replay"} else ""
    return f"{row['purpose']} at {row['due_at']}{where}{tried}{held}"


def _visit(row: Row, life: Row) -> str:
    """Return one errand: what it asked, what came, how it was judged and where the bytes are."""
    is_live = row["source"] == _LIVE
    where = "the live page" if is_live else f"the archive {row['source']}"
    title = f"{row['started_at']}  {row['purpose']}, {where}: {row['liveness'] or row['outcome']}"
    status = f", HTTP {row['http_status']}" if row["http_status"] else ""
    known = (life["page"]["url"], row["memento_url"])
    elsewhere = None if row["final_url"] in known else row["final_url"]
    sure = f", confidence {cell(row['confidence'])}" if row["confidence"] is not None else ""
    return _titled(
        title,
        {
            "outcome": f"{row['outcome']}{status}",
            "problem": row["problem"],
            "hops": "\n".join(_hop(hop) for hop in row["chain"] or ()),
            "asked" if row["purpose"] == "lookup" else "answered by": elsewhere,
            "copy": row["memento_url"],
            "taken": row["memento_datetime"],
            "judged": f"{row['liveness']}{sure}" if row["liveness"] else None,
            "because": row["reasons"] or None,
            "evidence": "\n".join(_evidence(row)),
            "bytes": f"warc/{row['warc_file']} at {row['warc_offset']}"
            if row["warc_file"]
            else None,
        },
    )


def _hop(hop: Row) -> str:
    return f"{hop.get('status')} {hop.get('url')}"


def _evidence(row: Row) -> Iterator[str]:
    """Yield what the rules saw, and where. The rule is named where it is not the only one."""
    found = row["evidence"] or ()
    rules = {one["rule"] for one in found} | set(row["reasons"] or ())
    for one in found:
        rule = f"{one['rule']}, " if len(rules) > 1 else ""
        yield f"{rule}{_place(one['place'])}: {cell(one['text'])}"


def _place(word: str) -> str:
    return _PLACES.get(word) or f"in {word}"


def _version(row: Row) -> str:
    """Return one text's provenance."""
    source = "the live page" if row["source"] == _LIVE else f"the archive {row['source']}"
    whole = "only the beginning" if row["is_partial"] else "complete"
    return _titled(
        f"Version {row['version']}, reading {row['reading']}, from {source}",
        {
            **described(row),
            "captured": row["captured_at"],
            "copy": row["memento_url"],
            "text": f"{row['text_chars']} characters, {whole}",
            "cut out": "\n".join(
                f"{span['kind']}, {_place(span['place'])}: {cell(span['text'])}"
                for span in row["removed"] or ()
            ),
            "sha256": row["text_sha256"],
            "read by": row["extractor_version"],
            "taken back": row["retracted_at"],
        },
    )


def _lookup(row: Row) -> str:
    """Return one question to an archive, with the copies that were refused and why."""
    return _titled(
        f"{row['asked_at']}  {row['archive']}: {row['answer']}",
        {
            "captures": row["rows_seen"],
            "problem": row["problem"],
            "accepted": row["memento_url"],
            "refused": "\n".join(
                f"{one['reason']}: {one['memento']}" for one in row["refused"] or ()
            ),
            "ask again": row["ask_again_at"],
        },
    )
