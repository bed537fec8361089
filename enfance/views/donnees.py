"""Own data as a page to read and to print, for a quarter of an hour after its password was asked on the account's."""

from __future__ import annotations

from typing import cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import User
from enfance.famille.acces import are_donnees_open
from enfance.famille.donnees import load_donnees
from enfance.famille.lisible import chapitres
from portail.dates import date_heure


@require_safe
def mes_donnees(request: HttpRequest) -> HttpResponse:
    """The page that shows a parent all that is kept about them, for a quarter of an hour after the password was typed
    on « Mon compte »; later it leads back there. 403 for a user who is no parent.
    """
    user, now = cast(User, request.user), timezone.now()
    if getattr(user, "responsable", None) is None:
        raise PermissionDenied
    if not are_donnees_open(request, now=now):
        return redirect("accounts:account")  # where the password is asked
    pleins, vides = chapitres(load_donnees(user, now=now))
    context = {"chapitres": pleins, "vides": vides, "quand": date_heure(now), "onglet": "compte", "imprimable": True}
    return render(request, "enfance/mes_donnees.html", context)
