"""Addresses of the town hall's tasks of money: under /admin/, named in `admin:`."""

from __future__ import annotations

from django.urls import URLPattern, path

from facturation.views.mairie import quotients

urlpatterns: list[URLPattern] = [
    path("facturation/quotients/", quotients.quotients, name="facturation_quotients"),
]
