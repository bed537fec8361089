"""What the processes of the portal cost, as Linux tells it; elsewhere nothing is said."""

from __future__ import annotations

import os
from pathlib import Path

PROC = Path("/proc")
TICK = os.sysconf("SC_CLK_TCK")


def children(pid: int) -> list[int]:
    """The ids of the processes that the process `pid` has started; empty when they cannot be read."""
    try:
        return [int(child) for child in (PROC / f"{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def memory(pid: int) -> int | None:
    """The bytes of memory that this process holds (RSS); None when they cannot be read."""
    try:
        lines = (PROC / f"{pid}/status").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:")), None)


def share(pid: int) -> int | None:
    """The bytes of memory that this process holds, where memory shared with others counts for its part (PSS); None when
    they cannot be read."""
    try:
        lines = (PROC / f"{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), None)


def busy() -> float | None:
    """The CPU seconds that the whole machine has used since it started; None where /proc/stat cannot be read."""
    try:
        user, nice, system, _, _, *interrupts = (PROC / "stat").read_text().splitlines()[0].split()[1:9]
    except (OSError, ValueError):
        return None
    return sum(map(int, [user, nice, system, *interrupts])) / TICK


def name(pid: int) -> str:
    """The name of the program that the process `pid` runs; empty once it has ended."""
    try:
        return (PROC / f"{pid}/comm").read_text().strip()
    except OSError:
        return ""


def parent(pid: int) -> int | None:
    """The id of the process that started this process; None once this one has ended."""
    fields = _fields(pid)
    return int(fields[1]) if fields else None


def family(pid: int) -> float | None:
    """The CPU seconds used so far by this process and those that it started, even ended ones; None when they cannot be
    read."""
    lines = [_fields(one) for one in [pid, *children(pid)]]
    if not lines[0]:
        return None
    ended = sum(map(int, lines[0][13:15]))
    return (ended + sum(int(ticks) for fields in lines if fields for ticks in fields[11:13])) / TICK


def _fields(pid: int) -> list[str]:
    """What Linux tells of it, from its state on; nothing once it has ended."""
    try:
        return (PROC / f"{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def cpu(pids: list[int]) -> float | None:
    """The CPU seconds that these processes have used so far, all together; None when one of them cannot be read."""
    lines = [_fields(pid) for pid in pids]
    if not all(lines):
        return None
    return sum(int(ticks) for fields in lines for ticks in fields[11:13]) / TICK
