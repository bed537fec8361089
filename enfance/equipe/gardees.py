"""The cards of the day that a device keeps, drawn as the page of each; and what the journal is told of them (ADM-03).

A download is told once a child and a session, which is that of one device; an opening without network, once the device
has told it, and again where the device tells it in another session.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import escape

from accounts import journal
from accounts.decorators import agent_of
from enfance.equipe.fiche import Fiche, enfants_du_jour
from enfance.equipe.forms import LECTURES_MAX, LectureForm
from enfance.models import Creneau

TELECHARGEES, RECUES = "fiches_gardees", "lectures_recues"
RECUES_MAX = LECTURES_MAX  # those of one sending: what is sent again is the last one, whose answer was lost
JETON = "§jeton§"  # of the forms, in place of one that is never twice the same
EVENEMENTS = {"fiche": "card_opened", "consigne": "health_read"}


def draw_cards(fiches: Iterable[Fiche], jour: date, request: HttpRequest, *, sante: bool) -> tuple[dict[str, Any], str]:
    """What a device keeps of these cards: the HTML of each by primary key (`fiches`), and the page into which it puts
    one (`modele`); and a version, a text that changes with any of them. With `sante`, the cards hold the health
    instructions too.
    """
    dessinees = {
        fiche.pk: {
            "nom": escape(fiche.nom),
            "html": render_to_string("enfance/equipe/_fiche.html", {"fiche": fiche, "jour": jour, "garde": sante}),
        }
        for fiche in fiches
    }
    context = {"onglet": "feuille", "jour": jour, "csrf_token": JETON}
    modele = render_to_string("enfance/equipe/fiche_gardee.html", context, request)
    version = hashlib.sha256(json.dumps([modele, dessinees]).encode()).hexdigest()
    return {"modele": modele.replace(JETON, get_token(request)), "fiches": dessinees}, version


def tell_downloads(request: HttpRequest, fiches: Iterable[Fiche], jour: date, *, sante: bool) -> None:
    """Write to the journal each of these cards that this session downloads for the first time that day, or for the
    first time with its health instruction.
    """
    cles = {f"{fiche.pk}:{int(sante and bool(fiche.sante))}": fiche.pk for fiche in fiches}
    dites = request.session.get(TELECHARGEES, {}).get(jour.isoformat(), [])
    nouvelles = [cle for cle in cles if cle not in dites]
    for cle in nouvelles:
        health = int(cle.partition(":")[2])
        journal.event(
            "card_kept", user=request.user.pk, request=request, day=jour.isoformat(), child=cles[cle], health=health
        )
    if nouvelles:
        request.session[TELECHARGEES] = {jour.isoformat(): dites + nouvelles}


def tell_lectures(
    request: HttpRequest,
    lectures: Iterable[LectureForm],
    jour: date,
    creneau: Creneau | None,
    *,
    now: datetime,
    decalage: timedelta,
) -> None:
    """Write to the journal each of these cards that a device opened without network, once a session (the last
    `RECUES_MAX` are remembered).

    The card of a child that this session did not carry is written as refused: what a browser says proves nothing, yet
    is not lost. `decalage` is added to the hours told, to correct the device's clock.
    """
    recues = request.session.get(RECUES, [])
    portes = _load_portes(request, jour, today=timezone.localdate(now))
    for lecture in lectures:
        lue = lecture.cleaned_data
        if str(lue["id"]) in recues:
            continue
        recues = [*recues, str(lue["id"])][-RECUES_MAX:]
        enfant = lue["enfant"]
        journal.event(
            EVENEMENTS[lue["quoi"]],
            result="ok" if enfant in portes else "refused",
            user=request.user.pk,
            request=request,
            child=enfant,
            day=jour.isoformat(),
            slot=creneau.pk if creneau else None,
            opened=min(lue["a"] + decalage, now).isoformat(timespec="seconds"),
            offline=1,
        )
    request.session[RECUES] = recues


def _load_portes(request: HttpRequest, jour: date, *, today: date) -> set[int]:
    """The children whose cards a device may carry for that day: those of the agent's sheets, and those that this
    session was given before they left them."""
    if jour > today:
        return set()
    donnees = request.session.get(TELECHARGEES, {}).get(jour.isoformat(), [])
    return enfants_du_jour(jour, agent_of(request)) | {int(cle.partition(":")[0]) for cle in donnees}
