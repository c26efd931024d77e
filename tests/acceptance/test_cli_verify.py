"""`newsmorgue verify`: whatever is damaged in bytes or rows is found and named; nothing is written.

The morgue is that of two real crawls: living pages, lost ones that came back, pages seen twice.
"""

import json
import random
import shutil
import sqlite3
from contextlib import ExitStack, closing
from hashlib import sha256
from pathlib import Path

import pytest
from support.cli import newsmorgue
from support.crawls import Home, asks
from support.servers import fresh_hosts
from support.warcs import warcio_check

from crawler.demo.launch import start_archive, start_newspaper
from crawler.errors import ExitCode
from storage.engine import open_engine
from storage.fixity import Audit
from storage.fixity_faults import Fault

GOOD = "20200103040506"
LOST = ("/gone404/1/story-of-the-harbour-wall", "/gone404/2/story-of-the-harbour-wall")
rng = random.Random(20200103)  # noqa: S311 - which bytes are flipped; a failure can be repeated
FLIPS = [rng.random() for _ in range(60)]  # where in the files, from 0 to 1


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A morgue of two runs, each with its WARC file."""
    home = Home(tmp_path_factory.mktemp("sound"))
    with ExitStack() as running:
        paper = running.enter_context(start_newspaper(fresh_hosts(), articles=20))
        archive = running.enter_context(start_archive(fresh_hosts()))
        lost = [paper.url(path) for path in LOST]
        for url in lost:
            archive.hold(url, GOOD, paper.page("/article/5/story-of-the-harbour-wall"))
        home.configure(archives=[asks(archive)])
        assert home.crawl_list([*lost, *paper.urls(12)]).code == ExitCode.DONE
        home.pass_time()
        assert home.crawl().code == ExitCode.DONE
    assert len(list((home.path / "warc").iterdir())) == 2
    return home.path


@pytest.fixture
def morgue(sound: Path, tmp_path: Path) -> Path:
    """A copy of the morgue that a test may damage."""
    return Path(shutil.copytree(sound, tmp_path / "morgue"))


def faults(home: Path, **scope: object) -> list[Fault]:
    """Return what is wrong in a morgue."""
    engine = open_engine(f"sqlite:///{home / 'newsmorgue.db'}")
    try:
        return list(Audit(engine, home / "warc", **scope).faults())  # type: ignore[arg-type]
    finally:
        engine.dispose()


def files(home: Path) -> list[Path]:
    """Return the WARC files in order."""
    return sorted((home / "warc").iterdir())


def visits(home: Path) -> list[dict[str, object]]:
    """Return the rows of visits that have bytes."""
    return Home(home).rows("SELECT * FROM visit WHERE warc_file IS NOT NULL ORDER BY id")


def change(home: Path, statement: str) -> None:
    """Change the ledger behind the program's back."""
    with closing(sqlite3.connect(home / "newsmorgue.db")) as database:
        assert database.execute(statement).rowcount == 1
        database.commit()


def flip(path: Path, at: int, bit: int = 0x10) -> None:
    """Flip one bit of a file."""
    data = bytearray(path.read_bytes())
    data[at] ^= bit
    path.write_bytes(data)


def state(home: Path) -> dict[str, str]:
    """Return the digest of every WARC file, and all that the ledger holds."""
    with closing(sqlite3.connect(home / "newsmorgue.db")) as database:
        dump = "\n".join(database.iterdump())
    held = {path.name: sha256(path.read_bytes()).hexdigest() for path in files(home)}
    return {**held, "ledger": sha256(dump.encode()).hexdigest()}


def test_a_sound_morgue_is_found_sound_and_left_as_it_was(sound: Path) -> None:
    """All records, visits and texts are checked; exit code 0; warcio agrees; nothing changes."""
    before = state(sound)
    ran = newsmorgue("verify", "--json", "--home", sound)
    result = json.loads(ran.out)
    assert (ran.code, result["ok"], result["faults"]) == (ExitCode.DONE, True, [])
    held = visits(sound)
    assert any(row["payload_offset"] != row["warc_offset"] for row in held)  # a revisit is there
    assert any(row["source"] != "live" for row in held)
    assert result["checked"]["visits"] == len(held)
    assert result["checked"]["texts"] == Home(sound).one("SELECT count(*) FROM article_version")
    assert result["checked"]["bytes"] == sum(path.stat().st_size for path in files(sound))
    assert warcio_check(*files(sound)).returncode == 0
    assert state(sound) == before


