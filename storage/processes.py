"""Which process a run is, and whether it is still there.

A run names its machine (boot id and process namespace), its pid and the pid's start time. Two
containers on one machine share a boot id but not their pids, hence the namespace; the start time
tells a pid that was given out again. Where the system does not say (no /proc), the machine is
unknown and only the heartbeat counts.
"""

import os
from dataclasses import dataclass
from pathlib import Path

UNKNOWN_MACHINE = ""
_PROC = Path("/proc")
_START_TIME_FIELD = 19  # of /proc/PID/stat after the command's name, proc(5): starttime


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A process among all processes that may share one database."""

    machine: str  # UNKNOWN_MACHINE when the system does not say
    pid: int
    started: int | None  # clock ticks after boot


def current() -> Identity:
    """Return the identity of this process."""
    pid = os.getpid()
    return Identity(machine=_machine(), pid=pid, started=_started(pid))


def is_gone(process: Identity) -> bool:
    """Whether the process certainly no longer runs; False when this machine cannot tell."""
    if process.machine == UNKNOWN_MACHINE or process.machine != _machine():
        return False
    return _started(process.pid) != process.started


def _machine() -> str:
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        namespace = (_PROC / "self/ns/pid").readlink()
    except OSError:
        return UNKNOWN_MACHINE
    return f"{boot} {namespace}"


def _started(pid: int) -> int | None:
    """Return when a pid was started; None for a pid that is free or only waits to be reaped."""
    try:
        stat = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in {"Z", "X"} else int(fields[_START_TIME_FIELD])
