"""What strangers send can fill a record but never forge one."""

import random
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.warcs import PAGE, page, records, same_as, warcio_kinds, writing

from storage.warc import ArchiveOrigin, read_exchange, verify

FORGED = "x\r\n\r\n\r\n\r\nWARC/1.1\r\nWARC-Type: response\r\nContent-Length: 0\r\n\r\n"
text = st.text(max_size=80)


@settings(max_examples=80, deadline=None)
@given(url=text, value=text, name=text, reason=text, protocol=text, ip=text)
@example(
    url="h/" + FORGED,
    value=FORGED,
    name=FORGED,
    reason=FORGED,
    protocol=FORGED,
    ip="fe80::1%\r\nWARC-Type: forged",
)
@example(
    url="h/\ud800",
    value="\udc80\U0001f600",
    name="",
    reason="\x85",
    protocol="",
    ip="::1",
)
def test_hostile_text_forges_no_record(
    tmp_path_factory: pytest.TempPathFactory,
    *,
    url: str,
    value: str,
    name: str,
    reason: str,
    protocol: str,
    ip: str,
) -> None:
    """Whatever stands in URL, headers, status line or address, exactly our records come out."""
    home = tmp_path_factory.mktemp("warc")
    url = "http://" + url
    exchange = page(
        url=url,
        request_headers=((name, value),),
        response_headers=((name, value), ("x-last", "1")),
        reason=reason,
        protocol=protocol,
        ip=ip,
        archive=ArchiveOrigin(
            archive=value, original=url, memento_url=url, memento_datetime=PAGE.fetched_at
        ),
    )
    with writing(home, operator=value, user_agent=value) as writer:
        position = writer.write(exchange)
        duplicate = same_as(exchange, position, file=position.file)
        writer.write(exchange, same_as=duplicate)
    kinds = ["warcinfo", "metadata", "request", "response", "metadata", "request", "revisit"]
    path = home / position.file
    assert [seen.kind for seen in records(path)] == warcio_kinds(path) == kinds
    assert all("forged" not in seen.fields["WARC-Type"] for seen in records(path))
    stored = read_exchange(home, position.file, position.offset)
    assert stored.headers[-1] == ("x-last", "1")
    assert stored.body == PAGE.body
    assert list(verify(home)) == []


def test_a_body_that_is_a_warc_file_stays_a_body(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Records inside a body are bytes like any other."""
    inner = tmp_path_factory.mktemp("inner")
    with writing(inner) as writer:
        file = writer.write(PAGE).file
    home = tmp_path_factory.mktemp("outer")
    body = (inner / file).read_bytes()
    with writing(home) as writer:
        for bytes_ in (body, FORGED.encode() * 3):
            position = writer.write(page(body=bytes_))
    assert len(records(home / position.file)) == 5
    assert list(verify(home)) == []


@pytest.mark.parametrize(
    ("url", "written"),
    [
        ("http://h/é ü", "http://h/%C3%A9%20%C3%BC"),
        ("http://h/%C3%A9?a=%2F&b=[x]|", "http://h/%C3%A9?a=%2F&b=[x]|"),
        ("http://h/a\r\nb\x00", "http://h/a%0D%0Ab%00"),
        ("http://user:secret@h/p", "http://h/p"),
        ("http://user:p@ss@h/p", "http://h/p"),
        ("http://h/p?mail=a@b", "http://h/p?mail=a@b"),
    ],
)
def test_urls_are_written_as_printable_ascii(
    tmp_path_factory: pytest.TempPathFactory, url: str, written: str
) -> None:
    """ASCII stays as it is, the rest is percent-encoded, and no password is kept."""
    home = tmp_path_factory.mktemp("warc")
    with writing(home) as writer:
        position = writer.write(page(url=url))
    seen = records(home / position.file)
    assert [record.fields["WARC-Target-URI"] for record in seen[1:]] == [written, written]
    assert b"secret" not in b"".join(record.block for record in seen)


def test_no_key_of_ours_is_kept(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Request headers that carry credentials are left out of the record."""
    home = tmp_path_factory.mktemp("warc")
    keys = ("Authorization", "cookie", "Proxy-Authorization")
    headers = tuple((name, "s3cret") for name in keys)
    with writing(home) as writer:
        position = writer.write(page(request_headers=(("Accept", "*/*"), *headers)))
    request = records(home / position.file)[1].block
    assert request == b"GET /story?id=7 HTTP/1.1\r\nHost: news.example\r\nAccept: */*\r\n\r\n"


def test_headers_without_end_do_not_shut_other_readers_out(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Readers stop at 32 KiB of headers: what is over is left out and counted, the file stays."""
    home = tmp_path_factory.mktemp("warc")
    flood = (("big", "x" * 1_000_000), *((f"x-{n}", "y" * 90) for n in range(1000)))
    exchange = page(
        url="http://news.example/" + "u" * 13_000, response_headers=flood, reason="r" * 50_000
    )
    with writing(home) as writer:
        position = writer.write(exchange)
        writer.write(exchange, same_as=same_as(exchange, position))
    seen = records(home / position.file)
    stored = read_exchange(home, position.file, position.offset)
    assert len(seen) == 5
    assert all(len(record.block) < 32_000 for record in seen)
    assert int(seen[2].fields["X-Headers-Left-Out"]) == len(flood) - len(stored.headers)
    assert stored.headers[0] == ("x-0", "y" * 90)
    assert stored.body == PAGE.body
    assert list(verify(home)) == []


def test_a_record_inside_a_stored_body_is_a_body(tmp_path: Path) -> None:
    """A body that is not packed again may hold whole members: no reader takes them for records."""
    with writing(tmp_path / "theirs") as writer:
        theirs = writer.write(PAGE)
    member = (tmp_path / "theirs" / theirs.file).read_bytes()
    noise = random.Random(7).randbytes(20_000)  # noqa: S311 - any bytes that do not compress
    body = noise[:9_000] + member + noise[9_000:]
    with writing(tmp_path / "ours") as writer:
        ours = writer.write(page(body=body))
        again = writer.write(PAGE)
    file = tmp_path / "ours" / ours.file
    assert member in file.read_bytes()
    assert len(records(file)) == 5
    assert warcio_kinds(file) == ["warcinfo", "request", "response", "request", "response"]
    assert read_exchange(file.parent, ours.file, ours.offset).body == body
    assert read_exchange(file.parent, again.file, again.offset).body == PAGE.body
    assert list(verify(file.parent)) == []
