"""A town of two schools, each with its hours, and siblings in both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time

from enfance.models import Creneau, Ecole, Enfant, Responsable
from enfance.models.ecoles import PREMIERE
from tests.factories import (
    AnneeFactory,
    ClasseFactory,
    CreneauFactory,
    EcoleFactory,
    RegleDelaiFactory,
    ResponsableFactory,
    make_creneaux,
    make_enfant,
)


@dataclass(frozen=True)
class Ville:
    """Léa (CE1) goes to the Bourg's, Tom (CP) to the Hameau's, which holds no morning of its own but everybody's."""

    bourg: Ecole
    hameau: Ecole
    camille: Responsable
    lea: Enfant
    tom: Enfant


def make_ville() -> Ville:
    """« matin » is everybody's; each school has its own midi and soir, and the Hameau's evening a limit of its own."""
    AnneeFactory()
    bourg, hameau = Ecole.objects.get(pk=PREMIERE), EcoleFactory()
    bourg.nom, bourg.code = "École du Bourg", "bourg"
    bourg.save()
    for creneau in make_creneaux().values():
        if creneau.code != "matin":
            creneau.ecoles.set([bourg])
    hold(hameau, code="midi-hameau", moment="midi", nom="Pause méridienne", nom_court="midi", debut=time(12), ordre=4)
    hold(hameau, code="soir-hameau", moment="soir", debut=time(16), ordre=5).save()
    camille = ResponsableFactory(user__first_name="Camille")
    lea = make_enfant(camille, prenom="Léa")
    tom = make_enfant(camille, prenom="Tom", date_naissance=date(2020, 5, 2))
    move(tom, hameau, niveau="CP")
    return Ville(bourg, hameau, camille, lea, tom)


def hold(ecole: Ecole, **champs) -> Creneau:
    creneau = CreneauFactory(**champs)
    creneau.ecoles.set([ecole])
    return creneau


def move(enfant: Enfant, ecole: Ecole, **champs) -> None:
    """Put the child in this school since the beginning of the year."""
    classe = ClasseFactory(nom=f"Classe, {ecole.nom}", ecole=ecole)
    enfant.scolarites.update(ecole=ecole, classe=classe, **champs)


def limit(code: str, **champs) -> None:
    """Give this créneau another deadline."""
    Creneau.objects.filter(code=code).update(delai_inscription=RegleDelaiFactory(**champs))
