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
    """For a page of the gate. An agent to whom nobody said in which school they work finds nothing there: a sentence
    tells them so (403), where the town has several. What is sent for a créneau that is deleted meanwhile is a 404, and
    writes nothing: a device keeps its taps, and is told the next time that nobody reads them.
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
    """What an address of the gate ends with, after its créneau, to come back to the school of this code; nothing where
    none is said.
    """
    return f"&{urlencode({'ecole': code})}" if code else ""


def adresse_of(feuille: Feuille) -> dict[str, str]:
    """What the addresses of this sheet end with: `demande`, the whole query; `suite`, of its school alone."""
    suite = suite_of(feuille.ecole.code if feuille.ecoles and feuille.ecole else "")
    return {"suite": suite, "demande": f"?creneau={feuille.onglet.creneau.code}{suite}" if feuille.onglet else ""}


def creneau_of(request: HttpRequest, code: str) -> Creneau:
    """The créneau of this code, whose sheets this agent keeps; 403 for one of other schools, 404 for none at all."""
    siens = creneaux_of(agent_of(request))
    return siens.filter(code=code).first() or refuse(request, code)


def require_school(feuille: Feuille, agent: User) -> None:
    """403 where this sheet shows nothing because nobody said in which school this agent works."""
    if not (feuille.onglet or ecoles_of(agent).exists()):
        raise PermissionDenied


def refuse(request: HttpRequest, code: str) -> NoReturn:
    """403 where this is the code of a créneau of other schools, else 404."""
    siens = creneaux_of(agent_of(request)).order_by().values("pk")
    if Creneau.objects.filter(code=code).exclude(pk__in=siens).exists():
        raise PermissionDenied
    raise Http404
