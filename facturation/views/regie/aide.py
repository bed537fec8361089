"""« Aide » of the régie: its guide, as those of the other agents."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.decorators import staff_page
from enfance.guides import show_guide, show_image

TENIR = "facturation.tenir_regie"


@require_safe
@staff_page(TENIR)
def regie(request: HttpRequest) -> HttpResponse:
    """The guide of the régie, as a page."""
    return show_guide(request, "regie", "chacun.html")


@require_safe
@staff_page(TENIR)
def regie_image(request: HttpRequest, image: str) -> HttpResponse:
    """An image of the guide of the régie."""
    return show_image(image)
