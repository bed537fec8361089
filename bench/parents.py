"""The parents of an opening evening: their families, what each of them does, and what the database must hold then."""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any

from django.contrib.auth.hashers import make_password
from django_tasks_db.models import DBTaskResult

from accounts.models import User
from bench.school import PASSWORD, School
from bench.visitor import Answer, Refused, Visitor
from enfance.ecriture import SEND
from enfance.models import (
    Creneau,
    Enfant,
    Enregistrement,
    Evenement,
    Foyer,
    Garde,
    Inscription,
    Responsabilite,
    Responsable,
    Scolarite,
)

ENFANTS = 2  # of a family
TICKS = 20
PLACES = 1000  # of each créneau that counts them: nobody is refused, and all are counted
PARENTS_FROM = 80_000_000  # identifiants longer than those that are drawn
STEPS = ("page de connexion", "connexion", "accueil", "planning", "enregistrement", "planning relu")
BOX = re.compile(r'name="(?:r|attente)" value="([^"]+)"( checked)?')


@dataclass
class Parent:
    """An account, its children, and the boxes that the portal has said to hold for them."""

    identifiant: str
    enfants: list[int]
    booked: set[str] = field(default_factory=set)
    saves: int = 0


def make_parents(school: School, combien: int) -> list[Parent]:
    """Create `combien` families, each of one parent and two children, and return the parents. The rows are written
    directly: how long that takes is not measured. Each créneau that counts its places then has 1000."""
    Creneau.objects.exclude(places=None).update(places=PLACES)
    encoded = make_password(PASSWORD)
    users = User.objects.bulk_create(
        User(identifiant=str(PARENTS_FROM + n), password=encoded, email=f"parent{n}@courriel.example")
        for n in range(combien)
    )
    foyers = Foyer.objects.bulk_create(Foyer(adresse=f"{n} rue de l’Ouverture") for n in range(combien))
    adultes = Responsable.objects.bulk_create(
        Responsable(user=user, foyer=foyer) for user, foyer in zip(users, foyers, strict=True)
    )
    enfants = Enfant.objects.bulk_create(
        Enfant(nom=f"OUVERTURE{n // ENFANTS}", prenom=f"Camille{n % ENFANTS}", date_naissance=date(2019, 1, 1))
        for n in range(combien * ENFANTS)
    )
    Scolarite.objects.bulk_create(Scolarite(enfant=e, annee=school.annee, niveau="CE1") for e in enfants)
    Garde.objects.bulk_create(Garde(enfant=e, foyer=foyers[n // ENFANTS]) for n, e in enumerate(enfants))
    Responsabilite.objects.bulk_create(
        Responsabilite(enfant=e, responsable=adultes[n // ENFANTS]) for n, e in enumerate(enfants)
    )
    return [Parent(user.identifiant, [e.pk for e in enfants[n * ENFANTS :][:ENFANTS]]) for n, user in enumerate(users)]


class Visit(Visitor):
    """One parent comes, reads, saves twenty boxes and reads again; the seconds of each step."""

    def __init__(self, port: int, parent: Parent, path: str, hasard: Random) -> None:
        super().__init__(port)
        self.parent, self.path, self.hasard = parent, path, hasard
        self.times: list[float] = []

    def __call__(self) -> None:
        self.get("/connexion/")
        self.login(self.parent.identifiant, PASSWORD)
        self.get("/")
        boxes = dict(BOX.findall(self.get(self.path).text))
        ticked = {value for value, checked in boxes.items() if checked}
        turned = self._choose(sorted(boxes.keys() - ticked), sorted(ticked))
        after = ticked ^ turned
        fields: dict[str, object] = {"avant": " ".join(sorted(ticked)), "r": sorted(after), "enregistrer": "1"}
        answer = self.post(self.path, fields, 303)
        self.parent.booked ^= turned
        self.parent.saves += 1
        shown = BOX.findall(self.get(answer.headers["Location"].partition("#")[0]).text)
        if {value for value, checked in shown if checked} != after:
            raise Refused(f"{self.path} : ce qui est enregistré n’est pas ce qui est relu")

    def _choose(self, free: list[str], ticked: list[str]) -> set[str]:
        """Boxes to tick, while there are enough of them; then some to take back."""
        among = free if len(free) >= TICKS else ticked
        if len(among) < TICKS:
            raise Refused(f"{self.path} : moins de {TICKS} cases libres")
        return set(self.hasard.sample(among, TICKS))

    def _send(self, *args: Any) -> Answer:
        begin = time.perf_counter()
        answer = super()._send(*args)
        self.times.append(time.perf_counter() - begin)
        return answer


def lost(parents: Collection[Parent]) -> int:
    """How many differences there are between what these parents were told and what the database holds, on either side:
    boxes, saves, their traces, the mails that tell of them."""
    famille = {enfant: n for n, parent in enumerate(parents) for enfant in parent.enfants}
    held: list[set[str]] = [set() for _ in parents]
    lignes = Inscription.objects.active().filter(enfant__gte=min(famille), enfant__lte=max(famille))
    for enfant, jour, code in lignes.values_list("enfant", "jour", "creneau__code"):
        held[famille[enfant]].add(f"{enfant}:{jour}:{code}")
    saves = sum(parent.saves for parent in parents)
    noted = Enregistrement.objects.filter(auteur__identifiant__in=[parent.identifiant for parent in parents])
    traces = Evenement.objects.filter(enregistrement__in=noted.values("pk"))
    mails = DBTaskResult.objects.filter(task_path=SEND)
    return (
        _differences((parent.booked, found) for parent, found in zip(parents, held, strict=True))
        + abs(noted.count() - saves)
        + abs(traces.count() - saves * TICKS)
        + abs(noted.filter(dit_avec=None).count() - mails.count())
    )


def _differences(pairs: Iterable[tuple[set[str], set[str]]]) -> int:
    return sum(len(told ^ found) for told, found in pairs)
