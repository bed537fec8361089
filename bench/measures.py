"""What is measured: pages, saves and logins through the web server, the rest in this process.

Each page is measured in turns with the others, each time beside the empty one, and the medians are kept: on a busy
machine the ratios still hold.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from statistics import median, quantiles
from subprocess import Popen

from django.db import connection
from django.utils import timezone
from tqdm import tqdm

from bench import factures, processes, report, school
from bench.report import Line
from bench.urls import COUNT, QUERIES
from bench.visitor import NONE, Answer, Headers, Refused, Visitor, first_visit, form, run
from enfance.models import Responsable
from portail import demo

LOGS = demo.VAR_DIR / "bench"
TURNS = 3
SECONDS = 1.0  # of each run, one client then four
CLIENTS = 4
LOGINS = 300
KIO, MIO = 1024, 1024 * 1024


Act = Callable[..., Answer]


@dataclass(frozen=True)
class Work:
    """Something that a visitor does: one act a client, the same one again and again."""

    name: str
    acts: Sequence[Act]
    budget: dict[str, float]
    sent: int = 0


# --- What visitors do -------------------------------------------------------------------------------------------------


def visits(ecole: school.School, port: int, today: date) -> list[Work]:
    """The pages to measure, the empty one first, then those of parents, the login and an invoice."""
    planning = f"/planning/{ecole.mois(today):%Y-%m}/"
    anonyme = Visitor(port)
    nombreux = [_logged_in(port, parent) for parent in ecole.parents(4)]
    quatre = [nombreux[n % len(nombreux)] for n in range(CLIENTS)]
    return [
        Work("page vide", _gets([anonyme] * CLIENTS, "/vide/"), {}),
        Work("page vide, session ouverte", _gets(quatre, "/vide/"), {"cpu": 1.5, "queries": 2}),
        Work(
            "planning d’un mois, 4 enfants",
            _gets(quatre, planning),
            {"cpu": 11, "size": 8 * KIO, "queries": 10, "rate4": 150},
        ),
        Work("accueil, 4 enfants", _gets(quatre, "/"), {"cpu": 8, "size": 4 * KIO, "queries": 8, "rate4": 200}),
        Work("page de connexion", _gets([anonyme] * CLIENTS, "/connexion/"), {}),
        invoice(ecole, port, today),
    ]


def invoice(ecole: school.School, port: int, today: date) -> Work:
    """The page of a family's invoice for a full month of three children, with all its details."""
    parent, path = factures.make_invoice(ecole, today)
    visitor = _logged_in(port, parent)
    return Work(
        "facture d’un mois plein, 3 enfants", _gets([visitor] * CLIENTS, path), {"size": 10 * KIO, "queries": 8}
    )


def attendance(ecole: school.School, port: int, today: date) -> Work:
    """The page of the attendance sheet of an evening, as four phones of the team load it."""
    path, phones = school.keep_sheet(ecole, today), [Visitor(port) for _ in range(CLIENTS)]
    for phone in phones:
        phone.cookies["session"] = school.agent_session()
    return Work(
        f"feuille d’appel, {school.FEUILLE} enfants", _gets(phones, path), {"cpu": 12, "size": 15 * KIO, "queries": 8}
    )


def saves(ecole: school.School, port: int, today: date) -> Work:
    """The save of a month's form with twenty boxes, ticked then unticked, by a different family for each client."""
    planning = f"/planning/{ecole.mois(today):%Y-%m}/"
    parents = [parent for parent in ecole.parents(2) if parent not in ecole.parents(4)][:CLIENTS]
    acts = [Save(_logged_in(port, parent), planning) for parent in parents]
    return Work("enregistrer 20 cases", acts, {"cpu": 12, "queries": 20, "sent": 4 * KIO, "rate4": 90}, acts[0].sent)


def logins(ecole: school.School, port: int) -> Work:
    """The login of a parent, each time another one."""
    parents = iter(ecole.familles * 1000)

    def act(headers: Headers = NONE) -> Answer:
        return Visitor(port).login(next(parents).user.identifiant, school.PASSWORD, headers)

    return Work("connexion", [act] * CLIENTS, {"ms": 35, "rate4": 60})


def _logged_in(port: int, parent: Responsable) -> Visitor:
    visitor = Visitor(port)
    visitor.login(parent.user.identifiant, school.PASSWORD)
    return visitor


