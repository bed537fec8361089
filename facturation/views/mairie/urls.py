"""Addresses of the town hall's tasks of money: under /admin/, named in `admin:`."""

from __future__ import annotations

from django.urls import URLPattern, path

from facturation.views.mairie import absences, mois, quotients

urlpatterns: list[URLPattern] = [
    path("facturation/mois/", mois.mois, name="facturation_mois"),
    path("facturation/mois/<mois:mois>/", mois.mois_du, name="facturation_mois_du"),
    path("facturation/mois/<mois:mois>/lignes/", mois.lignes, name="facturation_mois_lignes"),
    path("facturation/absences/", absences.absences, name="facturation_absences"),
    path("facturation/quotients/", quotients.quotients, name="facturation_quotients"),
]
