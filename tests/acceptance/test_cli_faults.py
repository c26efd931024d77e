"""Faults as a user meets them: one sentence, the documented exit code, never a traceback."""

import errno
import os
import re
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from support.cli import ROOT, Ran, newsmorgue

from crawler import errors
from crawler.cli import faults, home
from crawler.errors import ExitCode, NewsmorgueError

CONFIG = """\
[fetch]
delay = 1

[[site]]
name = "courier"
seeds = ["https://courier.example/"]
"""


@pytest.fixture
def morgue(tmp_path: Path) -> Path:
    (tmp_path / "newsmorgue.toml").write_text(CONFIG, encoding="utf-8")
    return tmp_path


def assert_told(ran: Ran, code: ExitCode, *words: str) -> None:
    assert ran.code == code, ran.err
    told = [line for line in ran.err.splitlines() if line.startswith("error: ")]
    assert len(told) == 1, ran.err
    assert told[0].endswith((".", "?", "!"))
    for word in words:
        assert word in told[0]
    assert "Traceback" not in ran.err
    assert ran.out == ""


def test_a_config_typo_is_named_with_its_line(morgue: Path) -> None:
    """A mistyped key ends any command with code 4, the file, the line and the right name."""
    (morgue / "newsmorgue.toml").write_text("[fetch]\ndely = 2\n", encoding="utf-8")
    for command in ("crawl", "status"):
        ran = newsmorgue(command, "--home", morgue)
        assert_told(ran, ExitCode.CONFIG, "newsmorgue.toml, line 2", "`dely`", "`delay`")


def test_a_variable_typo_is_named(morgue: Path) -> None:
    """A mistyped environment variable is no silent default either."""
    ran = newsmorgue("status", home=morgue, env={"NEWSMORGUE_FETCH__DELY": "2"})
    assert_told(ran, ExitCode.CONFIG, "NEWSMORGUE_FETCH__DELY", "NEWSMORGUE_FETCH__DELAY")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["crawl", "curier"], ["'curier'", "did you mean courier?"]),
        (["crawl", "gazette"], ["'gazette'", "Configured are: courier"]),
        (["crawl", "www.courier.example"], ["no scheme", "https://www.courier.example"]),
        (["crawl", "ftp://courier.example/"], ["ftp:"]),
        (["crawl", "https://"], ["https://"]),
        (["crawl", "--limit", "0"], ["--limit", "`newsmorgue crawl --help`"]),
        (["crawl", "--jsonn"], ["--jsonn", "--json"]),
        (["crwl"], ["'crwl'", "crawl"]),
        (["show"], ["URL"]),
        (["recover"], ["--lost"]),
        (["crawl", "--from", "missing.txt"], ["missing.txt", "No such file"]),
        (["crawl", "--from", "."], ["cannot be read", "directory"]),
    ],
)
def test_wrong_arguments_are_a_usage_error(
    morgue: Path, arguments: list[str], words: list[str]
) -> None:
    """What cannot be meant ends with code 2 and the nearest thing that can."""
    ran = newsmorgue(*arguments, home=morgue)
    ran = Ran(code=ran.code, out=ran.out, err=ran.err.replace("Did you", "did you"))
    assert_told(ran, ExitCode.USAGE, *words)


@pytest.mark.parametrize("place", ["file", "file/below", "missing/below"])
def test_a_home_that_cannot_be_written_is_told_at_once(tmp_path: Path, place: str) -> None:
    """A file or a missing parent ends with code 4 before any work."""
    (tmp_path / "file").write_text("")
    ran = newsmorgue("crawl", "https://courier.example/", "--home", tmp_path / place)
    assert_told(ran, ExitCode.CONFIG, "cannot be written", "--home")


def test_a_read_only_home_is_told_at_once(tmp_path: Path) -> None:
    """A directory without the right to write ends with code 4. Root may write all but /proc."""
    tmp_path.chmod(0o500)
    place = tmp_path if os.geteuid() else Path("/proc")
    ran = newsmorgue("crawl", "https://courier.example/", "--home", place)
    assert_told(ran, ExitCode.CONFIG, "cannot be written")


def test_reading_makes_no_directory(tmp_path: Path) -> None:
    """`status` of a directory that is not there makes none; it says so with code 4."""
    ran = newsmorgue("status", "--home", tmp_path / "nothing")
    assert_told(ran, ExitCode.CONFIG, "there is no directory")
    assert not (tmp_path / "nothing").exists()


def test_a_file_that_is_no_database_is_told(morgue: Path) -> None:
    """Garbage where the database should be ends with code 6 and stays as it is."""
    (morgue / "newsmorgue.db").write_bytes(b"no database at all " * 100)
    ran = newsmorgue("db", "upgrade", "--home", morgue)
    assert_told(ran, ExitCode.DATABASE, "newsmorgue.db")
    assert (morgue / "newsmorgue.db").read_bytes().startswith(b"no database")


def test_a_newer_database_is_left_alone(morgue: Path) -> None:
    """A schema from the future ends with code 6; nothing in the database is changed."""
    assert newsmorgue("db", "upgrade", "--home", morgue).code == 0
    with sqlite3.connect(morgue / "newsmorgue.db") as database:
        database.execute("update alembic_version set version_num = '9999'")
    database.close()
    for command in (["db", "upgrade"], ["status"], ["crawl", "https://127.0.0.1:1/"]):
        ran = newsmorgue(*command, "--home", morgue)
        assert_told(ran, ExitCode.DATABASE, "newer schema", "9999")


