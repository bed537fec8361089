"""Addresses of a child's file, under /admin/."""

from django.urls import path

from enfance.mairie.enfants import pages, pages_demandes

urlpatterns = [
    path("enfance/enfant/demandes/", pages_demandes.demandes, name="enfance_enfant_demandes"),
    path("enfance/enfant/<object_id>/change/", pages.fiche, name="enfance_enfant_change"),
]
