"""Addresses of the régisseur: under /admin/, named in `admin:`."""

from __future__ import annotations

from django.urls import URLPattern, path

from facturation.views.regie import encaisser, journal, recus, sorties

urlpatterns: list[URLPattern] = [
    path("regie/", encaisser.guichet, name="regie_encaisser"),
    path("regie/recus/<recu:numero>/", recus.recu, name="regie_recu"),
    path("regie/recus/<recu:numero>/corriger/", recus.corriger, name="regie_corriger"),
    path("regie/recus/<recu:numero>/impaye/", sorties.impaye, name="regie_impaye"),
    path("regie/journal/", journal.journal, name="regie_journal"),
    path("regie/journal/tableau/", journal.tableau, name="regie_journal_tableau"),
]
