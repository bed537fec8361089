"""A receipt once it is made: printed, mailed, cancelled, replaced by another one."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from accounts.decorators import agent_of, staff_page
from accounts.log import log_addition, log_change
from facturation.models import Encaissement, Facture
from facturation.papiers.feuille import mots_papier
from facturation.papiers.recus import load_recu
from facturation.payeurs.comptes import reader_of
from facturation.regie.annulations import paid_with, refus_annulation, refus_impaye
from facturation.regie.encaissements import EncaissementRefuse, annuler, encaisser, envoyer, is_sendable
from facturation.regie.forms import MOYENS, CorrigerForm
from facturation.regie.lignes import moyen_texte
from facturation.reglages import load_reglage
from portail.vues import PAGE

TENIR, VIEW = "facturation.tenir_regie", "facturation.view_encaissement"
REMPLACER = "remplacer"


@staff_page(VIEW)
@require_http_methods(PAGE)
def recu(request: HttpRequest, numero: str) -> HttpResponse:
    """The paper of a receipt, to print, with what may be done of it; a POST mails it to its payer, for who keeps the
    till.
    """
    lignes = Encaissement.objects.select_related("annule", "annule_par", "compte__foyer")
    trouve = get_object_or_404(lignes, numero=numero)
    if request.method == "POST":
        if not request.user.has_perm(TENIR):
            raise PermissionDenied
        if "envoyer" in request.POST:
            _mail(request, trouve)
        return redirect("admin:regie_recu", numero=numero)
    reglage = load_reglage()
    lu, envoyable = load_recu(trouve), is_sendable(trouve)
    context: dict[str, Any] = {
        "titre": f"{lu.titre}{lu.numero}",
        "recu": trouve,
        "lu": lu,
        "envoyable": envoyable,
        "lecteur": reader_of(trouve.compte) if envoyable else None,
        "corrigeable": not refus_annulation(trouve),
        "rejetable": not refus_impaye(trouve),
        "reglage": reglage,
    }
    return render(request, "facturation/regie/recu.html", context | mots_papier(reglage))


def _mail(request: HttpRequest, trouve: Encaissement) -> None:
    if not is_sendable(trouve):
        messages.warning(request, f"Le reçu {trouve.numero} est annulé\u00a0: il ne s’envoie plus.")
        return
    with transaction.atomic():
        lecteur = envoyer(trouve)
        if lecteur:
            log_change(request, trouve, "Reçu envoyé par e-mail.")
    if lecteur:
        messages.success(request, f"Le reçu part à {lecteur.get_full_name()}, par e-mail.")
    else:
        messages.warning(request, "Aucun e-mail n’atteint ce payeur\u00a0: imprimez le reçu.")


@staff_page(TENIR)
@require_http_methods(PAGE)
def corriger(request: HttpRequest, numero: str) -> HttpResponse:
    """The page that cancels a receipt: why it was wrong, then the entry that cancels it, alone or with the receipt that
    takes its place. Only what the counter received may be replaced.
    """
    now = timezone.localtime()
    recu = get_object_or_404(Encaissement.objects.select_related("compte"), numero=numero)
    refus, remplacable = refus_annulation(recu), recu.moyen in dict(MOYENS)
    if request.method == "POST" and not refus:
        form = CorrigerForm(request.POST, now=now, seul=not remplacable or REMPLACER not in request.POST)
        if form.is_valid():
            try:
                dernier = _correct(request, recu, form)
            except EncaissementRefuse as refuse:
                form.add_error(None, str(refuse))
            else:
                return HttpResponseRedirect(
                    f"{reverse('admin:regie_encaisser')}?{urlencode({'recu': dernier.numero})}", status=303
                )
    else:
        form = CorrigerForm(initial=_initial(recu), now=now)
    rendu = recu.moyen == Encaissement.Moyen.REMBOURSEMENT
    context: dict[str, Any] = {
        "titre": f"Corriger {_nom(recu)} {recu.numero}",
        "recu": recu,
        "moyen": moyen_texte(recu),
        "refus": refus,
        "remplacable": remplacable,
        "ensemble": [] if refus else paid_with(recu),
        "rendu": rendu,
        "verbe": "Annuler ce remboursement" if rendu else "Annuler ce reçu",
        "form": form,
    }
    return render(request, "facturation/regie/corriger.html", context)


def _nom(recu: Encaissement) -> str:
    return "le remboursement" if recu.moyen == Encaissement.Moyen.REMBOURSEMENT else "le reçu"


def _initial(recu: Encaissement) -> dict[str, Any]:
    return {
        "cle": uuid4(),
        "moyen": recu.moyen,
        "montant": recu.montant,
        "reference": recu.reference,
        "titres": recu.titres,
        "part_famille": recu.part_famille,
        "motif": "prélèvement rejeté par la banque" if recu.moyen == Encaissement.Moyen.PAYFIP else "",
    }


def _correct(request: HttpRequest, recu: Encaissement, form: CorrigerForm) -> Encaissement:
    """The last entry written: the receipt that replaces, or the one that cancels."""
    lu, agent = form.cleaned_data, agent_of(request)
    with transaction.atomic():
        ensemble = [recu, *paid_with(recu)]
        contraire = annuler(recu, lu["motif"], agent, form.now)
        for autre in Encaissement.objects.filter(annule__in=ensemble).select_related("annule").order_by("pk"):
            log_addition(request, autre, f"Annule le reçu {autre.annule}.")
        if form.seul:
            return contraire
        payees = [ligne["facture"] for ligne in recu.contenu.get("factures", [])]
        nouveau = encaisser(
            recu.compte,
            lu["moyen"],
            lu["montant"],
            factures=Facture.objects.filter(compte=recu.compte, numero__in=payees),
            reference=lu["reference"],
            titres=lu["titres"],
            part_famille=lu["part_famille"],
            par=agent,
            now=form.now,
            recu_le=recu.recu_le if lu["recu_le"] is None else form.quand,
            motif=f"remplace {recu.numero}",
            cle=lu["cle"],
        )
        log_addition(request, nouveau, f"Remplace le reçu {recu.numero}.")
        return nouveau
