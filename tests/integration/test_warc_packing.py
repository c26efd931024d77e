"""What is packed in a WARC file, and what is stored because it is packed already."""

import gzip
import random
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.warcs import page, records, warcio_check, warcio_kinds, writing

from storage.warc import read_exchange, verify

MARKUP = b"".join(b'<a href="/story/%d">Story %d</a>\n' % (n, n * n) for n in range(4000))
NOISE = random.Random(5).randbytes(150_000)  # noqa: S311 - any bytes that do not compress


@pytest.mark.parametrize(
    "body",
    [gzip.compress(MARKUP, mtime=0), zlib.compress(MARKUP), NOISE, NOISE[:20_000]],
    ids=["gzip", "deflate", "large", "small"],
)
def test_what_is_packed_already_is_not_packed_again(tmp_path: Path, body: bytes) -> None:
    """Packed bytes stand in the file as they came, up to gzip's own pieces of 64 KB."""
    with writing(tmp_path) as writer:
        position = writer.write(page(body=body, response_headers=()))
    path = tmp_path / position.file
    assert body[:16_000] in path.read_bytes()
    assert position.length < len(body) + 1_000
    assert read_exchange(tmp_path, position.file, position.offset).body == body
    assert warcio_check(path).returncode == 0
    assert len(records(path)) == 3


@pytest.mark.parametrize("size", [30_000, 120_000])
def test_markup_is_packed_whatever_its_headers_say(tmp_path: Path, size: int) -> None:
    """A server that sends plain markup as gzip does not fill the disk."""
    with writing(tmp_path) as writer:
        position = writer.write(page(body=MARKUP[:size]))
    assert position.length < size / 3
    assert read_exchange(tmp_path, position.file, position.offset).body == MARKUP[:size]
    assert warcio_kinds(tmp_path / position.file)[-1] == "response"


@settings(max_examples=20, deadline=None)
@given(pieces=st.lists(st.tuples(st.booleans(), st.integers(0, 40_000)), min_size=1, max_size=4))
def test_bodies_of_any_mixture_read_back(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[tuple[bool, int]]
) -> None:
    """However text and noise alternate, each record is one member, read back byte for byte."""
    home = tmp_path_factory.mktemp("warc")
    body = b"".join((MARKUP if is_text else NOISE)[:size] for is_text, size in pieces)
    with writing(home) as writer:
        positions = [writer.write(page(body=body)) for _ in range(2)]
    assert [read_exchange(home, at.file, at.offset).body for at in positions] == [body, body]
    assert len(records(home / positions[0].file)) == 5
    assert list(verify(home)) == []
