"""What the processes of the portal cost, as Linux tells it; elsewhere nothing is said."""

from __future__ import annotations

import os
from pathlib import Path

PROC = Path("/proc")
TICK = os.sysconf("SC_CLK_TCK")


def children(pid: int) -> list[int]:
    """The processes that this one started."""
    try:
        return [int(child) for child in (PROC / f"{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def memory(pid: int) -> int | None:
    """The bytes that it holds in memory."""
    try:
        lines = (PROC / f"{pid}/status").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:")), None)


def share(pid: int) -> int | None:
    """The bytes that it holds in memory, what it shares with others counted for its part."""
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
    """What runs there; nothing once it has ended."""
    try:
        return (PROC / f"{pid}/comm").read_text().strip()
    except OSError:
        return ""


def parent(pid: int) -> int | None:
    """The process that started this one."""
    fields = _fields(pid)
    return int(fields[1]) if fields else None


def family(pid: int) -> float | None:
    """The seconds of processor that it has used so far, with those that it started, even if they have ended."""
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
    """The seconds of processor that they have used so far, all together."""
    lines = [_fields(pid) for pid in pids]
    if not all(lines):
        return None
    return sum(int(ticks) for fields in lines for ticks in fields[11:13]) / TICK
