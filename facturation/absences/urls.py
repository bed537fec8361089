"""The address of the absences to judge, under /admin/."""

from __future__ import annotations

from django.urls import URLPattern, path

from facturation.absences import pages

urlpatterns: list[URLPattern] = [
    path("facturation/absences/", pages.absences, name="facturation_absences"),
]
