"""The how-to on lists of dead links runs as it is written, against the bundled archive."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.cli import ROOT
from support.servers import fresh_hosts

PAGE = (ROOT / "docs/howto/recover-a-list-of-dead-links.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(sh|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HOST = "127.0.0.1"  # in the page; here one that no other test has
VARYING = re.compile(r"\d[\d.:TZ-]*\d|\d")  # times, ports, sizes
BLOCKS = BLOCK.findall(PAGE.partition("## Your own list")[0])
TRANSCRIPTS = [
    text.removeprefix("$ ").partition("\n")[::2] for kind, text in BLOCKS if kind != "sh"
]
SERVER = next(text for kind, text in BLOCKS if "crawler.demo.archive" in text)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """All blocks of the page, run in order in one directory: command -> output."""
    folder, (host,) = tmp_path_factory.mktemp("howto"), fresh_hosts()
    printed: dict[str, str] = {}
    running: subprocess.Popen[str] | None = None
    try:
        for kind, text in BLOCKS:
            here = text.replace(HOST, host)
            if text == SERVER:
                running = serve(here, folder / "links")
            elif kind == "sh":
                run(here, folder if "mkdir" in here else folder / "links")
            else:
                command = text.removeprefix("$ ").partition("\n")[0]
                printed[command], talk = typed(command, folder / "links")
                printed.setdefault("talk", talk)
        yield printed
    finally:
        if running is not None:
            running.terminate()
            running.wait()
            assert running.stdout is not None
            running.stdout.close()


def run(script: str, folder: Path) -> None:
    """Run one block in a shell; each of its commands must succeed."""
    subprocess.run(["bash", "-euc", script], cwd=folder, check=True, timeout=60)


def typed(command: str, folder: Path) -> tuple[str, str]:
    """Run a `newsmorgue` command as one types it in a directory; return both its outputs."""
    ran = subprocess.run(
        [sys.executable, "-m", "crawler", *command.split()[1:]],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout, ran.stderr


def serve(command: str, folder: Path) -> "subprocess.Popen[str]":
    """Start the archive and return when it has said that it is ready."""
    words = [sys.executable, *command.split()[1:]]
    server = subprocess.Popen(
        words,
        cwd=folder,
        env={"PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    assert server.stdout.readline()
    return server


def shape(text: str) -> str:
    """Return a text with what differs between two runs put as 0, and blanks as one."""
    return re.sub(" +", " ", VARYING.sub("0", text))


@pytest.mark.parametrize(("command", "printed"), TRANSCRIPTS)
def test_a_transcript_of_the_howto_is_what_is_printed(
    played: dict[str, str], command: str, printed: str
) -> None:
    """Line for line, but for numbers; `...` stands for any text."""
    pattern = ".*".join(re.escape(part) for part in shape(printed.rstrip("\n")).split("..."))
    assert re.fullmatch(pattern, shape(played[command].rstrip("\n")), flags=re.DOTALL), played[
        command
    ]


def test_the_howto_names_the_skipped_line(played: dict[str, str]) -> None:
    """What it says of standard error is what stands there."""
    (said,) = re.findall(r"^    (links\.csv.*)$", PAGE, flags=re.MULTILINE)
    assert said in played["talk"]


def test_the_howto_has_its_transcripts() -> None:
    """Two recoveries and a verification: none is lost to a slip of the markup."""
    assert [command.split()[1] for command, _ in TRANSCRIPTS] == ["recover", "recover", "verify"]
    assert PAGE.count("```console") == len(TRANSCRIPTS)
