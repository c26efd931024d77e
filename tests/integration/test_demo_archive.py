"""The mock Internet Archive speaks the real one's dialect, bad days included."""

import base64
import gzip
import hashlib
import json
from http.client import IncompleteRead
from pathlib import Path

import pytest
from support.servers import fresh_hosts, get

from crawler.demo.launch import ArchiveServer, start_archive
from crawler.demo.urlkey import urlkey

PAGE = "http://127.0.0.2:8123/article/1/a-slug"


@pytest.mark.parametrize(
    "spelling",
    ["https://paper.example/A/", "HTTP://www.paper.example:80/a", "paper.example/a#top"],
)
def test_urlkey_folds_spellings(spelling: str) -> None:
    """Scheme, www, default port, case, trailing slash and fragment are one address."""
    assert urlkey(spelling) == "example,paper)/a"


def test_urlkey_keeps_what_tells_apart() -> None:
    """Another port is another address; the order of a query is not."""
    assert urlkey("http://127.0.0.2:81/a?c&b") == "127.0.0.2:81)/a?b&c"


def filled(archive: ArchiveServer) -> None:
    """Hold one address at five times: 200, 404, 200 large, revisit, 200."""
    archive.hold(PAGE, "20180101000000", "first")
    archive.hold(PAGE, "20190101000000", "lost", status=404)
    archive.hold(PAGE, "20200101000000", "x" * 100_000)
    archive.hold(PAGE, "20210101000000", revisit=True)
    archive.hold(PAGE.replace("http:", "https:"), "20220101000000", "last")


def rows(archive: ArchiveServer, query: str, url: str = PAGE) -> list[list[str]]:
    """Ask the index for text rows."""
    got = get(f"{archive.cdx_url}?url={url}&{query}")
    assert got.status == 200
    return [line.split(" ") for line in got.text.splitlines()]


@pytest.mark.parametrize(
    ("query", "years"),
    [
        ("", "2018 2019 2020 2021 2022"),
        ("filter=statuscode:200", "2018 2020 2022"),
        ("filter=!statuscode:[345]..", "2018 2020 2021 2022"),
        ("filter=statuscode:20", ""),
        ("from=2019&to=2021", "2019 2020 2021"),
        ("sort=reverse&limit=2", "2022 2021"),
        ("limit=-2", "2021 2022"),
        ("sort=closest&closest=20190601&limit=2", "2019 2020"),
        ("closest=20190601&limit=2", "2018 2019"),
        ("collapse=digest", "2018 2019 2020 2022"),
        ("matchType=host&limit=1", "2018"),
    ],
)
def test_index_dialect(archive: ArchiveServer, query: str, years: str) -> None:
    """Filters match whole fields, limits follow filters, closest needs sort=closest."""
    filled(archive)
    assert [row[1][:4] for row in rows(archive, query)] == years.split()


def test_index_row_and_json(archive: ArchiveServer) -> None:
    """Rows have seven fields; JSON has a header row, and nothing at all when none is held."""
    filled(archive)
    row = rows(archive, "limit=1")[0]
    sha = base64.b32encode(hashlib.sha1(b"first", usedforsecurity=False).digest()).decode()
    assert row[:6] == [urlkey(PAGE), "20180101000000", PAGE, "text/html", "200", sha]
    asked = get(f"{archive.cdx_url}?url={PAGE}&output=json&fl=timestamp,statuscode&limit=1")
    assert json.loads(asked.body) == [["timestamp", "statuscode"], ["20180101000000", "200"]]
    never = PAGE.replace("8123", "8124")
    assert rows(archive, "", never) == []
    assert json.loads(get(f"{archive.cdx_url}?url={never}&output=json").body) == []


