"""The cards that a device of the gate keeps for the day, and what it tells of them once the network is back."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.decorators import agent_of, renews_nothing
from enfance.ecoles import creneaux_of
from enfance.equipe.acces import team_page
from enfance.equipe.appareil import decalage_of, keep_for
from enfance.equipe.fiche import load_fiches
from enfance.equipe.forms import LECTURES_MAX, EnvoiForm, LectureForm, read_rows
from enfance.equipe.gardees import draw_cards, tell_downloads, tell_lectures
from enfance.famille.sante import sees_sante


@renews_nothing
@require_safe
@team_page
def fiches(request: HttpRequest) -> HttpResponse:
    """The cards of the children on today's attendance sheets, as JSON for the device to keep; 304 when it already has
    them as they are.
    """
    jour, sante = timezone.localdate(), sees_sante(request)
    du_jour = load_fiches(jour, agent_of(request))
    contenu, version = draw_cards(du_jour, jour, request, sante=sante)
    etag = f'"{version}"'
    if request.headers.get("If-None-Match") == etag:
        return HttpResponseNotModified(headers={"ETag": etag})
    tell_downloads(request, du_jour, jour, sante=sante)
    return keep_for(request, jour, JsonResponse(contenu, headers={"ETag": etag}))


@require_POST
@team_page
def lectures(request: HttpRequest, jour: date) -> HttpResponse:
    """Receive the list of the cards that a device opened without network, for the journal; one sent twice counts once a
    session. 400 when it is malformed.
    """
    now = timezone.now()
    envoi = EnvoiForm(request.POST)
    lignes = [LectureForm(row) for row in read_rows(request.POST, LectureForm, at_most=LECTURES_MAX)]
    if not lignes or not all(form.is_valid() for form in [envoi, *lignes]):
        return JsonResponse({}, status=400)
    creneau = creneaux_of(agent_of(request)).filter(code=request.POST.get("creneau", "")).first()
    decalage = decalage_of(request, envoi.cleaned_data["envoye"], now)
    tell_lectures(request, lignes, jour, creneau, now=now, decalage=decalage)
    return JsonResponse({})
