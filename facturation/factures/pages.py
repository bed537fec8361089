"""A family's invoices: the list, and one invoice that opens down to the tap at the gate."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts import ratelimit
from accounts.pauses import too_many_attempts
from enfance.famille.acces import responsable_of
from facturation.absences.ecriture import RECENTES
from facturation.attestations.emission import attestations_of
from facturation.factures.liste import load_liste, qui_encaisse
from facturation.famille.mois_en_cours import load_mois_en_cours
from facturation.famille.quotient import load_quotient
from facturation.famille.tarifs_votes import load_tarifs_votes
from facturation.papiers import mots
from facturation.papiers.facture import TOUTE, FactureLue, find_facture, load_facture
from facturation.payeurs.comptes import comptes_seen_by
from facturation.payfip.lectures import PaiementCommence, load_commences
from facturation.signalements.ecriture import signaler
from facturation.signalements.forms import SignalementForm
from facturation.signalements.lecture import load_signalements, repondre_avant
from portail.dates import jour_long
from portail.vues import PAGE

ERREURS = ("10/h",)  # told by one account: each of them is read by an agent


@require_safe
def factures(request: HttpRequest) -> HttpResponse:
    """The page of a family's invoices: the month so far, what is to pay and until when, what was paid, what is in its
    favour.
    """
    responsable, now = responsable_of(request), timezone.now()
    comptes, today = comptes_seen_by(request.user), timezone.localdate(now)
    mois = load_mois_en_cours(responsable.foyer_id, today)
    context = {
        "onglet": "factures",
        "liste": load_liste(comptes, today, load_commences(comptes, now=now)),
        "mois": mois,
        "premiere": f"{mois[-1].facture_en}, pour le mois {mots.de_mois(mois[-1].premier)}" if mois else "",
        "quotient": load_quotient(responsable.foyer_id, today),
        "attestations": attestations_of(comptes),
        **qui_encaisse(),
    }
    return render(request, "facturation/factures/factures.html", context)


@require_safe
def tarifs(request: HttpRequest) -> HttpResponse:
    """The page « Lire le tarif voté »: the tariffs and supplements that apply today, the same for all families."""
    responsable_of(request)
    today = timezone.localdate()
    votes, supplements, plafonds = load_tarifs_votes(today)
    context = {"onglet": "factures", "today": today, "tarifs": votes, "supplements": supplements, "plafonds": plafonds}
    return render(request, "facturation/tarifs.html", context)


@require_http_methods(PAGE)
def facture(request: HttpRequest, numero: str) -> HttpResponse:
    """The page of one invoice, by child and day; 404 unless the parent may read it. An error that the parent reports is
    posted here. `?ligne=` chooses the moment that the report is about.
    """
    responsable, now = responsable_of(request), timezone.now()
    trouvee = find_facture(responsable, numero, now=now)
    if trouvee is None:
        raise Http404
    lue = load_facture(trouvee, {responsable.foyer_id})
    form = SignalementForm(
        request.POST if request.method == "POST" else None, lue=lue, initial={"ligne": request.GET.get("ligne", TOUTE)}
    )
    if request.method == "POST" and form.is_valid():
        if wait := ratelimit.wait_for_key(request, "facture", str(responsable.user_id), ERREURS):
            return too_many_attempts(request, wait)
        dit = signaler(lue, form.ligne_of(lue), form.cleaned_data["message"], responsable.user_id, now=now)
        avant = jour_long(repondre_avant(dit))
        messages.success(request, f"Votre message est bien arrivé. La mairie vous répond ici, au plus tard le {avant}.")
        adresse = reverse("facturation:facture", args=[numero])
        return HttpResponseRedirect(f"{adresse}#signaler", status=303)
    commences = load_commences([trouvee.compte], now=now) if getattr(trouvee, "commencee", False) else {}
    commence = commences.get(trouvee.pk)
    return render(
        request, "facturation/factures/facture.html", facture_context(lue, form, commence, timezone.localdate(now))
    )


def facture_context(
    lue: FactureLue, form: SignalementForm, commence: PaiementCommence | None, today: date
) -> dict[str, object]:
    """The template context of the page of one invoice, with the errors reported on it and the payment that is begun of
    it, if any.
    """
    signalements = load_signalements(lue)
    return {
        "onglet": "factures",
        "imprimable": True,
        "mairie": False,
        "ouverts": (),
        "lue": lue,
        "facture": lue.facture,
        "form": form,
        "signalements": signalements,
        "attend": any(dit.repondu_le is None for dit, _ in signalements),
        "explicables": today - RECENTES,
        "remise": lue.remise,
        "commence": commence if lue.reste else None,
        "today": today,
        **qui_encaisse(),
    }
