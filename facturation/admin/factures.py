"""The list of issued invoices, found by number or by payer: read only, for ever. Each has a page of the town hall's own
(`facturation.factures.pages_mairie`). Neither the children nor the quotient are shown: the régie reads this too.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.site import ReadOnlyAdmin
from facturation.models import Facture
from facturation.montants import euros
from facturation.payeurs.reports import restes_dus


@admin.register(Facture)
class FactureAdmin(ReadOnlyAdmin):
    """Invoices and avoirs, as they were issued, and what is left to pay of each."""

    feminine = True
    list_display = ["numero", "payeur", "mois", "emise_le", "echeance", "somme", "reste"]
    list_filter = ["genre", "annee"]
    list_select_related = ["mois", "compte__reuni_dans"]
    date_hierarchy = "emise_le"
    search_fields = ["numero", "compte__foyer__responsables__user__tri"]
    search_help_text = "Numéro, nom ou prénom d’un adulte du foyer"

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The list, each invoice of it with what is left to pay (`reste_du`), read at once."""
        liste = super().get_changelist_instance(request)
        restes = restes_dus(liste.result_list)
        for facture in liste.result_list:
            facture.reste_du = restes[facture.pk]
        return liste

    @admin.display(description="payeur")
    def payeur(self, facture: Facture) -> str:
        """The name of the payer as the paper bears it, frozen when the invoice was issued."""
        nom: str = facture.entete.get("payeur", {}).get("nom", "")
        return nom

    @admin.display(description="total", ordering="total")
    def somme(self, facture: Facture) -> str:
        """The total of this invoice in euros, for the column « total »; below 0 for an avoir."""
        return euros(facture.total)

    @admin.display(description="reste à payer")
    def reste(self, facture: Any) -> str:
        """What is left to pay of this invoice in euros, for a column, whoever owes it by now; empty for an avoir."""
        if facture.total <= 0:
            return ""
        return euros(facture.reste_du)
