"""The attempts to pay on PayFiP, as the régie reads them; one may be asked about again."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.site import ReadOnlyAdmin
from facturation.models import EssaiPaiement
from facturation.montants import euros
from facturation.payfip.paiements import signaler, somme_payee, trancher
from facturation.regie.encaissements import EncaissementRefuse


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
        "dite",
        "demande_le",
        "interroge_le",
        "conclu_le",
        "encaissement",
        "refdet",
        "id_op",
        "numcli",
        "saisie",
    ]
    readonly_fields = ["somme", "dite"]
    actions = ["redemander", "encaisser", "classer"]

    @admin.display(description="montant", ordering="montant")
    def somme(self, essai: EssaiPaiement) -> str:
        return euros(essai.montant)

    @admin.display(description="payé, d’après PayFiP")
    def dite(self, essai: EssaiPaiement) -> str:
        """The sum that its answer bears, where it has one."""
        somme = somme_payee(essai) if essai.reponse.get("montant") else None
        return euros(somme) if somme else ""

    @admin.action(description="Redemander à PayFiP", permissions=["view"])
    def redemander(self, request: HttpRequest, queryset: QuerySet[EssaiPaiement]) -> None:
        essais = [essai for essai in queryset.exclude(id_op=None) if essai.etat != EssaiPaiement.Etat.PAYE]
        for essai in essais:
            signaler(str(essai.id_op), now=timezone.now())
        said = f"Demandé à PayFiP\u00a0: {len(essais)}. La réponse arrive dans quelques secondes, sur cette liste."
        self.message_user(request, said, messages.SUCCESS if essais else messages.WARNING)

    def has_tenir_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("facturation.tenir_regie")

    @admin.action(description="À vérifier\u00a0: payé, d’après l’espace PayFiP. Encaisser", permissions=["tenir"])
    def encaisser(self, request: HttpRequest, queryset: QuerySet[EssaiPaiement]) -> None:
        tranches = self._trancher(request, queryset, paye=True)
        recus = ", ".join(str(essai.encaissement) for essai in tranches)
        self._say(request, f"Encaissé\u00a0: {recus}." if recus else "", tranches)

    @admin.action(description="À vérifier\u00a0: rien de payé, d’après l’espace PayFiP. Classer", permissions=["tenir"])
    def classer(self, request: HttpRequest, queryset: QuerySet[EssaiPaiement]) -> None:
        tranches = self._trancher(request, queryset, paye=False)
        self._say(request, f"Classé sans suite\u00a0: {len(tranches)}.", tranches)

    def _trancher(self, request: HttpRequest, queryset: QuerySet[EssaiPaiement], *, paye: bool) -> list[EssaiPaiement]:
        now, par = timezone.now(), request.user
        tranches = []
        for pk in queryset.values_list("pk", flat=True):
            try:
                essai = trancher(pk, paye=paye, par=par, now=now)
            except EncaissementRefuse as refus:
                self.message_user(request, str(refus), messages.ERROR)
                continue
            if essai:
                tranches.append(essai)
        for essai in tranches:
            said = f"Encaissé d’après l’espace PayFiP\u00a0: {essai.encaissement}." if paye else "Classé sans suite."
            self.log_change(request, essai, said)
        return tranches

    def _say(self, request: HttpRequest, said: str, tranches: list[EssaiPaiement]) -> None:
        if tranches:
            self.message_user(request, said, messages.SUCCESS)
        else:
            self.message_user(request, "Aucun de ces essais n’est à vérifier\u00a0: rien n’a changé.", messages.WARNING)
