"""Addresses of the act of the régie: under /admin/, named in `admin:`."""

from __future__ import annotations

from django.urls import URLPattern, path

from facturation.regie.acte import pages

urlpatterns: list[URLPattern] = [
    path("regie/acte/", pages.acte, name="regie_acte"),
    path("regie/acte/nommer/", pages.nommer, name="regie_nommer"),
    path("regie/acte/nominations/<int:pk>/", pages.nomination, name="regie_nomination"),
]
