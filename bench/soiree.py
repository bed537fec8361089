"""`make bench-soiree`: the evening when a year opens, served as in production; its table, and var/bench-soiree-*.json.

Four hundred parents come within 150 seconds, then within 15, then at a rate that rises until the portal no longer
follows. What each was told is looked for in the database at the end: an error or a loss ends with the code 1.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from statistics import quantiles

import django
from django.db import connection
from django.utils import timezone

from bench import processes
from bench.environment import configure, free_port
from portail import demo

BENCH_DIR = demo.VAR_DIR / "bench"

if __name__ == "__main__":
    try:
        port = demo.read_port(os.environ.get("PORT") or str(free_port()))
    except demo.DemoError as error:
        sys.exit(str(error))
    configure(port, BENCH_DIR / "courriels")
    django.setup()

from bench import report, school  # noqa: E402 (the models want their settings)
from bench.measures import MIO, database, serve  # noqa: E402
from bench.parents import STEPS, Parent, Visit, lost, make_parents  # noqa: E402
from bench.report import Line  # noqa: E402
from bench.visitor import Refused  # noqa: E402

PARENTS, SLOWLY, FAST = 400, 150, 15  # seconds
FIRST_RATE, FASTER, LASTS = 6.0, 1.2, 15  # parents a second, times, seconds
FOLLOWS = 0.85  # of the rate: below it, those who wait only grow in number
CEILING = {"sqlite": 18, "postgresql": 14}  # parents a second
COLUMNS = {
    "venus/s": "venus/s",
    "servis/s": "servis/s",
    "p50": "p50 ms",
    "p95": "p95 ms",
    "erreurs": "erreurs",
    "perdus": "perdus",
    "web": "web ms",
    "taches": "tâches ms",
    "base": "base ms",
    "visiteurs": "visit. ms",
    "reste": "reste ms",
}


@dataclass
class Evening:
    """What the parents of one rate have seen: seconds of each step, what went wrong, processor by who used it."""

    parents: int
    seconds: float
    elapsed: float = 0
    times: list[list[float]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    cpu: dict[str, float] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """How many parents came a second."""
        return self.parents / self.seconds

    @property
    def served(self) -> float:
        """How many parents were served a second without an error, from the first who came to the last who left."""
        return (self.parents - len(self.errors)) / self.elapsed

    def line(self, name: str, budget: dict[str, float]) -> Line:
        """The line of the table for this evening, under this name, with the bounds that it should keep."""
        values = {"venus/s": self.rate, "servis/s": self.served, "erreurs": len(self.errors)}
        values |= _quantiles([seconds for visit in self.times for seconds in visit])
        return Line(name, values | {who: ms / self.parents * 1000 for who, ms in self.cpu.items()}, budget)

    def steps(self) -> list[Line]:
        """One line of the table for each step of a visit: its times, of the visits that were complete."""
        whole = [visit for visit in self.times if len(visit) == len(STEPS)]
        return [Line(f"  {step}", _quantiles([visit[n] for visit in whole])) for n, step in enumerate(STEPS)]


def _quantiles(seconds: list[float]) -> dict[str, float]:
    if len(seconds) < 2:
        return {}
    vingtiles = quantiles(seconds, n=20)
    return {"p50": vingtiles[9] * 1000, "p95": vingtiles[18] * 1000}


class Portal:
    """The portal that parents come to, and who uses the processors of its machine."""

    def __init__(self, port: int, path: str, web: int, taches: int, base: int | None) -> None:
        self.port, self.path, self.taches, self.base = port, path, taches, base
        self.workers = processes.children(web)
        self.hasard = Random(12)  # noqa: S311 (the same evening each time)

    def come(self, parents: Sequence[Parent], seconds: float) -> Evening:
        """Let each of these parents visit the portal once, at instants drawn at random within `seconds`, and wait until
        the last has left; what they saw. An error that one meets is noted there, and stops nobody else."""
        evening = Evening(len(parents), seconds)
        moments = sorted(self.hasard.uniform(0, seconds) for _ in parents)
        visits = [Visit(self.port, parent, self.path, self.hasard) for parent in parents]
        threads = [threading.Thread(target=_visit, args=(evening, visit), daemon=True) for visit in visits]
        before, begin = self._cpu(), time.perf_counter()
        for moment, thread in zip(moments, threads, strict=True):
            time.sleep(max(0, begin + moment - time.perf_counter()))
            thread.start()
        for thread in threads:
            thread.join()
        evening.elapsed = time.perf_counter() - begin
        evening.cpu = {who: after - before[who] for who, after in self._cpu().items() if who in before}
        return evening

    def _cpu(self) -> dict[str, float]:
        """The seconds that each has used; the rest is the system's, that of the network and of the disk, and anybody's
        who works on the machine.
        """
        web, taches, busy = processes.cpu(self.workers), processes.cpu([self.taches]), processes.busy()
        if web is None or taches is None or busy is None:
            return {}
        used = {"web": web, "taches": taches, "visiteurs": time.process_time()}
        if self.base is not None and (base := processes.family(self.base)) is not None:
            used["base"] = base
        return used | {"reste": busy - sum(used.values())}

    def memories(self) -> list[Line]:
        """The memory of each web process, in MiB. Its bound is on the share of each: SQLite maps its file once a
        thread, and the whole counts it as often."""
        lines = []
        for n, pid in enumerate(self.workers, 1):
            held, shared = processes.memory(pid), processes.share(pid)
            values = {} if held is None or shared is None else {"Mio": held / MIO, "Mio en propre": shared / MIO}
            lines.append(Line(f"mémoire, processus web {n}", values, {"Mio en propre": 110}))
        return lines


def _visit(evening: Evening, visit: Visit) -> None:
    try:
        visit()
    except Exception as error:  # noqa: BLE001 (told in the table)
        evening.errors.append(f"{type(error).__name__} : {error}")
    finally:
        evening.times.append(visit.times)


def rising(portal: Portal, parents: Sequence[Parent]) -> list[Evening]:
    """Let parents come at a rate that rises each time, until the portal no longer follows; what they saw at each rate,
    the last being the one that was too much."""
    evenings: list[Evening] = []
    rate = FIRST_RATE
    while not evenings or evenings[-1].served >= FOLLOWS * evenings[-1].rate:
        if evenings:
            rate *= FASTER
        venus = parents[: min(len(parents), round(rate * LASTS))]
        evenings.append(portal.come(venus, len(venus) / rate))
        print(f"  {report.number(rate)} par seconde : {report.number(evenings[-1].served)} servis", flush=True)
    return evenings


def measure(portal: Portal, parents: Sequence[Parent], *, ceiling_only: bool) -> tuple[list[Line], list[str]]:
    """Measure the evenings: four hundred parents slowly, then fast (unless `ceiling_only`), then at a rising rate. The
    lines of the table, and the errors met."""
    evenings, lines = [], []
    for seconds in [] if ceiling_only else [SLOWLY, FAST]:
        print(f"{len(parents)} parents en {seconds} secondes…", flush=True)
        evening = portal.come(parents, seconds)
        budget = {"erreurs": 0.0, "p95": 100.0} if seconds == SLOWLY else {"erreurs": 0.0}
        lines.append(evening.line(f"{len(parents)} parents en {seconds} s", budget))
        lines += evening.steps()
        evenings.append(evening)
    print("De plus en plus vite…", flush=True)
    faster = rising(portal, parents)
    lines += [evening.line(f"{evening.parents} parents, plus vite", {"erreurs": 0}) for evening in faster]
    ceiling = {"servis/s": max(evening.served for evening in faster)}
    lines.append(Line("plafond", ceiling, {"servis/s": CEILING.get(connection.vendor, 0)}))
    return lines, [error for evening in [*evenings, *faster] for error in evening.errors]


def server() -> int | None:
    """The id of the main process of PostgreSQL, when it runs on this machine; None otherwise, and for SQLite."""
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    return processes.parent(pid) if processes.name(pid) == "postgres" else None


def soiree(port: int, *, ceiling_only: bool) -> tuple[list[Line], list[Line], list[str]]:
    """Make the school and its parents, serve the portal at `port` and measure the evening: the lines of the table,
    those of memory, and the errors met."""
    now = timezone.now()
    ecole = school.make_school(now)
    parents = make_parents(ecole, PARENTS)
    school.forget_mails()
    base = server()
    connection.close()
    started, _ = serve(port)
    try:
        path = f"/planning/{ecole.mois(timezone.localdate(now)):%Y-%m}/"
        portal = Portal(port, path, started["web"].pid, started["taches"].pid, base)
        lines, errors = measure(portal, parents, ceiling_only=ceiling_only)
        memories = portal.memories()
    finally:
        demo.stop(started)
    lines.append(Line("dans la base, à la fin", {"perdus": lost(parents)}, {"perdus": 0}))
    return lines, memories, errors


def main(port: int) -> None:
    """Measure the evening with the portal at `port`, print the tables and write the JSON; exits with 1 after an error
    or a loss. With `--plafond` on the command line, only the rising rate is measured."""
    parser = argparse.ArgumentParser(prog="bench.soiree", description="Mesure le soir où l’année ouvre.")
    parser.add_argument("--plafond", action="store_true", help="ne cherche que le plafond")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        shutil.rmtree(BENCH_DIR, ignore_errors=True)
        BENCH_DIR.mkdir(mode=0o700, parents=True)
        demo.collect_static()
        with database():
            lines, memories, errors = soiree(port, ceiling_only=options.plafond)
            base = f"{connection.display_name} {'.'.join(map(str, connection.get_database_version()))}"
    except (demo.DemoError, Refused) as error:
        sys.exit(str(error))
    context = {
        "date": timezone.now().isoformat(timespec="seconds"),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cœurs",
        "python": platform.python_version(),
        "base": base,
    }
    path = demo.VAR_DIR / f"bench-soiree-{connection.vendor}.json"
    report.write_json(path, context, [*lines, *memories])
    print("\n".join(["", *report.pages(lines, COLUMNS), "", *report.others(memories)]))
    for said, times in Counter(errors).most_common(5):
        print(f"{times} fois : {said}")
    print(f"\n{base}, Python {context['python']}, {context['machine']}. Les « ms » de processeur sont d’un parent.")
    if errors or any(line.values.get("perdus") for line in lines):
        sys.exit(1)


if __name__ == "__main__":
    main(port)
