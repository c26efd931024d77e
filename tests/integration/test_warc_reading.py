"""Reading back refuses whatever is not exactly what was written."""

import errno
import gzip
import zlib
from pathlib import Path

import pytest
from support.warcs import PAGE, page, records, warcio_check, writing

from storage.warc import WarcError, read_exchange, verify


def test_only_the_offset_of_a_capture_is_a_position(tmp_path: Path) -> None:
    """Every other offset of the file, inside members and at other records, is an error."""
    with writing(tmp_path) as writer:
        positions = [writer.write(PAGE), writer.write(page(body=b"x" * 50))]
    file = positions[0].file
    size = (tmp_path / file).stat().st_size
    for offset in {*range(-1, size + 2)} - {position.offset for position in positions}:
        with pytest.raises(WarcError):
            read_exchange(tmp_path, file, offset)


def test_a_flipped_bit_is_never_handed_out(tmp_path: Path) -> None:
    """Any bit flipped in a capture's member is found by the reader and by verify()."""
    with writing(tmp_path) as writer:
        position = writer.write(page(body=b"an article " * 9))
    path = tmp_path / position.file
    sound = path.read_bytes()
    stored = read_exchange(tmp_path, position.file, position.offset)
    for at in range(position.offset, position.offset + position.length):
        changed = bytearray(sound)
        changed[at] ^= 0x10
        path.write_bytes(changed)
        try:
            assert read_exchange(tmp_path, position.file, position.offset) == stored
        except WarcError:
            assert list(verify(tmp_path))


def test_a_file_cut_short_hands_out_no_short_body(tmp_path: Path) -> None:
    """The library returns a short record without a word; we do not, and verify() tells."""
    with writing(tmp_path) as writer:
        position = writer.write(PAGE)
    path = tmp_path / position.file
    sound = path.read_bytes()
    for size in range(position.offset + 1, len(sound)):
        path.write_bytes(sound[:size])
        try:
            body = read_exchange(tmp_path, position.file, position.offset).body
        except WarcError:
            body = PAGE.body
        assert body == PAGE.body  # all of it is there when only gzip's trailer is gone
        (problem, *_) = verify(tmp_path)
        assert (problem.file, problem.what) == (position.file, "torn or damaged from here on")


def test_verify_names_the_record_whose_digest_is_wrong(tmp_path: Path) -> None:
    """A record written with a false digest, in a sound gzip member, is found as warcio finds it."""
    with writing(tmp_path) as writer:
        position = writer.write(PAGE)
    path = tmp_path / position.file
    data = path.read_bytes()
    member = gzip.decompress(data[position.offset :])
    digest = (position.payload_digest or "").encode()
    forged = member.replace(b"Payload-Digest: " + digest, b"Payload-Digest: sha1:" + b"A" * 32)
    path.write_bytes(data[: position.offset] + zlib.compress(forged, 5, wbits=31))
    (problem,) = verify(tmp_path)
    assert (problem.offset, problem.record_id) == (position.offset, position.record_id)
    assert "payload" in problem.what
    assert warcio_check(path).returncode == 1


def test_verify_finds_an_empty_file_and_a_foreign_one(tmp_path: Path) -> None:
    """Neither passes for a sound WARC file."""
    (tmp_path / "a.warc.gz").write_bytes(b"")
    (tmp_path / "b.warc.gz").write_bytes(b"no gzip at all")
    assert {problem.file for problem in verify(tmp_path)} == {"a.warc.gz", "b.warc.gz"}


def test_a_missing_file_keeps_its_errno(tmp_path: Path) -> None:
    """ENOENT tells a lost file from a damaged one."""
    with pytest.raises(WarcError) as caught:
        read_exchange(tmp_path, "newsmorgue-x.warc.gz", 0)
    assert caught.value.errno == errno.ENOENT


@pytest.mark.parametrize("file", ["../secret", "/etc/hostname", "a/b", "", ".hidden", "x" * 121])
def test_a_name_cannot_lead_out_of_the_directory(tmp_path: Path, file: str) -> None:
    """A position from a database that was tampered with reads nothing else."""
    with pytest.raises(ValueError, match="name"):
        read_exchange(tmp_path, file, 0)


def test_a_brotli_body_is_kept_as_received(tmp_path: Path) -> None:
    """Content-Encoding stays on: bytes and header come back as they came in."""
    headers = (("content-encoding", "br"), ("content-type", "text/html"))
    with writing(tmp_path) as writer:
        position = writer.write(page(body=b"\x0b\x02\x80hello\x03", response_headers=headers))
    stored = read_exchange(tmp_path, position.file, position.offset)
    assert (stored.body, stored.headers) == (b"\x0b\x02\x80hello\x03", headers)
    assert len(records(tmp_path / position.file)) == 3
