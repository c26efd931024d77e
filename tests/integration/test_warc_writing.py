"""What a WARC file holds once written, by the word of warcio and fastwarc."""

import re
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.warcs import (
    AT,
    PAGE,
    new_writer,
    page,
    records,
    same_as,
    warcio_check,
    warcio_kinds,
    writing,
)

from storage.warc import ArchiveOrigin, payload_digest, read_exchange, verify

ORIGIN = ArchiveOrigin(
    archive="wayback",
    original="http://news.example/story",
    memento_url="http://archive.example/web/20190203040506id_/http://news.example/story",
    memento_datetime=datetime(2019, 2, 3, 4, 5, 6, tzinfo=UTC),
)
latin = st.text(st.characters(max_codepoint=0xFF), max_size=60)
names = st.from_regex(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,20}", fullmatch=True).filter(
    lambda name: name.lower() not in {"content-length", "transfer-encoding"}
)


def kept(value: str) -> str:
    """Return what of a header value a record keeps: controls as spaces, no blanks at the ends."""
    return re.sub(r"[\x00-\x08\x0a-\x1f\x7f]", " ", value).strip(" \t")


@settings(max_examples=60, deadline=None)
@given(
    body=st.binary(max_size=300),
    headers=st.lists(st.tuples(names, latin), max_size=6).map(tuple),
    status=st.integers(100, 999).filter(lambda status: status != 304),
    reason=latin,
)
def test_an_exchange_reads_back_as_written(
    tmp_path_factory: pytest.TempPathFactory,
    body: bytes,
    headers: tuple[tuple[str, str], ...],
    status: int,
    reason: str,
) -> None:
    """Any bytes and any header values come back by position, and both judges accept the file."""
    home = tmp_path_factory.mktemp("warc")
    exchange = page(body=body, response_headers=headers, status=status, reason=reason)
    with writing(home) as writer:
        position = writer.write(exchange)
    stored = read_exchange(home, position.file, position.offset)
    assert stored.body == body
    assert stored.headers == tuple((name, kept(value)) for name, value in headers)
    assert (stored.status, stored.reason) == (status, kept(reason))
    assert (stored.url, stored.fetched_at) == (exchange.url, AT)
    assert stored.payload_digest == position.payload_digest == payload_digest(body)
    assert warcio_kinds(home / position.file) == ["warcinfo", "request", "response"]
    assert len(records(home / position.file)) == 3
    assert list(verify(home)) == []


def test_warcio_check_passes_on_every_kind_of_record(tmp_path: Path) -> None:
    """`warcio check` exits 0 over captures, revisits, a 304 and an archive's copy."""
    with writing(tmp_path) as writer:
        first = writer.write(PAGE)
        writer.write(PAGE, same_as=same_as(PAGE, first))
        writer.write(page(status=304, body=b""), same_as=same_as(PAGE, first))
        writer.write(page(url=ORIGIN.memento_url, archive=ORIGIN))
        writer.write(page(truncated="length"))
    checked = warcio_check(tmp_path / first.file)
    assert checked.returncode == 0, checked.stdout
    assert checked.stdout.count("digest pass") == 10
    assert checked.stdout.count("not checked (revisit)") == 2
    assert list(verify(tmp_path)) == []


def test_warcinfo_says_who_wrote_and_what_was_changed(tmp_path: Path) -> None:
    """The first record names software, operator, agent, format, and what is not as received."""
    about = {"operator": "A Library <https://library.example>", "user_agent": "newsmorgue/0 (+url)"}
    with writing(tmp_path, **about) as writer:
        position = writer.write(PAGE)
    first = records(tmp_path / position.file)[0]
    text = first.block.decode()
    assert first.kind == "warcinfo"
    assert first.fields["WARC-Filename"] == position.file
    for line in (
        "software: newsmorgue/0",
        "operator: A Library <https://library.example>",
        "http-header-user-agent: newsmorgue/0 (+url)",
        "robots: obey",
        "format: WARC File Format 1.1",
        "conformsTo: http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
    ):
        assert line + "\r\n" in text
    assert "Transfer-Encoding" in text


