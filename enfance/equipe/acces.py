"""Who opens a page of the gate, and which sheets of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import NoReturn
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render

from accounts.decorators import agent_of, staff_page
from accounts.models import User
from enfance.ecoles import creneaux_of, ecoles_of
from enfance.equipe.feuille import Feuille
from enfance.models import Creneau

TENIR, CORRIGER = "enfance.tenir_feuille", "enfance.corriger_feuille"


def team_page(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Make this view a page of the garderie's team (under /equipe/), for agents who may keep attendance sheets.

    Where the town has several schools, an agent who is assigned to none gets a page that says so (403). What is sent
    for a créneau deleted meanwhile is a 404 and writes nothing: the device keeps its taps, and tells the agent next
    time that nobody reads them.
    """

    @staff_page(TENIR)
    @wraps(view)
    def wrapper(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except Creneau.DoesNotExist:
            raise Http404 from None
        except (Http404, PermissionDenied):
            if ecoles_of(agent_of(request)).exists():
                raise
            return render(request, "enfance/equipe/sans_ecole.html", {"onglet": "", "jour": None}, status=403)

    return wrapper


def suite_of(code: str) -> str:
    """The end of an address of the team's pages, to follow its créneau, that keeps the school of this code:
    « &ecole=bourg »; empty for an empty code.
    """
    return f"&{urlencode({'ecole': code})}" if code else ""


def adresse_of(feuille: Feuille) -> dict[str, str]:
    """The two ends of the addresses of this attendance sheet: `demande`, the whole query
    (« ?creneau=soir&ecole=bourg »), and `suite`, the part that names the school. Each is empty when it has nothing to
    say.
    """
    suite = suite_of(feuille.ecole.code if feuille.ecoles and feuille.ecole else "")
    return {"suite": suite, "demande": f"?creneau={feuille.onglet.creneau.code}{suite}" if feuille.onglet else ""}


def creneau_of(request: HttpRequest, code: str) -> Creneau:
    """The créneau of this code, if this agent keeps its attendance sheets. Raises PermissionDenied (403) for a créneau
    of other schools, Http404 for a code that is none.
    """
    siens = creneaux_of(agent_of(request))
    return siens.filter(code=code).first() or refuse(request, code)


def require_school(feuille: Feuille, agent: User) -> None:
    """Raise PermissionDenied (403) when this attendance sheet shows nothing because the agent is assigned to
    no school.
    """
    if not (feuille.onglet or ecoles_of(agent).exists()):
        raise PermissionDenied


def refuse(request: HttpRequest, code: str) -> NoReturn:
    """Raise PermissionDenied (403) when this is the code of a créneau of schools that are not the agent's, else
    Http404.
    """
    siens = creneaux_of(agent_of(request)).order_by().values("pk")
    if Creneau.objects.filter(code=code).exclude(pk__in=siens).exists():
        raise PermissionDenied
    raise Http404
