"""The children of a sheet, and what is known of each of them that day: one query, a row each. Writes nothing."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, DateField, Exists, FilteredRelation, OuterRef, Q, QuerySet, Subquery

from enfance.ecoles import nom_ecole
from enfance.equipe.appel import parti_seul
from enfance.equipe.eleves import eleves_of
from enfance.models import Absence, Creneau, Inscription, Pointage, Scolarite
from enfance.models.noms import nom_enfant
from portail.requetes import Inconnue, Requete


class EnfantAppel(NamedTuple):
    """A child of a sheet. `inscription` (primary key) settles who waits first; `retiree_le`: when the last absence that
    was taken back was. `lieu` names its school where the town has several. None for what did not happen.
    """

    pk: int
    prenom: str
    nom: str
    nom_usage: str
    tri: str
    sexe: str
    date_naissance: date
    pai: bool
    pai_fin: date | None
    consigne: str
    niveau: str
    classe: str | None
    inscription: int | None
    etat: str | None
    attente_depuis: datetime | None
    present: bool | None
    arrive_le: datetime | None
    arrivee_recue: datetime | None
    parti_le: datetime | None
    parti_recu: datetime | None
    sans_arrivee: datetime | None
    absence: bool
    retiree_le: datetime | None
    lieu: str

    @property
    def parti_seul(self) -> datetime | None:
        return parti_seul(self.sans_arrivee, self.arrive_le, self.parti_recu)

    def __str__(self) -> str:
        return nom_enfant(self.prenom, self.nom, self.nom_usage)


LUES = (  # as `EnfantAppel` has them
    "enfant",
    *(f"enfant__{nom}" for nom in EnfantAppel._fields[1:10]),
    "niveau",
    "classe__nom",
    *("booked__pk", "booked__etat", "booked__attente_depuis"),
    *("seen__present", "seen__arrivee", "seen__arrivee_recue", "seen__depart", "seen__depart_recu"),
    "seen__sans_arrivee",
    "told",
    "retiree_le",
    "lieu",
)


def load_enfants(jour: date, creneau: Creneau, aussi: Collection[int] = ()) -> list[EnfantAppel]:
    """Those who wait or are registered, those who came all the same, and those of these keys who might."""
    if aussi:
        return list(map(EnfantAppel._make, enfants_of(jour, creneau, aussi)))
    # what every team asks all evening is compiled once
    return list(map(EnfantAppel._make, ENFANTS({"jour": jour, "creneau": creneau.pk})))


def enfants_of(jour: date, creneau: Creneau, aussi: Collection[int] = ()) -> QuerySet[Any, tuple[Any, ...]]:
    """Their rows, each as an `EnfantAppel`."""
    sheet = {"jour": jour, "creneau": creneau}
    venus = Pointage.objects.filter(**sheet, present=True).order_by().values("enfant")
    enfants = Inscription.objects.active().filter(**sheet).order_by().values("enfant").union(venus)
    sheets = Q(enfant__in=enfants)
    if aussi:
        sheets |= Q(enfant__in=eleves_of(jour, creneau).filter(enfant__in=aussi).values("enfant"))
    dites = Absence.objects.filter(enfant=OuterRef("enfant"), jour=jour)
    retirees = dites.filter(retiree_le__isnull=False)
    return (
        Scolarite.objects.known_on(jour)
        .filter(sheets)
        .annotate(
            booked=_joined("inscriptions", **sheet),
            seen=_joined("pointages", **sheet),
            told=Exists(dites.standing().covering(creneau)),
            retiree_le=Subquery(retirees.order_by("-retiree_le").values("retiree_le")[:1]),
            lieu=nom_ecole(),
        )
        .order_by()
        .values_list(*LUES)
    )


def _joined(relation: str, **fields: Any) -> FilteredRelation:
    """The rows of this relation of the child for these fields: one at most, the database says so."""
    condition = Q(**{f"enfant__{relation}__{name}": value for name, value in fields.items()})
    return FilteredRelation(f"enfant__{relation}", condition=condition)


def _build_enfants() -> QuerySet[Any, tuple[Any, ...]]:
    jour: Any = Inconnue("jour", DateField())
    creneau: Any = Inconnue("creneau", BigIntegerField())
    return enfants_of(jour, creneau)


ENFANTS = Requete(_build_enfants)
