"""Addresses of absences, under /admin/."""

from django.urls import path

from enfance.mairie.absences import pages

urlpatterns = [
    path("enfance/absence/<object_id>/change/", pages.absence, name="enfance_absence_change"),
]
