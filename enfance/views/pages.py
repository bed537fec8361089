"""The pages open to everybody: what the law asks, and the map of the site."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from enfance.models import Enfant
from portail.extensions import Extension
from portail.rgaa import LOGICIEL, evaluation
from portail.vie_privee import mentions_by_chapitre


@login_not_required
def accessibilite(request: HttpRequest) -> HttpResponse:
    """The page of the declaration of accessibility (RGAA), open to everybody."""
    adopted = settings.ACCESSIBILITE_AUDIT == LOGICIEL
    context = {
        "adresse_site": settings.SITE_URL,
        "audit": "" if adopted else settings.ACCESSIBILITE_AUDIT,
        "evaluation": evaluation(),
        "adoptee": adopted and evaluation() is not None,
        "date_declaration": settings.ACCESSIBILITE_DATE,
        "plan_accessibilite": settings.ACCESSIBILITE_PLAN,
    }
    return render(request, "enfance/accessibilite.html", context)


@login_not_required
def donnees_personnelles(request: HttpRequest) -> HttpResponse:
    """The page that says which personal data is kept, for how long, and which cookies are set, open to everybody."""
    maison = Extension.installed()
    context = {
        "mentions": mentions_by_chapitre(maison.vie_privee),
        "dpo": settings.COMMUNE_DPO,
        "durees": maison.durees,
        "cookies": {
            "session": settings.SESSION_COOKIE_NAME,
            "csrf": settings.CSRF_COOKIE_NAME,
            "connu": settings.KNOWN_DEVICE_COOKIE_NAME,
            "appareil": settings.SECOND_FACTOR_COOKIE_NAME,
        },
    }
    return render(request, "enfance/donnees_personnelles.html", context)


@login_not_required
def mentions_legales(request: HttpRequest) -> HttpResponse:
    """The page of the legal notices, open to everybody."""
    context = {
        "directeur_publication": settings.COMMUNE_DIRECTEUR_PUBLICATION,
        "hebergeur": settings.COMMUNE_HEBERGEUR,
        "homologation": settings.COMMUNE_HOMOLOGATION,
    }
    return render(request, "enfance/mentions_legales.html", context)


@login_not_required
def plan_du_site(request: HttpRequest) -> HttpResponse:
    """The map of the site, open to everybody; with the children of a parent who is logged in."""
    responsable = getattr(request.user, "responsable", None)
    enfants = Enfant.objects.for_responsable(responsable) if responsable else Enfant.objects.none()
    return render(request, "enfance/plan_du_site.html", {"enfants": enfants})
