"""« Dire pourquoi »: the absences that a family pays, and the reason of each, chosen in a list."""

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
from enfance.regles import Acteur
from facturation.absences.ecriture import justifier
from facturation.famille.absences import RaisonForm, load_absences
from facturation.models import Justification
from portail.dates import jour_long
from portail.francais import NBSP, de
from portail.vues import PAGE

DITES = ("30/h",)  # of one account


@require_http_methods(PAGE)
def absences(request: HttpRequest) -> HttpResponse:
    """The parent's page « Dire pourquoi »: the absences of the last month and of days to come, with the reason and the
    answer of each. A POST keeps the reason that was chosen and comes back to the page.
    """
    responsable, now = responsable_of(request), timezone.now()
    form = RaisonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if wait := ratelimit.wait_for_key(request, "absence", str(responsable.user_id), DITES):
            return too_many_attempts(request, wait)
        enfant, jour, raison = (form.cleaned_data[nom] for nom in ("enfant", "jour", "raison"))
        justification = justifier(Acteur.parent(responsable), enfant, jour, raison, now=now)
        if justification is None:
            messages.error(request, f"Cette absence a déjà sa réponse, ou n’en est plus une{NBSP}: rien n’a changé.")
        else:
            prenom = justification.enfant.prenom
            messages.success(
                request,
                f"C’est noté{NBSP}: absence {de(prenom)}, {jour_long(jour)}, {justification.get_raison_display()}. "
                "La mairie vous répond ici et par e-mail.",
            )
        return HttpResponseRedirect(reverse("facturation:absences"), status=303)
    refus = [str(phrase) for erreurs in form.errors.values() for phrase in erreurs] if form.is_bound else []
    context = {
        "onglet": "factures",
        "absences": load_absences(Acteur.parent(responsable), now),
        "raisons": Justification.Raison.choices,
        "refus": refus,
    }
    return render(request, "facturation/absences.html", context)
