"""The absences that a silence of the portal makes told in time, and what they cost: read before it is declared."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import Exists, OuterRef, Q

from enfance.extensions import LimiteDeplacee
from enfance.models import Absence, Inscription
from enfance.regles import Action
from facturation.absences.montants import load_montants
from facturation.absences_dues import absences_facturees, reponses
from facturation.montants import euros
from portail.dates import PARIS
from portail.francais import NBSP, pluriel


def absences_a_temps(reportees: Collection[LimiteDeplacee], now: datetime) -> Iterator[str]:
    """How many absences these deadlines make told in time, and what they cost, in a sentence for the town hall; nothing
    where there is none. Those that were answered are left out.
    """
    annuler = [reportee for reportee in reportees if reportee.action is Action.ANNULER]
    if not annuler:
        return
    dites = Absence.objects.standing().filter(enfant=OuterRef("enfant"), jour=OuterRef("jour"))
    dites = dites.covering(OuterRef("creneau"))
    touchees = reduce(
        or_,
        (
            Q(Exists(dites.filter(signalee_le__gte=une.avant, signalee_le__lt=une.apres)))
            & Q(jour=une.jour, creneau=une.creneau.pk)
            for une in annuler
        ),
    )
    jours = [une.jour for une in annuler]
    lignes = absences_facturees(min(jours), max(jours), now=now).filter(touchees).exclude(Exists(reponses()))
    lues = list(Inscription.objects.filter(pk__in=lignes.order_by().values("pk")))
    if not lues:
        return
    montants = load_montants(lues, now.astimezone(PARIS).date())
    combien = pluriel(len(lues), "absence signalée,absences signalées")
    compte = "compte comme signalée" if len(lues) == 1 else "comptent comme signalées"
    yield (
        f"{combien} entre l’ancienne limite et la nouvelle {compte} à temps{NBSP}: {euros(sum(montants.values()))}, "
        "à excuser dans «\u00a0Absences\u00a0»."
    )
