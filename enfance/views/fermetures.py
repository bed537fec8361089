"""A closure far away is one line of the home page, which its reader puts away; near, it is told to all."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from enfance.famille.acces import responsable_of
from enfance.famille.forms import FermetureLueForm
from enfance.models import Fermeture, FermetureLue
from portail.formulaires import INCOMPLETE
from portail.vues import PAGE


@require_http_methods(PAGE)
def masquer(request: HttpRequest) -> HttpResponse:
    """Take the closure that the form names off the home page of this parent alone, then lead home. Doing it twice
    changes nothing more. A GET, which the page shown without network sends again, leads home. 404 for a closure that is
    over or unknown.
    """
    responsable, now = responsable_of(request), timezone.now()
    if request.method != "POST":
        return HttpResponseRedirect(reverse("enfance:accueil"))
    form = FermetureLueForm(request.POST)
    if form.is_valid():
        a_venir = Fermeture.objects.filter(fin__gte=timezone.localdate(now))
        fermeture = get_object_or_404(a_venir, pk=form.cleaned_data["fermeture"])
        FermetureLue.objects.get_or_create(responsable=responsable, fermeture=fermeture, defaults={"lue_le": now})
    else:
        messages.error(request, INCOMPLETE)
    return HttpResponseRedirect(reverse("enfance:accueil"), status=303)
