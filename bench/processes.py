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
    """The seconds of processor that the whole machine has used so far."""
    try:
        user, nice, system, _, _, *interrupts = (PROC / "stat").read_text().splitlines()[0].split()[1:9]
    except (OSError, ValueError):
        return None
    return sum(map(int, [user, nice, system, *interrupts])) / TICK


def cpu(pids: list[int]) -> float | None:
    """The seconds of processor that they have used so far, all together."""
    try:
        fields = [(PROC / f"{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids]
    except OSError:
        return None
    return sum(int(field[11]) + int(field[12]) for field in fields) / TICK