def test_request_and_response_name_each_other(tmp_path: Path) -> None:
    """The request is concurrent to the response; both bear URL, date, address and warcinfo's id."""
    with writing(tmp_path) as writer:
        position = writer.write(PAGE)
    info, request, response = records(tmp_path / position.file)
    assert request.fields["WARC-Concurrent-To"] == response.fields["WARC-Record-ID"]
    assert response.fields["WARC-Record-ID"] == position.record_id
    for record in (request, response):
        assert record.fields["WARC-Target-URI"] == PAGE.url
        assert record.fields["WARC-Date"] == "2026-05-04T03:02:01.654321Z"
        assert record.fields["WARC-IP-Address"] == "192.0.2.7"
        assert record.fields["WARC-Warcinfo-ID"] == info.fields["WARC-Record-ID"]
    assert request.block.startswith(b"GET /story?id=7 HTTP/1.1\r\nHost: news.example\r\n")


def test_every_record_is_a_gzip_member_at_its_offset(tmp_path: Path) -> None:
    """A position's offset and length cut out exactly one gzip member, the capture itself."""
    with writing(tmp_path) as writer:
        positions = [writer.write(page(body=bytes([n]) * 900)) for n in range(3)]
    data = (tmp_path / positions[0].file).read_bytes()
    for position in positions:
        cut = tmp_path / "member.gz"
        cut.write_bytes(data[position.offset : position.offset + position.length])
        assert [seen.kind for seen in records(cut)] == ["response"]
    last = positions[-1]
    assert last.offset + last.length == len(data)


def test_a_revisit_names_the_payload_it_stands_for(tmp_path: Path) -> None:
    """An equal payload is written once; the revisit keeps its own headers and says where."""
    with writing(tmp_path) as writer:
        first = writer.write(PAGE)
        again = page(url="http://news.example/story?id=8", response_headers=(("age", "5"),))
        second = writer.write(again, same_as=same_as(PAGE, first))
    fields = records(tmp_path / first.file)[-1].fields
    assert second.kind == "revisit"
    assert fields["WARC-Profile"].endswith("/1.1/revisit/identical-payload-digest")
    assert fields["WARC-Refers-To-Target-URI"] == PAGE.url
    assert fields["WARC-Refers-To-Date"] == "2026-05-04T03:02:01.654321Z"
    assert fields["WARC-Refers-To"] == first.record_id
    assert fields["WARC-Payload-Digest"] == first.payload_digest == second.payload_digest
    stored = read_exchange(tmp_path, second.file, second.offset)
    assert (stored.kind, stored.body, stored.headers) == ("revisit", b"", (("age", "5"),))
    assert stored.refers_to == (first.file, first.offset)
    assert read_exchange(tmp_path, *stored.refers_to).body == PAGE.body


def test_a_304_is_a_revisit_of_its_own_profile(tmp_path: Path) -> None:
    """Not modified is the server's word: no digest is claimed, the earlier one is handed on."""
    with writing(tmp_path) as writer:
        first = writer.write(PAGE)
        second = writer.write(
            page(status=304, reason="Not Modified", body=b""), same_as=same_as(PAGE, first)
        )
        third = writer.write(
            page(status=304, body=b""), same_as=same_as(PAGE, first, payload_digest=None)
        )
    fields = records(tmp_path / first.file)[-1].fields
    assert fields["WARC-Profile"].endswith("/1.1/revisit/server-not-modified")
    assert "WARC-Payload-Digest" not in fields
    assert second.payload_digest == first.payload_digest
    assert third.payload_digest is None
    assert read_exchange(tmp_path, second.file, second.offset).status == 304


