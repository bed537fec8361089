"""What a receipt says for ever, frozen as JSON when the money comes: sums are centimes. Reads."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db.models import Sum
from django.utils import timezone

from facturation.models import Encaissement, Imputation
from facturation.regie.imputations import open_debits
from portail.certain import certain


def contenu_of(recu: Encaissement) -> dict[str, Any]:
    """What this receipt says for ever, as JSON whose sums are centimes.

    The invoices that it pays, what had paid them before and what they still ask; what it pays of money that went out
    (`sorties`); what is left in credit, and what the payer owes in all.
    """
    siennes = list(recu.imputations.exclude(facture=None).select_related("facture__mois").order_by("pk"))
    avant: dict[int, list[Imputation]] = defaultdict(list)
    autres = Imputation.objects.filter(facture__in=[une.facture_id for une in siennes]).exclude(encaissement=recu)
    for autre in autres.select_related("encaissement", "avoir").order_by("faite_le", "pk"):
        avant[autre.facture_id or 0].append(autre)
    lignes = []
    for une in siennes:
        facture = certain(une.facture)
        deja = [_deja(autre) for autre in avant[facture.pk]]
        lignes.append(
            {
                "facture": facture.numero,
                "mois": facture.mois.premier.isoformat() if facture.mois else None,
                "total": facture.total,
                "deja": deja,
                "paye": une.montant,
                "reste": facture.total - une.montant - sum(autre.montant for autre in avant[facture.pk]),
            }
        )
    return {
        "factures": lignes,
        "sorties": _sorties(recu),
        "credit": recu.montant - sum(recu.imputations.values_list("montant", flat=True)),
        "du": sum(cote.reste for cote in open_debits([recu.compte_id]).get(recu.compte_id, [])),
    }


def _sorties(recu: Encaissement) -> list[dict[str, Any]]:
    """What a receipt pays of debts that were carried, or of refunds owed again: by which means these went out."""
    payees = list(recu.imputations.exclude(sortie=None).select_related("sortie").order_by("pk"))
    sommes = Imputation.objects.filter(sortie__in=[une.sortie_id for une in payees]).order_by().values_list("sortie")
    imputees = dict(sommes.annotate(Sum("montant")))
    lignes = []
    for une in payees:
        sortie = certain(une.sortie)
        reste = -sortie.montant - imputees[sortie.pk]
        lignes.append({"moyen": sortie.moyen, "total": -sortie.montant, "paye": une.montant, "reste": reste})
    return lignes


def _deja(autre: Imputation) -> dict[str, Any]:
    """What had paid an invoice before: its number, its means, its day (Paris), the sum."""
    source = autre.encaissement
    if source:
        quoi = {"numero": source.numero, "moyen": source.moyen, "le": timezone.localdate(source.recu_le).isoformat()}
    else:
        avoir = certain(autre.avoir)
        quoi = {"numero": avoir.numero, "moyen": "avoir", "le": timezone.localdate(avoir.emise_le).isoformat()}
    return {**quoi, "montant": autre.montant}
