"""Addresses of a family at the counter, under /admin/."""

from django.urls import path

from enfance.mairie.familles import (
    pages,
    pages_arrivees,
    pages_effacement,
    pages_historique,
    pages_rappels,
    pages_separation,
)

urlpatterns = [
    path("enfance/responsable/<int:pk>/foyer/", pages_separation.changer, name="enfance_responsable_foyer"),
    path("enfance/enfant/rappels/", pages_rappels.rappels, name="enfance_enfant_rappels"),
    path("enfance/foyer/<int:pk>/historique/", pages_historique.historique, name="enfance_foyer_historique"),
    path("enfance/foyer/<int:pk>/effacer/", pages_effacement.effacer, name="enfance_foyer_effacer"),
    path("enfance/foyer/add/", pages_arrivees.nouvelle_famille, name="enfance_foyer_add"),
    path("enfance/foyer/<int:pk>/ajouter/", pages_arrivees.ajouter, name="enfance_foyer_ajouter"),
    path("enfance/foyer/trouver/", pages.trouver, name="enfance_foyer_trouver"),
    path("enfance/foyer/<int:pk>/famille/", pages.famille, name="enfance_foyer_famille"),
]
