"""The gate on paper: the sheets of a day or of a week, and who is here now."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import journal
from accounts.decorators import agent_of
from enfance.equipe.acces import adresse_of, refuse, require_school, suite_of, team_page
from enfance.equipe.evacuation import load_presents
from enfance.equipe.impression import load_papier
from portail.dates import heure_texte


@require_safe
@team_page
def imprimer(request: HttpRequest, jour: date) -> HttpResponse:
    """The attendance sheet to print, of the day, of its week (`?semaine=1`), or of one créneau alone
    (`?creneau=soir`).
    """
    semaine, code = request.GET.get("semaine") == "1", request.GET.get("creneau", "")
    autorises = bool(settings.FEUILLE_AUTORISES) and not semaine
    telephones = settings.FEUILLE_AUTORISES == "telephone" and not semaine
    agent, ecole = agent_of(request), request.GET.get("ecole", "")
    papier = load_papier(
        jour, semaine=semaine, code=code, autorises=autorises, telephones=telephones, agent=agent, ecole=ecole
    )
    if papier is None:
        refuse(request, code)
    context = {"onglet": "imprimer", "jour": jour, "papier": papier, "semaine": semaine, "code": code}
    context |= {"autorises": autorises, "telephones": telephones, "maintenant": timezone.localtime()}
    context["aujourdhui"] = jour == timezone.localdate()
    context["suite"] = suite_of(papier.ecole.code if papier.ecoles and papier.ecole else "")
    return render(request, "enfance/equipe/imprimer.html", context)


@require_safe
@team_page
def presents(request: HttpRequest, jour: date) -> HttpResponse:
    """The printed list of the children who are here now, at the créneau that `?creneau=` names or at that of the hour.
    As it names children and telephones, each reading is written to the journal.
    """
    now, agent, code = timezone.now(), agent_of(request), request.GET.get("creneau", "")
    presents = load_presents(jour, code, now=now, agent=agent, ecole=request.GET.get("ecole", ""))
    if presents is None:
        refuse(request, code)
    feuille = presents.feuille
    require_school(feuille, agent)
    slot, count = feuille.onglet.creneau.pk if feuille.onglet else None, len(presents.lignes)
    journal.event("presents_read", user=agent.pk, request=request, day=jour.isoformat(), slot=slot, count=count)
    context = {"onglet": "imprimer", "jour": jour, "feuille": feuille, "presents": presents, **adresse_of(feuille)}
    context |= {"heure": heure_texte(timezone.localtime(now).time())}
    return render(request, "enfance/equipe/presents.html", context)
