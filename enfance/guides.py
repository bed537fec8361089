"""A guide of the portal and its pictures, as the pages of help answer them."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from portail import guides


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