def test_a_flipped_byte_is_found_wherever_it_is(morgue: Path) -> None:
    """60 bytes, each flipped alone: named by file and record, with the visit that rests on it."""
    sizes = [(path, path.stat().st_size) for path in files(morgue)]
    held = visits(morgue)
    for where in FLIPS:
        at = int(where * sum(size for _, size in sizes))
        path, at = (sizes[0][0], at) if at < sizes[0][1] else (sizes[1][0], at - sizes[0][1])
        flip(path, at)
        found = faults(morgue)
        flip(path, at)
        first = next(fault for fault in found if fault.file == path.name)
        assert first.offset is not None
        assert first.offset <= at
        for row in held:
            start, length = int(str(row["warc_offset"])), int(str(row["warc_length"]))
            if row["warc_file"] == path.name and start <= at < start + length:
                assert row["id"] in {of.id for of in first.rows if of.table == "visit"}
                assert first.offset == start
    assert faults(morgue) == []


@pytest.mark.parametrize("bit", [1, 2, 4, 16, 128])
def test_a_flip_in_a_records_gzip_header_is_found(morgue: Path, bit: int) -> None:
    """Also the bytes that no CRC covers and no reader looks at: flags, time, packing, system."""
    row = visits(morgue)[0]
    (path,) = [path for path in files(morgue) if path.name == row["warc_file"]]
    for at in range(10):
        flip(path, int(str(row["warc_offset"])) + at, bit)
        assert faults(morgue), at
        flip(path, int(str(row["warc_offset"])) + at, bit)


def test_what_lies_behind_a_damaged_record_is_still_checked(morgue: Path) -> None:
    """Two damaged bytes far from each other are two faults, and the rows between are not named."""
    path = files(morgue)[0]
    rows = [row for row in visits(morgue) if row["warc_file"] == path.name]
    for row in (rows[1], rows[-2]):
        flip(path, int(str(row["warc_offset"])) + 40)
    named = {of.id for fault in faults(morgue) for of in fault.rows if of.table == "visit"}
    assert {rows[1]["id"], rows[-2]["id"]} <= named
    assert rows[0]["id"] not in named
    assert rows[len(rows) // 2]["id"] not in named


@pytest.mark.parametrize("left", [0, 1, 1000])
def test_a_file_cut_short_is_found(morgue: Path, left: int) -> None:
    """The rows whose records are gone are named; a cut within a record is told as that."""
    path = files(morgue)[0]
    path.write_bytes(path.read_bytes()[:left])
    found = faults(morgue)
    assert all(fault.file == path.name for fault in found if fault.offset is not None)
    named = {of.id for fault in found for of in fault.rows if of.table == "visit"}
    assert named >= {row["id"] for row in visits(morgue) if row["warc_file"] == path.name}


def test_a_lost_file_is_named_with_all_that_rests_on_it(morgue: Path) -> None:
    """Visits in it, revisits elsewhere whose payload was in it, and the texts read from them."""
    path = files(morgue)[0]
    path.unlink()
    (fault,) = faults(morgue)
    assert (fault.what, fault.file) == ("the file is missing", path.name)
    named = {of.id for of in fault.rows if of.table == "visit"}
    assert named == {
        row["id"] for row in visits(morgue) if path.name in {row["warc_file"], row["payload_file"]}
    }
    assert sum(of.table == "article_version" for of in fault.rows) > 10


def test_two_files_that_were_swapped_are_found(morgue: Path) -> None:
    """Each is sound in itself; neither is what its name says."""
    first, second = files(morgue)
    first.rename(first.with_suffix(".x"))
    second.rename(first)
    first.with_suffix(".x").rename(second)
    assert warcio_check(first, second).returncode == 0
    told = [(fault.file, fault.what) for fault in faults(morgue) if fault.offset == 0]
    assert told == [
        (first.name, f"the file says that it is {second.name}"),
        (second.name, f"the file says that it is {first.name}"),
    ]


_A_VISIT = "(SELECT min(id) FROM visit WHERE warc_file IS NOT NULL)"
_NEW_YEAR = "'2019-01-01T00:00:00.000000Z'"
_A_COPY = "(SELECT max(id) FROM visit WHERE memento_url IS NOT NULL)"


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        (f"UPDATE visit SET warc_offset = warc_offset + 1 WHERE id = {_A_VISIT}", "no record"),
        (f"UPDATE visit SET warc_length = 7 WHERE id = {_A_VISIT}", "length"),
        (f"UPDATE visit SET warc_file = 'gone.warc.gz' WHERE id = {_A_VISIT}", "missing"),
        (f"UPDATE visit SET content_sha256 = 'x' WHERE id = {_A_VISIT}", "SHA-256"),
        (f"UPDATE visit SET payload_digest = 'x' WHERE id = {_A_VISIT}", "digest"),
        (f"UPDATE visit SET payload_offset = 0 WHERE id = {_A_VISIT}", "place of the payload"),
        (f"UPDATE visit SET final_url = 'http://x.example/' WHERE id = {_A_VISIT}", "address"),
        (
            f"UPDATE visit SET ended_at = '2020-01-01T00:00:00.000000Z' WHERE id = {_A_VISIT}",
            "date",
        ),
        (f"UPDATE visit SET source = 'live' WHERE id = {_A_COPY}", "the source"),
        (f"UPDATE visit SET source = 'other' WHERE id = {_A_COPY}", "the archive"),
        (
            f"UPDATE visit SET memento_datetime = {_NEW_YEAR} WHERE id = {_A_COPY}",
            "the memento's date",
        ),
        (
            "UPDATE article_version SET text = text || '.' WHERE id = 1",
            "the text is not that of its digest",
        ),
        ("DELETE FROM change WHERE seq = 2", "change numbers 2 to 2 are missing"),
        ("DELETE FROM change WHERE seq = 1", "change numbers 1 to 1 are missing"),
        ("UPDATE change_counter SET value = value + 1", "counter of changes"),
    ],
)
def test_a_row_that_was_changed_is_found(morgue: Path, statement: str, what: str) -> None:
    """What the ledger says of its bytes and texts cannot be altered without a word."""
    change(morgue, statement)
    assert any(what in fault.what for fault in faults(morgue))


