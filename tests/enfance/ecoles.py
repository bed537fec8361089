"""A town of two schools: each its morning, the second its own evening, a lunch break that both hold."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import User
from enfance.models import Affectation, Creneau, Ecole, Enfant, Scolarite
from tests.factories import CreneauFactory, EcoleFactory, make_creneaux, make_enfant


@dataclass(frozen=True)
class Ville:
    """`bourg` holds matin, midi and soir; `hameau` holds midi, and soir-hameau."""

    bourg: Ecole
    hameau: Ecole

    def eleve(self, ecole: Ecole, *parents, **fields) -> Enfant:
        """A pupil of this school since September."""
        enfant = make_enfant(*parents, **fields)
        Scolarite.objects.filter(enfant=enfant).update(ecole=ecole, classe=None)
        return enfant

    def assign(self, agent: User, *ecoles: Ecole) -> User:
        for ecole in ecoles:
            Affectation.objects.create(agent=agent, ecole=ecole)
        return agent


def make_ville() -> Ville:
    creneaux = make_creneaux()
    bourg = Ecole.objects.get()
    Ecole.objects.update(nom="École du Bourg", code="bourg", ordre=1)
    bourg.refresh_from_db()
    hameau = EcoleFactory()
    soir = CreneauFactory(code="soir-hameau", moment="soir", nom="Soir du hameau", nom_court="soir", ordre=4)
    soir.ecoles.set([hameau])
    creneaux["matin"].ecoles.set([bourg])
    creneaux["soir"].ecoles.set([bourg])
    creneaux["midi"].ecoles.set([bourg, hameau])
    return Ville(bourg, hameau)


def codes(creneaux) -> list[str]:
    return [creneau.code for creneau in creneaux]


def share(code: str, *ecoles: Ecole) -> None:
    """Have these schools hold the créneau; everybody without one."""
    Creneau.objects.get(code=code).ecoles.set(ecoles)
