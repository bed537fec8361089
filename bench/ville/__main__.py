"""`make bench-ville`: the town made or found again, served as in production, measured, told; and in a JSON to compare.

On the server of DATABASE_URL, in a database of its own (« …_bench »), which the server keeps as long as it is kept.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
import time
from pathlib import Path

import django
from django.db import connection
from django.utils import timezone

from bench.environment import configure, free_port
from portail import demo

BENCH_DIR = demo.VAR_DIR / "bench-ville"
JSON = demo.VAR_DIR / "bench-ville.json"

port = free_port()
configure(port, BENCH_DIR / "courriels")
django.setup()

from bench import report  # noqa: E402 (the models want their settings)
from bench.measures import serve  # noqa: E402
from bench.ville import mesures, ville  # noqa: E402
from bench.ville.copie import sweep  # noqa: E402
from bench.visitor import Refused  # noqa: E402
from enfance.models import Enfant  # noqa: E402


def main() -> None:
    """Make or find the town, measure its pages and the works of the town hall, print the lines and write
    var/bench-ville.json."""
    options = read_options()
    if connection.vendor != "postgresql":
        sys.exit("La ville se mesure sur PostgreSQL : make bench-ville, ou DATABASE_URL.")
    now = timezone.now()
    try:
        shutil.rmtree(BENCH_DIR, ignore_errors=True)
        BENCH_DIR.mkdir(mode=0o700, parents=True)
        demo.collect_static()
        make(ville.Ville(options.taille, timezone.localdate(now)))
        lines = run()
    except (demo.DemoError, Refused) as error:
        sys.exit(str(error))
    if options.avant:
        mesures.compare(lines, options.avant)
    context = {
        "date": now.isoformat(timespec="seconds"),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cœurs",
        "taille": options.taille,
        "base": mesures.server_version(),
    }
    report.write_json(JSON, context, lines)
    print("\n".join(["", *report.others(lines), "", f"Les mêmes chiffres : {JSON.relative_to(demo.BASE_DIR)}"]))


def read_options() -> argparse.Namespace:
    """The options of the command line: the size of the town, and an older run to compare with."""
    parser = argparse.ArgumentParser(prog="python -m bench.ville", description="Une ville de vingt écoles, mesurée.")
    parser.add_argument("--taille", type=float, default=1, help="1 pour vingt mille enfants, 0.1 pour deux mille")
    parser.add_argument("--avant", type=Path, help="un var/bench-ville.json d’avant, auquel comparer")
    return parser.parse_args()


def make(town: ville.Ville) -> None:
    """Make the database of the bench, or migrate the one that was kept, then write this town unless it is already
    there. Raises DemoError when another town is there."""
    connection.creation.create_test_db(verbosity=0, autoclobber=True, keepdb=True)
    if ville.is_made(town):
        sweep()
        return
    if Enfant.objects.exists():
        raise demo.DemoError("Une autre ville est dans ce dossier, ou une ville inachevée : videz-le.")
    print(f"La ville : {report.number(len(town.enfants))} enfants, une année d’inscriptions…", flush=True)
    begin = time.perf_counter()
    indexes = ville.make_ville(town)
    print(f"Faite en {time.perf_counter() - begin:.0f} s. Ses index :", flush=True)
    for name, seconds in sorted(indexes.items()):
        print(f"  {name} {seconds:.1f} s", flush=True)


def run() -> list[report.Line]:
    """Serve the portal, without its worker of tasks, and measure each page, then the works of the town hall; one line
    each."""
    now = timezone.now()
    today = timezone.localdate(now)
    started, _ = serve(port)
    demo.stop({"taches": started.pop("taches")})  # the day's work of a whole town would be measured with the rest
    try:
        lines = []
        for page in mesures.pages(port, today):
            lines.append(mesures.measure(page))
            print(*report.others(lines[-1:]), flush=True)
    finally:
        demo.stop(started)
    return [*lines, *mesures.works(today, now)]


if __name__ == "__main__":
    main()
