"""A versement is written once what leaves was chosen, read and counted. `encaissements.verser` is the only writer."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from django.db import transaction
from django.http import HttpRequest

from accounts.decorators import agent_of
from accounts.log import log_addition
from facturation.models import Versement
from facturation.montants import ecart, euros
from facturation.regie.annulations import refus_change
from facturation.regie.encaissements import EncaissementRefuse, verser
from facturation.regie.versements.lecture import Caisse, PreparationVersement


def verser_compte(
    request: HttpRequest,
    preparation: PreparationVersement,
    caisse: Caisse,
    *,
    verse_le: date,
    moyens: Collection[str],
    de_cote: Collection[int],
    comptes: Collection[int],
    ecart_admis: bool,
    now: datetime,
) -> Versement:
    """Write the versement of what the page showed (`comptes`, primary keys) and its line in the history, which says the
    cash that was counted and does not match.

    EncaissementRefuse, and nothing is written: what leaves has changed since, the cash was not counted, or is not what
    the receipts say and `ecart_admis` is false; else for what `verser` says.
    """
    if refus := refus_change(preparation.partants, comptes):
        raise EncaissementRefuse(refus)
    if preparation.has_especes and caisse.compte is None:
        raise EncaissementRefuse("Comptez d’abord la caisse\u00a0: les billets, les pièces, puis Recompter.")
    if preparation.has_especes and caisse.ecart and not ecart_admis:
        raise EncaissementRefuse(f"{caisse.phrase} Sinon, cochez la case sous le compte.")
    with transaction.atomic():
        fait = verser(verse_le, agent_of(request), now, moyens=moyens, de_cote=de_cote, comptes=comptes)
        compte = f" Caisse comptée\u00a0: {euros(caisse.compte or 0)}, écart de {ecart(caisse.ecart)}."
        log_addition(request, fait, f"Versement.{compte if preparation.has_especes and caisse.ecart else ''}")
        return fait
