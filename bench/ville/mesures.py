"""What is measured of the town: each page through the web server, a session each, then the works of the town hall."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connection, transaction
from django.db.models import Count

from accounts import second_factor
from accounts.models import User
from accounts.session_store import SessionStore
from bench.measures import Save
from bench.report import Line, number
from bench.urls import COUNT, QUERIES
from bench.ville.argent import close_month
from bench.ville.ville import nom_of
from bench.visitor import NONE, Answer, Headers, Visitor
from enfance.calendrier import Calendrier
from enfance.demo import contenu
from enfance.mairie.fermetures.ecriture import Portee, fermer
from enfance.models import AnneeScolaire, Ecole, Responsable, Scolarite, load_calendrier
from enfance.onde.importation import importer
from enfance.onde.lecture import lire
from portail import demo
from portail.groupes import CANTINE, EQUIPE, SECRETARIAT
from portail.tables import Fichier

SECONDS = 2.0  # of each page
LEAST = 3  # answers of each page, however slow
ECOLE = "e01"
MIO = 1024 * 1024


@dataclass(frozen=True)
class Page:
    """What a visitor asks for, and in how many milliseconds it is to be answered."""

    name: str
    act: Callable[..., Answer]
    ms: float


def visitor_of(port: int, user: User) -> Visitor:
    """A browser in which this account is already logged in; an agent has shown the second factor."""
    visitor, session = Visitor(port), SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    if user.is_staff:
        session[second_factor.MARK] = True
    session.create()
    visitor.cookies["session"] = str(session.session_key)
    return visitor


def pages(port: int, today: date) -> list[Page]:
    """The pages of the town to measure: of parents, of the gate, of the canteen and of the town hall."""
    calendrier = load_calendrier()
    passe, suivant = calendrier.ecole_avant(today, 1), calendrier.ecole_apres(today)
    planning = f"/planning/{_mois(calendrier, today):%Y-%m}/"
    parent, autre = (visitor_of(port, user) for user in _parents())
    mairie, equipe, cantine = (_agent(port, groupe) for groupe in (SECRETARIAT, EQUIPE, CANTINE))
    listes = "/admin/enfance"
    return [
        Page("parent : planning d’un mois, 4 enfants", partial(parent.get, planning), 20),
        Page("parent : enregistrer 20 cases", Save(autre, planning), 20),
        Page("parent : page de la semaine type", partial(parent.get, "/semaine-type/"), 40),
        Page("feuille d’un soir, une école", partial(equipe.get, f"/equipe/{passe}/?creneau=soir-{ECOLE}"), 60),
        Page("cantine : la journée, une école", partial(cantine.get, f"/cantine/{suivant}/"), 150),
        Page("mairie : accueil", partial(mairie.get, "/admin/"), 300),
        Page("mairie : trouver une famille", partial(_find, mairie, nom_of(7)[:4]), 100),
        Page("mairie : liste des inscriptions", partial(mairie.get, f"{listes}/inscription/"), 200),
        Page("mairie : liste des événements", partial(mairie.get, f"{listes}/evenement/"), 200),
        Page("mairie : chiffres de l’année", partial(mairie.get, f"{listes}/inscription/chiffres/"), 500),
    ]


def _parents() -> tuple[User, User]:
    """Two adults of four children."""
    nombreux = (
        Responsable.objects.annotate(n=Count("responsabilites")).filter(n=4).order_by("pk").select_related("user")
    )
    return nombreux[0].user, next(autre.user for autre in nombreux if autre.foyer_id != nombreux[0].foyer_id)


def _agent(port: int, groupe: str) -> Visitor:
    return visitor_of(port, User.objects.filter(groups__name=groupe)[0])


def _mois(calendrier: Calendrier, today: date) -> date:
    """The month to come with the most school days, in its first form: the 1st."""
    jours = calendrier.jours_ecole(today + timedelta(days=8), today + timedelta(days=200))
    mois = [jour.replace(day=1) for jour in jours]
    return max(sorted(set(mois)), key=mois.count)


def _find(visitor: Visitor, texte: str, headers: Headers = NONE) -> Answer:
    """Type it, and read the page that answers."""
    sent = visitor.post("/admin/enfance/foyer/trouver/", {"famille": texte}, 303)
    return visitor.get(sent.headers["Location"], headers)


def measure(page: Page) -> Line:
    """Measure this page, one request at a time: the median in milliseconds, its queries and its compressed bytes."""
    page.act()  # to warm up
    times: list[float] = []
    begin = time.perf_counter()
    while len(times) < LEAST or time.perf_counter() - begin < SECONDS:
        before = time.perf_counter()
        page.act()
        times.append(time.perf_counter() - before)
    answer = page.act(headers={COUNT: "1"})
    values = {"ms": median(times) * 1000, "requêtes": int(answer.headers[QUERIES]), "octets gz": answer.gzipped}
    return Line(page.name, values, {"ms": page.ms})


# --- The works of the town hall ---------------------------------------------------------------------------------------


def works(today: date, now: datetime) -> Iterator[Line]:
    """Measure the long works of the town hall one after the other: an export, an import, the closure of a day, the
    closing of a month."""
    yield export_month(today)
    yield import_school(now)
    yield close_day(today, now)
    yield from close_month(today)


# A child's peak of memory begins at that of its parent: this one is small, and says what the command held.
CHILD = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
print(done.returncode, usage.ru_utime + usage.ru_stime, usage.ru_maxrss)
"""


