"""Replay: `/web/<14 digits>id_/<url>` gives the stored bytes; other times lead to the nearest.

`Memento-Datetime` is there exactly when the status is the archived one.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import unquote, urljoin

from crawler.demo.holdings import Capture, Holdings, closest, moment, padded
from crawler.demo.http1 import Header, Reply, Request

ADDRESS = re.compile(r"/web/(?:(?P<time>\d{1,14})(?P<mode>[a-z]{2}_)?/)?(?P<url>.+)")
TIMEMAP = re.compile(r"/web/timemap/link/(?P<url>.+)")
TOOLBAR = b"<!-- BEGIN WAYBACK TOOLBAR INSERT --><div>Captured</div><!-- END -->"
LINK_FORMAT = "application/link-format"
PASSED_ON = {"content-encoding"}  # original headers a memento must keep to be readable


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a replay address asks for. `time` and `mode` may be empty."""

    time: str
    mode: str
    url: str


def wanted(target: str) -> Wanted | None:
    """Read a replay address; None when it is none."""
    found = ADDRESS.fullmatch(target)
    if not found:
        return None
    url = found["url"]
    plain = unquote(url) if re.match(r"https?%3a", url, re.IGNORECASE) else url
    # Some clients and proxies fold the double slash of the inner address.
    plain = re.sub(r"^(https?):/+", r"\1://", plain)
    return Wanted(time=found["time"] or "", mode=found["mode"] or "", url=plain)


def place(origin: str, capture: Capture, mode: str) -> str:
    """Return the URI-M of a capture."""
    return f"{origin}/web/{capture.timestamp}{mode}/{capture.original}"


def not_archived(url: str) -> Reply:
    """Return the archive's own 404."""
    text = f"<html><body><h1>Hrm.</h1><p>No capture of {url} is kept here.</p></body></html>"
    return Reply(status=HTTPStatus.NOT_FOUND, body=text.encode("utf-8", "replace"))


def elsewhere(origin: str, capture: Capture, mode: str) -> Reply:
    """Return the redirect to another time. It carries no Memento-Datetime."""
    reason = f"found capture at {capture.timestamp}"
    headers = (
        ("Location", place(origin, capture, mode)),
        ("X-Archive-Redirect-Reason", reason),
        ("Vary", "accept-datetime"),
    )
    return Reply(status=HTTPStatus.FOUND, headers=headers)


def target_time(request: Request, ask: Wanted) -> datetime:
    """Return the asked time: of the address, else of Accept-Datetime, else now."""
    if ask.time:
        return moment(padded(ask.time))
    accept = request.headers.get("accept-datetime")
    return parsedate_to_datetime(accept) if accept else datetime.now(UTC)


def replay(holdings: Holdings, request: Request, ask: Wanted) -> Reply:
    """Answer one replay address."""
    captures = holdings.of(ask.url)
    if not captures:
        return not_archived(ask.url)
    exact = next((capture for capture in captures if capture.timestamp == ask.time), None)
    if exact is None:
        return elsewhere(request.origin, closest(captures, target_time(request, ask)), ask.mode)
    return memento(exact, captures, request.origin, ask.mode)


def links(capture: Capture, captures: list[Capture], origin: str) -> str:
    """Return the Link header of RFC 7089."""
    url, web = capture.original, f"{origin}/web"
    marks = {"first": captures[0], "memento": capture, "last": captures[-1]}
    rows = [f'<{url}>; rel="original"', f'<{web}/{url}>; rel="timegate"']
    rows.append(f'<{web}/timemap/link/{url}>; rel="timemap"; type="{LINK_FORMAT}"')
    rows += [_link(name, one, origin) for name, one in marks.items()]
    return ", ".join(rows)


def _link(name: str, capture: Capture, origin: str) -> str:
    rel = name if name == "memento" else f"{name} memento"
    date = format_datetime(capture.at, usegmt=True)
    return f'<{place(origin, capture, "")}>; rel="{rel}"; datetime="{date}"'


def original_headers(capture: Capture, origin: str, mode: str) -> list[Header]:
    """Return the captured headers under their archive names, and those that stay in force."""
    kept = [(f"X-Archive-Orig-{name}", value) for name, value in capture.headers]
    for name, value in capture.headers:
        if name.lower() in PASSED_ON:
            kept.append((name, value))
        if name.lower() == "location":
            inside = urljoin(capture.original, value)
            kept.append((name, f"{origin}/web/{capture.timestamp}{mode}/{inside}"))
    return kept


def memento(capture: Capture, captures: list[Capture], origin: str, mode: str) -> Reply:
    """Return a capture: its status, its bytes (`id_`) or its bytes behind a toolbar."""
    own = {name.lower(): value for name, value in capture.headers}
    rewritten = mode != "id_" and "content-encoding" not in own
    body = TOOLBAR + capture.body if rewritten else capture.body
    headers = (
        ("Memento-Datetime", format_datetime(capture.at, usegmt=True)),
        ("Link", links(capture, captures, origin)),
        ("X-Archive-Src", "alder-courier-0001.warc.gz"),
        ("X-ts", str(capture.status)),
        *original_headers(capture, origin, mode),
    )
    kind = own.get("content-type", capture.mimetype)
    return Reply(status=capture.status, body=body, media_type=kind, headers=headers)


def timemap(holdings: Holdings, request: Request, url: str) -> Reply:
    """Answer /web/timemap/link/<url>: every capture in link format."""
    captures = holdings.of(url)
    if not captures:
        return not_archived(url)
    rows = [f'<{url}>; rel="original"', f'<{request.origin}/web/{url}>; rel="timegate"']
    rows += [_link("memento", capture, request.origin) for capture in captures]
    return Reply(body=",\n".join(rows).encode() + b"\n", media_type=LINK_FORMAT)
