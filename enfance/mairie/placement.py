"""The pupils whom several schools may take next year: the town hall places them, many at once, until ONDE confirms."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.db import transaction

from enfance.mairie.annee import SUIVANTS, annee_avant, ecoles_confirmees, ecoles_suivantes
from enfance.models import AnneeScolaire, Ecole, Scolarite


@dataclass(frozen=True)
class EleveAPlacer:
    """A pupil of the year before, as a page names it."""

    enfant: int
    dit: str


@dataclass
class GroupeAPlacer:
    """Those who go up to a niveau that the same schools have."""

    niveau: str
    ecoles: tuple[Ecole, ...]
    eleves: list[EleveAPlacer] = field(default_factory=list)

    @property
    def titre(self) -> str:
        """The niveau of the group and the schools that have it: « CP, à École du Bourg ou École du Hameau »."""
        return f"{self.niveau}, à {' ou '.join(map(str, self.ecoles))}"


def choix_of(scolarite: Scolarite, ecoles: Iterable[Ecole], confirmees: Collection[int]) -> tuple[Ecole, ...]:
    """The schools, among `ecoles`, between which the town hall chooses for this pupil's next year. Empty where a single
    school takes the next niveau, or none. The schools of `confirmees` (primary keys), whose classes of that year are
    known already, take nobody more and are left out.
    """
    suites = ecoles_suivantes(scolarite, list(ecoles))
    return tuple(ecole for ecole in suites if ecole.pk not in confirmees) if len(suites) > 1 else ()


def regroup(partent: Iterable[Scolarite], annee: AnneeScolaire, ecoles: Collection[Ecole]) -> list[GroupeAPlacer]:
    """The pupils whom the town hall has to place in a school for `annee`, grouped by niveau and by the schools between
    which it chooses. `partent` are the places of the year before of pupils who have none in `annee`; a pupil without a
    choice of schools is left out.
    """
    confirmees = ecoles_confirmees(annee)
    groupes: dict[tuple[str, tuple[int, ...]], GroupeAPlacer] = {}
    for scolarite in partent:
        if choix := choix_of(scolarite, ecoles, confirmees):
            niveau = SUIVANTS[scolarite.niveau]
            groupe = groupes.setdefault((niveau, tuple(e.pk for e in choix)), GroupeAPlacer(niveau, choix))
            dit = f"{scolarite.enfant}, {scolarite.classe or scolarite.get_niveau_display()}"
            groupe.eleves.append(EleveAPlacer(scolarite.enfant_id, dit))
    return list(groupes.values())


def placer(annee: AnneeScolaire, code: str, enfants: Collection[int]) -> list[Scolarite]:
    """Give these pupils (primary keys) a provisional place in the school of this code in `annee`, one niveau up and
    without class, as the preparation of the year does for others. A pupil who has a place in that year by now, or may
    not have one in that school, is left alone. Returns the places created.
    """
    with transaction.atomic():
        list(AnneeScolaire.objects.select_for_update().order_by("pk"))  # one preparation, one import at a time
        avant, ecoles = annee_avant(annee), list(Ecole.objects.all())
        if avant is None:
            return []
        confirmees = ecoles_confirmees(annee)
        presents = avant.scolarites.present().filter(enfant__in=enfants).exclude(enfant__scolarites__annee=annee)
        places = []
        for scolarite in presents.select_related("enfant").order_by("pk"):
            ecole = next((e for e in choix_of(scolarite, ecoles, confirmees) if e.code == code), None)
            if ecole:
                niveau = SUIVANTS[scolarite.niveau]
                places.append(Scolarite(enfant=scolarite.enfant, annee=annee, ecole=ecole, niveau=niveau))
        return Scolarite.objects.bulk_create(places)
