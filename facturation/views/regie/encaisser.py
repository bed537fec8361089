"""The counter: find a payer in one field, receive, and back to the name; the receipts of the day."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from accounts.decorators import agent_of, staff_page
from accounts.log import log_addition_once
from accounts.search import keep_search, kept_search
from facturation.models import Encaissement
from facturation.papiers.recus import titre_of
from facturation.payfip.lectures import load_en_cours
from facturation.regie.encaissements import EncaissementRefuse, encaisser
from facturation.regie.forms import ChercherPayeurForm, EncaisserForm, new_form
from facturation.regie.lignes import du_jour, moyen_texte, par_moyen
from facturation.regie.recherche import (
    PayeurTrouve,
    asked_for,
    find_payeurs,
    load_comptes,
    load_dus,
    load_remises,
    load_trouves,
)
from portail.formulaires import is_key
from portail.vues import PAGE

TENIR = "facturation.tenir_regie"


@staff_page(TENIR)
@require_http_methods(PAGE)
def guichet(request: HttpRequest) -> HttpResponse:
    """The page of the counter: find a payer, receive what they pay, and the receipts of the day. What is typed to find,
    and what is received, both come to it by POST. Where the treasury collects, a redirection to the lists for it.
    """
    now = timezone.localtime()
    if settings.ENCAISSEMENT == "titre":  # a correction or a refund comes back here: its line is shown
        ecrit = Encaissement.objects.filter(numero=request.GET.get("recu", "")).first()
        return redirect("admin:regie_recu", ecrit.numero) if ecrit else redirect("admin:regie_titres")
    if request.method == "POST" and "q" in request.POST:
        word = keep_search(request.session, request.POST["q"].strip())
        return HttpResponseRedirect(f"{request.path}?{urlencode({'q': word})}", status=303)
    if request.method == "POST":
        return _receive(request, now)
    payeurs: list[PayeurTrouve] = []
    context: dict[str, Any] = {}
    cherche = kept_search(request.session, request.GET.get("q", ""))
    if cherche is not None:
        recherche = ChercherPayeurForm({"q": cherche})
        if recherche.is_valid():
            payeurs, trop = find_payeurs(cherche, now=now)
            context = {"payeurs": payeurs, "trop": trop, "rien": not payeurs}
        context["chercher"] = recherche
    elif cle := _cle(request.GET.get("payeur", "")):
        payeurs = load_trouves(load_comptes([cle]), today=now.date())
        if not payeurs:
            raise Http404
    if len(payeurs) == 1:
        dus = load_dus(payeurs[0].compte)
        context |= {
            "payeur": payeurs[0],
            "dus": dus,
            "en_ligne": load_en_cours(payeurs[0].compte, now=now),
            "form": new_form(payeurs[0].compte, asked_for(cherche or "", dus), now),
        }
    return _page(request, now, context)


def _cle(texte: str) -> int:
    return int(texte) if is_key(texte) else 0


def _receive(request: HttpRequest, now: datetime) -> HttpResponse:
    """The receipt, then the page again, ready for the next payer."""
    payeurs = load_trouves(load_comptes([_cle(request.POST.get("payeur", ""))]), today=now.date())
    if not payeurs:
        messages.error(request, "Cherchez d’abord qui paie\u00a0: rien n’est encaissé.")
        return _page(request, now, {})
    compte = payeurs[0].compte
    dus = load_dus(compte)
    form = EncaisserForm(request.POST, compte=compte, dus=dus, now=now)
    if form.is_valid():
        lu = form.cleaned_data
        try:
            with transaction.atomic():
                recu = encaisser(
                    compte,
                    lu["moyen"],
                    lu["montant"],
                    factures=lu["factures"],
                    reference=lu["reference"],
                    titres=lu["titres"],
                    part_famille=lu["part_famille"],
                    par=agent_of(request),
                    now=now,
                    recu_le=form.quand,
                    cle=lu["cle"],
                )
                log_addition_once(request, recu, "Encaissement.")
        except EncaissementRefuse as refus:
            form.add_error(None, str(refus))
        else:
            return HttpResponseRedirect(f"{request.path}?{urlencode({'recu': recu.numero})}", status=303)
    en_ligne = load_en_cours(compte, now=now)
    return _page(request, now, {"payeur": payeurs[0], "dus": dus, "en_ligne": en_ligne, "form": form})


def _page(request: HttpRequest, now: datetime, context: dict[str, Any]) -> HttpResponse:
    lignes = du_jour(now)
    recu = Encaissement.objects.select_related("annule").filter(numero=request.GET.get("recu", "")).first()
    context = {
        "titre": "Encaisser",
        "chercher": ChercherPayeurForm(),
        "aujourdhui": now.date(),
        "lignes": lignes,
        "total": lignes[0].cumul if lignes else 0,
        "moyens": par_moyen([ligne.encaissement for ligne in lignes]),
        "recu": recu,
        "recu_remises": load_remises(recu) if recu else [],
        "recu_moyen": moyen_texte(recu) if recu else "",
        "recu_titre": titre_of(recu) if recu else "",
        **context,
    }
    return render(request, "facturation/regie/encaisser.html", context)
