"""Addresses of the régisseur: under /admin/, named in `admin:`."""

from __future__ import annotations

from django.urls import URLPattern, path

from facturation.views.regie import encaisser

urlpatterns: list[URLPattern] = [
    path("regie/", encaisser.guichet, name="regie_encaisser"),
]
