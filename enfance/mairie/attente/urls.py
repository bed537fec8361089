"""Addresses of the waiting lists, under /admin/."""

from django.urls import path

from enfance.mairie.attente import pages

urlpatterns = [
    path("enfance/inscription/attente/", pages.attente, name="enfance_inscription_attente"),
]
