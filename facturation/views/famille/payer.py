"""A parent pays an invoice on line: what will happen, the link to PayFiP, what came of it."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from enfance.famille.acces import responsable_of
from facturation.famille.paiement import PayerForm, redirect_to
from facturation.models import EssaiPaiement, Facture
from facturation.models.paiements import ATTENTE
from facturation.papiers import mots
from facturation.papiers.facture import find_facture, load_facture, titre_facture
from facturation.payeurs.comptes import comptes_seen_by
from facturation.payeurs.reports import restes_dus
from facturation.payfip.lectures import (
    PaiementCommence,
    debut_texte,
    find_muet,
    latest_of,
    may_still_pay,
    nom_of,
    suite_of,
)
from facturation.payfip.paiements import PaiementImpossible, commencer, heure, is_open, load_ouverture
from facturation.reglages import load_reglage
from portail.francais import accord
from portail.vues import PAGE

Etat = EssaiPaiement.Etat
# The page of an attempt, by its state.
PAGES = {
    Etat.PAYE: "paye",
    Etat.REFUSE: "refuse",
    Etat.ABANDONNE: "abandon",
    Etat.PERIME: "abandon",
}


def facture_of(request: HttpRequest, numero: str) -> Facture:
    """The invoice of this number, if this parent may read it; Http404 for another family's, or for an avoir, which is
    nothing to pay.
    """
    facture = find_facture(responsable_of(request), numero, now=timezone.now())
    if facture is None or facture.genre != Facture.Genre.FACTURE:
        raise Http404
    return facture


@require_http_methods(PAGE)
def payer(request: HttpRequest, numero: str) -> HttpResponse:
    """The page where a parent pays one invoice on line: what is to pay, and how. Its button asks PayFiP for a payment,
    and leads to the page of the attempt.

    The link to PayFiP is on that page: our CSP keeps the forms of this one to this site, redirections included.
    """
    facture, now = facture_of(request, numero), timezone.now()
    ouverture = load_ouverture(facture, now=now)
    form = PayerForm(
        request.POST if request.method == "POST" else None, initial={"mel": getattr(request.user, "email", "")}
    )
    if request.method == "POST" and form.is_valid():
        try:
            essai = commencer(facture, form.cleaned_data["mel"], par=request.user, now=now)  # type: ignore[arg-type]
        except PaiementImpossible as refus:
            ouverture = load_ouverture(facture, now=now)
            if ouverture.en_cours:
                return redirect_to(ouverture.en_cours)
            form.add_error(None, str(refus))
        else:
            return redirect_to(essai)
    reglage = load_reglage()
    context = {
        "onglet": "factures",
        "facture": facture,
        "today": timezone.localdate(now),
        "lue": load_facture(facture, {responsable_of(request).foyer_id}),
        "titre": titre_of(facture),
        "ouverture": ouverture,
        "commence": PaiementCommence(ouverture.en_cours) if ouverture.en_cours and ouverture.reste else None,
        "muet": find_muet([facture], now=now) if not ouverture.refus else None,
        "ouvert": is_open(),
        "regie": settings.ENCAISSEMENT == "regie",
        "form": form,
        "signale": facture.signalements.filter(repondu_le=None).order_by("dit_le", "pk").first(),
        "reglage": reglage,
        "tresorerie": mots.tresorerie(reglage.tresorerie_nom),
    }
    return render(request, "facturation/payer.html", context)


@require_safe
def essai(request: HttpRequest, numero: str, pk: int) -> HttpResponse:
    """The page of one attempt to pay on line: the link to PayFiP while there is something to pay there, then what came
    of it.
    """
    facture, now = facture_of(request, numero), timezone.now()
    lus = facture.essais.select_related("facture__mois", "encaissement__annule_par", "demande_par")
    essai = get_object_or_404(lus.prefetch_related("parts__facture__mois", "parts__encaissement"), pk=pk)
    page = PAGES.get(Etat(essai.etat), "attente")
    if essai.encaissement and hasattr(essai.encaissement, "annule_par"):
        page = "annule"
    factures, avec = essai.factures, essai.factures[1:]
    reste = sum(restes_dus(factures).values())
    vers_payfip = essai.reponse.get("page", "") if may_still_pay(essai, reste, now=now) else ""
    if page == "attente" and vers_payfip and "retour" not in request.GET:
        page = "lien"
    elif page == "attente" and essai.etat == Etat.EN_COURS and reste < essai.montant and "retour" not in request.GET:
        page = "inutile"
    context = {
        "onglet": "factures",
        "facture": facture,
        "today": timezone.localdate(now),
        "factures": [(titre_facture(une), une) for une in factures],
        "titre": titre_of(facture),
        "nom": f"la {titre_of(facture)}" if not avec else f"les {accord(len(factures), 'facture')}",
        "plusieurs": bool(avec),
        "essai": essai,
        "nom_des_factures": nom_of(factures),
        "payer": reverse("facturation:tout_payer") if avec else reverse("facturation:payer", args=[numero]),
        "recu": sum(recu.montant for recu in essai.encaissements),
        "debut": debut_texte(essai, now),
        "page_payfip": vers_payfip,
        "reste": reste,
        "suite": suite_of(essai),
        "jeune": essai.etat == Etat.EN_COURS and now < essai.demande_le + ATTENTE,
        "nouvel_essai": heure(essai.demande_le + ATTENTE) if now < essai.demande_le + ATTENTE else "",
    }
    return render(request, f"facturation/paiement_{page}.html", context)


@require_safe
def suite(request: HttpRequest) -> HttpResponse:
    """Where a parent who comes back from PayFiP is sent: to the attempt that `?idop=` names, else to their last one,
    else to all their invoices.
    """
    responsable_of(request)
    essai = latest_of(comptes_seen_by(request.user), request.GET.get("idop", ""), now=timezone.now())
    return redirect_to(essai, "?retour=1") if essai else redirect("facturation:factures")


def titre_of(facture: Facture) -> str:
    """What a sentence calls this invoice: « facture de novembre »."""
    titre = titre_facture(facture)
    return titre[:1].lower() + titre[1:]