def test_a_revisit_of_another_payload_is_refused(tmp_path: Path) -> None:
    """A duplicate whose digest is not that of the body is a caller's error and is not written."""
    with writing(tmp_path) as writer:
        first = writer.write(PAGE)
        with pytest.raises(ValueError, match="digest"):
            writer.write(page(body=b"other"), same_as=same_as(PAGE, first))
    assert len(records(tmp_path / first.file)) == 3


def test_an_archives_copy_cannot_pass_for_our_own_capture(tmp_path: Path) -> None:
    """It stands under the memento's URL, and a metadata record names archive, original, time."""
    with writing(tmp_path) as writer:
        position = writer.write(page(url=ORIGIN.memento_url, archive=ORIGIN))
    _, metadata, *rest = records(tmp_path / position.file)
    assert [seen.kind for seen in rest] == ["request", "response"]
    for record in (metadata, *rest):
        assert record.fields["WARC-Target-URI"] == ORIGIN.memento_url
        assert record.fields["WARC-Source-URI"] == ORIGIN.memento_url
        assert record.fields["X-Archive"] == "wayback"
        assert record.fields["X-Memento-Datetime"] == "2019-02-03T04:05:06Z"
        assert record.fields["X-Original-URI"] == "http://news.example/story"
    assert read_exchange(tmp_path, position.file, position.offset).origin == ORIGIN
    assert metadata.fields["WARC-Concurrent-To"] == position.record_id
    assert metadata.block.decode().splitlines() == [
        "archive: wayback",
        f"memento-url: {ORIGIN.memento_url}",
        "memento-datetime: 2019-02-03T04:05:06Z",
        "original-uri: http://news.example/story",
    ]


def test_a_live_capture_bears_no_archives_name(tmp_path: Path) -> None:
    """What marks an archive's copy is missing from each record of a live page."""
    with writing(tmp_path) as writer:
        position = writer.write(PAGE)
    marks = {"WARC-Source-URI", "X-Archive", "X-Memento-Datetime", "X-Original-URI"}
    assert all(not marks & set(seen.fields) for seen in records(tmp_path / position.file))
    assert read_exchange(tmp_path, position.file, position.offset).origin is None


def test_the_longest_urls_of_an_archives_copy_still_fit(tmp_path: Path) -> None:
    """Other readers give up past 32 KiB of header: then the metadata record alone has the URLs."""
    original = "http://news.example/" + "x" * 13_900
    origin = replace(ORIGIN, original=original, memento_url="http://a.example/" + "y" * 13_900)
    with writing(tmp_path) as writer:
        position = writer.write(page(url=origin.memento_url, archive=origin))
    _, metadata, _, response = records(tmp_path / position.file)
    assert response.fields["X-Archive"] == "wayback"
    assert original in metadata.block.decode()


def test_framing_headers_tell_the_truth_of_the_bytes_kept(tmp_path: Path) -> None:
    """Transfer-Encoding is gone and one Content-Length fits the body, also when it was cut."""
    framed = (
        ("Transfer-Encoding", "chunked"),
        ("server", "x"),
        ("content-length", "9"),
        ("CONTENT-LENGTH", "1"),
    )
    with writing(tmp_path) as writer:
        position = writer.write(page(response_headers=framed, truncated="disconnect"))
    stored = read_exchange(tmp_path, position.file, position.offset)
    assert stored.headers == (("Content-Length", str(len(PAGE.body))), ("server", "x"))
    assert stored.truncated == "disconnect"
    assert stored.body == PAGE.body


def test_another_protocol_is_written_as_readers_know_it(tmp_path: Path) -> None:
    """HTTP/2 stands as HTTP/1.1 in the block and by its own name in WARC-Protocol."""
    with writing(tmp_path) as writer:
        position = writer.write(page(protocol="h2"))
    response = records(tmp_path / position.file)[-1]
    assert response.block.startswith(b"HTTP/1.1 200 OK\r\n")
    assert response.fields["WARC-Protocol"] == "h2"
    assert warcio_kinds(tmp_path / position.file)[-1] == "response"


