"""What each séance of an absence costs, in centimes: as its closed month billed it, else as it would be. Reads only."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from enfance.models import Inscription
from facturation.arrete.estimations import estimer_mois
from facturation.models import Mois, Prestation

Case = tuple[int, date, int]  # child, day, créneau
Nature = Prestation.Nature


def case_of(ligne: Inscription) -> Case:
    """The key that says which séance this inscription is: child (primary key), day, créneau (primary key)."""
    return ligne.enfant_id, ligne.jour, ligne.creneau_id


def load_montants(lignes: Iterable[Inscription], today: date) -> dict[Case, int]:
    """What each of these inscriptions costs in centimes, before the price is shared between payers, by child, day and
    créneau.

    In a closed month it is what was billed, without the corrections since; in an open one, what would be billed if it
    were closed on `today`. An inscription that no price is known for is left out. A fixed number of queries, whatever
    the months.
    """
    par_mois: dict[date, list[Inscription]] = {}
    for ligne in lignes:
        par_mois.setdefault(ligne.jour.replace(day=1), []).append(ligne)
    clos = set(Mois.objects.filter(premier__in=par_mois).values_list("premier", flat=True))
    closes = [ligne for mois, siennes in par_mois.items() if mois in clos for ligne in siennes]
    ouvertes = [ligne for mois, siennes in par_mois.items() if mois not in clos for ligne in siennes]
    montants: dict[Case, dict[str, int]] = {}
    for siennes, prix in ((closes, _prix_clos(closes)), (ouvertes, _prix_estimes(ouvertes, today))):
        cases = {case_of(ligne) for ligne in siennes}
        for case, nature, entier in prix:
            if case in cases:
                montants.setdefault(case, {})[nature] = entier
    return {case: sum(natures.values()) for case, natures in montants.items()}


def _prix_clos(lignes: Collection[Inscription]) -> Iterable[tuple[Any, str, int]]:
    enfants, jours = {ligne.enfant_id for ligne in lignes}, {ligne.jour for ligne in lignes}
    factures = Prestation.objects.filter(cle_enfant__in=enfants, jour__in=jours, creneau__isnull=False)
    factures = factures.exclude(nature__in=[Nature.CORRECTION, Nature.REPORT])
    colonnes = ("cle_enfant", "jour", "creneau", "nature", "plafond", "credit_impot", "entier")
    for enfant, jour, creneau, nature, plafond, credit, entier in factures.order_by("pk").values_list(*colonnes):
        yield (enfant, jour, creneau), f"{nature} {plafond} {credit}", entier


def _prix_estimes(lignes: Collection[Inscription], today: date) -> Iterable[tuple[Any, str, int]]:
    if not lignes:
        return
    foyers = sorted({ligne.foyer_id for ligne in lignes if ligne.foyer_id})
    premiers = sorted({ligne.jour.replace(day=1) for ligne in lignes})
    for estimations in estimer_mois(foyers, premiers, today, preuves=False).values():
        for estimation in estimations.values():
            for charge in (*estimation.passees, *estimation.prevues):
                nature = f"{charge.nature} {charge.plafond} {charge.credit_impot}"
                yield (charge.enfant, charge.jour, charge.creneau), nature, charge.entier
