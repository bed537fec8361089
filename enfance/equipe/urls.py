"""The addresses of the gate, under /equipe/."""

from django.urls import path

from enfance.equipe import pages, pages_fiches, pages_papiers

urlpatterns = [
    path("", pages.equipe, name="equipe"),
    path("service-worker.js", pages.service_worker, name="feuille_service"),
    path("hors-ligne/", pages.hors_ligne, name="feuille_hors_ligne"),
    path("fiches.json", pages_fiches.fiches, name="feuille_fiches"),
    path("<jour:jour>/", pages.feuille, name="feuille"),
    path("<jour:jour>/pointage/", pages.pointage, name="pointage"),
    path("<jour:jour>/etat.json", pages.etat, name="feuille_etat"),
    path("<jour:jour>/ajouter/", pages.ajouter, name="feuille_ajouter"),
    path("<jour:jour>/imprimer/", pages_papiers.imprimer, name="feuille_imprimer"),
    path("<jour:jour>/presents/", pages_papiers.presents, name="feuille_presents"),
    path("<jour:jour>/lectures/", pages_fiches.lectures, name="feuille_lectures"),
    path("<jour:jour>/enfants/<int:pk>/", pages.fiche, name="feuille_enfant"),
]