def test_files_rotate_between_captures(tmp_path: Path) -> None:
    """A file that has reached its size is closed before the next capture; names count up."""
    with writing(tmp_path, max_bytes=1) as writer:
        positions = [writer.write(page(body=b"%d" % n)) for n in range(3)]
        assert sorted(path.suffix for path in tmp_path.iterdir()) == [".gz", ".gz", ".open"]
    assert [position.file[-13:] for position in positions] == [
        "00001.warc.gz",
        "00002.warc.gz",
        "00003.warc.gz",
    ]
    for n, position in enumerate(positions):
        assert re.fullmatch(r"[A-Za-z0-9._-]{1,120}", position.file)
        assert records(tmp_path / position.file)[0].kind == "warcinfo"
        assert read_exchange(tmp_path, position.file, position.offset).body == b"%d" % n


def test_a_file_is_open_until_closed_and_read_all_the_while(tmp_path: Path) -> None:
    """Positions name the final file from the start; readers find it under either name."""
    home = tmp_path / "new" / "warc"
    writer = new_writer(home)
    position = writer.write(PAGE)
    writer.sync()
    (open_file,) = home.iterdir()
    assert open_file.name == position.file + ".open"
    assert stat.S_IMODE(open_file.stat().st_mode) & ~0o640 == 0
    assert read_exchange(home, position.file, position.offset).body == PAGE.body
    writer.close()
    writer.close()
    assert [path.name for path in home.iterdir()] == [position.file]
    assert read_exchange(home, position.file, position.offset).body == PAGE.body


def test_a_writer_that_wrote_nothing_leaves_nothing(tmp_path: Path) -> None:
    """The file is opened by the first capture, not before."""
    home = tmp_path / "warc"
    writer = new_writer(home)
    writer.sync()
    writer.close()
    assert not home.exists()


def test_a_name_already_taken_is_passed_over(tmp_path: Path) -> None:
    """A second writer of the same run and second takes the next serial and overwrites nothing."""
    with writing(tmp_path) as first, writing(tmp_path) as second:
        files = [writer.write(PAGE).file for writer in (first, second)]
    assert len(set(files)) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(files)


@pytest.mark.parametrize(
    "wrong",
    [
        {"fetched_at": AT.replace(tzinfo=None)},
        {"url": "file:///etc/hostname"},
        {"status": 99},
        {"truncated": "tired"},
        {"url": "http://news.example/" + "x" * 14_001},
        {"archive": replace(ORIGIN, memento_datetime=AT.replace(tzinfo=None))},
    ],
)
def test_what_no_record_can_hold_is_refused_before_any_byte(
    tmp_path: Path, wrong: dict[str, object]
) -> None:
    """A ValueError leaves the disk untouched."""
    writer = new_writer(tmp_path)
    with pytest.raises(ValueError, match=r"zone|status|Truncated|bytes|http"):
        writer.write(page(**wrong))
    assert list(tmp_path.iterdir()) == []


def test_dates_are_written_in_utc(tmp_path: Path) -> None:
    """A date with another offset becomes the same instant with a Z."""
    there = datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=2)))
    with writing(tmp_path) as writer:
        position = writer.write(page(fetched_at=there))
    response = records(tmp_path / position.file)[-1]
    assert response.fields["WARC-Date"] == "2025-12-31T23:00:00Z"
    assert read_exchange(tmp_path, position.file, position.offset).fetched_at == there


@pytest.mark.parametrize("run", ["", "a/b", "..\\x", "x" * 65, "a b"])
def test_a_run_id_cannot_leave_the_directory(tmp_path: Path, run: str) -> None:
    """The run's id is part of a file name and is checked as such."""
    with pytest.raises(ValueError, match="run id"):
        new_writer(tmp_path, run=run)
