"""Any archive that keeps to Memento, RFC 7089: its TimeMaps, or its TimeGate where it has none.

A TimeMap lists where the copies are and when they were taken, and nothing else: no status, no
digest, no length. A TimeGate answers with the one copy nearest to the time in Accept-Datetime.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import partial
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from crawler.archives.base import Part, RowsAnswer, RowsReader
from crawler.archives.cdx import (
    could_not_ask,
    header_of,
    is_page,
    is_time,
    no_row_among,
    rows_text,
)
from crawler.core.httpdate import http_date
from crawler.core.memento_urls import bare, memento_url, split_memento_url, stem, timestamp_of
from crawler.core.urls import canonicalize, join
from crawler.core.values import CdxRow, Headers
from crawler.core.words import Answer

_TYPE = "application/link-format"
_KNOWN = frozenset({"original", "self", "timegate", "timemap", "memento"})
# Neither can fail after a repetition, so neither goes back over what it has read.
_LINK = re.compile(r"<([^<>\n]*)>((?:[^,<\"]+|\"[^\"\n]*\"?)*)")
_PARAMETER = re.compile(r";\s*([\w-]+)\*?\s*=\s*(?:\"([^\"\n]*)\"?|([^\s;,\"]+))")
_FIRST = datetime(1996, 1, 1, tzinfo=UTC)  # no web archive holds older copies
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeMap:
    """An archive that is asked by RFC 7089.

    `gate`: its TimeGate is asked. `raw`: it gives copies as captured, by `id_`.
    """

    name: str
    cdx_url: str  # what a page's address is appended to
    replay_prefix: str  # ends in a slash
    gate: bool = False
    raw: bool = True

    @property
    def read_rows(self) -> RowsReader:
        """The function that reads an answer of its index."""
        return partial(read_timemap, self.replay_prefix, self.cdx_url)

    @property
    def limit(self) -> None:
        """Rows that `lookup_url` asks for: all there are."""
        return

    def headers(self, around: datetime | None) -> Mapping[str, str]:
        """Return what a question is sent with: the time that a TimeGate goes by.

        Not to a TimeMap: pywb 2.10 leaves out of it what was taken before that time.
        """
        if not self.gate:
            return {"Accept": "application/link-format, */*;q=0.5"}
        return {"Accept-Datetime": format_datetime(around or _FIRST, usegmt=True)}

    def lookup_url(self, url: str, around: datetime | None) -> str:  # noqa: ARG002 - see headers()
        """Return the address of the page's TimeMap or TimeGate."""
        return self._of(canonicalize(url))

    def wider_url(self, url: str, around: datetime | None) -> None:  # noqa: ARG002 - the dialect's form
        """Return None: a TimeMap lists all there are."""
        return

    def variants_url(self, url: str) -> str | None:
        """Return the address of the TimeMap of the barest spelling; None if that was asked."""
        begin = stem(url)
        asked = canonicalize(url).rstrip("/")
        return None if begin is None or begin == asked else self._of(begin)

    def replay_url(self, row: CdxRow) -> str:
        """Return where a capture is replayed: as captured if the archive can, else as shown."""
        memento = row.memento or memento_url(self.replay_prefix, row.timestamp, row.original)
        place = split_memento_url(self.replay_prefix, memento)
        return memento if place is None or not self.raw else memento_url(self.replay_prefix, *place)

    def _of(self, url: str) -> str:
        is_parameter = self.cdx_url.endswith("=")
        return f"{self.cdx_url}{quote(url, safe='') if is_parameter else url}"


class _Link(NamedTuple):
    target: str  # absolute
    relations: frozenset[str]
    parameters: dict[str, str]

    def time(self, name: str) -> datetime | None:
        return http_date(self.parameters.get(name, ""))


def read_timemap(prefix: str, index: str, status: int, headers: Headers, body: bytes) -> RowsAnswer:
    """Read a TimeMap, or what a TimeGate answers. `prefix` is where the copies are, `index` asked.

    A link that is broken, has no date or lies outside of the prefix is counted as skipped. 404 is
    the archive's word that it holds nothing (RFC 7089, section 4.5.1), as is a map without copies.
    """
    gate = _by_gate(prefix, status, headers)
    if gate is not None:
        return gate
    if status == HTTPStatus.NOT_FOUND:
        return RowsAnswer(answer=Answer.HAS_NOT)
    text = rows_text(status, headers, body)
    if isinstance(text, RowsAnswer):
        is_bare = text.answer is Answer.HAS_NOT and not _is_link_format(headers)
        return could_not_ask("an empty answer is no TimeMap") if is_bare else text
    links = list(_links(prefix, text))
    if not any(link.relations & _KNOWN for link in links):
        return no_row_among(text, text.count("\n") + 1)
    return _listed(prefix, links, {_host(prefix), _host(index)})


