"""Where the link at the foot of a reminder leads: it stops from there, without a login."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts import journal
from enfance.courriels.rappel import arreter, find_by_jeton
from portail.vues import PAGE


@login_not_required
@csrf_exempt  # the signed link is the proof: a mail program that posts it for its reader has no cookie (RFC 8058)
@require_http_methods(PAGE)
def arret(request: HttpRequest, jeton: str) -> HttpResponse:
    """The page, behind the link of a reminder's mail and without login, where a button stops the reminders of the adult
    whom `jeton` names; 404 for an unknown one. Reading the page stops nothing, for programs follow the links of a mail.
    """
    responsable = find_by_jeton(jeton)
    if responsable is None:
        raise Http404
    if request.method == "POST" and responsable.rappel:
        arreter(responsable)
        journal.event("reminders_stopped", user=responsable.user_id, request=request, by="mail")
    return render(request, "enfance/rappel_arret.html", {"actif": responsable.rappel})
