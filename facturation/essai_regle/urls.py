"""The address where a rule is tried: under /admin/, named in `admin:`."""

from __future__ import annotations

from django.urls import URLPattern, path

from facturation.essai_regle import pages

urlpatterns: list[URLPattern] = [
    path("facturation/essayer/", pages.essai, name="facturation_essayer"),
]
