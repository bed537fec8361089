"""What is counted of children before their bookings and presences go, so that the figures of the town hall stay equal.

The only writer of `Decompte` and of `FoyerCompte`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime
from itertools import batched

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from enfance.calendrier import is_moins_de_six
from enfance.models import AnneeScolaire, Decompte, Enfant, FoyerCompte, Inscription, Scolarite
from enfance.seances import inscriptions, presences

LOT = 100  # cells in one statement: each is a WHEN of every column
type Case = tuple[date, int, int | None, bool]  # as Decompte.CASE


def compter(
    enfants: Collection[int], *, now: datetime, foyers: Collection[int] = (), jusqu_au: date | None = None
) -> None:
    """Count, for the figures of the town hall, the bookings and the presences of these children (primary keys) that are
    about to be deleted, up to today, or to `jusqu_au` included if that is before. Call it in the transaction that
    deletes them; outside one, it raises TransactionManagementError.

    `foyers`: the homes that are erased, some of whose bookings may be of a child who stays. What is to come is not
    counted, as these places are given back.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("compter() outside atomic()")
    fin = min(timezone.localdate(now), jusqu_au or date.max)
    annees = list(AnneeScolaire.objects.order_by("debut"))
    _add(_sommes(enfants, annees, fin))
    _compter_foyers(Inscription.objects.filter(Q(enfant__in=enfants) | Q(foyer__in=foyers)), annees, fin)


def _sommes(enfants: Collection[int], annees: Iterable[AnneeScolaire], fin: date) -> dict[Case, list[int]]:
    """The numbers of each cell, as Decompte.NOMBRES."""
    naissances = dict(Enfant.objects.filter(pk__in=enfants).order_by().values_list("pk", "date_naissance"))
    lignes = Scolarite.objects.filter(enfant__in=enfants).order_by(F("debut").asc(nulls_first=True))
    passages: dict[tuple[int, int], list[tuple[date, int | None]]] = defaultdict(list)
    for enfant, annee, depuis, classe in lignes.values_list("enfant", "annee", "debut", "classe"):
        passages[enfant, annee].append((depuis or date.min, classe))

    def case(enfant: int, jour: date, creneau: int) -> Case:
        annee = next((une.pk for une in annees if une.debut <= jour <= une.fin), 0)
        classes = [classe for depuis, classe in passages.get((enfant, annee), ()) if depuis <= jour]
        return jour, creneau, (classes or [None])[-1], is_moins_de_six(naissances[enfant], jour)

    sommes: dict[Case, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    places = inscriptions(date.min, fin).inscrit().filter(enfant__in=enfants).order_by()
    for enfant, jour, creneau, venu, signalee in places.values_list("enfant", "jour", "creneau", "venu", "signalee"):
        somme = sommes[case(enfant, jour, creneau)]
        somme[0] += 1
        somme[2] += venu
        somme[3] += signalee and not venu
    venus = presences(date.min, fin).filter(enfant__in=enfants).order_by()
    for enfant, jour, creneau in venus.values_list("enfant", "jour", "creneau"):
        sommes[case(enfant, jour, creneau)][1] += 1
    return sommes


def _add(sommes: dict[Case, list[int]]) -> None:
    """Add these numbers to the rows of their cells, in the order of the cells: two erasures at once wait in turn."""
    cases = sorted(sommes, key=lambda case: (*case[:2], case[2] or 0, case[3]))
    for lot in batched(cases, LOT):
        vides = [Decompte(**dict(zip(Decompte.CASE, case, strict=True))) for case in lot]
        Decompte.objects.bulk_create(vides, ignore_conflicts=True)
        jours = {case[0] for case in lot}
        lignes = {
            (ligne.jour, ligne.creneau_id, ligne.classe_id, ligne.moins_de_six): ligne
            for ligne in Decompte.objects.select_for_update().filter(jour__in=jours).order_by(*Decompte.CASE)
        }
        for case in lot:
            for nom, n in zip(Decompte.NOMBRES, sommes[case], strict=True):
                setattr(lignes[case], nom, F(nom) + n)
        Decompte.objects.bulk_update([lignes[case] for case in lot], Decompte.NOMBRES)


def _compter_foyers(lignes: QuerySet[Inscription], annees: Iterable[AnneeScolaire], fin: date) -> None:
    """Count the homes that pay these bookings, each once a year."""
    places = Inscription.objects.filter(pk__in=lignes.order_by().values("pk")).inscrit().exclude(foyer=None).order_by()
    comptes = [
        FoyerCompte(annee=annee, foyer_id=foyer)
        for annee in annees
        for foyer in sorted(places.between(annee.debut, min(annee.fin, fin)).values_list("foyer", flat=True).distinct())
    ]
    FoyerCompte.objects.bulk_create(comptes, ignore_conflicts=True)
