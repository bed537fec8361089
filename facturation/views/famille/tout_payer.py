"""A parent pays several invoices at once: all, or those that they tick, whose sum is said again before PayFiP."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from enfance.famille.acces import responsable_of
from facturation.factures.liste import FactureAPayer, load_liste, qui_encaisse
from facturation.famille.paiement import PayerForm, redirect_to
from facturation.models import EssaiPaiement, SignalementFacture
from facturation.payeurs.comptes import comptes_seen_by
from facturation.payfip.lectures import find_muet, load_commences
from facturation.payfip.paiements import CHANGE, PaiementImpossible, commencer
from portail.vues import PAGE

CHOIX = "facture"  # in the form, what is ticked; in the address, what was


@require_http_methods(PAGE)
def tout_payer(request: HttpRequest) -> HttpResponse:
    """The page where a parent pays several invoices on line at once: all that may be, ticked, or the ones that the
    address names. A single invoice is sent to its own page; with none, to the list, which says why.
    """
    responsable_of(request)
    now = timezone.now()
    panier, form = _panier(request, now), PayerForm(request.POST if request.method == "POST" else None)
    form.initial["mel"] = getattr(request.user, "email", "")
    cochees = {due.facture.numero for due in panier}
    if request.method == "POST":
        valid = form.is_valid()
        if "recompter" in request.POST:
            if cochees := cochees & set(request.POST.getlist(CHOIX)):
                return HttpResponseRedirect(f"?{urlencode({CHOIX: sorted(cochees)}, doseq=True)}", status=303)
            form.add_error(None, "Cochez au moins une facture.")
        elif valid:
            if essai := _begin(request, panier, form, now):
                return redirect_to(essai)
            panier = _panier(request, now)
    if not panier:
        return redirect("facturation:factures")
    if len(panier) == 1 and request.method != "POST":
        return redirect("facturation:payer", numero=panier[0].facture.numero)
    signalements = SignalementFacture.objects.filter(facture__in=[due.facture for due in panier], repondu_le=None)
    context = {
        "onglet": "factures",
        "panier": panier,
        "somme": sum(due.reste for due in panier),
        "choisies": CHOIX in request.GET,
        "cochees": cochees,
        "signalees": set(signalements.values_list("facture", flat=True)),
        "muet": find_muet([due.facture for due in panier], now=now),
        "form": form,
        **qui_encaisse(),
    }
    return render(request, "facturation/tout_payer.html", context)


def _panier(request: HttpRequest, now: datetime) -> list[FactureAPayer]:
    """What may be paid at once now, of what the address names."""
    comptes = comptes_seen_by(request.user)
    panier = load_liste(comptes, timezone.localdate(now), load_commences(comptes, now=now)).panier
    choisies = request.GET.getlist(CHOIX)
    return [due for due in panier if not choisies or due.facture.numero in choisies]


def _begin(request: HttpRequest, panier: list[FactureAPayer], form: PayerForm, now: datetime) -> EssaiPaiement | None:
    """The attempt, or the one that a first click has just begun; None when PayFiP is asked for nothing, which the form
    says.
    """
    somme = request.POST.get("somme", "")
    try:
        if not panier:
            raise PaiementImpossible(CHANGE)
        premiere, *autres = [due.facture for due in panier]
        return commencer(
            premiere,
            form.cleaned_data["mel"],
            avec=autres,
            attendu=int(somme) if somme.isascii() and somme.isdecimal() else 0,
            par=request.user,  # type: ignore[arg-type]
            now=now,
        )
    except PaiementImpossible as refus:
        form.add_error(None, str(refus))
        commences = load_commences(comptes_seen_by(request.user), now=now).values()
        return next((commence.essai for commence in commences if str(commence.essai.montant) == somme), None)
