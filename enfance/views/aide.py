"""« Aide »: the guide of each agent's own work, served by the portal itself."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.decorators import staff_page
from enfance.ecoles import plusieurs
from enfance.guides import show_guide, show_image

PLUSIEURS_ECOLES = "plusieurs-ecoles"  # the part that agents read only where there are several


@require_safe
@staff_page("enfance.view_foyer")
def mairie(request: HttpRequest) -> HttpResponse:
    """The guide of the town hall's agents."""
    return show_guide(request, "mairie", "chacun.html")


@require_safe
@staff_page("enfance.view_foyer")
def mairie_image(request: HttpRequest, image: str) -> HttpResponse:
    """A picture of the guide of the town hall's agents."""
    return show_image(image)


@require_safe
@staff_page("enfance.tenir_feuille")
def equipe(request: HttpRequest) -> HttpResponse:
    """The guide of the team of the garderie; in a town of one school, without the part about several schools."""
    return show_guide(request, "equipe", "enfance/equipe/page.html", sauf="" if plusieurs() else PLUSIEURS_ECOLES)


@require_safe
@staff_page("enfance.tenir_feuille")
def equipe_image(request: HttpRequest, image: str) -> HttpResponse:
    """A picture of the guide of the team."""
    return show_image(image)


@require_safe
@staff_page("enfance.tenir_cantine")
def cantine(request: HttpRequest) -> HttpResponse:
    """The guide of the canteen's agents; in a town of one school, without the part about several schools."""
    return show_guide(request, "cantine", "enfance/cantine/page.html", sauf="" if plusieurs() else PLUSIEURS_ECOLES)


@require_safe
@staff_page("enfance.tenir_cantine")
def cantine_image(request: HttpRequest, image: str) -> HttpResponse:
    """A picture of the guide of the canteen's agents."""
    return show_image(image)