def _gets(visitors: Sequence[Visitor], path: str) -> list[Act]:
    return [partial(visitor.get, path) for visitor in visitors]


class Save:
    """The form of a month as a browser sends it, each time with the same twenty boxes the other way round."""

    BOX = re.compile(r'name="(r|attente)" value="([^"]+)"( checked)?')
    HIDDEN = re.compile(r'<input type="hidden" name="(csrfmiddlewaretoken|preuve|mois)"(?: value="([^"]*)")?>')
    CHOICE = re.compile(r'<select class="saisie" name="(q_\w+)"><option value="([^"]*)"')

    def __init__(self, visitor: Visitor, path: str) -> None:
        self.visitor, self.path = visitor, path
        page = visitor.get(path).text
        self.others = dict([*self.HIDDEN.findall(page), *self.CHOICE.findall(page)])
        boxes = self.BOX.findall(page)
        self.ticked = {value for name, value, checked in boxes if checked}
        self.turned = set(sorted(value for name, value, _ in boxes if name == "r")[:20])
        if len(self.turned) < 20:
            raise Refused(f"{path} : moins de 20 cases libres")

    @property
    def fields(self) -> dict[str, object]:
        """The fields of the form with the twenty boxes turned."""
        after = self.ticked ^ self.turned
        return {**self.others, "avant": " ".join(sorted(self.ticked)), "r": sorted(after), "enregistrer": "1"}

    @property
    def sent(self) -> int:
        """The length of the form that is sent, in bytes."""
        return len(form(self.fields))

    def __call__(self, headers: Headers = NONE) -> Answer:
        answer = self.visitor.post(self.path, self.fields, 303, headers)
        self.ticked ^= self.turned
        return answer


# --- Measuring ----------------------------------------------------------------------------------------------------


def measure(works: Sequence[Work], empty: Work, pids: list[int]) -> list[Line]:
    """Measure each work in turns, with one client and then four, beside the empty page of the same moment, whatever
    else the machine is doing; the medians, one line each. `pids`: the processes whose CPU time counts."""
    seen: dict[str, list[dict[str, float]]] = {work.name: [] for work in works}
    for work in works:
        run(work.acts, seconds=SECONDS)  # to warm up
    for _ in range(TURNS):
        for work in works:
            vide, alone = _alone(empty, pids), _alone(work, pids)
            key = "cpu" if vide.get("cpu") and "cpu" in alone else "ms"
            together = run(work.acts, seconds=SECONDS)
            seen[work.name].append(alone | {"ratio": alone[key] / vide[key], "rate4": together.rate})
    lines = []
    for work in works:
        values = {key: median(turn[key] for turn in seen[work.name]) for key in seen[work.name][0]}
        answer = work.acts[0]({COUNT: "1"})
        values["queries"] = int(answer.headers[QUERIES])
        if answer.status == 200:
            values["size"] = answer.gzipped
        if work.sent:
            values["sent"] = work.sent
        lines.append(Line(work.name, values, work.budget))
    return lines


def _alone(work: Work, pids: list[int]) -> dict[str, float]:
    """One client: how long an answer takes, and its processor time where that is known."""
    before = processes.cpu(pids)
    done = run(work.acts[:1], seconds=SECONDS)
    after = processes.cpu(pids)
    values = {"ms": median(done.times) * 1000, "rate1": done.rate}
    if before is not None and after is not None:
        values["cpu"] = (after - before) / len(done.times) * 1000
    return values


