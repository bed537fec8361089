"""The attempts to pay on PayFiP, as the régie reads them; one may be asked about again."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.site import ReadOnlyAdmin
from facturation.models import EssaiPaiement
from facturation.montants import euros
from facturation.paiements import signaler


@admin.register(EssaiPaiement)
class EssaiPaiementAdmin(ReadOnlyAdmin):
    """What was asked of PayFiP and what it answered to our own question."""

    list_display = ["demande_le", "facture", "somme", "etat", "resultrans", "encaissement"]
    list_filter = ["etat"]
    list_select_related = ["facture", "encaissement"]
    date_hierarchy = "demande_le"
    search_fields = ["facture__numero", "refdet", "id_op"]
    search_help_text = "Numéro de la facture, référence ou numéro de PayFiP"
    fields = [
        "facture",
        "somme",
        "etat",
        "resultrans",
        "demande_le",
        "interroge_le",
        "conclu_le",
        "encaissement",
        "refdet",
        "id_op",
        "numcli",
        "saisie",
    ]
    readonly_fields = ["somme"]
    actions = ["redemander"]

    @admin.display(description="montant", ordering="montant")
    def somme(self, essai: EssaiPaiement) -> str:
        return euros(essai.montant)

    @admin.action(description="Redemander à PayFiP", permissions=["view"])
    def redemander(self, request: HttpRequest, queryset: QuerySet[EssaiPaiement]) -> None:
        essais = [essai for essai in queryset.exclude(id_op=None) if essai.etat != EssaiPaiement.Etat.PAYE]
        for essai in essais:
            signaler(str(essai.id_op), now=timezone.now())
        said = f"Demandé à PayFiP\u00a0: {len(essais)}. La réponse arrive dans quelques secondes, sur cette liste."
        self.message_user(request, said, messages.SUCCESS if essais else messages.WARNING)