def test_an_unreachable_postgres_hides_its_password(morgue: Path) -> None:
    """A database that does not answer ends with code 6; the password is not repeated."""
    url = "postgresql://u:geheim@127.0.0.1:1/morgue?connect_timeout=5"
    ran = newsmorgue("db", "upgrade", home=morgue, env={"NEWSMORGUE_DATABASE": url})
    assert_told(ran, ExitCode.DATABASE, "127.0.0.1")
    assert "geheim" not in ran.err


def test_an_interrupt_ends_with_130(morgue: Path) -> None:
    """Ctrl-C is no fault of ours: code 130 and one line."""
    pipe = morgue / "list"
    os.mkfifo(pipe)
    child = subprocess.Popen(
        [sys.executable, "-m", "crawler", "crawl", "--from", str(pipe), "--home", str(morgue)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    with pipe.open("w"):  # opens when the child reads, and so is past its start
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=60)
    assert_told(Ran(code=child.returncode, out=out, err=err), ExitCode.INTERRUPTED)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_has_its_own_code(morgue: Path) -> None:
    """Output that no disk takes ends with code 8, not with a traceback."""
    with Path("/dev/full").open("w") as full:
        child = subprocess.run(
            [sys.executable, "-m", "crawler", "doctor", "--home", str(morgue)],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            check=False,
        )
    assert_told(Ran(code=child.returncode, out="", err=child.stderr), ExitCode.DISK_FULL)


def test_a_reader_that_leaves_causes_no_noise(morgue: Path) -> None:
    """As in `newsmorgue doctor | head -1`: nothing is said when nobody listens."""
    reading, writing = os.pipe()
    os.close(reading)
    child = subprocess.run(
        [sys.executable, "-m", "crawler", "doctor", "--home", str(morgue)],
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        check=False,
    )
    os.close(writing)
    assert child.stderr == ""


def test_an_unforeseen_fault_is_one_line_and_a_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The traceback goes to newsmorgue-error.log, without passwords; the user gets one line."""
    monkeypatch.delenv(faults.DEBUG, raising=False)
    token = home.current.set(tmp_path)
    try:
        int("postgresql://u:geheim@h/db")
    except ValueError as error:
        code = faults.report(error)
    finally:
        home.current.reset(token)
    told = capsys.readouterr().err
    log = (tmp_path / faults.LOG_NAME).read_text(encoding="utf-8")
    assert code == ExitCode.ERROR
    assert told.count("\n") == 1
    assert str(tmp_path / faults.LOG_NAME) in told
    assert "Traceback" in log
    assert "geheim" not in told + log


def test_the_log_hides_a_password_of_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was typed stands in the log, but for the password of a database's address."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["newsmorgue", "--database", "postgresql://u:geheim@h/x"])
    faults.report(RuntimeError("odd"))
    log = (tmp_path / faults.LOG_NAME).read_text("utf-8")
    assert "u:***@h/x" in log
    assert "geheim" not in log + capsys.readouterr().err


def test_a_log_that_cannot_be_written_goes_elsewhere(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A home directory that is read-only does not hide the traceback."""
    monkeypatch.delenv(faults.DEBUG, raising=False)
    token = home.current.set(Path("/proc"))
    code = faults.report(RuntimeError("boom"))
    home.current.reset(token)
    told = capsys.readouterr().err
    found = re.search(r"is in (\S+)\.\n", told)
    assert code == ExitCode.ERROR
    assert found is not None
    log = Path(found[1])
    assert "RuntimeError: boom" in log.read_text(encoding="utf-8")
    log.unlink()


def test_debug_shows_the_traceback_as_well(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With --debug the traceback stands before the one line."""
    monkeypatch.setenv(faults.DEBUG, "1")
    token = home.current.set(tmp_path)
    try:
        int("boom")
    except ValueError as error:
        faults.report(error)
    finally:
        home.current.reset(token)
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "x.warc.gz"), ExitCode.DISK_FULL),
        (KeyboardInterrupt(), ExitCode.INTERRUPTED),
        (errors.LanesHeld(["host:courier.example"]), ExitCode.LANES_HELD),
        (errors.ArchiveUnavailable("no archive answered"), ExitCode.ARCHIVE),
        (errors.SchemaTooOld("0001", "0002"), ExitCode.DATABASE),
        (NewsmorgueError("it did not work"), ExitCode.ERROR),
    ],
)
def test_every_fault_has_its_code(
    error: BaseException, code: ExitCode, capsys: pytest.CaptureFixture[str]
) -> None:
    """The kind of fault decides the exit code; the message is one line."""
    assert faults.report(error) == code
    assert capsys.readouterr().err.count("\n") == 1


def test_a_message_has_what_why_and_fix() -> None:
    """Three parts become three sentences, each with one end."""
    assert str(NewsmorgueError("a is wrong", "b was meant?", "c helps.")) == (
        "a is wrong. B was meant? C helps."
    )
    assert str(NewsmorgueError("a is wrong", fix="`x` helps")) == "a is wrong. `x` helps."
    held = errors.LanesHeld(["host:a", "host:b"])
    assert held.lanes == ("host:a", "host:b")
    assert "host:a, host:b" in str(held)
