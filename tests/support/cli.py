"""Run the command line as the process a user would start."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What a finished command left: its exit code and both outputs."""

    code: int
    out: str
    err: str


def newsmorgue(
    *arguments: object,
    home: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdin: bytes = b"",
    python: tuple[str, ...] = (),
) -> Ran:
    """Run `newsmorgue ARGUMENTS` in a clean environment; `python` goes to the interpreter."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("NEWSMORGUE_")}
    paths = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    home_variable = {"NEWSMORGUE_HOME": str(home)} if home else {}
    child = subprocess.run(
        [sys.executable, *python, "-m", "crawler", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        env={**inherited, "PYTHONPATH": paths, **home_variable, **(env or {})},
        check=False,
        timeout=120,
    )
    return Ran(code=child.returncode, out=child.stdout.decode(), err=child.stderr.decode())
