"""Addresses of the reminders and of the lists for the treasury: under /admin/, named in `admin:`."""

from __future__ import annotations

from django.urls import URLPattern, path

from facturation.regie.relances import pages, pages_tresorerie

urlpatterns: list[URLPattern] = [
    path("regie/relances/", pages.relances, name="regie_relances"),
    path("regie/relances/envoyer/", pages.envoyer, name="regie_envoyer"),
    path("regie/relances/lettres/", pages.lettres, name="regie_lettres"),
    path("regie/relances/remettre/", pages_tresorerie.remise, name="regie_remettre"),
    path("regie/relances/tresorerie/", pages_tresorerie.tableau, name="regie_tresorerie"),
]
