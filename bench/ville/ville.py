"""The town: twenty schools, fourteen thousand homes, a year of inscriptions and their traces."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from itertools import count

from django.contrib.auth.hashers import make_password

from accounts.models import User
from bench.school import PASSWORD
from bench.ville.copie import bare, copy, settle
from enfance.demo import agents
from enfance.mairie.annee import preparer_annee
from enfance.models import (
    Absence,
    Affectation,
    AnneeScolaire,
    Appel,
    Classe,
    Creneau,
    Ecole,
    Enfant,
    Enregistrement,
    Evenement,
    Foyer,
    Garde,
    Inscription,
    ListeRepas,
    Niveau,
    Pointage,
    Repas,
    Responsabilite,
    Responsable,
    Scolarite,
    load_calendrier,
)
from portail.dates import PARIS
from portail.lettres import cle_tri

ECOLES = 20
FOYERS = 14_000
FRATRIES = (1, 1, 1, 1, 2, 2, 2)  # ten children in seven homes
GRANDE = (1, 1, 1, 1, 1, 1, 4)  # the same, one time in ten
PLACES = {"matin": 260, "soir": 440}  # of a thousand children
CLASSE = 25
FROM = 1000  # the first number of each row: the agents are before
REPAS = timedelta(days=28)  # of meals, before and after today
DEBUTS = ("Mar", "Ber", "Gi", "Du", "Le", "Cha", "Mo", "Per", "Rous", "Fa", "Gar", "Bou", "Va", "Cor", "Fer", "Lam")
SUITES = ("ti", "na", "lo", "ri", "vi", "ne", "ma", "che", "bau", "gue")
FINS = ("net", "rd", "lle", "ux", "nd", "rel", "got", "chon", "ssier", "tin", "ves", "zac")
PRENOMS = (
    "Léa", "Tom", "Zoé", "Noé", "Inès", "Hugo", "Jade", "Liam", "Rose", "Adam", "Lina", "Gabin", "Mila", "Jules",
    "Anna", "Éden", "Nour", "Yanis", "Eva", "Sacha", "Lou", "Marius", "Ambre", "Nino", "Alice", "Côme", "Maël", "Aya",
)  # fmt: skip


@dataclass(frozen=True)
class Ville:
    """The town of a size: 1 is the whole one. Everything follows from the numbers, so that two of them are equal."""

    taille: float
    today: date

    @property
    def foyers(self) -> int:
        """How many homes the town has."""
        return round(FOYERS * self.taille)

    @cached_property
    def enfants(self) -> list[tuple[int, int]]:
        """For each child, the number of its home and that of its school, both from 0."""
        fratries = [
            (foyer, rang)
            for foyer in range(self.foyers)
            for rang in range((GRANDE if foyer // 7 % 10 == 9 else FRATRIES)[foyer % 7])
        ]
        return [(foyer, (foyer + (rang == 1 and foyer % 10 == 9)) % ECOLES) for foyer, rang in fratries]

    @cached_property
    def adultes(self) -> list[int]:
        """For each adult, the number of their home, from 0."""
        return [foyer for foyer in range(self.foyers) for _ in range(2 if foyer % 5 < 3 else 1)]


def nom_of(foyer: int) -> str:
    """The family name of the home of this number: the same each time."""
    debut, suite, fin = foyer % len(DEBUTS), foyer // 16 % len(SUITES), foyer // 160 % len(FINS)
    return f"{DEBUTS[debut]}{SUITES[suite]}{FINS[fin]}".upper()


def niveau_of(enfant: int) -> int:
    """The level of the child of this number, from 0; every school has as many children at each level."""
    return enfant * 7919 // 64 % len(Niveau)


def make_ville(ville: Ville) -> dict[str, float]:
    """Write the whole town in the database; the seconds that each index of the large tables took, by name."""
    now = datetime.combine(ville.today, time(12), PARIS)
    rentree = ville.today.year - (ville.today.month < 7)
    annee = preparer_annee(rentree, AnneeScolaire.Zone.A).annee
    ecoles = _ecoles()
    creneaux = [_creneaux(ecole, ville) for ecole in ecoles]
    Creneau.objects.filter(ecoles=None).delete()
    for agent in agents.AGENTS:
        user = agents.ouvrir(agent)
        if agent is not agents.SECRETAIRE:
            Affectation.objects.create(agent=user, ecole=ecoles[0])
    jours = list(load_calendrier().jours_ecole(annee.debut, annee.fin))
    _people(ville, annee, ecoles, now)
    _sheets(ville, jours, creneaux)
    with bare(Inscription, Evenement, Pointage, Repas) as seconds:
        _years(ville, jours, creneaux)
        _meals(ville, jours, ecoles)
    people = User, Foyer, Responsable, Enfant, Classe, Scolarite
    settle(*people, Enregistrement, Inscription, Evenement, Pointage, Repas)
    return seconds


def _ecoles() -> list[Ecole]:
    premiere = Ecole.objects.get()
    premiere.nom, premiere.code = "École 1", "e01"
    premiere.save()
    return [premiere, *(Ecole.objects.create(nom=f"École {n}", code=f"e{n:02}", ordre=n) for n in range(2, ECOLES + 1))]


def _creneaux(ecole: Ecole, ville: Ville) -> list[Creneau]:
    """Those of a school, as those that every town begins with."""
    siens = []
    for modele in Creneau.objects.filter(ecoles=None).order_by("ordre", "debut"):
        places = PLACES.get(modele.code)
        modele.pk, modele.code = None, f"{modele.code}-{ecole.code}"
        modele.places = places and max(1, round(places * ville.taille))
        modele.save(force_insert=True)
        modele.ecoles.set([ecole])
        siens.append(modele)
    return siens


def _people(ville: Ville, annee: AnneeScolaire, ecoles: list[Ecole], now: datetime) -> None:
    password, adultes, enfants = make_password(PASSWORD), ville.adultes, ville.enfants
    copy(
        Foyer,
        ["id", "adresse", "code_postal", "commune"],
        ((FROM + n, f"{n % 90 + 1} rue {nom_of(n // 90).title()}", "38000", "Grandville") for n in range(ville.foyers)),
    )
    copy(
        User,
        ["id", "identifiant", "password", "first_name", "last_name", "tri", "email", "last_login"],
        (
            (
                FROM + n,
                str(90_000_000 + n),
                password,
                prenom := PRENOMS[n * 7 % len(PRENOMS)],
                nom := nom_of(foyer),
                cle_tri([nom, prenom]),
                f"{cle_tri([prenom])}.{nom.lower()}{n}@exemple.fr" if n % 20 else "",
                now if n % 10 else None,
            )
            for n, foyer in enumerate(adultes)
        ),
    )
    copy(
        Responsable,
        ["id", "user", "foyer", "telephone"],
        ((FROM + n, FROM + n, FROM + foyer, f"06 {n:08}") for n, foyer in enumerate(adultes)),
    )
    niveaux = list(Niveau)
    copy(
        Enfant,
        ["id", "nom", "prenom", "tri", "date_naissance", "sexe", "pai", "onde"],
        (
            (
                FROM + n,
                nom := nom_of(foyer),
                prenom := PRENOMS[n * 5 % len(PRENOMS)],
                cle_tri([nom, prenom]),
                date(annee.debut.year - 3 - niveau_of(n), 1, 1) + timedelta(days=n * 48271 % 365),
                "fm"[n % 2],
                n % 50 == 0,
                json.dumps({"nom": nom}),
            )
            for n, (foyer, _) in enumerate(enfants)
        ),
    )
    eleves: dict[tuple[int, int], int] = {}  # so far, by school and level
    places = []
    for n, (_, ecole) in enumerate(enfants):
        niveau = niveau_of(n)
        rang = eleves[ecole, niveau] = eleves.get((ecole, niveau), -1) + 1
        places.append((ecole, niveau, rang // CLASSE))
    classes = {place: FROM + n for n, place in enumerate(sorted(set(places)))}
    copy(
        Classe,
        ["id", "annee", "ecole", "nom"],
        (
            (pk, annee.pk, ecoles[ecole].pk, f"{niveaux[niveau]} {rang + 1}")
            for (ecole, niveau, rang), pk in classes.items()
        ),
    )
    copy(
        Scolarite,
        ["id", "enfant", "annee", "ecole", "niveau", "classe"],
        (
            (FROM + n, FROM + n, annee.pk, ecoles[place[0]].pk, niveaux[place[1]].value, classes[place])
            for n, place in enumerate(places)
        ),
    )
    copy(Garde, ["enfant", "foyer"], ((FROM + n, FROM + foyer) for n, (foyer, _) in enumerate(enfants)))
    siens: dict[int, list[int]] = {}
    for n, (foyer, _) in enumerate(enfants):
        siens.setdefault(foyer, []).append(n)
    liens = ((FROM + enfant, FROM + n) for n, foyer in enumerate(adultes) for enfant in siens[foyer])
    copy(Responsabilite, ["enfant", "responsable"], liens)


def _sheets(ville: Ville, jours: list[date], creneaux: list[list[Creneau]]) -> None:
    """Every sheet of the past is closed, but for those of the last day in the first school."""
    passes = [jour for jour in jours if jour < ville.today]
    tous = [creneau for siens in creneaux for creneau in siens]
    ouverts = {(passes[-1], creneau.pk) for creneau in creneaux[0]} if passes else set()
    copy(
        Appel,
        ["jour", "creneau", "clos_le"],
        (
            (jour, creneau.pk, datetime.combine(jour, creneau.fin, PARIS))
            for jour in passes
            for creneau in tous
            if (jour, creneau.pk) not in ouverts
        ),
    )
    malades = ((FROM + n, passes[-1 - n % 5]) for n in range(0, len(ville.enfants), 200)) if len(passes) > 5 else ()
    copy(Absence, ["enfant", "jour"], malades)


def habits(enfant: int, jour: date) -> Iterator[int]:
    """The créneaux (0: morning, 1: lunch break, 2: evening) for which the child of this number is registered on that
    day."""
    if enfant % 9 < 2:
        yield 0
    if (enfant * 7 + jour.weekday() * 3) % 10 < 8:
        yield 1
    if (enfant + jour.weekday()) % 7 < 3:
        yield 2


def _etat(ville: Ville, enfant: int, jour: date, rang: int) -> str:
    if (enfant * 31 + jour.toordinal()) % 50 == 0:
        return Inscription.Etat.ANNULEE.value
    if rang == 2 and jour >= ville.today and enfant % 500 == 0:
        return Inscription.Etat.ATTENTE.value
    return Inscription.Etat.INSCRIT.value


def _years(ville: Ville, jours: list[date], creneaux: list[list[Creneau]]) -> None:
    """The inscriptions, one event each, under a save a home and a month; and who came."""
    mois = sorted({jour.replace(day=1) for jour in jours})
    rangs = {jour: mois.index(jour.replace(day=1)) for jour in jours}
    ouverture = datetime.combine(jours[0] - timedelta(days=7), time(20), PARIS)
    premiers = {foyer: n for n, foyer in reversed(list(enumerate(ville.adultes)))}

    def cases() -> Iterator[tuple[int, int, date, int, str]]:
        for enfant, (foyer, ecole) in enumerate(ville.enfants):
            for jour in jours:
                for rang in habits(enfant, jour):
                    yield enfant, foyer, jour, creneaux[ecole][rang].pk, _etat(ville, enfant, jour, rang)

    copy(
        Enregistrement,
        ["id", "auteur", "foyer", "porte", "quand"],
        (
            (
                FROM + foyer * len(mois) + rang,
                FROM + premiers[foyer],
                FROM + foyer,
                "portail",
                ouverture + timedelta(seconds=foyer * len(mois) + rang),
            )
            for foyer in range(ville.foyers)
            for rang in range(len(mois))
        ),
    )
    attendent = count()
    copy(
        Inscription,
        ["enfant", "jour", "creneau", "etat", "foyer", "attente_depuis"],
        (
            (
                FROM + enfant,
                jour,
                creneau,
                etat,
                FROM + foyer,
                ouverture + timedelta(seconds=next(attendent)) if etat == "attente" else None,
            )
            for enfant, foyer, jour, creneau, etat in cases()
        ),
    )
    copy(
        Evenement,
        ["enregistrement", "enfant", "jour", "creneau", "apres"],
        (
            (FROM + foyer * len(mois) + rangs[jour], FROM + enfant, jour, creneau, etat)
            for enfant, foyer, jour, creneau, etat in cases()
        ),
    )
    heures = {c.pk: (c.debut, c.fin) for siens in creneaux for c in siens}
    instants = {
        (jour, creneau): tuple(datetime.combine(jour, heure, PARIS) for heure in bornes)
        for jour in jours
        for creneau, bornes in heures.items()
        if jour < ville.today
    }
    copy(
        Pointage,
        ["enfant", "jour", "creneau", "present", "arrivee", "arrivee_recue", "depart", "depart_recu"],
        (
            (FROM + enfant, jour, creneau, True, arrivee, arrivee, depart, depart)
            for enfant, _, jour, creneau, etat in cases()
            if etat == "inscrit" and jour < ville.today and (enfant * 13 + jour.toordinal()) % 60
            for arrivee, depart in [instants[jour, creneau]]
        ),
    )


def _meals(ville: Ville, jours: list[date], ecoles: list[Ecole]) -> None:
    """A list a school, for two months: who has a lunch break eats, and one in a thousand who has none."""
    du, au = ville.today - REPAS, ville.today + REPAS
    listes = [ListeRepas.objects.create(debut=du, fin=au) for _ in ecoles]
    for liste, ecole in zip(listes, ecoles, strict=True):
        liste.ecoles.set([ecole])
    copy(
        Repas,
        ["enfant", "jour", "liste"],
        (
            (FROM + enfant, jour, listes[ecole].pk)
            for enfant, (_, ecole) in enumerate(ville.enfants)
            for jour in jours
            if du <= jour <= au and _eats(ville, enfant, jour)
        ),
    )


def _eats(ville: Ville, enfant: int, jour: date) -> bool:
    booked = 1 in habits(enfant, jour) and _etat(ville, enfant, jour, 1) == Inscription.Etat.INSCRIT
    return booked or (enfant + jour.toordinal()) % 1000 == 0


def is_made(ville: Ville) -> bool:
    """Whether the town of this size is already in the database; its meals, which are written last, tell that it is
    complete. The day around which it was made is not looked at."""
    return Enfant.objects.count() == len(ville.enfants) and Repas.objects.exists()
