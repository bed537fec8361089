"""Addresses of the town hall's tasks: under /admin/, named in `admin:`, before those of Django's own pages."""

from django.urls import path

from enfance.views.mairie import chiffres, ecarts, remises, rentree, repas

urlpatterns = [
    path("enfance/inscription/chiffres/", chiffres.chiffres, name="enfance_inscription_chiffres"),
    path("enfance/inscription/chiffres/tableau/", chiffres.tableau, name="enfance_inscription_chiffres_tableau"),
    path("enfance/pointage/ecarts/", ecarts.ecarts, name="enfance_pointage_ecarts"),
    path("enfance/pointage/remises/", remises.remises, name="enfance_pointage_remises"),
    path("enfance/listerepas/add/", repas.importer, name="enfance_listerepas_add"),
    path("enfance/anneescolaire/rentree/", rentree.prochaine, name="enfance_anneescolaire_rentree"),
    path("enfance/anneescolaire/rentree/<int:debut>/", rentree.rentree, name="enfance_anneescolaire_rentree_de"),
    path("enfance/anneescolaire/<int:pk>/calendrier/", rentree.calendrier, name="enfance_anneescolaire_calendrier"),
]