@pytest.mark.parametrize(
    ("time", "status", "size"),
    [("2018", 200, 5), ("2019", 404, 4), ("2020", 200, 100_000), ("2021", 200, 100_000)],
)
def test_replay_gives_the_archived_status(
    archive: ArchiveServer, time: str, status: int, size: int
) -> None:
    """An exact time gives stored bytes and status with Memento-Datetime; a revisit plays too."""
    filled(archive)
    got = get(archive.memento_url(f"{time}0101000000", PAGE))
    assert (got.status, len(got.body)) == (status, size)
    assert (got.header("memento-datetime") or "").endswith(f"Jan {time} 00:00:00 GMT")
    assert got.header("x-ts") == str(status)


def test_replay_of_another_time_redirects(archive: ArchiveServer) -> None:
    """An inexact time leads to the nearest capture and carries no Memento-Datetime."""
    filled(archive)
    got = get(archive.memento_url("20200301000000", PAGE))
    assert got.status == 302
    assert got.header("location") == archive.memento_url("20200101000000", PAGE)
    assert got.header("memento-datetime") is None


def test_replay_of_what_is_not_held(archive: ArchiveServer) -> None:
    """The archive's own 404 has no Memento-Datetime."""
    got = get(archive.memento_url("20200101000000", PAGE))
    assert (got.status, got.header("memento-datetime")) == (404, None)


def test_archived_redirect_stays_inside(archive: ArchiveServer) -> None:
    """An archived 301 plays with its Location inside the archive and the original beside it."""
    archive.hold(PAGE, "20200101000000", status=301, headers={"Location": "/new"})
    got = get(archive.memento_url("20200101000000", PAGE))
    assert got.status == 301
    assert got.header("memento-datetime")
    assert got.header("x-archive-orig-location") == "/new"
    inside = archive.memento_url("20200101000000", "http://127.0.0.2:8123/new")
    assert got.header("location") == inside


def test_replay_without_id_is_rewritten(archive: ArchiveServer) -> None:
    """Only id_ gives the stored bytes; the plain address has the toolbar in it."""
    archive.hold(PAGE, "20200101000000", "stored")
    assert get(archive.memento_url("20200101000000", PAGE)).body == b"stored"
    assert b"TOOLBAR" in get(f"{archive.replay_url}20200101000000/{PAGE}").body


def test_timegate_and_timemap(archive: ArchiveServer) -> None:
    """Accept-Datetime chooses a capture; the TimeMap lists them all in link format."""
    filled(archive)
    gate = get(archive.replay_url + PAGE, Accept_Datetime="Mon, 01 Jan 2018 10:00:00 GMT")
    assert "/20180101000000/" in (gate.header("location") or "")
    timemap = get(f"{archive.replay_url}timemap/link/{PAGE}")
    assert timemap.header("content-type") == "application/link-format"
    assert timemap.text.count('rel="memento"') == 5


@pytest.mark.parametrize(
    ("kind", "status", "header"),
    [
        ("429", 429, None),
        ("429-short", 429, None),
        ("503", 503, None),
        ("403-nginx", 403, None),
        ("blocked-site", 403, "x-archive-wayback-runtime-error"),
        ("blocked-robots", 403, "x-archive-wayback-runtime-error"),
        ("outage-page", 200, None),
    ],
)
def test_fault_befalls_so_many_requests(
    archive: ArchiveServer, kind: str, status: int, header: str | None
) -> None:
    """A switched fault spoils one index request and not the next."""
    archive.hold(PAGE, "20200101000000", "stored")
    archive.fault(kind, on="cdx")
    got = get(f"{archive.cdx_url}?url={PAGE}")
    assert got.status == status
    assert urlkey(PAGE) not in got.text
    assert header is None or got.header(header)
    assert len(rows(archive, "")) == 1


def test_retry_after_is_sent_when_asked(archive: ArchiveServer) -> None:
    """429 carries Retry-After only when the switch says so."""
    archive.fault("429", retry_after="7")
    archive.fault("429")
    url = f"{archive.cdx_url}?url={PAGE}"
    assert [get(url).header("retry-after") for _ in range(2)] == ["7", None]


