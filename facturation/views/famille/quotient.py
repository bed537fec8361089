"""A family's own quotient: read, and said anew. It counts once the attestation has been seen at the counter."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts import ratelimit
from accounts.pauses import too_many_attempts
from enfance.famille.acces import responsable_of
from facturation.famille.quotient import QuotientForm, load_quotient
from facturation.quotients.ecriture import declarer, premier_compte, premier_phrase
from portail.vues import PAGE

DITS = ("10/h",)  # of one account: an agent reads each of them


@require_http_methods(PAGE)
def quotient(request: HttpRequest) -> HttpResponse:
    """The page of a family's quotient: the one that counts for its foyer, and a form to say another, which counts once
    the town hall has seen the attestation.
    """
    responsable, now = responsable_of(request), timezone.now()
    today = timezone.localdate(now)
    form = QuotientForm(request.POST if request.method == "POST" else None, today=today)
    if request.method == "POST" and form.is_valid():
        if wait := ratelimit.wait_for_key(request, "quotient", str(responsable.user_id), DITS):
            return too_many_attempts(request, wait)
        valeur, source = form.cleaned_data["valeur"], form.cleaned_data["source"]
        dit = declarer(responsable.foyer_id, valeur, source, form.premier, par=responsable.user_id, now=now)
        if dit is None:
            form.add_error("debut", "Ce mois ne se choisit plus\u00a0: prenez le suivant.")
        else:
            messages.success(
                request,
                f"C’est noté\u00a0: {dit.valeur}, à partir du {premier_phrase(dit.debut)}. "
                "Montrez l’attestation à la mairie pour qu’il compte.",
            )
            return HttpResponseRedirect(reverse("facturation:quotient"), status=303)
    context = {
        "onglet": "factures",
        "vu": load_quotient(responsable.foyer_id, today),
        "form": form,
        "premier": premier_phrase(premier_compte(today)),
    }
    return render(request, "facturation/quotient.html", context)
