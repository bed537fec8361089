"""« Aide »: the guide of each agent's own work, served by the portal itself."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.decorators import staff_page
from enfance.ecoles import plusieurs
from portail import guides

PLUSIEURS_ECOLES = "plusieurs-ecoles"  # the part that agents read only where there are several


@require_safe
@staff_page("enfance.view_foyer")
def mairie(request: HttpRequest) -> HttpResponse:
    return show_guide(request, "mairie", "enfance/aide/page.html")


@require_safe
@staff_page("enfance.view_foyer")
def mairie_image(request: HttpRequest, image: str) -> HttpResponse:
    return show_image(image)


@require_safe
@staff_page("enfance.tenir_feuille")
def equipe(request: HttpRequest) -> HttpResponse:
    return show_guide(request, "equipe", "enfance/equipe/page.html", sauf="" if plusieurs() else PLUSIEURS_ECOLES)


@require_safe
@staff_page("enfance.tenir_feuille")
def equipe_image(request: HttpRequest, image: str) -> HttpResponse:
    return show_image(image)


@require_safe
@staff_page("enfance.tenir_cantine")
def cantine(request: HttpRequest) -> HttpResponse:
    return show_guide(request, "cantine", "enfance/cantine/page.html", sauf="" if plusieurs() else PLUSIEURS_ECOLES)


@require_safe
@staff_page("enfance.tenir_cantine")
def cantine_image(request: HttpRequest, image: str) -> HttpResponse:
    return show_image(image)


def show_guide(request: HttpRequest, nom: str, page: str, sauf: str = "") -> HttpResponse:
    """The guide inside the pages of its reader, with their menu."""
    context = {"guide": guides.load(nom, sauf), "page": page, "onglet": "aide"}
    return render(request, "enfance/aide/guide.html", context)


def show_image(nom: str) -> HttpResponse:
    """A picture of the town's own guide, for whom this guide is; ours are static files."""
    path = guides.capture(nom)
    if path is None:
        raise Http404
    try:
        return HttpResponse(path.read_bytes(), content_type="image/png")
    except OSError:
        raise Http404 from None
