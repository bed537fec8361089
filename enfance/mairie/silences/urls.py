"""Addresses of the silences of the portal, under /admin/."""

from django.urls import path

from enfance.mairie.silences import pages

urlpatterns = [
    path("enfance/silence/", pages.silences, name="enfance_silences"),
    path("enfance/silence/<int:pk>/ecarter/", pages.ecarter, name="enfance_silence_ecarter"),
    path("enfance/silence/<int:pk>/retirer/", pages.retirer, name="enfance_silence_retirer"),
]
