"""Receipts and what was brought to the treasury: read only. `facturation.regie.encaissements` alone writes them."""

from __future__ import annotations

from django.contrib import admin

from accounts.site import ReadOnlyAdmin
from facturation.models import Encaissement, Versement
from facturation.montants import euros


@admin.register(Encaissement)
class EncaissementAdmin(ReadOnlyAdmin):
    """Receipts, counter-entries, refunds, balances carried on, by number or by payer."""

    list_display = ["numero", "payeur", "moyen", "somme", "recu_le", "versement", "annule"]
    list_filter = ["moyen", "annee"]
    list_select_related = ["versement", "annule"]
    date_hierarchy = "recu_le"
    search_fields = ["numero", "reference", "compte__foyer__responsables__user__tri"]
    search_help_text = "Numéro, référence, nom ou prénom d’un adulte du foyer"
    fields = [
        "numero",
        "payeur",
        "moyen",
        "somme",
        "recu_le",
        "reference",
        "titres",
        "annule",
        "motif",
        "versement",
        "ecrit_le",
        "ecrit_par",
    ]
    readonly_fields = ["somme"]

    @admin.display(description="montant", ordering="montant")
    def somme(self, encaissement: Encaissement) -> str:
        """The amount of this receipt in euros, for the column « montant »: « 12,40 € »."""
        return euros(encaissement.montant)


@admin.register(Versement)
class VersementAdmin(ReadOnlyAdmin):
    """What was brought to the treasury, by number."""

    list_display = ["numero", "verse_le", "somme", "ecrit_par"]
    list_filter = ["annee"]
    list_select_related = ["ecrit_par"]
    date_hierarchy = "verse_le"
    search_fields = ["numero"]
    search_help_text = "Numéro"
    fields = ["numero", "verse_le", "somme", "ecrit_le", "ecrit_par"]
    readonly_fields = ["somme"]

    @admin.display(description="total", ordering="total")
    def somme(self, versement: Versement) -> str:
        """The total of this versement in euros, for the column « total »: « 1 250,00 € »."""
        return euros(versement.total)
