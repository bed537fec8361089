"""A guide of the portal and its pictures, as the pages of help answer them."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from portail import guides


def show_guide(request: HttpRequest, nom: str, page: str, sauf: str = "") -> HttpResponse:
    """The page of help that shows the guide `nom` by the template `page`, with the menu of its readers; the part of the
    portal's own guide at the address `sauf` is left out.
    """
    context = {"guide": guides.load(nom, sauf), "page": page, "onglet": "aide"}
    return render(request, "enfance/aide/guide.html", context)


def show_image(nom: str) -> HttpResponse:
    """A picture of the town's own guide, as PNG (the pictures of the portal's guide are static files); Http404 when
    there is none.
    """
    path = guides.capture(nom)
    if path is None:
        raise Http404
    try:
        return HttpResponse(path.read_bytes(), content_type="image/png")
    except OSError:
        raise Http404 from None
