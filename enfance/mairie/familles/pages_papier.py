"""The planning of a family on paper: one page a month, for who has no internet (LEG-05)."""

from __future__ import annotations

from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.decorators import agent_of, staff_page
from enfance.calendrier import bornes
from enfance.ecoles import mots_garderie
from enfance.models import Foyer
from enfance.planning.mois import build_mois
from enfance.planning.papier import build_papier
from enfance.regles import Acteur
from enfance.situation import load_situation


@staff_page("enfance.change_inscription")
@require_safe
def planning_papier(request: HttpRequest, pk: int, mois: date) -> HttpResponse:
    """The planning to print of all the children of this home (primary key), for the days of this month; 404 for a month
    without school.
    """
    foyer = get_object_or_404(Foyer.objects.prefetch_related("responsables__user"), pk=pk)
    situation = load_situation(Acteur.guichet(agent_of(request).pk, foyer), *bornes(mois), now=timezone.now())
    papier = build_papier(situation, mois)
    if papier is None:
        raise Http404
    grille = build_mois(situation, mois, seulement={0})
    context = {
        "titre": f"Planning {grille.de_titre} sur papier",
        "foyer": foyer,
        "papier": papier,
        "precedent": grille.precedent,
        "suivant": grille.suivant,
        "maintenant": situation.now,
    }
    return render(request, "mairie/familles/papier.html", context | mots_garderie(situation.ecoles))
