"""What a family owes that no invoice says yet, when it is erased: said before, and kept for the invoice to come.

A line of a closed month waits under the threshold, or for the next closing. It keeps whom to bill, as the invoice would
freeze it: the next closing issues it with that name and address. What no closed month holds is lost, and said.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q

from facturation.arrete.estimations import estimer_mois
from facturation.arrete.preparation import mois_nom, mois_ouverts_avant
from facturation.models import Compte, Prestation
from facturation.montants import euros
from facturation.payeurs.comptes import with_reunis
from facturation.payeurs.entetes import load_enfants, load_identites
from portail.dates import PARIS
from portail.effacements import DemandeEffacement
from portail.francais import NBSP, et


def keep_attente(demande: DemandeEffacement) -> None:
    """Before a family is erased: warn of what is not billed yet, and write on the lines that wait for an invoice the
    name of the payer and of the child who are to be erased.
    """
    foyers = demande.of("enfance.Foyer")
    if phrase := avis_ouverts(foyers, demande):
        demande.avertit(phrase)
    siens = {
        cle: compte.foyer_id
        for compte in Compte.objects.filter(foyer__in=foyers)
        for cle in with_reunis([compte.pk])
        if compte.foyer_id is not None
    }
    qui = Q(compte__in=siens) | Q(enfant__in=demande.of("enfance.Enfant"))
    lignes = list(Prestation.objects.waiting().filter(qui))
    identites = load_identites(set(siens.values()))
    enfants = load_enfants({ligne.cle_enfant for ligne in lignes})
    for ligne in lignes:
        if ligne.compte_id in siens:
            ligne.faits = {**ligne.faits, "payeur": identites[siens[ligne.compte_id]].json}
        if ligne.cle_enfant in enfants:
            ligne.faits = {**ligne.faits, "enfant": enfants[ligne.cle_enfant]}
    Prestation.objects.bulk_update(lignes, ["faits"], batch_size=500)


def avis_ouverts(foyers: Collection[int], demande: DemandeEffacement) -> str:
    """What these foyers (primary keys) owe so far of months that are not closed, in a French sentence that warns the
    town hall; empty when it is nothing.
    """
    if not foyers:
        return ""
    today = demande.now.astimezone(PARIS).date()
    mois = [*mois_ouverts_avant(today.replace(day=1)), today.replace(day=1)]
    estimations = estimer_mois(foyers, mois, today, preuves=False)
    dus = {
        premier: total
        for premier in mois
        if (total := sum(estimation.a_ce_jour for estimation in estimations[premier].values()))
    }
    if not dus:
        return ""
    noms = et([mois_nom(premier) for premier in dus])
    verbe = "ne sont pas arrêtés" if len(dus) > 1 else "n’est pas arrêté"
    return (
        f"{noms.capitalize()} {verbe}{NBSP}: {euros(sum(dus.values()))} à ce jour ne seraient jamais facturés. "
        "Attendez l’arrêté, si cette famille doit les payer."
    )
