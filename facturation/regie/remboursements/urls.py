"""The address of a refund: under /admin/, named in `admin:`."""

from __future__ import annotations

from django.urls import URLPattern, path

from facturation.regie.remboursements import pages

urlpatterns: list[URLPattern] = [
    path("regie/payeurs/<int:pk>/rembourser/", pages.rendre, name="regie_rembourser"),
]
