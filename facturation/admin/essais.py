"""The attempts to pay on PayFiP, as the régie reads them; one may be asked about again."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.decorators import agent_of
from accounts.site import ReadOnlyAdmin
from facturation.models import EssaiPaiement
from facturation.montants import euros
from facturation.payfip.paiements import signaler, trancher
from facturation.payfip.verdicts import somme_payee
from facturation.regie.encaissements import EncaissementRefuse
from portail.francais import et


@admin.register(EssaiPaiement)
class EssaiPaiementAdmin(ReadOnlyAdmin):
    """What was asked of PayFiP and what it answered to our own question."""

    list_display = ["demande_le", "payees", "somme", "etat", "resultrans", "recus"]
    list_filter = ["etat"]
    list_select_related = ["facture", "encaissement"]
    date_hierarchy = "demande_le"
    search_fields = ["facture__numero", "parts__facture__numero", "refdet", "id_op"]
    search_help_text = "Numéro de la facture, référence ou numéro de PayFiP"
    fields = [
        "payees",
        "somme",
        "etat",
        "resultrans",
        "dite",
        "demande_le",
        "interroge_le",
        "conclu_le",
        "recus",
        "refdet",
        "id_op",
        "numcli",
        "saisie",
    ]
    readonly_fields = ["payees", "somme", "dite", "recus"]
    actions = ["redemander", "encaisser", "classer"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[EssaiPaiement]:
        """The attempts to pay, with the other invoices and receipts of a payment of several read at once."""
        lus: QuerySet[EssaiPaiement] = super().get_queryset(request)
        return lus.prefetch_related("parts__facture", "parts__encaissement")

    @admin.display(description="facture", ordering="facture")
    def payees(self, essai: EssaiPaiement) -> str:
        """The numbers of the invoices that this attempt pays, for the column « facture »; several when it pays them at
        once.
        """
        return et([facture.numero for facture in essai.factures])

    @admin.display(description="encaissement", ordering="encaissement")
    def recus(self, essai: EssaiPaiement) -> str:
        """The numbers of the receipts that this attempt made, one for each invoice, for a column; empty while it is not
        paid.
        """
        return et([recu.numero for recu in essai.encaissements] or [""])

    @admin.display(description="montant", ordering="montant")
    def somme(self, essai: EssaiPaiement) -> str:
        """The amount that this attempt asks, in euros, for the column « montant »."""
        return euros(essai.montant)

    @admin.display(description="payé, d’après PayFiP")
    def dite(self, essai: EssaiPaiement) -> str:
        """The amount in euros that PayFiP's answer says was paid, for a column; empty when the answer says no
        amount.
        """
        somme = somme_payee(essai) if essai.reponse.get("montant") else None
        return euros(somme) if somme else ""

    @admin.action(description="Redemander à PayFiP", permissions=["view"])
    def redemander(self, request: HttpRequest, queryset: QuerySet[EssaiPaiement]) -> None:
        """Admin action: queue a question to PayFiP about each chosen attempt that has PayFiP's name and is not paid
        yet.
        """
        essais = [essai for essai in queryset.exclude(id_op=None) if essai.etat != EssaiPaiement.Etat.PAYE]
        for essai in essais:
            signaler(str(essai.id_op), now=timezone.now())
        if not essais:
            said = "Rien n’est demandé à PayFiP\u00a0: ces essais sont payés, ou PayFiP ne les connaît pas."
            self.message_user(request, said, messages.WARNING)
            return
        said = f"Demandé à PayFiP\u00a0: {len(essais)}. La réponse arrive dans quelques secondes, sur cette liste."
        self.message_user(request, said, messages.SUCCESS)

    def has_tenir_permission(self, request: HttpRequest) -> bool:
        """Whether this agent may keep the till (« tenir_regie »): what the actions that settle an attempt ask for."""
        return request.user.has_perm("facturation.tenir_regie")

    @admin.action(description="À vérifier\u00a0: payé, d’après l’espace PayFiP. Encaisser", permissions=["tenir"])
    def encaisser(self, request: HttpRequest, queryset: QuerySet[EssaiPaiement]) -> None:
        """Admin action: the chosen attempts to be checked were paid, as the régisseur read in PayFiP's own pages; write
        their receipts. One for which PayFiP spoke of another payment is refused alone, with a message.
        """
        tranches, refuses = self._trancher(request, queryset, paye=True)
        recus = ", ".join(self.recus(essai) for essai in tranches)
        self._say(request, f"Encaissé\u00a0: {recus}." if recus else "", tranches, refuses)

    @admin.action(description="À vérifier\u00a0: rien de payé, d’après l’espace PayFiP. Classer", permissions=["tenir"])
    def classer(self, request: HttpRequest, queryset: QuerySet[EssaiPaiement]) -> None:
        """Admin action: for the chosen attempts to be checked nothing was paid, as the régisseur read in PayFiP's own
        pages; end them.
        """
        tranches, refuses = self._trancher(request, queryset, paye=False)
        self._say(request, f"Classé sans suite\u00a0: {len(tranches)}.", tranches, refuses)

    def _trancher(
        self, request: HttpRequest, queryset: QuerySet[EssaiPaiement], *, paye: bool
    ) -> tuple[list[EssaiPaiement], int]:
        """The attempts that were settled, and how many were refused, each told."""
        now, par = timezone.now(), agent_of(request)
        tranches, refuses = [], 0
        for pk in queryset.values_list("pk", flat=True):
            try:
                essai = trancher(pk, paye=paye, par=par, now=now)
            except EncaissementRefuse as refus:
                self.message_user(request, str(refus), messages.ERROR)
                refuses += 1
                continue
            if essai:
                tranches.append(essai)
        for essai in tranches:
            said = f"Encaissé d’après l’espace PayFiP\u00a0: {self.recus(essai)}." if paye else "Classé sans suite."
            self.log_change(request, essai, said)
        return tranches, refuses

    def _say(self, request: HttpRequest, said: str, tranches: list[EssaiPaiement], refuses: int) -> None:
        if tranches:
            self.message_user(request, said, messages.SUCCESS)
        elif not refuses:
            self.message_user(request, "Aucun de ces essais n’est à vérifier\u00a0: rien n’a changé.", messages.WARNING)
