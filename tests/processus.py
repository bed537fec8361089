"""Processes and what they started."""

from __future__ import annotations

import contextlib
import subprocess
import time
from pathlib import Path


def processes() -> dict[int, tuple[int, str]]:
    """The parent and the state of each: from /proc, since a bare machine has no `ps`, or else from `ps`."""
    if Path("/proc/self/stat").exists():
        found = {}
        for path in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):  # it has just ended
                state, parent, *_ = path.read_text("utf-8", "replace").rpartition(")")[2].split()
                found[int(path.parent.name)] = (int(parent), state)
        return found
    lines = subprocess.run(["ps", "-eo", "pid=,ppid=,stat="], capture_output=True, text=True, check=True).stdout
    return {int(pid): (int(parent), state) for pid, parent, state in map(str.split, lines.splitlines())}


def descendants(pid: int) -> set[int]:
    parents = {child: parent for child, (parent, _) in processes().items()}
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}


def is_alive(pid: int) -> bool:
    """Running, or dead and not yet buried by its parent: only the first counts."""
    _, state = processes().get(pid, (0, "Z"))
    return not state.startswith("Z")


def ended(family: set[int]) -> bool:
    deadline = time.monotonic() + 60
    while any(map(is_alive, family)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return not any(map(is_alive, family))
