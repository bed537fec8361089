"""Addresses of the lists that the treasury collects: under /admin/, named in `admin:`."""

from __future__ import annotations

from django.urls import URLPattern, path

from facturation.titres import pages, pages_debiteurs

urlpatterns: list[URLPattern] = [
    path("regie/titres/", pages.titres, name="regie_titres"),
    path("regie/titres/debiteurs/", pages_debiteurs.debiteurs, name="regie_titres_debiteurs"),
    path("regie/titres/imputations/", pages_debiteurs.imputations, name="regie_titres_imputations"),
    path("regie/titres/remettre/", pages.titres_remettre, name="regie_titres_remettre"),
]
