"""Those who should not have come for a child: all that nobody has seen, each noted as seen in one click."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.decorators import agent_of, staff_page
from accounts.log import log_change
from enfance.equipe.inattendus import load_inattendus, mark_seen, with_suites
from portail.formulaires import WholeForm
from portail.francais import NBSP
from portail.vues import PAGE


class VueForm(WholeForm):
    """The one that a button notes as seen."""

    vue = forms.UUIDField()


@staff_page("enfance.view_enfant", "enfance.view_remiseenfant")
@require_http_methods(PAGE)
def remises(request: HttpRequest) -> HttpResponse:
    """The page of the persons who came for a child and should not have, as the team noted, and whom nobody at the town
    hall has seen yet; a button notes one as seen. Raises PermissionDenied for the button without the right to change
    these.
    """
    if request.method == "POST":
        if not request.user.has_perm("enfance.change_remiseenfant"):
            raise PermissionDenied
        _see(request, VueForm(request.POST))
        return HttpResponseRedirect(reverse("admin:enfance_pointage_remises"), status=303)
    context = {"titre": "Personnes qui ne devaient pas venir", "inattendus": with_suites(load_inattendus())}
    return render(request, "mairie/remises.html", context)


def _see(request: HttpRequest, form: VueForm) -> None:
    """Note it as seen, and keep who did it."""
    vu = None
    if form.is_valid():
        with transaction.atomic():
            vu = mark_seen(form.cleaned_data["vue"], agent_of(request), now=timezone.now())
            if vu:
                log_change(request, vu.remise.pointage.enfant, f"Personne inattendue, vue. {vu.ligne}.")
    if vu:
        messages.success(request, f"C’est vu{NBSP}: {vu.remise.pointage.enfant}, {vu.quand}.")
    else:
        messages.warning(request, f"C’était déjà vu{NBSP}: rien n’a changé.")