def rush(ecole: school.School, port: int) -> Line:
    """Measure 300 logins, as after a mail of the school to all parents, fifteen at a time as fast as they can: the
    seconds and the 95th percentile in milliseconds."""
    parents = iter((ecole.familles * 2)[:LOGINS])

    def act() -> None:
        Visitor(port).login(next(parents).user.identifiant, school.PASSWORD)

    done = run([act] * 15, times=LOGINS // 15)
    p95 = quantiles(done.times, n=20)[-1] * 1000
    values = {"s": done.elapsed, "ms au 95e centile": p95}
    return Line(f"{LOGINS} connexions, 15 à la fois", values, {"s": 60, "ms au 95e centile": 1000})


def first_visits(ecole: school.School, port: int, today: date) -> list[Line]:
    """Measure a first visit of the login page and of the planning, by a browser that has kept nothing: bytes and
    requests."""
    parent = _logged_in(port, ecole.parents(4)[0])
    lines = []
    for name, visitor, path, budget in [
        ("première visite, connexion", Visitor(port), "/connexion/", 36 * KIO),
        ("première visite, planning", parent, f"/planning/{ecole.mois(today):%Y-%m}/", 40 * KIO),
    ]:
        size, count = first_visit(visitor, path)
        lines.append(Line(name, {"octets": size, "requêtes": count}, {"octets": budget, "requêtes": 6}))
    return lines


def memories(started: dict[str, Popen[bytes]]) -> list[Line]:
    """The memory that each process of the portal holds, in MiB, once it has worked. A line has no value where Linux
    does not tell."""
    web = started["web"].pid
    pids = {"gunicorn, le maître": web, "db_worker": started["taches"].pid}
    pids |= {f"gunicorn, processus {n}": pid for n, pid in enumerate(processes.children(web), 1)}
    lines = []
    for name, pid in pids.items():
        held = processes.memory(pid)
        values = {} if held is None else {"Mio": held / MIO}
        lines.append(Line(f"mémoire, {name}", values, {} if pid == web else {"Mio": 110}))
    return lines


def growth(works: Sequence[Work], empty: Work, pids: list[int], before: Sequence[Line], enfants: int) -> list[Line]:
    """Measure these works again with `enfants` children in the database; each line notes how much slower it is than the
    one of `before`."""
    lines = measure(works, empty, pids)
    for line, small in zip(lines, before, strict=True):
        key = "cpu" if "cpu" in line.values else "ms"
        line.name = f"{line.name}, {report.number(enfants)} dans la base"
        line.note = f"× {report.number(line.values[key] / small.values[key])} à 220"
    return lines


# --- The whole ----------------------------------------------------------------------------------------------------


@contextmanager
def database() -> Iterator[None]:
    """Within this block there is a database made for the bench, dropped at the end, by Django's own maker of test
    databases, on either engine."""
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(verbosity=0)


def serve(port: int) -> tuple[dict[str, Popen[bytes]], float]:
    """Start the web server and the worker as in production; their processes, and the seconds until the first answer.
    Raises DemoError when the server does not answer."""
    begin = time.perf_counter()
    started = demo.start(port, LOGS)
    while not demo.answers(port):
        if started["web"].poll() is not None or time.perf_counter() - begin > demo.READY_WITHIN:
            demo.stop(started)
            raise demo.DemoError("Le serveur web ne répond pas : voyez var/bench/web.log.")
        time.sleep(0.02)
    return started, time.perf_counter() - begin


def bench(port: int) -> tuple[list[Line], list[Line]]:
    """Make the school, serve the portal at `port` and measure all of it: the lines of the table of pages, and the
    others."""
    now = timezone.now()
    today = timezone.localdate(now)
    importing = Line("import ONDE, 220 enfants", {"s": school.import_seconds(now)}, {"s": 3})
    ecole = school.make_school(now)
    for parent in tqdm(ecole.familles, desc="Une année d’inscriptions", unit="famille", disable=None):
        school.fill_year(ecole, parent)
    seconds, rows = school.pattern_seconds(ecole, ecole.parents(4)[0])
    pattern = Line("semaine type, 4 enfants, l’année", {"s": seconds, "inscriptions": rows}, {"s": 1})
    school.forget_mails()
    connection.close()
    started, seconds = serve(port)
    try:
        pids = processes.children(started["web"].pid)
        print("Mesures…", flush=True)
        works = [*visits(ecole, port, today), attendance(ecole, port, today)]
        pages = measure(works, works[0], pids)
        others = first_visits(ecole, port, today)
        pages += measure([saves(ecole, port, today), logins(ecole, port)], works[0], pids)
        others += [rush(ecole, port), importing, pattern, *memories(started)]
        others.append(Line("démarrage", {"s": seconds}, {"s": 2}))
        print(f"Les mêmes pages avec {report.number(school.FOULE)} enfants…", flush=True)
        enfants = school.crowd(ecole, ecole.mois(today))
        pages += growth(works[2:4], works[0], pids, pages[2:4], enfants)
    finally:
        demo.stop(started)
    return pages, others
