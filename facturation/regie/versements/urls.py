"""Addresses of the versements: under /admin/, named in `admin:`."""

from __future__ import annotations

from django.urls import URLPattern, path

from facturation.regie.versements import pages

urlpatterns: list[URLPattern] = [
    path("regie/versement/", pages.versement, name="regie_versement"),
    path("regie/versements/<int:pk>/", pages.bordereau, name="regie_bordereau"),
]
