"""Addresses of the import of ONDE, under /admin/."""

from django.urls import path

from enfance.mairie.onde import pages

urlpatterns = [
    path("enfance/importonde/add/", pages.deposer, name="enfance_importonde_add"),
    path("enfance/importonde/<int:object_id>/change/", pages.depot, name="enfance_importonde_change"),
    path("enfance/importonde/<int:pk>/bilan.txt", pages.bilan, name="enfance_importonde_bilan"),
]
