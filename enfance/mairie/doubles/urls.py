"""Addresses of doubles made one, under /admin/."""

from django.urls import path

from enfance.mairie.doubles import pages

urlpatterns = [
    path("enfance/enfant/proches/", pages.proches, name="enfance_enfant_proches"),
    path("enfance/enfant/<int:pk>/reunir/", pages.reunir_enfants, name="enfance_enfant_reunir"),
    path("enfance/foyer/<int:pk>/reunir/", pages.reunir_foyers, name="enfance_foyer_reunir"),
    path("enfance/responsable/<int:pk>/reunir/", pages.reunir_adultes, name="enfance_responsable_reunir"),
]
