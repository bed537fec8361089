"""What Linux tells of processes."""

from __future__ import annotations

import os
import subprocess
import sys

from bench import processes


def test_a_family_counts_those_that_have_ended():
    before = processes.family(os.getpid())

    subprocess.run([sys.executable, "-c", "sum(range(5_000_000))"], check=True)

    assert processes.family(os.getpid()) > before
    assert processes.parent(os.getpid()) == os.getppid()


def test_of_a_process_that_has_ended_nothing_is_said():
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        pass

    said = [ask(process.pid) for ask in (processes.family, processes.parent, processes.memory, processes.share)]

    assert said == [None] * 4
    assert processes.name(process.pid) == ""
    assert processes.cpu([process.pid]) is None
