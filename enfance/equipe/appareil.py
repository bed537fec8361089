"""What a page of the gate tells a phone to keep, and the clock of the phone that it is shown on."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.http import HttpRequest, HttpResponse

from enfance.equipe.appel import decalage_retenu

HORLOGE = "horloge"  # of the phone that this session is on: the seconds to add to it


def keep_for(request: HttpRequest, jour: date, response: HttpResponse) -> HttpResponse:
    """Mark this response, by a header, so that the device keeps it for offline use, for this agent and this
    day alone.
    """
    response.headers["X-Feuille-Du-Jour"] = f"{request.user.pk}:{jour:%Y-%m-%d}"
    return response


def decalage_of(request: HttpRequest, envoye: datetime | None, now: datetime) -> timedelta:
    """What to add to the hours of this phone's clock to have the server's; `envoye` is when the phone says that it
    sent, by its own clock (aware). Zero when it does not say; kept in the session from one sending to the next.
    """
    if envoye is None:
        return timedelta(0)
    connu = request.session.get(HORLOGE)
    retenu = decalage_retenu(now - envoye, None if connu is None else timedelta(seconds=connu))
    if retenu.total_seconds() != connu:
        request.session[HORLOGE] = retenu.total_seconds()
    return retenu