def test_bad_rows_stand_before_good_ones(archive: ArchiveServer) -> None:
    """The bad rows are there in both outputs, and the good row is still the last."""
    archive.hold(PAGE, "20200101000000", "stored")
    archive.fault("bad-rows", on="cdx", count=2)
    text = rows(archive, "")
    table = json.loads(get(f"{archive.cdx_url}?url={PAGE}&output=json").body)
    assert text[-1][1] == table[-1][1] == "20200101000000"
    assert text[0][1] == "20000012000000"
    assert any(len(row) > 7 for row in text)
    assert any(len(row) < 7 for row in table)


def test_replay_faults(archive: ArchiveServer) -> None:
    """A truncated replay is cut mid-body; an unplayable one is a 404 of the archive itself."""
    archive.hold(PAGE, "20200101000000", "stored" * 100)
    url = archive.memento_url("20200101000000", PAGE)
    archive.fault("truncated", on="replay")
    with pytest.raises(IncompleteRead):
        get(url)
    archive.fault("unplayable", on="replay")
    assert (get(url).status, get(url).status) == (404, 200)
    archive.fault("double-encoding", on="replay")
    assert gzip.decompress(get(url).body) == b"stored" * 100


def test_marker_in_the_address_is_a_fault_of_its_own(archive: ArchiveServer) -> None:
    """A marked address fails always, where the marker says, and no other does."""
    marked = f"{PAGE}?archive-fault=replay:503"
    archive.hold(marked, "20200101000000", "stored")
    assert len(rows(archive, "", marked)) == 1
    statuses = [get(archive.memento_url("20200101000000", marked)).status for _ in range(2)]
    assert statuses == [503, 503]


def test_excluded_host_is_blocked_everywhere(archive: ArchiveServer) -> None:
    """What an owner keeps out is blocked in index and replay."""
    archive.hold(PAGE, "20200101000000", "stored")
    archive.exclude("127.0.0.2")
    url = archive.memento_url("20200101000000", PAGE)
    for got in (get(f"{archive.cdx_url}?url={PAGE}"), get(url)):
        assert got.status == 403
        assert "Blocked Site" in (got.header("x-archive-wayback-runtime-error") or "")


def test_archive_can_refuse_connections(archive: ArchiveServer) -> None:
    """An archive behind a firewall block refuses, keeps its holdings, and comes back."""
    archive.hold(PAGE, "20200101000000", "stored")
    archive.refuse()
    with pytest.raises(ConnectionRefusedError):
        get(archive.cdx_url)
    archive.accept()
    assert len(rows(archive, "")) == 1


def test_holdings_file(tmp_path: Path) -> None:
    """Holdings are read from JSON lines, bodies from files beside them."""
    (tmp_path / "page.html").write_bytes(b"<p>\xe9</p>")
    lines = [
        {"url": PAGE, "timestamp": "20200101000000", "body_file": "page.html"},
        {"url": PAGE, "timestamp": "20210101000000", "status": 404, "body": "lost"},
    ]
    holdings = tmp_path / "holdings.jsonl"
    holdings.write_text("".join(json.dumps(line) + "\n" for line in lines))
    with start_archive(fresh_hosts(), holdings=holdings) as archive:
        assert [row[4] for row in rows(archive, "")] == ["200", "404"]
        assert get(archive.memento_url("20200101000000", PAGE)).body == b"<p>\xe9</p>"


def test_bad_declaration_is_refused(archive: ArchiveServer) -> None:
    """A wrong timestamp, or a revisit of nothing, is told to whoever declares it."""
    with pytest.raises(RuntimeError, match="14 digits"):
        archive.hold(PAGE, "2020", "stored")
    with pytest.raises(RuntimeError, match="no earlier capture"):
        archive.hold(PAGE, "20200101000000", revisit=True)