def _by_gate(prefix: str, status: int, headers: Headers) -> RowsAnswer | None:
    """Read the answer of a TimeGate: it leads to the nearest copy, or is that copy."""
    links = list(_links(prefix, header_of(headers, "link") or ""))
    mementos = [link for link in links if "memento" in link.relations]
    if header_of(headers, "memento-datetime"):
        # The copy itself; its status may be an archived redirect.
        taken_at = http_date(header_of(headers, "memento-datetime") or "")
        stated = header_of(headers, "content-location")
        named = [link.target for link in mementos if link.time("datetime") == taken_at]
        location = (join(prefix, stated) if stated else next(iter(named), None)) or ""
    elif status in _REDIRECTS:
        location = join(prefix, header_of(headers, "location") or "") or ""
        taken_at = next(
            (link.time("datetime") for link in mementos if link.target == location), None
        )
    else:
        return None
    row = _row(prefix, location, taken_at, _original(links))
    if row is None:
        return could_not_ask(f"it leads to {location[:80]!a}, which is none of its copies")
    return RowsAnswer(answer=Answer.HAS, rows=(row,))


def _listed(prefix: str, links: list[_Link], hosts: set[str]) -> RowsAnswer:
    original = _original(links)
    mementos = [link for link in links if "memento" in link.relations]
    found = [_row(prefix, link.target, link.time("datetime"), original) for link in mementos]
    rows = tuple(dict.fromkeys(row for row in found if row is not None))
    skipped = sum(row is None for row in found)
    parts = tuple(_parts(links, hosts))
    if rows or parts:
        return RowsAnswer(answer=Answer.HAS, rows=rows, skipped=skipped, parts=parts)
    if skipped:
        return could_not_ask(f"none of the {skipped} copies it lists lies under {prefix}")
    return RowsAnswer(answer=Answer.HAS_NOT)


def _row(prefix: str, memento: str, at: datetime | None, original: str | None) -> CdxRow | None:
    """Return a copy as a row; None if it is not this archive's or its time is not known."""
    place = split_memento_url(prefix, memento)
    if place is None and not bare(memento).startswith(bare(prefix)):
        return None
    timestamp = place[0] if place else ""
    page = place[1] if place else original
    if not is_time(timestamp) and at is not None:
        timestamp = timestamp_of(at)
    if page is None or not is_page(page) or not is_time(timestamp):
        return None
    return CdxRow(
        urlkey="-",
        timestamp=timestamp,
        original=page,
        mimetype="-",
        statuscode=None,
        digest="-",
        length=None,
        memento=memento,
    )


def _original(links: list[_Link]) -> str | None:
    return next((link.target for link in links if "original" in link.relations), None)


def _parts(links: list[_Link], hosts: set[str]) -> Iterator[Part]:
    """Yield the further TimeMaps of a paged one; those in other formats say the same again."""
    own = {link.target for link in links if "self" in link.relations}
    seen = set(own)
    for link in links:
        is_map = "timemap" in link.relations and link.parameters.get("type", _TYPE) == _TYPE
        if is_map and link.target not in seen and _host(link.target) in hosts:
            seen.add(link.target)
            yield Part(url=link.target, since=link.time("from"), until=link.time("until"))


def _links(base: str, text: str) -> Iterator[_Link]:
    """Yield the links of application/link-format (RFC 6690), as far as they can be made out."""
    for found in _LINK.finditer(text):
        target = join(base, found[1])
        if target is None:
            continue
        parameters: dict[str, str] = {}
        for one in _PARAMETER.finditer(found[2]):
            parameters.setdefault(one[1].lower(), one[3] or one[2] or "")
        relations = frozenset(parameters.get("rel", "").lower().split())
        yield _Link(target, relations, parameters)


def _is_link_format(headers: Headers) -> bool:
    return (header_of(headers, "content-type") or "").partition(";")[0].strip() == _TYPE


def _host(url: str) -> str:
    return urlsplit(url).netloc.lower()
