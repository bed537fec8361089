"""The pages open to everybody: what the law asks, and the map of the site."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


@login_not_required
def accessibilite(request: HttpRequest) -> HttpResponse:
    return render(request, "enfance/accessibilite.html")


@login_not_required
def donnees_personnelles(request: HttpRequest) -> HttpResponse:
    durees = {
        "mots_de_passe": settings.CONSERVATION_MOTS_DE_PASSE_TEMPORAIRES,
        "demandes": settings.CONSERVATION_DEMANDES,
        "journal": settings.CONSERVATION_JOURNAL,
    }
    return render(request, "enfance/donnees_personnelles.html", {"durees": durees, "dpo": settings.COMMUNE_DPO})


@login_not_required
def mentions_legales(request: HttpRequest) -> HttpResponse:
    context = {
        "directeur_publication": settings.COMMUNE_DIRECTEUR_PUBLICATION,
        "hebergeur": settings.COMMUNE_HEBERGEUR,
    }
    return render(request, "enfance/mentions_legales.html", context)


@login_not_required
def plan_du_site(request: HttpRequest) -> HttpResponse:
    return render(request, "enfance/plan_du_site.html")
