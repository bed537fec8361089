"""Brothers and sisters, the children of the same homes; and who is forbidden for one of them and not for another.

For the town hall and the team: no parent reads any of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Value

from enfance.famille.noms import cle_dite
from enfance.models import Enfant, Garde, PersonneAutorisee, Responsabilite, Scolarite
from enfance.models.ecoles import EcoleQuerySet
from portail.dates import quantieme_annee
from portail.francais import NBSP

LIENS: dict[str, str] = {Enfant.Sexe.FILLE: "sa sœur", Enfant.Sexe.GARCON: "son frère"}


@dataclass(frozen=True)
class InterditeAilleurs:
    """A person forbidden for brothers or sisters of a child (`pour`, in words), and not for this child."""

    nom: str
    lien: str
    pour: str

    @property
    def phrase(self) -> str:
        """What goes before the name of this person: « Personne interdite pour Léa, sa sœur : »."""
        return f"Personne interdite pour {self.pour}{NBSP}:"

    def __str__(self) -> str:
        return f"{self.nom} ({self.lien})" if self.lien else self.nom


def load_fratrie(enfant: Enfant, today: date) -> list[Enfant]:
    """The other pupils of this child's homes, the eldest first: those who live there, and those for whom its adults
    answer. A garde that has ended does not count, nor does a suspended responsabilité.
    """
    gardes, liens = _gardes(today), Responsabilite.objects.filter(suspendue=False)
    foyers = {foyer for _, foyer in _paires([enfant.pk], today)}
    autres = Enfant.objects.filter(
        Q(pk__in=gardes.filter(foyer__in=foyers).values("enfant"))
        | Q(pk__in=liens.filter(responsable__foyer__in=foyers).values("enfant")),
        pk__in=Scolarite.objects.present().values("enfant"),
    )
    return list(autres.exclude(pk=enfant.pk).order_by("date_naissance", "prenom", "pk"))


def noms_dits(enfants: Collection[Enfant]) -> dict[int, str]:
    """How to name each of these children so that none is taken for another, by primary key: the first name; the full
    name, then the birth date too, where that is not enough.
    """
    dits = {enfant.pk: enfant.prenom for enfant in enfants}
    for plus in (str, lambda enfant: f"{enfant}, {quantieme_annee(enfant.date_naissance)}"):
        fois = Counter(dits.values())
        dits |= {enfant.pk: plus(enfant) for enfant in enfants if fois[dits[enfant.pk]] > 1}
    return dits


def interdites_depuis(today: date) -> QuerySet[PersonneAutorisee]:
    """The persons to whom a child must never be handed, today or later, all children together."""
    return PersonneAutorisee.objects.filter(Q(fin=None) | Q(fin__gte=today), interdite=True, retiree_le=None)


def load_ailleurs(
    enfants: Collection[Enfant],
    interdites: QuerySet[PersonneAutorisee],
    today: date,
    *,
    ecoles: EcoleQuerySet | None = None,
) -> dict[int, list[InterditeAilleurs]]:
    """For each of these children (by primary key), the persons forbidden for its brothers or sisters and not for it,
    among the prohibitions `interdites`. A brother or sister who is a pupil of none of these `ecoles` is not named.

    A child without any is left out. One query; one more where there is any prohibition.
    """
    places = Scolarite.objects.on(today).filter(enfant=OuterRef("enfant"))
    vu = Value(True) if ecoles is None else Exists(places.filter(ecole__in=ecoles.order_by().values("pk")))
    toutes: list[Any] = list(interdites.select_related("enfant").annotate(vu=vu))
    if not toutes:
        return {}
    tus = {interdite.enfant_id for interdite in toutes if not interdite.vu}
    foyers: dict[int, set[int]] = {}
    for pk, foyer in _paires({e.pk for e in enfants} | {i.enfant_id for i in toutes}, today):
        foyers.setdefault(pk, set()).add(foyer)
    ailleurs = {
        enfant.pk: ailleurs_of(
            enfant, [i for i in toutes if foyers.get(i.enfant_id, set()) & foyers.get(enfant.pk, set())], tus
        )
        for enfant in enfants
    }
    return {pk: siennes for pk, siennes in ailleurs.items() if siennes}


def ailleurs_of(
    enfant: Enfant, interdites: Iterable[PersonneAutorisee], tus: Collection[int] = ()
) -> list[InterditeAilleurs]:
    """Among these prohibitions of a home, the persons forbidden for this child's brothers or sisters and not for this
    child, one entry a name. `tus`: the brothers and sisters (primary keys) whose own names must not be said.
    """
    par_nom: dict[str, list[PersonneAutorisee]] = {}
    for interdite in interdites:
        par_nom.setdefault(cle_dite(interdite.nom), []).append(interdite)
    lignes = []
    for siennes in par_nom.values():
        pour = {interdite.enfant_id: interdite.enfant for interdite in siennes}
        if enfant.pk in pour:
            continue
        autres = sorted(pour.values(), key=lambda autre: (autre.date_naissance, autre.prenom, autre.pk))
        dits = noms_dits([enfant, *autres])
        eux = [
            LIENS.get(autre.sexe, "un enfant du même foyer")
            if autre.pk in tus
            else f"{dits[autre.pk]}, {LIENS.get(autre.sexe, 'du même foyer')}"
            for autre in autres
        ]
        lignes.append(InterditeAilleurs(siennes[0].nom, siennes[0].lien, ", et pour ".join(eux)))
    return lignes


def _paires(enfants: Collection[int], today: date) -> Iterable[tuple[int, int]]:
    """Each of these children with each of its homes. One query."""
    liens = Responsabilite.objects.filter(enfant__in=enfants, suspendue=False)
    gardes = _gardes(today).filter(enfant__in=enfants)
    return gardes.values_list("enfant", "foyer").union(liens.values_list("enfant", "responsable__foyer"))


def _gardes(today: date) -> QuerySet[Garde]:
    return Garde.objects.filter(Q(fin=None) | Q(fin__gte=today))
