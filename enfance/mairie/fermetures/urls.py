"""Addresses of closures, under /admin/."""

from django.urls import path

from enfance.mairie.fermetures import pages

urlpatterns = [
    path("enfance/fermeture/add/", pages.fermer, name="enfance_fermeture_add"),
    path("enfance/fermeture/sortie/", pages.sortie, name="enfance_fermeture_sortie"),
    path("enfance/fermeture/<int:pk>/rouvrir/", pages.rouvrir, name="enfance_fermeture_rouvrir"),
    path("enfance/fermeture/<int:pk>/rester/<int:enfant>/", pages.rester, name="enfance_fermeture_rester"),
    path("enfance/fermeture/<int:pk>/liste/", pages.liste, name="enfance_fermeture_liste"),
]