def test_a_file_left_open_is_a_fault_only_if_its_run_ended_well(morgue: Path) -> None:
    """After a kill the next crawl closes it, so until then it is read and remarked on."""
    path = files(morgue)[1]
    path.rename(path.with_name(f"{path.name}.open"))
    (fault,) = faults(morgue)
    assert fault.what == "its run has ended, but the file is not closed"
    change(morgue, "UPDATE harvest SET finish_reason = 'killed' WHERE id = 2")
    ran = newsmorgue("verify", "--home", morgue)
    assert ran.code == ExitCode.DONE
    assert "the next crawl closes it" in ran.err
    flip(path.with_name(f"{path.name}.open"), 2000)
    assert faults(morgue)


def test_the_command_names_what_is_damaged_and_fails(morgue: Path) -> None:
    """File, offset, page and rows for people; the same as JSON; exit code 1."""
    row = visits(morgue)[3]
    (path,) = [path for path in files(morgue) if path.name == row["warc_file"]]
    flip(path, int(str(row["warc_offset"])) + 60)
    ran = newsmorgue("verify", "--home", morgue)
    assert ran.code == ExitCode.ERROR
    for words in (f"warc/{path.name} at {row['warc_offset']}", row["url"], f"visit {row['id']}"):
        assert str(words) in ran.out
    assert "error:" in ran.err
    data = json.loads(newsmorgue("verify", "--json", "--home", morgue).out)
    assert data["ok"] is False
    assert (data["faults"][0]["file"], data["faults"][0]["offset"]) == (
        path.name,
        row["warc_offset"],
    )
    assert {"table": "visit", "id": row["id"], "url": row["url"]} in data["faults"][0]["rows"]


def test_a_sample_looks_at_so_many_visits(morgue: Path) -> None:
    """`--sample` takes N visits by chance; one that takes all finds what the whole check finds."""
    data = json.loads(newsmorgue("verify", "--sample", "5", "--json", "--home", morgue).out)
    assert (data["checked"]["visits"], data["ok"]) == (5, True)
    row = visits(morgue)[2]
    (path,) = [path for path in files(morgue) if path.name == row["warc_file"]]
    flip(path, int(str(row["warc_offset"])) + 60)
    found = faults(morgue, sample=10_000)
    assert row["id"] in {of.id for fault in found for of in fault.rows}


def test_a_site_is_looked_at_alone(morgue: Path) -> None:
    """`--site` leaves the others out; one that was never crawled here is a usage error."""
    change(morgue, "INSERT INTO site (name, settings, since) VALUES ('a', '{}', '2020')")
    change(morgue, "UPDATE resource SET site_id = 1 WHERE id = 3")
    data = json.loads(newsmorgue("verify", "--site", "a", "--json", "--home", morgue).out)
    assert data["checked"]["visits"] == sum(row["resource_id"] == 3 for row in visits(morgue))
    assert data["checked"]["texts"] == 1
    ran = newsmorgue("verify", "--site", "b", "--home", morgue)
    assert ran.code == ExitCode.USAGE
    assert "no site named 'b'" in ran.err
