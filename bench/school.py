"""The school of the demo, 150 families and 220 children, with a full year of inscriptions, made by its own doors."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as heure
from statistics import median
from uuid import uuid4

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import Count
from django_tasks_db.models import DBTaskResult

from accounts import second_factor
from accounts.models import User
from accounts.session_store import SessionStore
from enfance.demo import contenu
from enfance.equipe import pointages
from enfance.equipe.pointages import GesteRecu
from enfance.inscriptions import Changement, enregistrer
from enfance.mairie.annee import preparer_annee
from enfance.models import (
    AnneeScolaire,
    Creneau,
    Enfant,
    Foyer,
    Garde,
    Inscription,
    Responsabilite,
    Responsable,
    Scolarite,
    SemaineType,
    load_calendrier,
)
from enfance.onde.importation import importer
from enfance.onde.lecture import lire
from enfance.planning import semaines
from enfance.regles import Acteur, Cle
from enfance.semaine_modele import Modele
from portail.dates import PARIS
from portail.groupes import EQUIPE
from portail.tables import Fichier

PASSWORD = contenu.MOT_DE_PASSE
PLACES = {"matin": 80, "soir": 140}
FEUILLE = 80  # children of an evening
FOULE = 20_000  # children, to see what a big town costs
FOULE_FROM = 90_000_000  # identifiants longer than those that are drawn
ESSAIS = 3


@dataclass(frozen=True)
class School:
    """What the bench visits: parents by the number of their children, a month with many school days."""

    annee: AnneeScolaire
    jours: list[date]
    familles: list[Responsable]

    def parents(self, enfants: int) -> list[Responsable]:
        """The parents of this school who have `enfants` children or more, the largest families first."""
        nombres = dict(
            Responsabilite.objects.filter(responsable__in=[parent.pk for parent in self.familles])
            .order_by()
            .values_list("responsable")
            .annotate(n=Count("pk"))
        )
        choisis = [parent for parent in self.familles if nombres.get(parent.pk, 0) >= enfants]
        return sorted(choisis, key=lambda parent: -nombres[parent.pk])

    def mois(self, today: date) -> date:
        """The first day of the month with the most school days among those to come, from a week after `today` on. When
        there is none, the month of `today`."""
        mois = [jour.replace(day=1) for jour in self.jours if jour > today + timedelta(days=7)]
        return max(sorted(set(mois)), key=mois.count, default=today.replace(day=1))


def import_seconds(now: datetime) -> float:
    """The seconds that the import of the two files of ONDE takes, in an empty school; all of it is rolled back."""
    with transaction.atomic():
        annee = preparer_annee(_rentree(now), AnneeScolaire.Zone.A).annee
        fichiers = [Fichier.open(contenu.DOSSIER / f"CSVExtraction-{nom}.csv") for nom in ("eleves", "responsables")]
        debut = time.perf_counter()
        importer(lire(*fichiers), annee, now=now)
        seconds = time.perf_counter() - debut
        transaction.set_rollback(True)
    return seconds


def _rentree(now: datetime) -> int:
    today = now.astimezone(PARIS).date()
    return today.year if today.month >= 7 else today.year - 1


def make_school(now: datetime) -> School:
    """Load the demo's school and give every parent the same password, hashed once, as hashing takes long; set how many
    places mornings and evenings have. The school returned has one parent of each home."""
    contenu.load(now)
    User.objects.filter(is_staff=False).update(password=make_password(PASSWORD))
    for code, places in PLACES.items():
        Creneau.objects.filter(code=code).update(places=places)
    annee = AnneeScolaire.objects.get(debut__year=_rentree(now))
    par_foyer = {r.foyer_id: r for r in Responsable.objects.select_related("user", "foyer").order_by("-pk")}
    jours = list(load_calendrier().jours_ecole(annee.debut, annee.fin))
    return School(annee, jours, [par_foyer[pk] for pk in sorted(par_foyer)])


def fill_year(school: School, parent: Responsable) -> None:
    """Book a year for this family, as saved on the evening when the year opened: every lunch break, half of the
    evenings, and for one family in four every morning."""
    acteur = Acteur.semaine_type(parent)
    cles = [
        Cle(enfant.pk, jour, creneau)
        for enfant in Enfant.objects.for_responsable(parent)
        for jour in school.jours
        for creneau in _habits(parent.pk, jour)
    ]
    enregistrer([Changement(cle, Inscription.Etat.INSCRIT) for cle in cles], acteur, now=_ouverture(school))


def _habits(rang: int, jour: date) -> Iterator[str]:
    yield "midi"
    if (jour.weekday() + rang) % 4 < 2:
        yield "soir"
    if rang % 4 == 0:
        yield "matin"


def _ouverture(school: School) -> datetime:
    return datetime.combine(school.annee.ouverture or school.annee.debut, heure(20), PARIS)


def forget_mails() -> None:
    """Delete all the tasks of the queue, those that the year of saves has queued: the worker would send their mails
    during the measures."""
    DBTaskResult.objects.all().delete()


def pattern_seconds(school: School, parent: Responsable) -> tuple[float, int]:
    """Fill the whole year with a weekly pattern of every créneau of every day for this family's children: the median
    seconds of three times, and the number of inscriptions made by the last. Each time, their patterns and inscriptions
    are deleted first."""
    enfants = list(Enfant.objects.for_responsable(parent).values_list("pk", flat=True))
    codes = list(Creneau.objects.values_list("code", flat=True))
    boxes = frozenset((jour, code) for jour in range(7) for code in codes)
    modeles = [Modele(enfant, boxes, school.annee.debut, school.annee.fin) for enfant in enfants]
    durees, lignes = [], 0
    for _ in range(ESSAIS):
        SemaineType.objects.filter(enfant__in=enfants).delete()
        Inscription.objects.filter(enfant__in=enfants).delete()
        debut = time.perf_counter()
        fait = semaines.remplir(modeles, Acteur.semaine_type(parent), now=_ouverture(school))
        durees.append(time.perf_counter() - debut)
        lignes = len(fait.evenements)
    return median(durees), lignes


def keep_sheet(school: School, today: date) -> str:
    """Keep at eighty the children of the last evening of school, and cancel the others; the address of its attendance
    sheet, on which half are ticked as there and a quarter as gone."""
    jour = max((jour for jour in school.jours if jour <= today), default=school.jours[0])
    soir = Creneau.objects.get(code="soir")
    inscrits = Inscription.objects.inscrit().filter(jour=jour, creneau=soir).order_by("pk")
    pks, enfants = zip(*inscrits.values_list("pk", "enfant"), strict=True)
    inscrits.filter(pk__in=pks[FEUILLE:]).update(etat=Inscription.Etat.ANNULEE)
    now = datetime.combine(jour, soir.fin, PARIS)
    taps = [("present", enfants[: FEUILLE // 2]), ("parti", enfants[: FEUILLE // 4])]
    gestes = [GesteRecu(uuid4(), enfant, quoi, True, now) for quoi, venus in taps for enfant in venus]
    pointages.enregistrer(gestes, jour, soir.code, _agent(), now=now)
    return f"/equipe/{jour}/?creneau={soir.code}"


def agent_session() -> str:
    """The session key of an animator who has shown the second factor, to be put in a cookie."""
    agent, session = _agent(), SessionStore()
    session[SESSION_KEY] = str(agent.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = agent.get_session_auth_hash()
    session[second_factor.MARK] = True
    session.create()
    return str(session.session_key)


def _agent() -> User:
    return User.objects.filter(groups__name=EQUIPE)[0]


def crowd(school: School, mois: date) -> int:
    """Fill the database up to 20,000 children, booked for every lunch break of this month, as rows: how long that takes
    is not measured. Returns the number of children."""
    combien = FOULE - Enfant.objects.count()
    midi = Creneau.objects.get(code="midi")
    jours = [jour for jour in school.jours if jour.replace(day=1) == mois]
    unusable = make_password(None)
    users = User.objects.bulk_create(User(identifiant=str(FOULE_FROM + n), password=unusable) for n in range(combien))
    foyers = Foyer.objects.bulk_create(Foyer(adresse=f"{n} rue de la Foule") for n in range(combien))
    parents = Responsable.objects.bulk_create(
        Responsable(user=user, foyer=foyer) for user, foyer in zip(users, foyers, strict=True)
    )
    enfants = Enfant.objects.bulk_create(
        Enfant(nom=f"FOULE{n}", prenom="Dominique", date_naissance=date(2019, 1, 1)) for n in range(combien)
    )
    Scolarite.objects.bulk_create(Scolarite(enfant=e, annee=school.annee, niveau="CE1") for e in enfants)
    Garde.objects.bulk_create(Garde(enfant=e, foyer=f) for e, f in zip(enfants, foyers, strict=True))
    Responsabilite.objects.bulk_create(
        Responsabilite(enfant=e, responsable=p) for e, p in zip(enfants, parents, strict=True)
    )
    Inscription.objects.bulk_create(
        (
            Inscription(enfant=e, jour=j, creneau=midi, foyer=f)
            for e, f in zip(enfants, foyers, strict=True)
            for j in jours
        ),
        batch_size=5000,
    )
    return Enfant.objects.count()