def export_month(today: date) -> Line:
    """Measure the command that exports a month of inscriptions, in a process of its own: its seconds, the most memory
    that it held, its rows."""
    mois = _mois(load_calendrier(), today)
    fin = (mois + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    with tempfile.TemporaryDirectory() as dossier:
        sortie = Path(dossier) / "mois.csv"
        words = ["exporter_inscriptions", "--du", f"{mois}", "--au", f"{fin}", "--sortie", f"{sortie}"]
        command = [sys.executable, "-c", CHILD, sys.executable, "manage.py", *words]
        begin = time.perf_counter()
        told = subprocess.check_output(command, cwd=demo.BASE_DIR, text=True)  # noqa: S603 (words of ours)
        seconds = time.perf_counter() - begin
        code, cpu, held = told.split()
        if code != "0":
            raise demo.DemoError("L’export a échoué.")
        with sortie.open(encoding="utf-8") as lignes:
            rows = sum(1 for _ in lignes) - 1
    values = {"s": seconds, "s de processeur": float(cpu), "Mio": int(held) / 1024, "lignes": rows}
    return Line("mairie : export d’un mois en CSV", values, {"s": 10, "Mio": 110})


def import_school(now: datetime) -> Line:
    """Measure the import of the two files of ONDE of a school that opens in the town, then the same files again; all of
    it is rolled back."""
    fichiers = [Fichier.open(contenu.DOSSIER / f"CSVExtraction-{nom}.csv") for nom in ("eleves", "responsables")]
    annee = AnneeScolaire.objects.get()
    times = []
    with transaction.atomic():
        ecole = Ecole.objects.create(nom="École qui ouvre", code="ouvre", ordre=99)
        for _ in range(2):
            begin = time.perf_counter()
            importer(lire(*fichiers), annee, ecole, now=now)
            times.append(time.perf_counter() - begin)
        eleves = Scolarite.objects.filter(ecole=ecole).count()
        transaction.set_rollback(True)
    nom = f"mairie : import ONDE d’une école, {eleves} élèves"
    return Line(nom, {"s": times[0], "s, de nouveau": times[1]}, {"s": 1, "s, de nouveau": 1})


def close_day(today: date, now: datetime) -> Line:
    """Measure the closure of one school for a day of strike, which cancels inscriptions and queues mails; all of it is
    rolled back."""
    jour = load_calendrier().ecole_apres(today)
    assert jour is not None
    portee = Portee(jour, jour, "grève", ecoles=(Ecole.objects.get(code=ECOLE),))
    times, touches = [], ""
    for _ in range(LEAST):
        begin = time.perf_counter()
        touches = fermer(portee, now=now, simuler=True).touches.phrase
        times.append(time.perf_counter() - begin)
    return Line("mairie : un jour fermé dans une école", {"s": median(times)}, {"s": 2}, touches)


def compare(lines: list[Line], before: Path) -> None:
    """Note on each line how it compares with the same one of an older run, read in the file `before`. A line that the
    older run has not, or not in the same unit, stays as it is."""
    anciens = {ligne["name"]: ligne["values"] for ligne in json.loads(before.read_text("utf-8"))["lignes"]}
    for line in lines:
        ancien: dict[str, Any] = anciens.get(line.name, {})
        key = next((key for key in ("ms", "s") if ancien.get(key) and key in line.values), None)
        if key:
            said = f"{number(ancien[key])} {key} avant, × {line.values[key] / ancien[key]:.2f}".replace(".", ",")
            line.note = " ; ".join(filter(None, [line.note, said]))


def server_version() -> str:
    """The name and the version of the database."""
    return f"{connection.display_name} {'.'.join(map(str, connection.get_database_version()))}"
