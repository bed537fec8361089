"""`make bench`: a school with a full year, served as in production, measured, told in a table and in var/bench.json.

SQLite by default, the server of DATABASE_URL otherwise; the database is the bench's own either way.
"""

from __future__ import annotations

import os
import platform
import shutil
import sys

import django
from django.db import connection
from django.utils import timezone

from bench.environment import configure, free_port
from portail import demo

BENCH_DIR = demo.VAR_DIR / "bench"
JSON = demo.VAR_DIR / "bench.json"


try:
    port = demo.read_port(os.environ.get("PORT") or str(free_port()))
except demo.DemoError as error:
    sys.exit(str(error))
configure(port, BENCH_DIR / "courriels")
django.setup()

from bench import report  # noqa: E402 (the models want their settings)
from bench.measures import bench, database  # noqa: E402
from bench.visitor import Refused  # noqa: E402


def main() -> None:
    """Make the school, measure the pages, print the tables and write var/bench.json."""
    try:
        shutil.rmtree(BENCH_DIR, ignore_errors=True)
        BENCH_DIR.mkdir(mode=0o700, parents=True)
        demo.collect_static()
        print("Préparation de l’école : 150 familles, 220 enfants, une année d’inscriptions…", flush=True)
        with database():
            pages, others = bench(port)
            version = ".".join(map(str, connection.get_database_version()))
    except (demo.DemoError, Refused) as error:
        sys.exit(str(error))
    context = {
        "date": timezone.now().isoformat(timespec="seconds"),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cœurs",
        "python": platform.python_version(),
        "django": django.get_version(),
        "base": f"{connection.display_name} {version}",
    }
    report.write_json(JSON, context, [*pages, *others])
    print("\n".join(["", *report.pages(pages), "", *report.others(others)]))
    where = f"{context['base']}, Python {context['python']}, {context['machine']}"
    print(f"\n{where}. « × vide » : temps de processeur, page vide = 1.")
    print(f"Les mêmes chiffres : {JSON.relative_to(demo.BASE_DIR)}")


if __name__ == "__main__":
    main()
